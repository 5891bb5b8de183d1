"""Each trouble as the caller meets it and as the memory tells it; the same seed, the same troubles."""

import threading
from collections.abc import Callable
from itertools import count

import pytest

from tests.sim.sat import sales
from tests.sim.sat.till import Bench
from zelo.sim.sat.faults import TROUBLES, Order, check_rates

SEEN = {
    "lost_before": (None, 0),
    "lost_after": (None, 1),
    "hang_before": (None, 0),
    "hang_after": (None, 1),
    "busy": ("06098", 0),
    "crash_before": (None, 0),
    "crash_after": (None, 1),
    "slow": ("06000", 1),
    "own_error": ("06099", 0),
}
"""Trouble → EEEEE that arrives, coupons in the memory."""
SELL = ("EnviarDadosVenda", sales.CODE, sales.sale())


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_arrives_and_what_is_remembered(sat: Bench, trouble: str) -> None:
    sat.device.order(Order(trouble))
    reply = sat.reply(*SELL)
    arrived, remembered = SEEN[trouble]
    assert (reply and reply.split("|")[1], len(sat.device.memory())) == (arrived, remembered)
    sat.device.restart()
    found = sat.ask("ConsultarNumeroSessao", sales.CODE, 1)
    executed = TROUBLES[trouble].executed
    assert found.eeeee == (("06099" if arrived == "06099" else "06000") if executed else "11003")


def test_a_hung_device_is_busy_until_restarted(sat: Bench) -> None:
    sat.device.order(Order("hang_after"))
    assert sat.reply(*SELL) is None
    assert [sat.ask("ConsultarSAT").eeeee for _ in range(3)] == ["08098"] * 3
    sat.device.restart()
    assert sat.ask("ConsultarSAT").eeeee == "08000"
    assert len(sat.device.memory()) == 1


def test_a_switched_off_device_says_nothing_until_restarted(sat: Bench) -> None:
    assert str(sat.device.call("DesligarSAT", []).reply).startswith("000000|19099|")
    assert sat.reply("ConsultarSAT") is None
    sat.device.restart()
    assert sat.ask("ConsultarSAT").eeeee == "08000"


def test_an_order_waits_for_its_function(sat: Bench) -> None:
    sat.device.order(Order("lost_after", "ConsultarSAT", times=2))
    assert sat.sell().eeeee == "06000"
    assert [sat.reply("ConsultarSAT") is None for _ in range(3)] == [True, True, False]


def test_troubles_are_drawn_by_seed_alone(new: Callable[..., Bench]) -> None:
    def drawn(seed: int, order: list[int]) -> dict[int, str]:
        sat = new(seed=seed, rates={"lost_after": 200, "busy": 200})
        sat.device.state = type(sat.device.state)()
        replies = {number: sat.device.call("ConsultarSAT", [number]) for number in order}
        return {number: outcome.trouble.name for number, outcome in sorted(replies.items())}

    numbers = list(range(1, 60))
    first = drawn(7, numbers)
    assert set(first.values()) == {"", "lost_after", "busy"}
    assert first == drawn(7, numbers[::-1])
    assert first != drawn(8, numbers)


@pytest.mark.parametrize("rates", [{"nothing": 1}, {"busy": -1}, {"busy": 600, "slow": 600}])
def test_rates_that_cannot_be_are_refused(rates: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"desconhecida|por mil"):
        check_rates(rates)


@pytest.mark.parametrize(
    "order", [("nothing",), ("busy", "Nada"), ("busy", "", 0), ("own_error", "ConsultarSAT", 1, "007")]
)
def test_orders_that_cannot_be_are_refused(order: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"desconhecida|ao menos|final"):
        Order(*order)  # type: ignore[arg-type]


@pytest.mark.parametrize(("profile", "fields"), [("er-2.30", 5), ("tanca-busy", 6)])
def test_whoever_comes_meanwhile_is_told_so(new: Callable[..., Bench], profile: str, fields: int) -> None:
    sat = new(profile=profile)
    inside, go_on = threading.Event(), threading.Event()
    sat.device.order(Order("slow"))

    def wait(_: object) -> None:
        inside.set()
        go_on.wait(5)

    slow = threading.Thread(target=lambda: sat.device.call("ConsultarSAT", [900], wait=wait))
    slow.start()
    assert inside.wait(5)
    told = sat.ask("ExtrairLogs", sales.CODE)
    go_on.set()
    slow.join(5)
    assert (told.eeeee, len(told.fields)) == ("15098", fields)
    assert sat.ask("ConsultarSAT").eeeee == "08000"
    assert [each.number for each in sat.device.state.sessions] == [900, 2]


def test_many_callers_at_once_sell_each_chave_once(sat: Bench) -> None:
    numbers, replies = count(1), []
    ticket = threading.Lock()

    def till() -> None:
        while True:
            with ticket:
                number = next(numbers)
            if number > 80:
                return
            replies.append(str(sat.device.call("EnviarDadosVenda", [number, *SELL[1:]]).reply).split("|"))

    threads = [threading.Thread(target=till) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    sold = [fields[8][3:] for fields in replies if fields[1] == "06000"]
    assert {fields[1] for fields in replies} <= {"06000", "06098"}
    assert sorted(sold) == sorted(each.issued.chave for each in sat.device.memory())
    assert len(set(sold)) == len(sold) == sat.device.state.ncfe
