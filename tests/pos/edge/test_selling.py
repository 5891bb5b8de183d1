"""A till sells through the gateway: what it is told, and what the devices' memories say."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tests.pos.edge.shop import QUICK, Shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import SALE, Function
from zelo.models.cfe.reply import read_reply
from zelo.pos.edge.decide import Doubt
from zelo.pos.edge.driver.contract import MissingError
from zelo.pos.edge.journal.entry import CouponStanding
from zelo.pos.edge.journal.shell import coupons, rows
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell import admission
from zelo.pos.edge.shell.gate import MOST_TAKEN_BYTES
from zelo.pos.edge.shell.unit import Unit

Open = Callable[..., Shop]
SECONDS = 15


def test_a_sale_is_issued_once_and_told_under_the_tills_session(open_shop: Open) -> None:
    shop = open_shop(1)
    reply = read_reply(shop.sell(session=4711).result(SECONDS))
    assert (reply.session, reply.eeeee, reply.cccc) == (4711, "06000", "0000")
    assert {reply.rest[2].removeprefix("CFe")} == shop.standing()


def test_a_device_that_never_had_time_to_say_its_number_is_known_by_its_coupon(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a gateway that is busy from its start on could not tell the other which device it calls."""
    monkeypatch.setattr(Unit, "probe", lambda _: None)
    shop = open_shop(1)
    assert "06000" in shop.sell().result(SECONDS)
    assert shop.desk.units["A"].nserie == shop.drivers["A"].device.unit.nserie


def test_a_till_that_repeats_itself_gets_the_first_answer(open_shop: Open) -> None:
    shop = open_shop()
    first = shop.sell(session=4711).result(SECONDS)
    assert shop.sell(session=4711).result(SECONDS) == first
    assert shop.sell(session=4712).result(SECONDS) != first
    assert len(shop.standing()) == 2


def test_a_sale_that_comes_twice_at_once_is_sold_once_however_slowly_one_is_taken(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, looked, sold = open_shop(1), threading.Event(), threading.Event()
    asked = Request("one", "001", SALE, (4711, sales.CODE, sales.sale()))
    answered = admission.answered

    def slowly(*given: Any) -> Any:
        known = answered(*given)
        if threading.current_thread() is not threading.main_thread():
            looked.set()
            sold.wait(0.5)
        return known

    monkeypatch.setattr(admission, "answered", slowly)
    with ThreadPoolExecutor() as second:
        slow = second.submit(shop.desk.take, asked)
        assert looked.wait(SECONDS)
        first = shop.desk.take(asked).result(SECONDS)
        sold.set()
        assert slow.result(SECONDS).result(SECONDS) == first
    assert len(shop.memory()) == 1


@pytest.mark.parametrize("trouble", ["lost_before", "lost_after", "busy", "own_error"])
def test_a_device_that_stumbles_sells_in_the_end_and_once(open_shop: Open, trouble: str) -> None:
    shop = open_shop()
    for name in shop.drivers:
        shop.trouble(name, trouble)
    reply = read_reply(shop.sell().result(SECONDS))
    sold = reply.eeeee == "06000"
    assert sold or (trouble == "own_error" and reply.eeeee == "06099")
    assert len(shop.standing()) == sold


def test_what_a_device_said_before_the_answer_is_kept_and_the_answer_once(open_shop: Open) -> None:
    shop = open_shop(1)
    shop.trouble("A", "busy")
    told = shop.sell(session=7).result(SECONDS)
    known = shop.store.read(rows.by_session, "001", 7)
    assert known is not None
    assert known.reply == told
    *before, answering = known.attempts
    assert [each.reply.suffix for each in before if each.reply is not None] == ["098"] * len(before)
    assert before
    assert answering.reply is None


def test_a_sale_that_a_dead_device_had_taken_goes_on_elsewhere_and_is_cancelled_there(open_shop: Open) -> None:
    shop = open_shop()
    shop.trouble("A", "crash_after")
    reply = read_reply(shop.sell().result(SECONDS))
    assert reply.eeeee == "06000"
    assert len(shop.standing()) == 2
    shop.drivers["A"].put_back()
    assert until(lambda: len(shop.standing()) == 1)
    assert shop.standing() == {reply.rest[2].removeprefix("CFe")}
    assert until(lambda: shop.store.read(coupons.to_look_at) == [])


def test_what_tills_ask_waits_for_a_device_that_is_looked_after(open_shop: Open) -> None:
    shop = open_shop(1, policy=replace(QUICK, patience_seconds=SECONDS, wait_seconds=SECONDS))
    assert "06000" in shop.sell().result(SECONDS)
    shop.desk.units["A"].unsettled = True
    assert "06000" in shop.sell().result(SECONDS)
    shop.desk.units["A"].unsettled = True
    assert "08000" in shop.ask("ConsultarSAT").result(SECONDS)


def test_a_shop_that_would_rather_wait_is_told_of_the_doubt(open_shop: Open) -> None:
    shop = open_shop(policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=1.5))
    shop.trouble("A", "crash_after")
    told = shop.sell(session=9).result(SECONDS)
    assert "não se sabe se executou" in told
    shop.drivers["A"].put_back()
    assert until(lambda: bool(shop.store.read(coupons.to_look_at)))
    [sold] = shop.store.read(coupons.to_look_at)
    assert sold.standing is CouponStanding.UNDELIVERED
    assert read_reply(shop.sell(session=9).result(SECONDS)).eeeee == "06000"
    assert len(shop.standing()) == 1


