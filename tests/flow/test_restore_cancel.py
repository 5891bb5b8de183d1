"""The drill with cancellations: a restored database has forgotten some, and asks after every note and every event."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.drafts import internet
from tests.flow.test_cancel import cancel, event_of
from tests.flow.test_cancel_stops import with_wrong_protocol
from tests.flow.test_restore_drill import _copy as copied
from tests.flow.test_restore_drill import _halted as halted
from tests.flow.test_restore_drill import _restored as restored
from tests.house import PLACES, House, new_house
from tests.simulation.judge import violations
from zelo.engine.contract import Engine
from zelo.flow.event import record as events
from zelo.flow.event.lifecycle import State as EventState
from zelo.flow.event.step import step
from zelo.flow.lifecycle import State
from zelo.guard import shell as guard
from zelo.sim import journal as journals
from zelo.sim.faults import OneShot

NOTES = 3


@pytest.fixture
def house(new_engine: Callable[[], Engine]) -> House:
    """Three authorised notes of one emitter."""
    made = new_house(new_engine(), places=PLACES[:1])
    for n in range(NOTES):
        made.submit(f"F{n}", internet())
    made.settle()
    return made


def asked_since(house: House, entries: int) -> set[str]:
    """The chaves of known notes that were asked after since."""
    known = {row.chave for row in house.rows()}
    return {e.chave for e in house.sefaz.journal.entries[entries:] if e.servico == "NFComConsulta"} & known


def recover(house: House) -> None:
    """Half an hour, turn by turn: numbers are searched for though nothing is due."""
    worker = house.worker()
    for _ in range(60):
        while worker.turn():
            pass
        house.clock.advance(timedelta(seconds=30))


def sent(house: House) -> int:
    """How many events left."""
    return sum(entry.servico == journals.EVENTO for entry in house.sefaz.journal.entries)


def wrong(house: House) -> list[str]:
    """Violations, but for the sends that a restored guard cannot know of."""
    return [line for line in violations(house) if not line.startswith("sent ")]


def signed_only(house: House, document_id: str) -> None:
    """Ask for a cancellation and let a worker sign it, no more."""
    cancel(house, document_id)
    with house.tools.engine.begin() as connection:
        [row] = events.of_document(connection, document_id)
        step(connection, house.tools, house.keyring, row, house.clock())


def test_notes_cancelled_after_the_backup_are_found_cancelled(house: House, new_engine: Callable[[], Engine]) -> None:
    copy = copied(house)
    first, second, _ = house.rows()
    for row in (first, second):
        cancel(house, row.id)
    house.settle()
    before = len(house.sefaz.journal.entries)
    again = restored(house, copy, new_engine())
    recover(again)
    assert asked_since(again, before) == {row.chave for row in again.rows()}, "every note was asked after"
    assert {row.id for row in again.rows() if row.state == State.CANCELLED} == {first.id, second.id}
    assert again.states() == {State.CANCELLED: 2, State.AUTHORISED: 1}
    assert (halted(again), sent(again)) == ({}, 2)
    assert [line for line in wrong(again) if "without a request on record" not in line] == []


def test_an_event_that_was_signed_and_left_after_the_backup_is_recognised_by_its_bytes(
    house: House, new_engine: Callable[[], Engine]
) -> None:
    note = house.rows()[0]
    signed_only(house, note.id)
    assert event_of(house, note.id)[0] is EventState.SIGNED
    copy = copied(house)
    house.settle()
    again = restored(house, copy, new_engine())
    assert event_of(again, note.id)[0] is EventState.UNKNOWN
    recover(again)
    assert (event_of(again, note.id)[0], again.row(note.id).state) == (EventState.REGISTERED, State.CANCELLED)
    assert journals.cancelled(again.sefaz.journal) == {note.chave: 1}
    assert (halted(again), wrong(again)) == ({}, [])


def test_an_event_that_never_left_is_asked_after_and_then_sent(house: House, new_engine: Callable[[], Engine]) -> None:
    note = house.rows()[0]
    signed_only(house, note.id)
    before = len(house.sefaz.journal.entries)
    again = restored(house, copied(house), new_engine())
    recover(again)
    said = [e.servico for e in again.sefaz.journal.entries[before:] if e.chave == note.chave]
    assert said[0] == "NFComConsulta", "asked first"
    assert (event_of(again, note.id)[0], sent(again)) == (EventState.REGISTERED, 1)
    assert (halted(again), wrong(again)) == ({}, [])


def test_a_request_without_bytes_that_was_carried_out_after_the_backup_is_not_sent_again(
    house: House, new_engine: Callable[[], Engine]
) -> None:
    note = house.rows()[0]
    cancel(house, note.id)
    copy = copied(house)
    house.settle()
    again = restored(house, copy, new_engine())
    recover(again)
    assert (event_of(again, note.id)[0], again.row(note.id).state) == (EventState.OVERTAKEN, State.CANCELLED)
    assert (sent(again), halted(again)) == (1, {})


def test_an_event_in_the_air_at_the_backup(house: House, new_engine: Callable[[], Engine]) -> None:
    note = house.rows()[0]
    house.sefaz.order(OneShot("lost_after", note.chave))
    cancel(house, note.id)
    worker = house.worker()
    while worker.turn():
        pass
    assert event_of(house, note.id)[0] is EventState.UNKNOWN
    again = restored(house, copied(house), new_engine())
    recover(again)
    assert (event_of(again, note.id)[0], sent(again)) == (EventState.REGISTERED, 1)
    assert (halted(again), violations(again)) == ({}, [])


def test_what_was_refused_before_the_backup_is_not_sent_again_by_itself(
    house: House, new_engine: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows how often it was refused since: a person asks for it again, or gives it up."""
    note = house.rows()[0]
    with_wrong_protocol(monkeypatch)
    cancel(house, note.id)
    house.settle()
    assert event_of(house, note.id) == (EventState.REJECTED, "222")
    again = restored(house, copied(house), new_engine())
    recover(again)
    assert (event_of(again, note.id), sent(again), halted(again)) == ((EventState.REJECTED, "222"), 1, {})
    with again.tools.engine.read() as connection:
        assert list(guard.verify(connection)) == []
