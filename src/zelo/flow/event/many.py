"""Many notes cancelled for one reason: each is a request of its own under one batch, and the worker does the rest."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from zelo.engine.schema.flow import document, event
from zelo.flow.event import request
from zelo.flow.event.request import Taken
from zelo.flow.tools import Tools

MOST_AT_ONCE: Final = 5_000
CHUNK: Final = 100
SHOWN: Final = 100


def cancel_all(tools: Tools, ids: Sequence[str], *, batch_id: str, reason: str, actor: str) -> int:
    """Ask for each, some in a transaction; how many are now under way. Asked for again, nothing doubles.

    In the order of their ids, as workers take them, so that nobody waits in a circle.
    """
    taken, rest = 0, iter(sorted(ids))
    while chunk := list(islice(rest, CHUNK)):
        with tools.engine.begin() as connection:
            for document_id in chunk:
                receipt = request.cancel(connection, tools, document_id, reason=reason, actor=actor, batch_id=batch_id)
                taken += receipt.taken is not Taken.REFUSED
    return taken


def standing(connection: Connection, company_id: str, batch_id: str) -> dict[str, int]:
    """How many cancellations of a batch stand in each state."""
    query = (
        select(event.c.state, func.count().label("events"))
        .where(event.c.company_id == company_id, event.c.batch_id == batch_id)
        .group_by(event.c.state)
    )
    return {row.state: row.events for row in connection.execute(query)}


def batches(connection: Connection, company_id: str, most: int) -> Sequence[Row[Any]]:
    """The newest batches of a company: id, reason, since when, how many."""
    query = (
        select(
            event.c.batch_id,
            func.min(event.c.reason).label("reason"),
            func.min(event.c.created_at).label("since"),
            func.count().label("events"),
        )
        .where(event.c.company_id == company_id, event.c.batch_id.is_not(None))
        .group_by(event.c.batch_id)
        .order_by(event.c.batch_id.desc())
        .limit(most)
    )
    return connection.execute(query).fetchall()


def newest(
    connection: Connection, company_id: str, *, batch_id: str = "", states: Sequence[str] = ()
) -> Sequence[Row[Any]]:
    """Cancellations with their notes, newest first, of a batch or of all, in these states or in any."""
    query = (
        select(event, document.c.nnf, document.c.serie, document.c.recipient, document.c.total)
        .join(document, document.c.id == event.c.document_id)
        .where(event.c.company_id == company_id)
        .order_by(event.c.updated_at.desc())
        .limit(SHOWN)
    )
    if batch_id:
        query = query.where(event.c.batch_id == batch_id)
    if states:
        query = query.where(event.c.state.in_(states))
    return connection.execute(query).fetchall()
