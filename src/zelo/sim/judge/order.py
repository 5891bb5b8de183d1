"""The order in which a note is judged, as the manual numbers its groups (D to G); the first breach is the answer."""

from typing import Final

from lxml import etree

from zelo.sim import schema
from zelo.sim.judge import (
    assinante,
    dest,
    emit,
    ide,
    item,
    purpose,
    signature,
    standing,
    supplement,
    tax,
    total,
)
from zelo.sim.judge.case import Case, Check, first
from zelo.sim.verdict import AUTORIZADA, AUTORIZADA_FORA_DO_PRAZO, Verdict, verdict

ORDER: Final[tuple[Check, ...]] = (
    *signature.CHECKS,
    *ide.CHECKS,
    *emit.CHECKS,
    *dest.CHECKS,
    *assinante.CHECKS,
    *standing.CHECKS,
    *purpose.CHECKS,
    *item.CHECKS,
    *tax.CHECKS,
    *item.CST_AND_CFOP,
    *total.CHECKS,
    *supplement.CHECKS,
    *total.REFORM,
    *purpose.NOT_SIMULATED,
)

VERSION: Final = "1.00"


def layout(entry: str, root: etree._Element, version: str) -> Verdict | None:
    """Group D: the version that the message states, if it does (239), then the schema in file `entry` (215)."""
    if version not in {"", VERSION}:
        return verdict("239")
    fault = schema.first_fault(entry, root)
    return verdict("215", {"": fault}) if fault else None


def judge(case: Case) -> Verdict:
    """The verdict on a note whose layout is right: the first breach, or authorised, late ones of contingency as 150."""
    breach = first(ORDER, case)
    if breach is not None:
        return breach
    return verdict(AUTORIZADA_FORA_DO_PRAZO if case.late else AUTORIZADA)
