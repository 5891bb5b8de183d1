"""The one rounding of amounts."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from zelo.facts.table import UnknownFactError, in_force, load
from zelo.fiscal.money import Rounding


@dataclass(frozen=True, slots=True)
class _Row:
    nome: str
    casas: int
    modo: str
    fonte: str
    desde: date
    ate: date | None


@cache
def of_value(on: date) -> Rounding:
    """How an amount in reais is rounded on that day. Raises UnknownFactError."""
    for row in in_force(load("arredondamento", _Row), on):
        if row.nome == "valor":
            return Rounding(row.casas, row.modo)
    raise UnknownFactError(f"no rounding of amounts on {on}")
