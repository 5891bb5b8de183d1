"""How much an authorizer tolerates before it blocks: the dated rows of facts, with the span in which each counts.

NT 2018.002 (MOC 7.0 Anexo I 4.3; in production since 2018-05-16) calls all of its numbers preferred values, which each
UF may change; MOC NFCom 1.00a 8.2 repeats them with its own for the other services.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from zelo.facts import authorizer
from zelo.facts import limit as facts
from zelo.facts.table import ANY, UnknownFactError
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.uf import from_codigo
from zelo.guard.diagnosis.evidence import NFCOM, NFE, Key, Service
from zelo.guard.foreign import SERVICES, Servico

HOUR: Final = timedelta(hours=1)
FIVE_MINUTES: Final = timedelta(minutes=5)
STATUS_PAUSE: Final = timedelta(minutes=3)
"""Least between two looks at the status in a loop (MOC Visão Geral 5.5, MOC NFCom 5.5)."""
BLOCK: Final = timedelta(hours=1)
"""How long a block lasts at most (NT 2018.002, MOC NFCom 8.2)."""
BLOCKS_UNTIL_PERMANENT: Final = 50
"""After so many blocks a UF may keep the block (NT 2018.002, MOC NFCom 8.2)."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many are tolerated, the next one may block; None for `within`: they count for ever."""

    most: int
    within: timedelta | None
    source: str


LimitOf = Callable[[Key, str, date], Limit]
"""The limit of a key at a UF (cUF) on a day."""

FIRST_DAY: Final = date(2022, 4, 12)
"""From here on every row is in force; older and undated papers are judged by the same numbers."""
_WITHIN: Final = {
    "rejeicoes_iguais": None,
    "consultas_por_chave_hora": HOUR,
    "consultas_por_recibo_hora": HOUR,
    "repeticoes": HOUR,  # the text names no span; within none a month of good manners would do
    "repeticoes_5min": FIVE_MINUTES,
}
"""Name of a limit in facts, and the span in which it counts."""
_NAMES: Final = {
    Service.CONSULTA: "consultas_por_chave_hora",
    Service.RECIBO: "consultas_por_recibo_hora",
    Service.STATUS: "repeticoes",
}
_DISTRIBUICAO: Final = Limit(20, HOUR, "NT 2014.002 v1.30 3.11.4")
"""No service of the guard, which never asks for others' documents."""


def official(key: Key, cuf: str, on: date) -> Limit:
    """The row in force at the authorizer of that UF."""
    if key.service is Service.DISTRIBUICAO:
        return _DISTRIBUICAO
    servico, day = Servico(key.service.value), max(on, FIRST_DAY)
    modelo = key.modelo if servico in SERVICES.get(key.modelo, {}) else NFE
    name = _NAMES.get(key.service, "rejeicoes_iguais")
    if modelo == NFCOM and key.service is Service.STATUS:
        name = "repeticoes_5min"
    homologacao = key.ambiente == str(Ambiente.HOMOLOGACAO.value)
    row = facts.limit(
        name,
        autorizador=_authorizer(modelo, cuf, day),
        modelo=modelo,
        ambiente=Ambiente.HOMOLOGACAO if homologacao else Ambiente.PRODUCAO,
        on=day,
        servico=SERVICES[modelo][servico],
    )
    return Limit(row.valor, _WITHIN[name], row.fonte)


def _authorizer(modelo: str, cuf: str, on: date) -> str:
    uf = from_codigo(cuf)
    try:
        return authorizer.autorizador(modelo, uf, on) if uf else ANY
    except UnknownFactError:
        return str(uf) if uf else ANY
