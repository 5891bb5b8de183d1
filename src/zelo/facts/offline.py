"""Where a till may go on without the authorizer (tpEmis 9), and by when what it issued must be sent."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from zelo.facts.table import ANY, in_force, load
from zelo.fiscal.uf import Uf

WORKING_DAY: Final = "dia util"
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Offline:
    """Whether a UF allows it, and the time to send: `quantidade` working days after the emission, or hours."""

    modelo: str
    uf: str
    permitida: bool
    prazo: str
    quantidade: int
    fonte: str
    confianca: str
    desde: date
    ate: date | None


@cache
def offline(modelo: str, uf: Uf, on: date) -> Offline | None:
    """The row in force, a UF's own before the general one; None where it is not allowed or nothing is known."""
    rows = [row for row in in_force(load("offline", Offline), on) if row.modelo == modelo and row.uf in (ANY, uf)]
    found = max(rows, key=lambda row: row.uf != ANY, default=None)
    return found if found is not None and found.permitida else None


def deadline(row: Offline, emitted: datetime, zone: ZoneInfo) -> datetime:
    """By when what is issued at that instant must be sent.

    No holiday is known here: one only makes the true deadline later.
    """
    if row.prazo != WORKING_DAY:
        return emitted + timedelta(hours=row.quantidade)
    day = emitted.astimezone(zone).date()
    for _ in range(row.quantidade):
        day += timedelta(days=1)
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
    return datetime.combine(day, time(23, 59, 59), zone)
