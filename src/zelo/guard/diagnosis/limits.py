"""How much an authorizer tolerates before it blocks: the dated rows of facts, else the official numbers handed in here.

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
from zelo.guard.diagnosis.evidence import NFCOM, Key, Service

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

_NT: Final = "NT 2018.002 (MOC 7.0 Anexo I 4.3)"
_DEFAULTS: Final = {
    Service.AUTORIZACAO: Limit(30, None, _NT),
    Service.EVENTO: Limit(20, None, _NT),
    Service.INUTILIZACAO: Limit(20, None, _NT),
    Service.CONSULTA: Limit(10, HOUR, _NT),
    Service.RECIBO: Limit(40, HOUR, _NT),
    Service.STATUS: Limit(40, HOUR, _NT),  # the text names no span; within none a month of good manners would do
    Service.DISTRIBUICAO: Limit(20, HOUR, "NT 2014.002 v1.30 3.11.4"),
}
_MOC: Final = "MOC NFCom Visão Geral 1.00a item 8.2"
_OF_NFCOM: Final = {
    Service.AUTORIZACAO: Limit(30, None, _MOC),
    Service.EVENTO: Limit(20, None, _MOC),
    Service.CONSULTA: Limit(10, HOUR, _MOC),
    Service.STATUS: Limit(60, FIVE_MINUTES, _MOC),
}
_EQUAL: Final = "rejeicoes_iguais"
_NFE: Final = {
    Service.AUTORIZACAO: (_EQUAL, "NFeAutorizacao"),
    Service.EVENTO: (_EQUAL, "NFeRecepcaoEvento"),
    Service.INUTILIZACAO: (_EQUAL, "NFeInutilizacao"),
    Service.CONSULTA: ("consultas_por_chave_hora", "NFeConsultaProtocolo"),
    Service.RECIBO: ("consultas_por_recibo_hora", "NFeRetAutorizacao"),
    Service.STATUS: ("repeticoes", "NFeStatusServico"),
}
_NFCOM: Final = {
    Service.AUTORIZACAO: (_EQUAL, "NFComRecepcao"),
    Service.EVENTO: (_EQUAL, "NFComRecepcaoEvento"),
    Service.CONSULTA: ("consultas_por_chave_hora", "NFComConsulta"),
    Service.STATUS: ("repeticoes_5min", "NFComStatusServico"),
}
"""How facts call the limit and the service."""


def official(key: Key, cuf: str, on: date) -> Limit:
    """The row in force, else the preferred value of the official text."""
    nfcom = key.modelo == NFCOM
    default = (_OF_NFCOM if nfcom else {}).get(key.service) or _DEFAULTS[key.service]
    named = (_NFCOM if nfcom else _NFE).get(key.service)
    if named is None:
        return default
    name, servico = named
    homologacao = key.ambiente == str(Ambiente.HOMOLOGACAO.value)
    try:
        row = facts.limit(
            name,
            autorizador=_authorizer(key.modelo, cuf, on),
            modelo=key.modelo,
            ambiente=Ambiente.HOMOLOGACAO if homologacao else Ambiente.PRODUCAO,
            on=on,
            servico=servico,
        )
    except UnknownFactError:
        return default
    return Limit(row.valor, default.within, row.fonte)


def _authorizer(modelo: str, cuf: str, on: date) -> str:
    uf = from_codigo(cuf)
    try:
        return authorizer.autorizador(modelo, uf, on) if uf else ANY
    except UnknownFactError:
        return str(uf) if uf else ANY
