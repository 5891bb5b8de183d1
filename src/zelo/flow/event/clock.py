"""How long a note may still be cancelled: the official deadline, and the stricter one that a company has set."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from zelo.engine.schema.flow import cancel_rule
from zelo.engine.statement import put
from zelo.facts import place
from zelo.facts.limit import limit
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.uf import Uf, from_codigo
from zelo.models.nfcom.deadline import cancel_until, cancel_within

MOST_DAYS = 60


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


def own_days(connection: Connection, company_id: str) -> int | None:
    """How many days after the issue the company allows, None where only the authority's deadline holds."""
    query = select(cancel_rule.c.days).where(cancel_rule.c.company_id == company_id)
    return connection.execute(query).scalar()


def set_own_days(connection: Connection, company_id: str, days: int | None, now: datetime, actor: str) -> None:
    """Keep the company's own rule."""
    put(connection, cancel_rule, {"company_id": company_id}, {"days": days, "changed_at": now, "changed_by": actor})
