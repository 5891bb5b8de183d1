"""Moves documents along the lifecycle: an update and a line of history, in the caller's transaction; whatever leads to
HELD is told to people.

`version` counts the moves. Whoever moves a document says which version was seen; if somebody else was faster, nothing
is written and StaleDocumentError tells. So a worker that slept through its lease can do no harm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Table, bindparam, select

from zelo.engine.schema.flow import document, history
from zelo.engine.statement import add, add_all, change, claim
from zelo.flow import alarm
from zelo.flow.lifecycle import Event, State, transition
from zelo.flow.machine import Due, Transition

SYSTEM = "zelo"
"""Who acts when no person does."""

_LOCKED: Final = select(document).where(document.c.id == bindparam("id")).with_for_update(key_share=True)
"""Not its key, which never changes: whoever writes an attempt of the document down, with its event in hand, goes on."""


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
    advance(connection, _ROWS, row, step, Told(now, due_at, actor, detail), changes)
    if step.target is State.HELD:
        alarm.held(connection, row, version=row.version + 1, why=detail, now=now)
    return step.target


@dataclass(frozen=True, slots=True)
class Rows:
    """Where something with a lifecycle is kept: itself, its history, and the column by which that names it."""

    table: Table
    history: Table
    key: str


_ROWS: Final = Rows(document, history, "document_id")


@dataclass(frozen=True, slots=True)
class Told:
    """When a step happens, when the next is due, who did it, and what there is to say."""

    now: datetime
    due_at: datetime | None
    actor: str
    detail: str


def advance(
    connection: Connection,
    rows: Rows,
    row: Row[Any],
    step: Transition[Any, Any],
    told: Told,
    changes: Mapping[str, Any],
) -> None:
    """Write one step of a life down, unless the row has moved on since it was read. Raises StaleDocumentError."""
    now, due_at = told.now, told.due_at
    if (step.due is Due.LATER) is not (due_at is not None):
        raise ValueError(f"{step.event} is due {step.due.value}, got {due_at}")
    if step.due is Due.NOW:
        due_at = now
    seen, version = {"id": row.id, "version": row.version}, row.version + 1
    moved = {"state": step.target.value, "due_at": due_at, "version": version, "updated_at": now}
    if change(connection, rows.table, seen, {**moved, **changes}) != 1:
        raise StaleDocumentError(row.id)
    line = {
        rows.key: row.id,
        "seq": version,
        "at": now,
        "event": step.event.value,
        "from_state": step.source.value,
        "to_state": step.target.value,
        "actor": told.actor,
        "detail": told.detail,
    }
    add(connection, rows.history, line)


def move_all(
    connection: Connection,
    source: State,
    event: Event,
    among: Sequence[ColumnElement[bool]],
    *,
    now: datetime,
    actor: str,
    detail: str = "",
    limit: int,
    **changes: Any,
) -> int:
    """Let `event` happen to up to `limit` documents that stand in `source` and fulfil `among`; how many it did.

    Only for events that are due at once. Whoever else takes the same documents at the same time gets others.
    """
    step = transition(source, event)
    if step.due is not Due.NOW:
        raise ValueError(f"{step.event} is due {step.due.value}")
    changes |= {"state": step.target.value, "due_at": now, "version": document.c.version + 1, "updated_at": now}
    moved = claim(
        connection,
        document,
        where=[document.c.state == source.value, *among],
        order_by=[document.c.id],
        limit=limit,
        values=changes,
    )
    told = {"at": now, "event": event.value, "from_state": source.value, "to_state": step.target.value}
    lines = [told | {"document_id": row.id, "seq": row.version, "actor": actor, "detail": detail} for row in moved]
    add_all(connection, history, lines)
    return len(lines)


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
