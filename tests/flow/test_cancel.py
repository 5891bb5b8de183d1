"""A note is cancelled: asked for, signed, sent once, registered; whatever is lost on the way, never twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from lxml import etree
from sqlalchemy import select, update

from tests.drafts import internet
from tests.house import House, new_house
from tests.simulation.judge import violations
from zelo.archive import shell as archive
from zelo.engine.contract import Engine
from zelo.engine.schema.flow import attempt, event
from zelo.engine.schema.notify import cause
from zelo.engine.statement import add
from zelo.flow import actions, record
from zelo.flow.event import record as events
from zelo.flow.event import request
from zelo.flow.event.lifecycle import State as EventState
from zelo.flow.event.request import Receipt, Taken
from zelo.flow.lifecycle import State
from zelo.models.nfcom.event import PROC, ROOT
from zelo.sign.xmldsig import verify
from zelo.sim import journal as journals
from zelo.sim import office, sefaz
from zelo.sim.faults import OneShot
from zelo.sim.judge import event as judging
from zelo.sim.register import Register
from zelo.sim.schema import schema

REASON = "Mensalidade cobrada em dobro"


@pytest.fixture
def house(new_engine: Callable[[], Engine]) -> House:
    """One authorised note."""
    made = new_house(new_engine())
    made.submit("F0", internet())
    made.settle()
    assert made.states() == {State.AUTHORISED: 1}
    return made


def cancel(house: House, document_id: str, reason: str = REASON) -> Receipt:
    """Ask for it."""
    with house.tools.engine.begin() as connection:
        return request.cancel(connection, house.tools, document_id, reason=reason, actor="teste")


def event_of(house: House, document_id: str) -> tuple[EventState, str]:
    """Where the one event of a note stands, and the code last heard."""
    with house.tools.engine.read() as connection:
        [row] = events.of_document(connection, document_id)
    return EventState(row.state), row.cstat or ""


def test_the_whole_way(house: House) -> None:
    [note] = house.rows()
    assert cancel(house, note.id).taken is Taken.NEW
    house.settle()
    after = house.row(note.id)
    assert (after.state, after.situacao) == (State.CANCELLED, "cancelada")
    assert event_of(house, note.id) == (EventState.REGISTERED, "135")
    assert journals.cancelled(house.sefaz.journal) == {note.chave: 1}
    with house.tools.engine.read() as connection:
        sent, kept = archive.read(connection, note.chave, ROOT), archive.read(connection, note.chave, PROC)
    assert sent is not None
    assert kept is not None
    assert verify(sent) is None
    assert sent in kept, "our very bytes"
    assert schema("procEventoNFCom_v1.00.xsd").validate(etree.fromstring(kept))
    assert violations(house) == []


def test_asked_twice_it_is_one(house: House) -> None:
    [note] = house.rows()
    assert [cancel(house, note.id).taken for _ in range(2)] == [Taken.NEW, Taken.REFUSED]
    house.settle()
    [fault] = cancel(house, note.id).faults
    assert fault.rule == "CANC-218"
    assert journals.cancelled(house.sefaz.journal) == {note.chave: 1}


@pytest.mark.parametrize("trouble", ["lost_after", "lost_before", "truncated", "http_500", "http_503", "empty_200"])
def test_a_lost_answer_is_asked_after(house: House, trouble: str) -> None:
    [note] = house.rows()
    house.sefaz.order(OneShot(trouble, note.chave))
    cancel(house, note.id)
    house.settle()
    assert house.states() == {State.CANCELLED: 1}
    assert event_of(house, note.id)[0] is EventState.REGISTERED
    assert journals.cancelled(house.sefaz.journal) == {note.chave: 1}
    assert violations(house) == []


def test_a_duplicate_leads_to_one_consulta(house: House) -> None:
    """The answer is lost, and so is our memory of having sent: SEFAZ says 631 and is asked once."""
    [note] = house.rows()
    house.sefaz.order(OneShot("lost_after", note.chave))
    cancel(house, note.id)
    worker = house.worker()
    while worker.turn():
        pass
    assert event_of(house, note.id)[0] is EventState.UNKNOWN
    _forget(house, note.id)
    before = len(house.sefaz.journal.entries)
    house.settle(worker)
    said = [(e.servico, e.cstat) for e in house.sefaz.journal.entries[before:]]
    assert said == [("NFComRecepcaoEvento", "631"), ("NFComConsulta", "101")]
    assert house.states() == {State.CANCELLED: 1}


def _forget(house: House, document_id: str) -> None:
    """Back to SIGNED, as a restored backup would have it."""
    with house.tools.engine.begin() as connection:
        values = {"state": EventState.SIGNED.value, "due_at": house.clock()}
        connection.execute(update(event).where(event.c.document_id == document_id).values(**values))


def test_cancelled_elsewhere_is_recognised_by_a_consulta(house: House) -> None:
    [note] = house.rows()
    house.sefaz.set_standing(note.chave, "101", house.clock())
    with house.tools.engine.begin() as connection:
        actions.ask_again(connection, house.tools, note.id, "teste")
    house.settle()
    assert (house.row(note.id).state, house.row(note.id).situacao) == (State.CANCELLED, "cancelada")


def test_cancelled_elsewhere_overtakes_ours(house: House) -> None:
    [note] = house.rows()
    house.sefaz.set_standing(note.chave, "101", house.clock())
    cancel(house, note.id)
    house.settle()
    assert event_of(house, note.id) == (EventState.OVERTAKEN, "101")
    assert house.states() == {State.CANCELLED: 1}


def test_past_the_deadline_nothing_is_sent(house: House) -> None:
    [note] = house.rows()
    house.clock.advance(timedelta(days=17))
    [fault] = cancel(house, note.id).faults
    assert (fault.rule, fault.value) == ("CANC-220", "06/12/2026 00:00")
    assert journals.cancelled(house.sefaz.journal) == {}


def test_a_passing_refusal_is_tried_again_with_the_same_bytes(house: House) -> None:
    [note] = house.rows()
    house.sefaz.order(OneShot("reject_once", note.chave))
    cancel(house, note.id)
    house.settle()
    assert house.states() == {State.CANCELLED: 1}
    assert [e.cstat for e in house.sefaz.journal.entries if e.servico == "NFComRecepcaoEvento"] == ["286", "135"]


def test_a_paused_service_is_waited_for(house: House) -> None:
    [note] = house.rows()
    house.sefaz.order(OneShot("pause_108", note.chave))
    cancel(house, note.id)
    house.settle()
    assert house.states() == {State.CANCELLED: 1}


def test_registered_with_an_alert_the_note_is_asked_after(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """134 says that the event is there, not what became of the note: the consulta says it."""
    _registers_as(monkeypatch, "134")
    [note] = house.rows()
    cancel(house, note.id)
    house.settle()
    assert event_of(house, note.id) == (EventState.REGISTERED, "134")
    assert _heard(house) == [("NFComRecepcaoEvento", "134"), ("NFComConsulta", "101")]
    assert house.row(note.id).state == State.CANCELLED


def test_registered_but_not_linked_the_note_stays_authorised_until_a_consulta_says_otherwise(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _registers_as(monkeypatch, "136")
    monkeypatch.setattr(Register, "change", lambda *_: None)
    [note] = house.rows()
    cancel(house, note.id)
    house.settle()
    assert event_of(house, note.id) == (EventState.REGISTERED, "136")
    assert _heard(house) == [("NFComRecepcaoEvento", "136"), ("NFComConsulta", "100")]
    assert house.row(note.id).state == State.AUTHORISED
    assert cancel(house, note.id).taken is Taken.REFUSED, "it is registered: a second one would be a duplicate"
    monkeypatch.undo()
    house.sefaz.set_standing(note.chave, "101", house.clock())
    with house.tools.engine.begin() as connection:
        actions.ask_again(connection, house.tools, note.id, "teste")
    house.settle()
    assert house.row(note.id).state == State.CANCELLED


def test_who_asked_is_told_by_mail_of_a_cancel_that_sefaz_refuses(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _registers_as(monkeypatch, "600")
    [note] = house.rows()
    cancel(house, note.id)
    house.settle()
    assert event_of(house, note.id)[0] in {EventState.REJECTED, EventState.HELD}
    with house.tools.engine.read() as connection:
        [told] = connection.execute(select(cause)).fetchall()
    assert told.headline.startswith(f"Cancelamento da nota {note.nnf}, série {note.serie}")
    assert told.path == f"notas/{note.id}"


def _registers_as(patch: pytest.MonkeyPatch, cstat: str) -> None:
    """The authorizer registers an event under another code than 135."""
    for module in (judging, sefaz, office):
        patch.setattr(module, "EVENTO_REGISTRADO", cstat)


def _heard(house: House) -> list[tuple[str, str]]:
    said = [(entry.servico, entry.cstat) for entry in house.sefaz.journal.entries]
    return said[[servico for servico, _ in said].index(journals.EVENTO) :]


def test_a_person_who_asks_never_makes_a_worker_wait_that_writes_an_attempt_down(
    new_cluster: Callable[[], Engine],
) -> None:
    """The worker has the event in hand and the person the note: if one waited for the other, both would for ever."""
    house = new_house(new_cluster())
    house.submit("F1", internet())
    house.settle()
    [note] = house.rows()
    intent = {"id": "a" * 26, "document_id": note.id, "service": "NFComRecepcaoEvento", "chave": note.chave}
    intent |= {"certificate": "11222333000181", "started_at": house.clock()}
    with house.tools.engine.begin() as person, house.tools.engine.begin() as worker:
        record.locked(person, note.id)
        worker.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
        add(worker, attempt, intent)
