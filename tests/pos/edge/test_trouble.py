"""What keeps a shop from selling, or from undoing a sale: full disks, late cancels, clocks, unknown coupons."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import apsw
import pytest

from tests.pos.edge.shop import QUICK, Shop, until
from tests.sim.sat import sales
from zelo.fiscal.chave import check_digit
from zelo.models.cfe.reply import read_reply
from zelo.pos.edge.decide import Doubt, Outcome
from zelo.pos.edge.journal.entry import CouponStanding
from zelo.pos.edge.journal.shell import coupons, rows
from zelo.pos.edge.outbox.core import QueueFullError, Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell import aftermath, desk, gateway
from zelo.pos.edge.shell.unit import Unit

Open = Callable[..., Shop]
SECONDS = 15
AT = datetime(2026, 11, 22, tzinfo=UTC)
ROUNDS_SECONDS = 2.5
"""In which an open question is looked after more than once."""
SIZES = (1_000_000, 50_000, 2_000)


def _fill(shop: Shop, rank: Rank) -> int:
    """Items of a rank, large ones first, until the queue says no or begins to lose; how many it keeps."""
    kept = 0
    for size in SIZES:
        while _fits(shop, rank, f"{rank}-{kept}", bytes(size)):
            kept += 1
    return kept


def _fits(shop: Shop, rank: Rank, key: str, body: bytes) -> bool:
    try:
        placed = shop.store.write(queue.put, rank, "900000000", key, body, AT)
    except QueueFullError:
        return False
    return placed.kept and not any(account.lost for account in shop.store.read(queue.ledger))


def test_a_queue_full_of_unsent_coupons_refuses_a_sale_before_a_device_is_called(open_shop: Open) -> None:
    shop = open_shop(1)
    _fill(shop, Rank.FISCAL)
    told = shop.sell().result(SECONDS)
    assert "06099" in told
    assert "Nada foi emitido" in told
    assert "central" in told
    assert shop.memory() == []


def test_logs_give_way_to_a_sale(open_shop: Open) -> None:
    shop = open_shop(1)
    assert _fill(shop, Rank.LOG) > 3
    assert read_reply(shop.sell().result(SECONDS)).eeeee == "06000"
    assert len(shop.standing()) == 1


@pytest.mark.parametrize(
    ("late", "eeeee"), [(timedelta(minutes=29, seconds=59), "07000"), (timedelta(minutes=30, seconds=1), "07007")]
)
def test_a_cancel_works_for_half_an_hour(open_shop: Open, late: timedelta, eeeee: str) -> None:
    shop = open_shop(2)
    sold = read_reply(shop.sell().result(SECONDS))
    shop.clock.ahead += late - timedelta(seconds=0.5 if eeeee == "07000" else -1)
    told = read_reply(shop.cancel(sold.rest[2]).result(SECONDS))
    assert told.eeeee == eeeee
    assert (told.cccc, len(shop.standing())) == (("0000", 0) if eeeee == "07000" else ("1412", 1))


def test_a_second_coupon_found_too_late_stands_in_the_list(open_shop: Open) -> None:
    shop = open_shop(2)
    shop.tills_read = True
    shop.trouble("A", "crash_after")
    assert read_reply(shop.sell().result(SECONDS)).eeeee == "06000"
    shop.clock.ahead += timedelta(minutes=31)
    shop.drivers["A"].put_back()
    assert until(lambda: [each.standing for each in shop.store.read(coupons.to_look_at)] == [CouponStanding.LISTED])
    [listed] = shop.store.read(coupons.to_look_at)
    assert listed.device == "A"
    assert "prazo" in listed.note
    assert len(shop.standing()) == 2


def test_a_device_whose_clock_is_slow_may_cancel_by_its_own(open_shop: Open) -> None:
    shop = open_shop(2)
    for unit in shop.desk.units.values():
        unit.now = lambda: shop.clock() + timedelta(hours=3)
    shop.desk.now = shop.desk.units["A"].now
    shop.trouble("A", "crash_after")
    sold = read_reply(shop.sell().result(SECONDS)).rest[2].removeprefix("CFe")
    shop.drivers["A"].put_back()
    assert until(lambda: shop.standing() == {sold})


@pytest.mark.parametrize("step", [timedelta(hours=3), timedelta(hours=-3)])
def test_a_clock_that_steps_neither_doubles_nor_loses(open_shop: Open, step: timedelta) -> None:
    """Backwards the device refuses by itself (1258), which every device of the shop would."""
    shop = open_shop(2)
    first = read_reply(shop.sell(session=1).result(SECONDS))
    shop.clock.ahead += step
    shop.trouble("A", "lost_after")
    shop.trouble("B", "lost_after")
    told = [read_reply(shop.sell(session=number).result(SECONDS)) for number in (2, 3)]
    issued = {each.rest[2].removeprefix("CFe") for each in (first, *told) if each.eeeee == "06000"}
    assert shop.standing() == issued
    assert {each.eeeee for each in told} <= {"06000", "06010"}


def test_a_gateway_that_knows_no_code_says_so_and_asks_no_device(open_shop: Open) -> None:
    shop = open_shop(1)
    for unit in shop.desk.units.values():
        unit.code = str
    told = shop.sell().result(SECONDS)
    assert "06001" in told
    assert "zelo-edge code" in told
    assert shop.drivers["A"].device.state.wrong_codes == 0


def test_a_cancel_of_a_coupon_of_another_shop_says_so(open_shop: Open) -> None:
    shop = open_shop(1)
    sold = read_reply(shop.sell().result(SECONDS)).rest[2].removeprefix("CFe")
    strange = f"{sold[:22]}123456789{sold[31:43]}"
    told = shop.cancel(f"CFe{strange}{check_digit(strange)}").result(SECONDS)
    assert "07099" in told
    assert "123456789" in told
    assert shop.standing() == {sold}


def test_the_session_of_a_till_is_recalled_from_the_journal(open_shop: Open) -> None:
    shop = open_shop(2)
    sold = shop.sell(session=77).result(SECONDS)
    assert shop.ask("ConsultarNumeroSessao", sales.CODE, 77).result(SECONDS) == sold
    assert shop.ask("ConsultarUltimaSessaoFiscal", sales.CODE).result(SECONDS) == sold
    assert read_reply(shop.ask("ConsultarNumeroSessao", sales.CODE, 78).result(SECONDS)).eeeee == "11003"
    assert read_reply(shop.ask("ConsultarNumeroSessao", sales.CODE, 77, till="002").result(SECONDS)).eeeee == "11003"


def test_a_gateway_that_was_stopped_at_a_call_finds_out_and_answers_the_till_that_repeats(open_shop: Open) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=0.5))
    shop.trouble("A", "crash_after")
    assert "não se sabe" in shop.sell(session=5).result(SECONDS)
    shop.close()
    shop.drivers["A"].put_back()
    shop.open()
    assert until(lambda: bool(shop.store.read(coupons.to_look_at)))
    [undelivered] = shop.store.read(coupons.to_look_at)
    assert undelivered.standing is CouponStanding.UNDELIVERED
    assert undelivered.chave in shop.sell(session=5).result(SECONDS)
    assert shop.standing() == {undelivered.chave}


def test_a_disk_that_refuses_before_the_call_keeps_the_device_out_of_it(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1)
    assert "06000" in shop.sell().result(SECONDS)
    monkeypatch.setattr(shop.store, "write", _refuses)
    assert "Nada foi emitido" in shop.sell().result(SECONDS)
    monkeypatch.setattr(shop.desk.units["A"], "_sessions", None)
    assert "Nada foi emitido" in shop.sell().result(SECONDS), "nor a session number reserved"
    monkeypatch.undo()
    assert "06000" in shop.sell().result(SECONDS)
    assert len(shop.standing()) == 2


def test_a_disk_that_refuses_after_the_call_leaves_a_question_that_is_answered_when_it_writes_again(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1)
    monkeypatch.setattr(desk, "_record", _refuses)
    assert "consulte antes de repetir" in shop.sell(session=6).result(SECONDS)
    monkeypatch.undo()
    assert until(lambda: bool(shop.store.read(coupons.to_look_at)))
    [sold] = shop.store.read(coupons.to_look_at)
    assert (sold.standing, shop.standing()) == (CouponStanding.UNDELIVERED, {sold.chave})
    assert sold.chave in shop.sell(session=6).result(SECONDS)


def test_a_commit_that_failed_and_was_made_all_the_same_is_what_the_till_is_told(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk may refuse what only follows the commit; nobody would look for a coupon that stands there as sold."""
    shop = open_shop(1)
    write_down = Unit.write_down

    def complaining(*given: Any) -> None:
        write_down(*given)
        _refuses()

    monkeypatch.setattr(Unit, "write_down", complaining)
    assert "06000" in shop.sell(session=13).result(SECONDS)
    monkeypatch.undo()
    assert until(lambda: not shop.desk.units["A"].unsettled), "and it sells again"
    assert "06000" in shop.sell(session=13).result(SECONDS)
    assert len(shop.memory()) == 1


