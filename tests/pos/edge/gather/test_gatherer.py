"""The rounds in a shop of emulated devices: what comes into the queue, when, and what waits for tills."""

import base64
import json
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import apsw
import pytest

from tests.pos.edge.shop import Shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import ASK_LOG, ASK_STATUS, SALE
from zelo.pos.edge.gather.alarm import Alarms, Change, findings
from zelo.pos.edge.gather.shell import gatherer as rounds
from zelo.pos.edge.gather.shell.gatherer import Gatherer
from zelo.pos.edge.gather.telling import MOST_LOG_BYTES, log_lines
from zelo.pos.edge.health import Health
from zelo.pos.edge.journal.shell.store import FILE
from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.peer.pair import PairSeen
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell.unit import Unit

Open = Callable[..., Shop]
DAY = timedelta(days=1)
RUN = [1_000_000.0]
"""How long the machine runs, in seconds, as a test has it."""


@pytest.fixture
def shop(open_shop: Open) -> Shop:
    """A shop whose desk stands still: the test is the devices' thread."""
    opened = open_shop(1)
    opened.desk.stop()
    return opened


def gathering(shop: Shop) -> Gatherer:
    gatherer = Gatherer(shop.desk, shop.folder, "loja", shop.clock, has_centre=False, monotonic=lambda: RUN[0])
    gatherer.open()
    return gatherer


def queued(shop: Shop, rank: Rank) -> list[dict[str, Any]]:
    """The bodies of that rank, oldest first."""
    batch = shop.store.read(lambda connection: queue.take(connection, 1000, 10**8))
    return [json.loads(item.body) for item in batch.items if item.rank is rank]


def asked(unit: Unit, function: str) -> int:
    """How often the device was asked that."""
    return CALLS.count((unit.name, function))


CALLS: list[tuple[str, str]] = []


@pytest.fixture(autouse=True)
def _calls(monkeypatch: pytest.MonkeyPatch) -> None:
    CALLS.clear()
    before = Unit.inquire

    def inquire(self: Unit, function: Any, *given: str) -> Any:
        CALLS.append((self.name, function.name))
        return before(self, function, *given)

    monkeypatch.setattr(Unit, "inquire", inquire)


def test_a_folder_that_was_removed_is_an_alarm_and_stops_nothing(shop: Shop) -> None:
    gatherer, connection = gathering(shop), shop.store.connect()
    assert gatherer.place(connection).in_place
    shutil.rmtree(shop.folder)
    place = gatherer.place(connection)
    assert (place.in_place, place.disk_free_bytes) == (False, None)
    gatherer.watch(connection)
    assert ("pasta", "") in gatherer.alarms
    gatherer._tell_host(connection)
    assert queued(shop, Rank.STATUS)[-1]["disk_free_bytes"] is None
    shop.folder.mkdir()
    (shop.folder / FILE).touch()
    assert not gatherer.place(connection).in_place, "another file of the same name"
    connection.close()


class _Sick:
    """A connection whose disk does not take what is committed."""

    def __init__(self, well: apsw.Connection) -> None:
        self._well = well

    def __getattr__(self, name: str) -> Any:
        return getattr(self._well, name)

    def execute(self, statement: str, *given: Any) -> Any:
        if statement == "COMMIT":
            raise apsw.IOError("disk I/O error")
        return self._well.execute(statement, *given)


