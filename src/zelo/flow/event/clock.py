"""How long a note may still be cancelled: the official deadline, and the stricter one that a company has set."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from zelo.engine.schema.flow import cancel_rule, event
from zelo.engine.statement import put
from zelo.facts import place
from zelo.facts.limit import limit
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.uf import Uf, from_codigo
from zelo.flow.event.lifecycle import State
from zelo.flow.lifecycle import State as DocumentState
from zelo.models.nfcom.deadline import cancel_until, cancel_within

MOST_DAYS = 60
SOON: Final = timedelta(hours=24)
"""From when on lists show how long a note may still be cancelled."""
_OPEN: Final = [state.value for state in State if state not in (State.REGISTERED, State.OVERTAKEN, State.WITHDRAWN)]


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when: by the authority, and by the company's own rule where it has one."""

    official: datetime
    own: datetime | None

    @property
    def until(self) -> datetime:
        """The one that comes first."""
        return self.official if self.own is None else min(self.official, self.own)


def deadline(row: Row[Any], days: int | None) -> Deadline | None:
    """The deadlines of a document, None before it is authorised. `days`: the company's own rule."""
    uf = from_codigo(row.chave[:2]) if row.chave else None
    if row.authorised_at is None or uf is None:
        return None
    zone = place.zone(Uf(uf))
    hours = limit(
        "cancelamento",
        autorizador=row.autorizador,
        modelo=row.modelo,
        ambiente=Ambiente(row.ambiente),
        on=row.authorised_at.date(),
    )
    own = None if days is None else cancel_within(row.emitted_at or row.authorised_at, days, zone)
    return Deadline(cancel_until(row.authorised_at, hours.valor, zone), own)


def closing(connection: Connection, company_id: str, rows: Sequence[Row[Any]], now: datetime) -> dict[str, datetime]:
    """Until when notes of a list may be cancelled, by id: those for which that is `SOON`, and those that somebody asked
    to cancel and that stand as yet.
    """
    standing = [row for row in rows if row.state == DocumentState.AUTHORISED]
    query = select(event.c.document_id).where(
        event.c.document_id.in_([row.id for row in standing]), event.c.state.in_(_OPEN)
    )
    marked = set(connection.execute(query).scalars()) if standing else set()
    days = own_days(connection, company_id) if standing else None
    known = ((row.id, deadline(row, days)) for row in standing)
    return {
        row_id: one.until
        for row_id, one in known
        if one is not None and (row_id in marked or now < one.until <= now + SOON)
    }


def own_days(connection: Connection, company_id: str) -> int | None:
    """How many days after the issue the company allows, None where only the authority's deadline holds."""
    query = select(cancel_rule.c.days).where(cancel_rule.c.company_id == company_id)
    return connection.execute(query).scalar()


def set_own_days(connection: Connection, company_id: str, days: int | None, now: datetime, actor: str) -> None:
    """Keep the company's own rule."""
    put(connection, cancel_rule, {"company_id": company_id}, {"days": days, "changed_at": now, "changed_by": actor})
