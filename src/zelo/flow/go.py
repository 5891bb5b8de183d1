"""A person's go: what was checked may be numbered and sent; or what was faulty is to be checked again.

A few notes that somebody named go at once. For a whole file the order is written down, in one row, and the workers take
its notes along in chunks: one transaction moves some notes, tells in their history who said so, and how far the order
has come. A note goes once however often it is said: whoever was let go is no longer waiting.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, exists, func, select

from zelo.engine.schema.flow import document, order
from zelo.engine.schema.isp import note
from zelo.engine.statement import add, change, claim
from zelo.flow import record
from zelo.flow.lifecycle import Event, State
from zelo.flow.tools import Tools

CHUNK_DOCUMENTS: Final = 500
_WAITING: Final = {Event.LET_GO: State.CHECKED, Event.CHECKED_AGAIN: State.INVALID}
"""Where the notes stand that an order is about."""


def let_go(tools: Tools, among: Sequence[ColumnElement[bool]], *, seen: datetime, actor: str, detail: str = "") -> int:
    """Let a few notes go, up to a chunk, as they stood when the person looked (`seen`); how many went."""
    with tools.engine.begin() as connection:
        moved = _move(connection, Event.LET_GO, among, seen, actor=actor, detail=detail, now=tools.clock())
        tools.engine.wake(connection)
    return moved


def ask(
    connection: Connection,
    tools: Tools,
    event: Event,
    *,
    company_id: str,
    batch_id: str,
    seen: datetime,
    actor: str,
    detail: str = "",
) -> int:
    """Write down that this is to happen to every note of a file that waits for it as it stood when the person looked;
    how many there are. What came in or was corrected after that look still waits for the next one.
    """
    now = tools.clock()
    among = [*_of_batch(company_id, batch_id), *_waiting(event, seen)]
    notes = connection.execute(select(func.count()).select_from(document).where(*among)).scalar_one()
    if notes:
        values = {
            "id": tools.new_id(now),
            "company_id": company_id,
            "batch_id": batch_id,
            "event": event.value,
            "seen_at": seen,
            "actor": actor,
            "detail": detail,
            "notes": notes,
            "done": 0,
            "due_at": now,
            "created_at": now,
        }
        add(connection, order, values)
        tools.engine.wake(connection)
    return int(notes)


def take_along(connection: Connection, now: datetime) -> int:
    """Move the next notes of the order that has waited longest; how many. It is over when none waits for it any more:
    those that somebody else holds just now are looked for again.
    """
    claimed = claim(
        connection, order, where=[order.c.due_at <= now], order_by=[order.c.due_at], limit=1, values={"due_at": now}
    )
    moved = 0
    for row in claimed:
        event, among = Event(row.event), _of_batch(row.company_id, row.batch_id)
        moved = _move(connection, event, among, row.seen_at, actor=row.actor, detail=row.detail, now=now)
        left = connection.execute(select(exists().where(*among, *_waiting(event, row.seen_at)))).scalar_one()
        change(connection, order, {"id": row.id}, {"done": row.done + moved, "due_at": now if left else None})
    return moved


def open_order(connection: Connection, batch_id: str, event: Event) -> Row[Any] | None:
    """The order about a file that the workers are at, or will be."""
    open_ones = select(order).where(order.c.batch_id == batch_id, order.c.event == event, order.c.due_at.is_not(None))
    return connection.execute(open_ones.order_by(order.c.id).limit(1)).first()


def _of_batch(company_id: str, batch_id: str) -> list[ColumnElement[bool]]:
    notes = select(note.c.document_id).where(note.c.batch_id == batch_id)
    return [document.c.company_id == company_id, document.c.id.in_(notes)]


def _waiting(event: Event, seen: datetime) -> list[ColumnElement[bool]]:
    return [document.c.state == _WAITING[event].value, document.c.updated_at <= seen]


def _move(
    connection: Connection,
    event: Event,
    among: Sequence[ColumnElement[bool]],
    seen: datetime,
    *,
    actor: str,
    detail: str,
    now: datetime,
) -> int:
    changes = {"go_at": now} if event is Event.LET_GO else {"faults": None}
    seen_so = [*among, document.c.updated_at <= seen]
    return record.move_all(
        connection, _WAITING[event], event, seen_so, now=now, actor=actor, detail=detail, limit=CHUNK_DOCUMENTS,
        **changes,
    )  # fmt: skip
