"""Odd devices and odd clocks: what they say or show does no harm."""

import base64
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.pos.edge.shop import Shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import ASK_STATUS, SALE, Function
from zelo.models.cfe.reply import read_reply
from zelo.pos.edge.driver.contract import NotLoadedError
from zelo.pos.edge.health import describe
from zelo.pos.edge.journal.entry import CouponStanding
from zelo.pos.edge.journal.shell import coupons, rows
from zelo.pos.edge.outbox.core import MOST_BODY_BYTES
from zelo.pos.edge.peer.shell.link import Link
from zelo.pos.edge.peer.word import Claim
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell import aftermath
from zelo.pos.edge.shell.aftermath import cancel_time
from zelo.pos.edge.shell.neighbour import Neighbour

Open = Callable[..., Shop]
SECONDS = 15
ASKED = Request("one", "001", SALE, (5, sales.CODE, sales.sale()))


def test_a_busy_status_teaches_no_serial_number(open_shop: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = open_shop(1)
    unit, call = shop.desk.units["A"], shop.drivers["A"].call
    assert until(lambda: bool(unit.nserie))
    known, asked = unit.nserie, threading.Event()

    def busy(function: Function, arguments: tuple[int | str, ...], seconds: float) -> str:
        if function is not ASK_STATUS:
            return call(function, arguments, seconds)
        asked.set()
        return f"{arguments[0]:06d}|10098|SAT em processamento. Tente novamente.|||x"

    monkeypatch.setattr(shop.drivers["A"], "call", busy)
    unit.look_at = 0.0
    assert asked.wait(SECONDS)
    assert until(lambda: unit.health.busy > 0)
    assert unit.nserie == known


@pytest.mark.parametrize("odd", [False, True], ids=["a coupon", "what is no base64"])
def test_an_answer_larger_than_any_coupon_is_kept_and_holds_up_nothing(
    open_shop: Open,
    monkeypatch: pytest.MonkeyPatch,
    odd: bool,  # noqa: FBT001 a column
) -> None:
    shop = open_shop(1)
    call, brought = shop.drivers["A"].call, list[str]()

    def large(function: Function, arguments: tuple[int | str, ...], seconds: float) -> str:
        fields = call(function, arguments, seconds).split("|")
        if function is SALE and not brought:
            padded = base64.b64decode(fields[6]) + b"<!--" + bytes(MOST_BODY_BYTES) + b"-->"
            fields[6] = base64.b64encode(padded).decode() + "*" * odd
            brought.append(fields[6])
        return "|".join(fields)

    monkeypatch.setattr(shop.drivers["A"], "call", large)
    told = [read_reply(shop.sell().result(SECONDS)) for _ in range(2)]
    assert [each.eeeee for each in told] == ["06000", "06000"]
    assert told[0].rest[0] == brought[0]
    kept = shop.desk.units["A"].document(told[0].rest[2].removeprefix("CFe"))
    assert kept == (brought[0].encode() if odd else base64.b64decode(brought[0]))


def test_what_the_gateway_cancels_by_itself_it_has_read(open_shop: Open) -> None:
    shop = _with_a_second_coupon(open_shop)
    shop.drivers["A"].put_back()
    assert until(lambda: len(shop.standing()) == 1)
    assert until(lambda: shop.store.read(rows.unfinished) == [])


def test_a_decision_stands_whatever_the_housework_saw_before_it(open_shop: Open) -> None:
    shop = _with_a_second_coupon(open_shop)
    shop.clock.ahead += timedelta(minutes=31)
    shop.drivers["A"].put_back()
    assert until(lambda: [each.standing for each in shop.store.read(coupons.to_look_at)] == [CouponStanding.LISTED])
    [listed] = shop.store.read(coupons.to_look_at)
    shop.store.write(coupons.settle, listed.chave, CouponStanding.ACCEPTED, "Ana: o cliente levou dois")
    aftermath._list(shop.desk, listed, "Passou do prazo.")
    found = shop.store.read(coupons.sold, listed.chave)
    assert found is not None
    assert (found.standing, found.note.count("Passou do prazo")) == (CouponStanding.ACCEPTED, 1)


def _with_a_second_coupon(open_shop: Open) -> Shop:
    """A issued it and died; B sold, and its till has read that."""
    shop = open_shop(2)
    shop.tills_read = True
    shop.trouble("A", "crash_after")
    assert "06000" in shop.sell().result(SECONDS)
    return shop


def test_a_library_that_does_not_load_is_told_as_such_while_another_device_sells(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(2)
    unit = shop.desk.units["A"]

    def unloaded(*_: object) -> str:
        raise NotLoadedError("A biblioteca sat.dll não carrega.")

    monkeypatch.setattr(shop.drivers["A"], "call", unloaded)
    assert "06000" in shop.sell().result(SECONDS)
    shop.desk.send("A", lambda unit: setattr(unit, "look_at", 0.0))
    assert until(lambda: describe(unit.out, unit.health) == "A biblioteca sat.dll não carrega.")


def test_a_machine_whose_clock_fell_back_to_before_there_were_coupons_goes_on(open_shop: Open) -> None:
    assert cancel_time(datetime(2010, 1, 1, tzinfo=UTC)) == cancel_time(datetime(2026, 1, 1, tzinfo=UTC))
    shop = open_shop(2)
    shop.clock.ahead = datetime(2010, 1, 1, tzinfo=UTC) - datetime.now(UTC)  # noqa: TID251 the shop's own clock runs on
    shop.trouble("A", "crash_after")
    assert "06000" in shop.sell().result(SECONDS)
    shop.drivers["A"].put_back()
    assert until(lambda: len(shop.standing()) == 1)


def test_what_was_asked_under_a_clock_that_was_ahead_is_not_todays_asking(open_shop: Open) -> None:
    shop = open_shop(1)
    [unit] = shop.desk.units.values()
    shop.desk.now = unit.now = lambda: shop.clock() + timedelta(days=1)
    first = shop.desk.take(ASKED).result(SECONDS)
    shop.desk.now = unit.now = lambda: shop.clock() + timedelta(hours=2)
    told = shop.desk.take(replace(ASKED, id="today")).result(SECONDS)
    assert "06000" in first
    assert "06000" in told
    assert told != first


def test_a_claim_that_the_other_refuses_for_ever_holds_no_other(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, tried, stop = Link("127.0.0.1", 9, ""), list[str](), threading.Event()
    neighbour = Neighbour(open_shop(1).desk, link)
    monkeypatch.setattr(link, "claim", lambda claim: tried.append(claim.id))
    monkeypatch.setattr(neighbour, "look_back", stop.set)
    monkeypatch.setattr(neighbour, "_claims", lambda: [Claim(name, "001", 1, SALE, "", "") for name in ("bad", "good")])
    neighbour.serve(stop)
    assert tried == ["bad", "good"]