def test_a_cancel_goes_to_the_device_that_issued(open_shop: Open) -> None:
    shop = open_shop(3)
    sold = [read_reply(shop.sell().result(SECONDS)).rest[2] for _ in range(3)]
    for chave in reversed(sold):
        assert read_reply(shop.cancel(chave).result(SECONDS)).eeeee == "07000"
    assert shop.standing() == set()


def test_a_wrong_code_never_reaches_a_device(open_shop: Open) -> None:
    shop = open_shop(1)
    for session in range(1, 10):
        arguments = (session, "00000000", sales.sale())
        assert (
            read_reply(shop.desk.take(Request(str(session), "001", SALE, arguments)).result(SECONDS)).eeeee == "06001"
        )
    assert read_reply(shop.sell(session=99).result(SECONDS)).eeeee == "06000"


def test_nobody_there_is_said_and_nothing_is_issued(open_shop: Open) -> None:
    shop = open_shop()
    for driver in shop.drivers.values():
        driver.absent = True
    assert "Nada foi emitido" in shop.sell().result(SECONDS)
    assert shop.memory() == []


def test_a_function_that_a_library_lacks_is_refused_and_its_device_goes_on_selling(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1)
    call = shop.drivers["A"].call

    def lacks(function: Function, arguments: tuple[int | str, ...], seconds: float) -> str:
        if function.name == "ConfigurarInterfaceDeRede":
            raise MissingError(f"a biblioteca não tem a função {function.name}")
        return call(function, arguments, seconds)

    monkeypatch.setattr(shop.drivers["A"], "call", lacks)
    told = shop.ask("ConfigurarInterfaceDeRede", sales.CODE, "<config/>").result(SECONDS)
    assert "|12099|" in told
    assert "Nada foi feito: a biblioteca não tem a função ConfigurarInterfaceDeRede." in told
    assert shop.store.read(rows.questions) == []
    assert not shop.desk.units["A"].health.silent
    assert "06000" in shop.sell().result(SECONDS)


def test_a_sale_that_no_device_takes_in_is_refused_and_leaves_them_in_rotation(open_shop: Open) -> None:
    shop = open_shop(1)
    assert "|06005|" in shop.sell(xml="ç" * (MOST_TAKEN_BYTES // 2 + 1)).result(SECONDS)
    assert shop.desk.units["A"].called_at is None
    assert "06000" in shop.sell().result(SECONDS)
