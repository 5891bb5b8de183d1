"""Places: municipalities by IBGE code, and what depends on the UF (time zone, whether ISENTO is accepted)."""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from zelo.facts.table import load
from zelo.fiscal.uf import Uf

EXTERIOR: Final = "9999999"
"""Municipality code of an address abroad (MOC NFCom Anexo I, G30)."""


@dataclass(frozen=True, slots=True)
class Municipio:
    """A municipality with its seven-digit IBGE code."""

    codigo: str
    nome: str
    uf: str


@dataclass(frozen=True, slots=True)
class _UfRow:
    uf: str
    nome: str
    fuso: str
    isento_aceito: bool
    fonte: str
    desde: date
    ate: date | None


@cache
def _by_codigo() -> dict[str, Municipio]:
    return {row.codigo: row for row in load("municipio", Municipio)}


@cache
def _by_name() -> dict[tuple[str, str], Municipio]:
    return {(row.uf, _plain(row.nome)): row for row in load("municipio", Municipio)}


@cache
def _ufs() -> dict[str, _UfRow]:
    return {row.uf: row for row in load("uf", _UfRow)}


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(c for c in letters if c.isalnum())


def municipio(codigo: str) -> Municipio | None:
    """The municipality of an IBGE code."""
    return _by_codigo().get(codigo)


def find_municipio(name: str, uf: str) -> Municipio | None:
    """The municipality of that name in a UF; accents, case and punctuation do not matter."""
    return _by_name().get((uf, _plain(name)))


def zone(uf: Uf) -> ZoneInfo:
    """The time zone in which an emitter of the UF dates its documents."""
    return ZoneInfo(_ufs()[uf].fuso)


def today(now: datetime) -> date:
    """The day in Brasília, on which what holds for the whole country begins."""
    return now.astimezone(zone(Uf.DF)).date()


def accepts_isento(uf: str) -> bool:
    """Whether a person exempt from IE may be marked ISENTO there (MOC NFCom Anexo I, G28, cStat 432)."""
    row = _ufs().get(uf)
    return row is not None and row.isento_aceito


def uf_name(uf: Uf) -> str:
    """São Paulo for SP."""
    return _ufs()[uf].nome
