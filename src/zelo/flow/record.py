"""Moves documents along the lifecycle: an update and a line of history, in the caller's transaction; whatever leads to
HELD is told to people.

`version` counts the moves. Whoever moves a document says which version was seen; if somebody else was faster, nothing
is written and StaleDocumentError tells. So a worker that slept through its lease can do no harm.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select

from zelo.engine.schema.flow import document, history
from zelo.engine.statement import add, change
from zelo.flow import alarm
from zelo.flow.lifecycle import Due, Event, State, transition

SYSTEM = "zelo"
"""Who acts when no person does."""

_LOCKED: Final = select(document).where(document.c.id == bindparam("id")).with_for_update()


class StaleDocumentError(RuntimeError):
    """The document moved on meanwhile: what we were about to write is no longer true."""


def move(
    connection: Connection,
    row: Row[Any],
    event: Event,
    *,
    now: datetime,
    due_at: datetime | None = None,
    actor: str = SYSTEM,
    detail: str = "",
    **changes: Any,
) -> State:
    """Let `event` happen to the document of `row` and change those columns with it; its new state.

    `due_at` must be given where the table says LATER. Raises StaleDocumentError, LifecycleError.
    """
    step = transition(State(row.state), event)
    if (step.due is Due.LATER) is not (due_at is not None):
        raise ValueError(f"{step.event} is due {step.due.value}, got {due_at}")
    if step.due is Due.NOW:
        due_at = now
    seen, version = {"id": row.id, "version": row.version}, row.version + 1
    changes |= {"state": step.target.value, "due_at": due_at, "version": version, "updated_at": now}
    if change(connection, document, seen, changes) != 1:
        raise StaleDocumentError(row.id)
    line = {
        "document_id": row.id,
        "seq": version,
        "at": now,
        "event": event.value,
        "from_state": step.source.value,
        "to_state": step.target.value,
        "actor": actor,
        "detail": detail,
    }
    add(connection, history, line)
    if step.target is State.HELD:
        alarm.held(connection, row, version=row.version + 1, why=detail, now=now)
    return step.target


def postpone(connection: Connection, row: Row[Any], until: datetime) -> None:
    """Nothing happened and nothing may yet: look again then."""
    change(connection, document, {"id": row.id, "version": row.version}, {"due_at": until})


def find(connection: Connection, document_id: str) -> Row[Any] | None:
    """A document by id."""
    return connection.execute(select(document).where(document.c.id == document_id)).first()


def of_chave(connection: Connection, chave: str) -> Row[Any] | None:
    """The document that bears a chave now."""
    return connection.execute(select(document).where(document.c.chave == chave)).first()


def locked(connection: Connection, document_id: str) -> Row[Any]:
    """A document by id, standing still until the transaction ends."""
    return connection.execute(_LOCKED, {"id": document_id}).one()


def past(connection: Connection, document_id: str) -> list[Row[Any]]:
    """The history of a document, oldest first."""
    query = select(history).where(history.c.document_id == document_id).order_by(history.c.seq)
    return list(connection.execute(query))