def test_a_disk_that_takes_nothing_is_seen_at_once_and_told_when_it_takes_it(shop: Shop) -> None:
    gatherer, connection = gathering(shop), shop.store.connect()
    writer, well = shop.store._writer, shop.store._writer._connection
    writer._connection = _Sick(well)  # type: ignore[assignment]
    with pytest.raises(apsw.IOError):
        shop.store.write(lambda _: None)
    writer._connection = well
    shop.store.write(lambda _: None)
    assert shop.store.trouble, "what changes nothing needs no disk"
    writer._connection = _Sick(well)  # type: ignore[assignment]
    for _ in range(2):
        with pytest.raises(apsw.IOError):
            gatherer.watch(connection)
    assert gatherer.alarms["diario", ""].finding.sentence.startswith("O disco não deixa gravar (erro de gravação)")
    assert queued(shop, Rank.CONTROL) == []
    writer._connection = well
    gatherer.watch(connection)
    assert [each["vez"] for each in queued(shop, Rank.CONTROL) if each["alarme"] == "diario"] == ["começou"]
    shop.clock.ahead += timedelta(minutes=6)
    gatherer.watch(connection)
    assert ("diario", "") not in gatherer.alarms
    connection.close()


def test_another_gateway_that_is_gone_is_an_alarm(shop: Shop) -> None:
    gatherer = gathering(shop)
    gatherer.pair = lambda: PairSeen(trouble="não responde", silent_seconds=400.0)
    connection = shop.store.connect()
    gatherer.watch(connection)
    connection.close()
    assert ("par", "") in gatherer.alarms


def test_codes_that_are_wrong_again_and_again_are_an_alarm_for_an_hour(shop: Shop) -> None:
    gatherer, connection = gathering(shop), shop.store.connect()
    for number in range(5):
        gatherer.watch(connection)
        assert ("codigo-do-caixa", "") not in gatherer.alarms
        wrong = Request(f"wrong-{number}", f"00{number % 2 + 3}", SALE, (number + 1, "outro-codigo", sales.sale()))
        assert "|06001|" in shop.desk.take(wrong).result(1)
    gatherer.watch(connection)
    sentence = gatherer.alarms["codigo-do-caixa", ""].finding.sentence
    assert sentence == "Códigos de ativação errados na última hora: 5, dos caixas 003, 004."
    shop.clock.ahead += timedelta(hours=2)
    gatherer.watch(connection)
    assert ("codigo-do-caixa", "") not in gatherer.alarms
    connection.close()


def test_a_till_without_a_device_that_has_a_code_is_nobody_who_guesses(shop: Shop) -> None:
    [unit] = shop.desk.units.values()
    unit.keep_code("")
    asked = Request("one", "001", SALE, (1, sales.CODE, sales.sale()))
    assert "|06001|" in shop.desk.take(asked).result(1)
    assert shop.desk.gate.wrong_codes(shop.clock() - DAY) == []


def test_a_status_is_told_when_it_changed_or_after_ten_minutes(shop: Shop) -> None:
    gatherer, [unit] = gathering(shop), list(shop.desk.units.values())
    for _ in range(3):
        unit.probe()
        gatherer.keep_house(unit)
        shop.clock.ahead += timedelta(seconds=61)
    assert len(queued(shop, Rank.STATUS)) == 1
    shop.clock.ahead += timedelta(minutes=10)
    unit.probe()
    gatherer.keep_house(unit)
    shop.drivers["A"].device.fill(10**9)
    unit.probe()
    gatherer.keep_house(unit)
    told = queued(shop, Rank.STATUS)
    assert len(told) == 3
    assert told[-1]["operation"] == "3"
    assert told[0]["nserie"] == unit.nserie


def test_a_log_is_read_once_a_day_and_never_near_a_sale(shop: Shop) -> None:
    gatherer, [unit] = gathering(shop), list(shop.desk.units.values())
    unit.probe()
    unit.called_at = shop.clock()
    gatherer.keep_house(unit)
    assert asked(unit, ASK_LOG.name) == 0
    shop.clock.ahead += rounds.LOG_AFTER
    for _ in range(3):
        gatherer.keep_house(unit)
    assert asked(unit, ASK_LOG.name) == 1
    shop.clock.ahead += DAY
    unit.probe()
    gatherer.keep_house(unit)
    assert asked(unit, ASK_LOG.name) == 2
    first, second = queued(shop, Rank.LOG)
    assert not set(first["linhas"]) & set(second["linhas"])