def test_a_call_that_was_written_down_all_the_same_and_not_made_is_found_out(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1)
    write = shop.store.write

    def complaining(work: Callable[..., object], *given: object) -> object:
        done = write(work, *given)
        if isinstance(done, int):
            raise apsw.FullError("no room")
        return done

    monkeypatch.setattr(shop.store, "write", complaining)
    assert "Nada foi emitido" in shop.sell(session=14).result(SECONDS)
    monkeypatch.undo()
    assert until(lambda: shop.store.read(rows.questions) == [])
    assert "06000" in shop.sell(session=15).result(SECONDS)
    assert len(shop.memory()) == 1


def test_a_device_is_not_asked_again_for_what_only_the_disk_refused(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred questions would make it forget the very sale."""
    shop = open_shop(1)
    asked = _counted(shop, "ConsultarNumeroSessao")
    monkeypatch.setattr(desk, "_record", _refuses)
    assert "consulte antes de repetir" in shop.sell(session=11).result(SECONDS)
    monkeypatch.setattr(aftermath, "_closed", _refuses)
    threading.Event().wait(ROUNDS_SECONDS)
    assert asked == []
    monkeypatch.undo()
    assert until(lambda: bool(shop.store.read(coupons.to_look_at)))
    shop.trouble("A", "crash_after")
    assert "não se sabe" in shop.sell(session=12).result(SECONDS)
    monkeypatch.setattr(aftermath, "_closed", _refuses)
    shop.drivers["A"].put_back()
    assert until(lambda: bool(asked))
    threading.Event().wait(ROUNDS_SECONDS)
    assert len(asked) == 1
    monkeypatch.undo()
    assert until(lambda: len(shop.store.read(coupons.to_look_at)) == len(shop.standing()) == 2)
    assert until(lambda: shop.desk.units["A"].unwritten == {}), "nor is it kept for ever"


def test_a_doubt_that_the_disk_refused_is_asked_about_when_the_device_is_back(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1)
    shop.trouble("A", "crash_after")
    monkeypatch.setattr(desk, "_record", _refuses)
    assert "consulte antes de repetir" in shop.sell().result(SECONDS)
    monkeypatch.undo()
    shop.drivers["A"].put_back()
    assert until(lambda: [each.chave for each in shop.store.read(coupons.to_look_at)] == list(shop.standing()))


def _counted(shop: Shop, function: str) -> list[str]:
    """The calls of this function that reach the device."""
    driver, met = shop.drivers["A"], list[str]()
    call = driver.device.call

    def counting(name: str, arguments: object) -> object:
        met.extend([name] * (name == function))
        return call(name, arguments)

    driver.device.call = counting  # type: ignore[method-assign,assignment]
    return met


def test_a_device_tells_how_it_is_though_the_disk_refuses(open_shop: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = open_shop(1)
    assert until(lambda: shop.desk.units["A"].status is not None)
    monkeypatch.setattr(shop.store, "write", _refuses)
    assert "10000" in shop.ask("ConsultarStatusOperacional", sales.CODE).result(SECONDS)


def test_a_till_is_let_go_though_the_disk_refuses_to_write_its_doubt(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=1.5))
    shop.trouble("A", "crash_after")
    told = shop.sell(session=7)
    assert until(lambda: [each.outcome for each in shop.store.read(rows.questions)] == [Outcome.DOUBT])
    monkeypatch.setattr(shop.store, "write", _refuses)
    assert "não se sabe" in told.result(SECONDS)
    monkeypatch.undo()
    shop.drivers["A"].put_back()
    assert until(lambda: bool(shop.store.read(coupons.to_look_at)))


def test_every_till_is_let_go_though_the_disk_refuses_to_write_their_doubts(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(2, policy=replace(QUICK, doubt=Doubt.WAIT))
    for device in ("A", "B"):
        shop.trouble(device, "crash_after")
    told = [shop.sell(till) for till in ("001", "002")]
    assert until(lambda: all(unit.unsettled for unit in shop.desk.units.values()))
    monkeypatch.setattr(shop.store, "write", _refuses)
    shop.desk.policy = replace(QUICK, doubt=Doubt.WAIT, wait_seconds=0.0)
    assert all("não se sabe" in each.result(SECONDS) for each in told)


def test_a_till_is_let_go_though_the_disk_refuses_what_was_found_out_of_its_sale(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT))
    shop.trouble("A", "crash_after")
    told = shop.sell(session=10)
    assert until(lambda: shop.desk.units["A"].unsettled)
    monkeypatch.setattr(desk, "_record", _refuses)
    shop.drivers["A"].put_back()
    assert "consulte antes de repetir" in told.result(SECONDS)
    monkeypatch.undo()
    assert until(lambda: shop.store.read(rows.unsettled, "A", "") == [])
    assert shop.sell(session=10).result(SECONDS).split("|")[8].removeprefix("CFe") in shop.standing()


def test_what_a_disk_broke_off_in_the_background_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "AGAIN_SECONDS", 0.0)
    stop, begun = threading.Event(), list[int]()

    def act(stop: threading.Event) -> None:
        begun.append(len(begun))
        if len(begun) < 3:
            _refuses()
        stop.set()

    gateway._keep_up(act, stop)
    assert begun == [0, 1, 2]


def test_what_has_nothing_to_do_in_the_background_is_not_begun_again() -> None:
    stop, begun = threading.Event(), list[int]()

    def act(stop: threading.Event) -> None:
        begun.append(len(begun))
        if len(begun) > 1:
            stop.set()

    gateway._keep_up(act, stop)
    assert begun == [0]


def _refuse_second_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes the first attempt of an asking and refuses to write another."""
    intend = Unit._intend

    def refusing(unit: Unit, connection: apsw.Connection, request: Request, session: int) -> int:
        if rows.find(connection, request.id) is not None:
            raise apsw.FullError("no room")
        return intend(unit, connection, request, session)

    monkeypatch.setattr(Unit, "_intend", refusing)


def test_a_disk_that_refuses_after_a_device_may_have_sold_never_says_that_nothing_was_issued(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(2)
    shop.trouble("A", "crash_after")
    shop.trouble("B", "crash_after")
    _refuse_second_calls(monkeypatch)
    assert "não se sabe" in shop.sell().result(SECONDS)
    for driver in shop.drivers.values():
        driver.put_back()
    assert until(lambda: bool(shop.store.read(coupons.to_look_at)))
    [sold] = shop.store.read(coupons.to_look_at)
    assert (sold.standing, shop.standing()) == (CouponStanding.UNDELIVERED, {sold.chave})


def test_a_sale_that_a_full_disk_broke_off_ends_when_the_disk_writes_again(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1)
    shop.trouble("A", "busy")
    _refuse_second_calls(monkeypatch)
    assert "Nada foi emitido" in shop.sell(session=8).result(SECONDS)
    assert until(lambda: "11098" not in shop.ask("ConsultarNumeroSessao", sales.CODE, 8).result(SECONDS))
    assert "Nada foi emitido" in shop.ask("ConsultarNumeroSessao", sales.CODE, 8).result(SECONDS)
    monkeypatch.undo()
    assert "06000" in shop.sell(session=9).result(SECONDS)
    assert len(shop.standing()) == 1


def _refuses(*_: object) -> None:
    raise apsw.FullError("no room")
