"""The taxes of an item (G99 to G105): value against base and rate, and sharing with the receiver's UF."""

from decimal import Decimal
from typing import Final

from zelo.sim.judge.case import Case, Check, each_item, whole
from zelo.sim.note import Group, Item, amount, group, has, text

TOLERANCE_REAIS: Final = Decimal("0.10")

_PERCENT: Final = Decimal(100)
_CST_WITH_RATE: Final = frozenset({"00", "20", "90"})


def _off(tax: Group | None, rate: str, value: str) -> bool:
    """Whether the tax, where there is one, is not its base at its rate."""
    if tax is None or not has(tax, value):
        return False
    due = amount(tax, "vBC") * amount(tax, rate) / _PERCENT
    return abs(amount(tax, value) - due) > TOLERANCE_REAIS


def _icms_off(item: Item, _: Case) -> bool:
    return text(item.icms, "CST") in _CST_WITH_RATE and _off(item.icms, "pICMS", "vICMS")


def _tax(cstat: str, source: str, name: str, rate: str, value: str) -> Check:
    return each_item(cstat, source, lambda item, _: _off(group(item.imposto, name), rate, value))


def _shared_without_ie(case: Case) -> bool:
    return not has(case.note.emit, "IEUFDest") and any(has(item.imposto, "ICMSUFDest") for item in case.note.items)


CHECKS: Final = (
    each_item("444", "G99", _icms_off),
    _tax("443", "G101", "PIS", "pPIS", "vPIS"),
    _tax("445", "G102", "COFINS", "pCOFINS", "vCOFINS"),
    _tax("446", "G103", "FUST", "pFUST", "vFUST"),
    _tax("476", "G104", "FUNTTEL", "pFUNTTEL", "vFUNTTEL"),
    whole("497", "G105", _shared_without_ie),
)
