"""Codes of a NFCom item: cClass and the CFOPs that the model accepts."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from zelo.facts.table import holds, load

DEDUCTION_PREFIX: Final = "5"
"""A cClass that starts with 5 subtracts from every total (MOC NFCom Visão Geral 7.7)."""


@dataclass(frozen=True, slots=True)
class CClass:
    """A classification code of the NFCom item table."""

    cclass: str
    descricao: str
    grupo: str
    pre_pago: bool
    fonte: str
    desde: date
    ate: date | None


@dataclass(frozen=True, slots=True)
class _Cfop:
    cfop: str
    descricao: str
    fonte: str
    desde: date
    ate: date | None


@cache
def _cclasses() -> dict[str, CClass]:
    return {row.cclass: row for row in load("cclass", CClass)}


@cache
def _cfops() -> dict[str, _Cfop]:
    return {row.cfop: row for row in load("cfop", _Cfop)}


def cclass(code: str, on: date) -> CClass | None:
    """The code if the table holds it on that day.

    Codes that start with 5 (deductions) exist officially, but their list was not obtained: they are taken as known.
    """
    row = _cclasses().get(code)
    if row is None and code.startswith(DEDUCTION_PREFIX):
        return CClass(code, "Dedução", code[:3], pre_pago=False, fonte="MOC 7.7", desde=date.min, ate=None)
    return row if row and holds(row, on) else None


def accepts_cfop(code: str, on: date) -> bool:
    """Whether a NFCom item may carry that CFOP (MOC NFCom Visão Geral 7.6)."""
    row = _cfops().get(code)
    return row is not None and holds(row, on)


def subtracts(code: str) -> bool:
    """Whether items of that cClass count negatively in totals."""
    return code.startswith(DEDUCTION_PREFIX)
