"""Moves documents along the lifecycle: an update and a line of history, in the caller's transaction.

`version` counts the moves. Whoever moves a document says which version was seen; if somebody else was faster, nothing
is written and StaleDocumentError tells. So a worker that slept through its lease can do no harm.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from zelo.engine.schema.flow import document, history
from zelo.engine.statement import claim
from zelo.flow.lifecycle import Due, Event, State, transition

SYSTEM = "zelo"
"""Who acts when no person does."""


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
    moved = connection.execute(
        update(document)
        .where(document.c.id == row.id, document.c.version == row.version)
        .values(
            state=step.target.value,
            due_at=due_at,
            version=row.version + 1,
            updated_at=now,
            **changes,
        )
    )
    if moved.rowcount != 1:
        raise StaleDocumentError(row.id)
    connection.execute(
        insert(history).values(
            document_id=row.id,
            seq=row.version + 1,
            at=now,
            event=event.value,
            from_state=step.source.value,
            to_state=step.target.value,
            actor=actor,
            detail=detail,
        )
    )
    return step.target


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
    if lines:
        connection.execute(insert(history), lines)
    return len(lines)


def postpone(connection: Connection, row: Row[Any], until: datetime) -> None:
    """Nothing happened and nothing may yet: look again then."""
    connection.execute(
        update(document).where(document.c.id == row.id, document.c.version == row.version).values(due_at=until)
    )


def find(connection: Connection, document_id: str) -> Row[Any] | None:
    """A document by id."""
    return connection.execute(select(document).where(document.c.id == document_id)).first()


def of_chave(connection: Connection, chave: str) -> Row[Any] | None:
    """The document that bears a chave now."""
    return connection.execute(select(document).where(document.c.chave == chave)).first()


def locked(connection: Connection, document_id: str) -> Row[Any]:
    """A document by id, standing still until the transaction ends."""
    return connection.execute(select(document).where(document.c.id == document_id).with_for_update()).one()


def past(connection: Connection, document_id: str) -> list[Row[Any]]:
    """The history of a document, oldest first."""
    query = select(history).where(history.c.document_id == document_id).order_by(history.c.seq)
    return list(connection.execute(query))
