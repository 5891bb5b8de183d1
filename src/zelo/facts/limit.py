"""Official limits: how many, how often, how late. Rows per authorizer, model, service and environment."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from zelo.facts.table import ANY, UnknownFactError, in_force, load
from zelo.fiscal.ambiente import Ambiente


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit with its unit, source and how sure we are of it."""

    limite: str
    autorizador: str
    modelo: str
    servico: str
    ambiente: str
    valor: int
    unidade: str
    fonte: str
    confianca: str
    desde: date
    ate: date | None


@cache
def limit(name: str, *, autorizador: str, modelo: str, ambiente: Ambiente, on: date) -> Limit:
    """The most specific row in force: one that names the authorizer wins over "*". Raises UnknownFactError."""
    rows = [
        row
        for row in in_force(load("limite", Limit), on)
        if row.limite == name
        and row.modelo == modelo
        and row.autorizador in (ANY, autorizador)
        and row.ambiente in (ANY, str(ambiente.value))
    ]
    if not rows:
        raise UnknownFactError(f"no limit {name} for model {modelo} at {autorizador} on {on}")
    return max(rows, key=lambda row: (row.autorizador != ANY, row.ambiente != ANY))


def all_limits() -> tuple[Limit, ...]:
    """Every row, for the documentation."""
    return load("limite", Limit)
