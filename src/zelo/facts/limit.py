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
def limit(
    name: str, *, autorizador: str, modelo: str, ambiente: Ambiente, on: date, servico: str | None = None
) -> Limit:
    """The most specific row in force: one that names the authorizer wins over "*". Raises UnknownFactError.

    `servico` says which service where one name serves several; without it there must be only one.
    """
    rows = [
        row
        for row in in_force(load("limite", Limit), on)
        if row.limite == name
        and row.modelo == modelo
        and row.autorizador in (ANY, autorizador)
        and row.ambiente in (ANY, str(ambiente.value))
        and (servico is None or row.servico in (ANY, servico))
    ]
    if not rows:
        about = f" ({servico})" if servico else ""
        raise UnknownFactError(f"no limit {name}{about} for model {modelo} at {autorizador} on {on}")
    services = {row.servico for row in rows}
    if servico is None and len(services) > 1:
        raise UnknownFactError(f"limit {name} for model {modelo} is one of each service: {', '.join(sorted(services))}")
    return max(rows, key=lambda row: (row.autorizador != ANY, row.servico != ANY, row.ambiente != ANY))


def all_limits() -> tuple[Limit, ...]:
    """Every row, for the documentation."""
    return load("limite", Limit)
