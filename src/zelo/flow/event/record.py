"""Reads events and moves them along their lifecycle, in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from zelo.engine.schema.flow import event, event_history
from zelo.fiscal.ambiente import Ambiente
from zelo.flow import alarm, record
from zelo.flow.event.lifecycle import Happening, State, transition
from zelo.flow.record import SYSTEM, Rows, Told
from zelo.models.nfcom.event import event_id

_ID_CHARS = 55
_FOR_A_PERSON = frozenset({State.INVALID, State.REJECTED, State.HELD})
_ROWS = Rows(event, event_history, "event_id")


def move(
    connection: Connection,
    row: Row[Any],
    happening: Happening,
    *,
    now: datetime,
    due_at: datetime | None = None,
    actor: str = SYSTEM,
    detail: str = "",
    **changes: Any,
) -> State:
    """Let that happen to the event of `row` and change those columns with it; its new state.

    Raises StaleDocumentError, LifecycleError.
    """
    step = transition(State(row.state), happening)
    record.advance(connection, _ROWS, row, step, Told(now, due_at, actor, detail), changes)
    if step.target in _FOR_A_PERSON:
        stopped, note = find(connection, row.id), record.find(connection, row.document_id)
        if stopped is not None and note is not None:
            alarm.cancel_stopped(connection, stopped, note, why=detail, now=now)
    return step.target


def postpone(connection: Connection, row: Row[Any], until: datetime) -> None:
    """Nothing happened and nothing may yet: look again then."""
    connection.execute(update(event).where(event.c.id == row.id, event.c.version == row.version).values(due_at=until))


def find(connection: Connection, row_id: str) -> Row[Any] | None:
    """An event by id."""
    return connection.execute(select(event).where(event.c.id == row_id)).first()


def of_document(connection: Connection, document_id: str) -> Sequence[Row[Any]]:
    """The events of a note, oldest first."""
    query = select(event).where(event.c.document_id == document_id).order_by(event.c.id)
    return connection.execute(query).fetchall()


def locked(connection: Connection, row: Row[Any]) -> tuple[Row[Any], Row[Any]]:
    """The note of an event and the event, both standing still; the note first, as everybody locks them."""
    note = record.locked(connection, row.document_id)
    return note, connection.execute(select(event).where(event.c.id == row.id).with_for_update()).one()


def past(connection: Connection, row_id: str) -> Sequence[Row[Any]]:
    """The history of an event, oldest first."""
    query = select(event_history).where(event_history.c.event_id == row_id).order_by(event_history.c.seq)
    return connection.execute(query).fetchall()


def id_of(row: Row[Any]) -> str:
    """The Id of infEvento: by it the authorizer counts rejections."""
    return event_id(row.tipo, row.chave, row.seq)


def of_id(connection: Connection, named: str) -> Row[Any] | None:
    """The event of an Id, None where it is none of ours."""
    if len(named) != _ID_CHARS or not named[52:].isdecimal():
        return None
    tipo, chave, seq = named[2:8], named[8:52], named[52:]
    query = select(event).where(event.c.chave == chave, event.c.tipo == tipo, event.c.seq == int(seq))
    return connection.execute(query).first()


def guard_key(row: Row[Any]) -> str:
    """Under what the guard counts an event; the same as where another program asks about it (guard/foreign)."""
    return f"{Ambiente(row.ambiente).value}|evento|{id_of(row)}"