def test_while_tills_wait_nothing_is_read(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    gatherer, [unit] = gathering(shop), list(shop.desk.units.values())
    unit.called_at = shop.clock()
    unit.probe()
    gatherer.keep_house(unit)
    monkeypatch.setattr(type(shop.desk), "selling", property(lambda _: True))
    shop.clock.ahead += timedelta(minutes=9)
    shop.drivers["A"].device.fill(10**9)
    unit.probe()
    gatherer.keep_house(unit)
    assert len(queued(shop, Rank.STATUS)) == 1
    shop.clock.ahead += timedelta(minutes=2)
    gatherer.keep_house(unit)
    assert len(queued(shop, Rank.STATUS)) == 2
    assert asked(unit, ASK_LOG.name) == 0
    assert asked(unit, ASK_STATUS.name) == 2


def test_an_alarm_is_told_once_over_a_restart_and_its_end_once(shop: Shop) -> None:
    [unit] = shop.desk.units.values()
    shop.drivers["A"].absent = True
    gatherer = gathering(shop)
    connection = shop.store.connect()
    unit.probe()
    gatherer.watch(connection)
    _later(shop, timedelta(minutes=2))
    for _ in range(3):
        gatherer.watch(connection)
    _later(shop, 3 * DAY)
    unit.health, unit.spoke_at = Health(), None
    gatherer = gathering(shop)
    for _ in range(2):
        gatherer.watch(connection)
        assert gatherer.alarms["mudo", "A"].finding.sentence == "Não responde há 4320 minutos."
        unit.probe()
    shop.drivers["A"].put_back()
    unit.probe()
    for _ in range(4):
        _later(shop, timedelta(minutes=2))
        gatherer.watch(connection)
    connection.close()
    told = [(each["alarme"], each["equipamento"], each["vez"]) for each in queued(shop, Rank.CONTROL)]
    assert told == [("mudo", "A", "começou"), ("mudo", "A", "terminou")]


def _later(shop: Shop, span: timedelta) -> None:
    """By the wall and by the clock that never steps."""
    shop.clock.ahead += span
    RUN[0] += span.total_seconds()


def test_a_clock_that_steps_back_hides_no_silence_and_holds_no_status_up(shop: Shop) -> None:
    [unit] = shop.desk.units.values()
    gatherer, connection = gathering(shop), shop.store.connect()
    unit.probe()
    gatherer.keep_house(unit)
    shop.clock.ahead -= 180 * DAY
    unit.probe()
    gatherer.keep_house(unit)
    assert len(queued(shop, Rank.STATUS)) == 2
    assert asked(unit, ASK_LOG.name) == 2
    shop.drivers["A"].absent = True
    unit.probe()
    gatherer.watch(connection)
    shop.clock.ahead -= timedelta(hours=2)
    RUN[0] += 61
    gatherer.watch(connection)
    assert ("mudo", "A") in gatherer.alarms
    connection.close()


def test_a_clock_that_fell_back_to_before_there_were_coupons_silences_no_alarm(shop: Shop) -> None:
    [unit] = shop.desk.units.values()
    gatherer, connection = gathering(shop), shop.store.connect()
    unit.probe()
    shop.clock.ahead = datetime(2000, 1, 1, tzinfo=UTC) - datetime(2026, 11, 23, tzinfo=UTC)
    gatherer.pair = lambda: PairSeen(trouble="não responde", silent_seconds=400.0)
    gatherer.watch(connection)
    assert ("par", "") in gatherer.alarms
    connection.close()


def test_a_centre_that_took_something_just_now_is_not_out_of_reach_because_of_an_old_document(shop: Shop) -> None:
    gatherer, connection = gathering(shop), shop.store.connect()
    gatherer.has_centre = True
    shop.store.write(queue.put, Rank.FISCAL, "900000001", "refused", b"<CFe/>", shop.clock() - 10 * DAY)
    for reached_at, alarmed in ((None, True), (shop.clock(), False), (shop.clock() + DAY, True)):
        gatherer.reached_at = lambda reached_at=reached_at: reached_at  # type: ignore[misc]
        found = {each.rule for each in findings([], gatherer.place(connection))}
        assert ("central" in found) is alarmed
    connection.close()


def test_a_coupon_of_the_other_gateway_waits_since_the_device_had_none(shop: Shop) -> None:
    [unit] = shop.desk.units.values()
    gatherer = gathering(shop)
    unit.probe()
    assert unit.status is not None
    [seen] = gatherer.devices()
    assert seen.pending_since is None
    before = shop.clock()
    shop.drivers["A"].device.call(SALE.name, [800_000, sales.CODE, sales.sale()])
    unit.probe()
    shop.clock.ahead += timedelta(minutes=1)
    [seen] = gatherer.devices()
    assert seen.status is not None
    assert seen.status.pending
    assert seen.pending_since is not None
    assert abs(seen.pending_since - before) < timedelta(seconds=30)


def test_the_rounds_wait_for_tills_but_not_for_ever(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    gatherer, stop = gathering(shop), threading.Event()
    monkeypatch.setattr(rounds, "MOST_YIELD_SECONDS", 0.6)
    monkeypatch.setattr(type(shop.desk), "selling", property(lambda _: True))
    thread = threading.Thread(target=gatherer.run, args=(stop,))
    thread.start()
    stop.wait(1.3)
    assert queued(shop, Rank.STATUS) == []
    stop.wait(2.5)
    stop.set()
    thread.join(10)
    [machine] = queued(shop, Rank.STATUS)
    assert machine["memory_total_bytes"] > machine["memory_free_bytes"] > 0
    assert machine["versions"]["python"].startswith("3.")


def test_a_log_is_cut_at_its_bound_and_goes_on_where_it_stood() -> None:
    lines = [f"2026112115{number:04d}|SAT|info|{'x' * 90}" for number in range(5_000)]
    packed = base64.b64encode("\r\n".join(lines).encode()).decode()
    cut = log_lines(packed, "")
    assert sum(len(line) + 1 for line in cut) <= MOST_LOG_BYTES
    assert cut == lines[-len(cut) :]
    assert log_lines(packed, lines[-3]) == lines[-2:]
    assert log_lines(packed, lines[-1]) == []
    assert log_lines("não é base64", "") == []
    assert log_lines(base64.encodebytes(base64.b64decode(packed)).decode(), "") == cut, "in lines, as mail has it"


def test_without_a_code_or_with_a_wrong_one_a_device_is_only_asked_whether_it_is_there(shop: Shop) -> None:
    [unit] = shop.desk.units.values()
    kept: list[str] = []
    unit.code, unit.keep_code = lambda: kept[-1] if kept else "", kept.append
    unit.probe()
    kept.append("00000000")
    unit.probe()
    for _ in range(8):
        unit.probe()
    assert CALLS.count(("A", ASK_STATUS.name)) == 1
    assert shop.drivers["A"].device.state.wrong_codes == 1
    unit.recode("12345678")
    unit.probe()
    assert not unit.out


def test_who_changed_what_an_alarm_is_about_does_not_wait_for_the_next_look(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    gatherer, stop, looks = gathering(shop), threading.Event(), list[datetime]()

    def look(alarms: Alarms, _: object, now: datetime) -> tuple[Alarms, list[Change]]:
        looks.append(now)
        return alarms, []

    monkeypatch.setattr(rounds, "ALARM_SECONDS", 1_000.0)
    monkeypatch.setattr(rounds, "fold", look)
    running = threading.Thread(target=gatherer.run, args=(stop,))
    running.start()
    assert until(lambda: len(looks) == 1)
    gatherer.soon.set()
    assert until(lambda: len(looks) == 2)
    stop.set()
    running.join()
    assert len(looks) == 2, "once"
