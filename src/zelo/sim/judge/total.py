"""The totals (G106 to G137 and the reform's): each is the signed sum of its items, none is negative.

Items may have eight decimals and totals two, so a total may be off by less than a centavo. For the totals of IBS and
CBS the official numbers were not obtained: they are refused with 999 and a sentence.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from zelo.facts.reform import total_includes_ibs_cbs
from zelo.sim.judge.case import Case, Check, whole
from zelo.sim.note import ZERO, amount, has
from zelo.sim.verdict import NOT_CATALOGUED, Details

_CENTAVO: Final = Decimal("0.01")
_REFORM: Final = "imposto/IBSCBS"
_ICMS, _DET = "icms", "det"

SUMS: Final = (
    ("500", "447", "ICMSTot/vBC", _ICMS, "vBC"),
    ("501", "448", "ICMSTot/vICMS", _ICMS, "vICMS"),
    ("502", "452", "ICMSTot/vICMSDeson", _ICMS, "vICMSDeson"),
    ("503", "455", "ICMSTot/vFCP", _ICMS, "vFCP"),
    ("504", "457", "vPIS", _DET, "imposto/PIS/vPIS"),
    ("505", "458", "vCOFINS", _DET, "imposto/COFINS/vCOFINS"),
    ("506", "256", "vFUST", _DET, "imposto/FUST/vFUST"),
    ("507", "257", "vFUNTTEL", _DET, "imposto/FUNTTEL/vFUNTTEL"),
    ("508", "258", "vRetTribTot/vRetPIS", _DET, "imposto/retTrib/vRetPIS"),
    ("509", "259", "vRetTribTot/vRetCofins", _DET, "imposto/retTrib/vRetCofins"),
    ("510", "260", "vRetTribTot/vRetCSLL", _DET, "imposto/retTrib/vRetCSLL"),
    ("511", "461", "vRetTribTot/vIRRF", _DET, "imposto/retTrib/vIRRF"),
    ("512", "462", "vDesc", _DET, "prod/vDesc"),
    ("513", "477", "vOutro", _DET, "prod/vOutro"),
    ("514", "459", "vProd", _DET, "prod/vProd"),
)
"""cStat of a negative sum, cStat of a wrong total, tag under `total`, group of the item and tag in it."""

REFORM_SUMS: Final = (
    ("vBCIBSCBS", "gIBSCBS/vBC"),
    ("gIBS/gIBSUF/vDif", "gIBSCBS/gIBSUF/gDif/vDif"),
    ("gIBS/gIBSUF/vDevTrib", "gIBSCBS/gIBSUF/gDevTrib/vDevTrib"),
    ("gIBS/gIBSUF/vIBSUF", "gIBSCBS/gIBSUF/vIBSUF"),
    ("gIBS/gIBSMun/vDif", "gIBSCBS/gIBSMun/gDif/vDif"),
    ("gIBS/gIBSMun/vDevTrib", "gIBSCBS/gIBSMun/gDevTrib/vDevTrib"),
    ("gIBS/gIBSMun/vIBSMun", "gIBSCBS/gIBSMun/vIBSMun"),
    ("gIBS/vIBS", "gIBSCBS/vIBS"),
    ("gCBS/vDif", "gIBSCBS/gCBS/gDif/vDif"),
    ("gCBS/vDevTrib", "gIBSCBS/gCBS/gDevTrib/vDevTrib"),
    ("gCBS/vCBS", "gIBSCBS/gCBS/vCBS"),
    ("gEstornoCred/vIBSEstCred", "gEstornoCred/vIBSEstCred"),
    ("gEstornoCred/vCBSEstCred", "gEstornoCred/vCBSEstCred"),
)
"""Tag under `total/IBSCBSTot` and tag under the item's `imposto/IBSCBS`."""


def _sum(case: Case, where: str, tag: str) -> Decimal:
    """The signed sum of a tag of the items, read from their ICMS group or from the whole `det`."""
    return sum(
        (item.sign * amount(item.icms if where == _ICMS else item.det, tag) for item in case.note.items),
        ZERO,
    )


def _sum_checks() -> Iterator[Check]:
    for negative, differs, total, where, tag in SUMS:

        def is_negative(case: Case, where: str = where, tag: str = tag) -> bool:
            return _sum(case, where, tag) < 0

        def is_off(case: Case, total: str = total, where: str = where, tag: str = tag) -> bool:
            return abs(amount(case.note.total, total) - _sum(case, where, tag)) >= _CENTAVO

        yield whole(negative, f"G106 {total}", is_negative)
        yield whole(differs, f"G107 {total}", is_off)


def _wrong_vnf(case: Case) -> bool:
    """vNF is vProd less what the customer withholds (G137); IBS and CBS are not part of it."""
    total = case.note.total
    withheld = [amount(total, f"vRetTribTot/{tag}") for tag in ("vRetPIS", "vRetCofins", "vRetCSLL", "vIRRF")]
    return amount(total, "vNF") != amount(total, "vProd") - sum(withheld, ZERO)


def _bears_reform(case: Case) -> bool:
    return any(has(item.det, _REFORM) for item in case.note.items)


def _wrong_vtotdfe(case: Case) -> bool:
    """vNF alone in 2026, and with IBS and CBS from 2027 on: the day of emission decides (cStat 365)."""
    total = case.note.total
    if not has(total, "vTotDFe"):
        return False
    due = amount(total, "vNF")
    if total_includes_ibs_cbs(case.day):
        due += amount(total, "IBSCBSTot/gIBS/vIBS") + amount(total, "IBSCBSTot/gCBS/vCBS")
    return amount(total, "vTotDFe") != due


def _wrong_reform_total(case: Case) -> Details | None:
    for total, tag in REFORM_SUMS:
        due = _sum(case, _DET, f"{_REFORM}/{tag}")
        if abs(amount(case.note.total, f"IBSCBSTot/{total}") - due) >= _CENTAVO:
            return {"": f"IBSCBSTot/{total} difere do somatório dos itens"}
    return None


CHECKS: Final = (
    *_sum_checks(),
    whole("460", "G137", _wrong_vnf),
)
REFORM: Final = (
    whole("360", "NT 2025.001", lambda case: _bears_reform(case) and not has(case.note.total, "vTotDFe")),
    whole("365", "NT 2025.001", _wrong_vtotdfe),
    Check(NOT_CATALOGUED, "NT 2025.001", _wrong_reform_total),
)
