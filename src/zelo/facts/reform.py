"""What the tax reform changes on given days: test rates, the sum in vTotDFe, the end of PIS and COFINS."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from zelo.facts.table import in_force, load


@dataclass(frozen=True, slots=True)
class _Row:
    nome: str
    valor: str
    fonte: str
    desde: date
    ate: date | None


@cache
def _value(name: str, on: date) -> str | None:
    values = [row.valor for row in in_force(load("reforma", _Row), on) if row.nome == name]
    return values[0] if values else None


def rate(name: str, on: date) -> Decimal | None:
    """A rate in percent ("pIBSUF", "pIBSMun", "pCBS"), or None where no row holds: then a person must give it."""
    value = _value(name, on)
    return Decimal(value) if value is not None else None


def total_includes_ibs_cbs(on: date) -> bool:
    """Whether vTotDFe = vNF + vIBS + vCBS on that day; in 2026 it is vNF alone (cStat 365)."""
    return _value("vTotDFe", on) == "vNF+vIBS+vCBS"


def pis_cofins_due(on: date) -> bool:
    """Whether PIS and COFINS exist on that day (they end with 2026)."""
    return _value("PIS/COFINS", on) == "devidos"
