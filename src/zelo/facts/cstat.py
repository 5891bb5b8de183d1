"""What a cStat means: its official text, our class of what may be done next, our words for what a person can do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from zelo.facts.table import load


class Classe(StrEnum):
    """What an answer code asks for. The classes are ours (domain: guard); the codes and texts are official."""

    OK = "OK"
    OK_LATE = "OK_LATE"
    CANCELLED = "CANCELLED"
    SUBSTITUTED = "SUBSTITUTED"
    SERVICE_OK = "SERVICE_OK"
    PAUSED = "PAUSED"
    BLOCKED = "BLOCKED"
    DATA = "DATA"
    SCHEMA = "SCHEMA"
    SIGN = "SIGN"
    CLOCK = "CLOCK"
    LATE = "LATE"
    ISSUER = "ISSUER"
    CERT = "CERT"
    CONFIG = "CONFIG"
    LCR = "LCR"
    DUP_SAME_KEY = "DUP_SAME_KEY"
    DUP_OTHER_KEY = "DUP_OTHER_KEY"
    DUP_STATE = "DUP_STATE"
    NOT_FOUND = "NOT_FOUND"
    EVENT_OK = "EVENT_OK"
    EVENT_DUP = "EVENT_DUP"
    VOIDED = "VOIDED"
    DENIED = "DENIED"
    RECEIPT = "RECEIPT"
    PENDING = "PENDING"
    RECEIPT_LOST = "RECEIPT_LOST"
    CONTAINER = "CONTAINER"
    IN_FLIGHT = "IN_FLIGHT"
    QUERY_OK = "QUERY_OK"
    NSU = "NSU"
    CONT = "CONT"
    SVC_OFF = "SVC_OFF"
    UNCAT = "UNCAT"


Classify = Callable[[str, str], Classe | None]
"""From model and code to its class, None for a code that is not known: `classe`, or as a reviewer reads it."""


@dataclass(frozen=True, slots=True)
class _Row:
    modelo: str
    cstat: str
    texto: str
    classe: str
    fonte: str
    desde: date
    ate: date | None


@cache
def _rows(modelo: str) -> dict[str, _Row]:
    return {row.cstat: row for row in load("cstat", _Row) if row.modelo == modelo}


def classe(modelo: str, cstat: str) -> Classe | None:
    """The class of a code, or None for one that no table knows: neither rejected nor authorised, hold and query."""
    row = _rows(modelo).get(cstat)
    return Classe(row.classe) if row else None


@cache
def codes_of(modelo: str, kind: Classe) -> frozenset[str]:
    """The codes of a model that are of a class."""
    return frozenset(row.cstat for row in _rows(modelo).values() if row.classe == kind.value)


@cache
def of_items(modelo: str) -> frozenset[str]:
    """The codes whose official text says which item is wrong (`[nItem: NNN]`)."""
    return frozenset(row.cstat for row in _rows(modelo).values() if "[nItem" in row.texto)


def texto(modelo: str, cstat: str) -> str:
    """The official text, or an empty string."""
    row = _rows(modelo).get(cstat)
    return row.texto if row else ""


@dataclass(frozen=True, slots=True)
class _Remedy:
    modelo: str
    cstat: str
    remedio: str
    fonte: str
    desde: date
    ate: date | None


@cache
def _remedies() -> dict[tuple[str, str], str]:
    return {(row.modelo, row.cstat): row.remedio for row in load("remedio", _Remedy)}


def remedio(modelo: str, cstat: str) -> str:
    """What a person does about a refusal that no rule of ours could foresee, or an empty string."""
    return _remedies().get((modelo, cstat), "")
