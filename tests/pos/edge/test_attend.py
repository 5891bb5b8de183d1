"""A till's own thread at its device: nobody else is at it meanwhile, and whatever else is wanted of it comes after."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.pos.edge.shop import Shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import SALE
from zelo.pos.edge.request import Request, identity
from zelo.pos.edge.shell.unit import Unit

Open = Callable[..., Shop]
SECONDS = 15
TILLS = 6
SALES_EACH = 12
SLOW = 0.3


@dataclass
class Seen:
    """Who called a device, in order, and how often two were at it at once."""

    threads: list[str] = field(default_factory=list)
    together: int = 0


def watched(shop: Shop, device: str = "A") -> Seen:
    """Look over a device's shoulder from now on."""
    seen, driver, busy = Seen(), shop.drivers[device], threading.Lock()
    call = driver.call

    def calling(*given: object) -> str:
        seen.threads.append(threading.current_thread().name)
        seen.together += not busy.acquire(blocking=False)
        try:
            time.sleep(0.001)
            return call(*given)  # type: ignore[arg-type]
        finally:
            if busy.locked():
                busy.release()

    driver.call = calling  # type: ignore[assignment,method-assign]
    return seen


def attended(shop: Shop, till: str, session: int) -> str:
    """A sale in this very thread."""
    arguments = (session, sales.CODE, sales.sale())
    request = Request(identity(till, SALE.name, arguments), till, SALE, arguments)
    told = shop.desk.take(request, stay=True)
    shop.desk.attend(request.id)
    return told.result(SECONDS)


def _probe(unit: Unit) -> None:
    unit.probe()


def test_a_till_that_stays_calls_a_free_device_itself(open_shop: Open) -> None:
    shop = open_shop(1)
    attended(shop, "001", 1)
    seen = watched(shop)
    assert "|06000|" in attended(shop, "001", 2)
    assert set(seen.threads) == {threading.current_thread().name}


def test_where_its_device_is_at_work_the_device_goes_on_with_it(open_shop: Open) -> None:
    shop = open_shop(1)
    shop.drivers["A"].slow_seconds = SLOW
    first = shop.sell()
    assert until(lambda: shop.desk.units["A"].at_work)
    seen = watched(shop)
    assert "|06000|" in attended(shop, "002", 2)
    assert "|06000|" in first.result(SECONDS)
    assert set(seen.threads) == {"A"}


def test_a_device_is_called_by_one_thread_at_a_time(open_shop: Open) -> None:
    shop = open_shop(2)
    seen = [watched(shop, device) for device in shop.drivers]
    done: list[str] = []
    stop = threading.Event()

    def sell(till: int) -> None:
        done.extend(attended(shop, f"{till:03d}", number) for number in range(1, SALES_EACH + 1))

    def disturb() -> None:
        while not stop.wait(0.002):
            for device in shop.drivers:
                shop.desk.units[device].look_at = 0.0
                shop.desk.send(device, _probe)

    def wake() -> None:
        while not stop.wait(0.0001):
            for bell in shop.desk._wakes.values():
                bell.set()

    tills = [threading.Thread(target=sell, args=(till,)) for till in range(1, TILLS + 1)]
    others = [threading.Thread(target=disturb), threading.Thread(target=wake)]
    for thread in (*tills, *others):
        thread.start()
    for thread in tills:
        thread.join()
    stop.set()
    for thread in others:
        thread.join()
    assert sum("|06000|" in answer for answer in done) == TILLS * SALES_EACH == len(shop.memory())
    assert {each.together for each in seen} == {0}
    assert all({"A", "B"} & set(each.threads) for each in seen), "the devices' own threads were at them as well"


def test_a_thread_that_was_woken_for_nothing_lets_go_of_nobodys_device(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zelo.pos.edge.shell.desk.IDLE_SECONDS", 60.0)
    shop = open_shop(1)
    attended(shop, "001", 1)
    shop.drivers["A"].slow_seconds = SLOW
    let_go = shop.desk._let_go

    def late(unit: Unit, *, asked: bool) -> None:
        if threading.current_thread().name == "A":
            time.sleep(SLOW / 2)
        let_go(unit, asked=asked)

    monkeypatch.setattr(shop.desk, "_let_go", late)
    shop.desk._wakes["A"].set()
    time.sleep(SLOW / 6)
    till = threading.Thread(target=attended, args=(shop, "001", 2))
    till.start()
    assert until(lambda: shop.desk.units["A"].at_work)
    time.sleep(SLOW * 2 / 3)
    assert shop.desk.units["A"].at_work, "the till's thread is at it still"
    till.join()


def test_an_errand_that_came_meanwhile_is_run_right_after(open_shop: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zelo.pos.edge.shell.desk.IDLE_SECONDS", 60.0)
    shop = open_shop(1)
    shop.drivers["A"].slow_seconds = SLOW
    ran = threading.Event()
    till = threading.Thread(target=attended, args=(shop, "001", 1))
    till.start()
    assert until(lambda: shop.desk.units["A"].at_work)
    shop.desk.send("A", lambda _: ran.set())
    assert not ran.wait(SLOW / 3), "not before the till has its answer"
    assert ran.wait(SECONDS)
    till.join()


def test_who_stops_the_gateway_waits_for_the_till_that_is_at_its_device(open_shop: Open) -> None:
    shop = open_shop(1)
    shop.drivers["A"].slow_seconds = SLOW
    answers: list[str] = []
    till = threading.Thread(target=lambda: answers.append(attended(shop, "001", 1)))
    till.start()
    assert until(lambda: shop.desk.units["A"].at_work)
    shop.desk.stop()
    assert not shop.desk.units["A"].at_work
    till.join()
    assert "|06000|" in answers[0]
