"""Where and until when off-line contingency is allowed: what each UF permits, and which days are not business days.

Only holidays of federal law are known. State and municipal ones are not, nor Carnival and Good Friday, which no federal
law makes a holiday for all: such a day counts as a business day, so the deadline told is never later than the true one.
"""

from dataclasses import dataclass
from datetime import date

from zelo.facts.table import ANY, UnknownFactError, holds, in_force, load
from zelo.fiscal.uf import Uf


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a UF permits off-line contingency, the source, and how sure we are."""

    modelo: str
    uf: str
    permitida: bool
    fonte: str
    confianca: str
    desde: date
    ate: date | None


@dataclass(frozen=True, slots=True)
class _Feriado:
    dia: str
    nome: str
    fonte: str
    desde: date
    ate: date | None


def permission(modelo: str, uf: Uf, on: date) -> Permission:
    """The row of the UF, else the general one. Raises UnknownFactError."""
    rows = [
        row for row in in_force(load("contingencia", Permission), on) if row.modelo == modelo and row.uf in (ANY, uf)
    ]
    if not rows:
        raise UnknownFactError(f"nothing is known of contingency of model {modelo} in {uf} on {on}")
    return max(rows, key=lambda row: row.uf != ANY)


def is_holiday(day: date) -> bool:
    """Whether federal law makes that day a holiday in the whole country."""
    return any(row.dia == f"{day:%m-%d}" and holds(row, day) for row in load("feriado", _Feriado))
