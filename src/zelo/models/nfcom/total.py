"""Totals of a note: the signed sum of its items (MOC NFCom Anexo I, G106 to G138 and the note after them).

An item subtracts when its cClass starts with 5, and `indDevolucao` turns its sign once more. vNF is vProd less what
the customer withholds (G137). vTotDFe comes with the reform's group and what it adds up is a dated fact.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from zelo.facts.item import subtracts
from zelo.fiscal.money import ZERO, Rounding, round_to
from zelo.models.nfcom.draft import Det
from zelo.models.nfcom.tax import IbsCbs, Imposto


@dataclass(frozen=True, slots=True)
class IcmsTot:
    """Totals of ICMS."""

    vBC: Decimal
    vICMS: Decimal
    vICMSDeson: Decimal
    vFCP: Decimal


@dataclass(frozen=True, slots=True)
class RetTribTot:
    """Totals of what the customer withholds."""

    vRetPIS: Decimal
    vRetCofins: Decimal
    vRetCSLL: Decimal
    vIRRF: Decimal


@dataclass(frozen=True, slots=True)
class GIbsUfTot:
    """Totals of the UF's IBS."""

    vDif: Decimal
    vDevTrib: Decimal
    vIBSUF: Decimal


@dataclass(frozen=True, slots=True)
class GIbsMunTot:
    """Totals of the municipality's IBS."""

    vDif: Decimal
    vDevTrib: Decimal
    vIBSMun: Decimal


@dataclass(frozen=True, slots=True)
class GIbsTot:
    """Totals of IBS."""

    gIBSUF: GIbsUfTot
    gIBSMun: GIbsMunTot
    vIBS: Decimal


@dataclass(frozen=True, slots=True)
class GCbsTot:
    """Totals of CBS."""

    vDif: Decimal
    vDevTrib: Decimal
    vCBS: Decimal


@dataclass(frozen=True, slots=True)
class GEstornoCredTot:
    """Totals of reversed credit."""

    vIBSEstCred: Decimal
    vCBSEstCred: Decimal


@dataclass(frozen=True, slots=True)
class IbsCbsTot:
    """Totals of the reform's group."""

    vBCIBSCBS: Decimal
    gIBS: GIbsTot
    gCBS: GCbsTot
    gEstornoCred: GEstornoCredTot | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """The group `total`."""

    vProd: Decimal
    ICMSTot: IcmsTot
    vCOFINS: Decimal
    vPIS: Decimal
    vFUNTTEL: Decimal
    vFUST: Decimal
    vRetTribTot: RetTribTot
    vDesc: Decimal
    vOutro: Decimal
    vNF: Decimal
    IBSCBSTot: IbsCbsTot | None = None
    vTotDFe: Decimal | None = None


MOST_WHOLE_DIGITS: Final = 13
"""No amount of the layout has more digits before the point (types TDec_13xx of the schema)."""


def fits(amount: Decimal) -> bool:
    """Whether some tag could hold the amount at all; one that is not a number, or is beyond all tags, does not."""
    return amount.is_finite() and amount.adjusted() < MOST_WHOLE_DIGITS


def sign_of(det: Det) -> int:
    """+1 or -1: how the item counts in every total."""
    sign = -1 if subtracts(det.prod.cClass) else 1
    return -sign if det.prod.indDevolucao else sign


def totals(items: Sequence[Det], rounding: Rounding, *, adds_ibs_cbs: bool) -> Total:
    """The group `total` of these items; `adds_ibs_cbs` is the dated fact about vTotDFe."""
    signs = [sign_of(det) for det in items]

    def column(groups: Sequence[object], name: str) -> Decimal:
        """Signed sum of the tag `name` over one group of each item.

        An absent group or tag counts nothing, nor does an amount that no tag can hold: the writer refuses it there.
        """
        if not any(groups):
            return ZERO
        values = [
            value * sign
            for group, sign in zip(groups, signs, strict=True)
            if group is not None and (value := getattr(group, name, None)) is not None and fits(value)
        ]
        # Adding zero takes the sign off a sum that rounds to nothing from below.
        return round_to(sum(values, ZERO), rounding) + ZERO if values else ZERO

    def taxes(name: str) -> list[object]:
        return [getattr(det.imposto, name) for det in items]

    prod = [det.prod for det in items]
    icms = [_icms(det.imposto) for det in items]
    withheld = RetTribTot(*(column(taxes("retTrib"), name) for name in ("vRetPIS", "vRetCofins", "vRetCSLL", "vIRRF")))
    vprod = column(prod, "vProd")
    vnf = vprod - withheld.vRetPIS - withheld.vRetCofins - withheld.vRetCSLL - withheld.vIRRF
    reform = _reform([det.imposto.IBSCBS for det in items], column)
    vtot = None
    if any(taxes("IBSCBS")):
        vtot = vnf + reform.gIBS.vIBS + reform.gCBS.vCBS if reform and adds_ibs_cbs else vnf
    return Total(
        vProd=vprod,
        ICMSTot=IcmsTot(*(column(icms, name) for name in ("vBC", "vICMS", "vICMSDeson", "vFCP"))),
        vCOFINS=column(taxes("COFINS"), "vCOFINS"),
        vPIS=column(taxes("PIS"), "vPIS"),
        vFUNTTEL=column(taxes("FUNTTEL"), "vFUNTTEL"),
        vFUST=column(taxes("FUST"), "vFUST"),
        vRetTribTot=withheld,
        vDesc=column(prod, "vDesc"),
        vOutro=column(prod, "vOutro"),
        vNF=vnf,
        IBSCBSTot=reform,
        vTotDFe=vtot,
    )


def _icms(imposto: Imposto) -> object:
    """The one ICMS group that is present; which one does not matter for totals."""
    return imposto.ICMS00 or imposto.ICMS20 or imposto.ICMS40 or imposto.ICMS51 or imposto.ICMS90


def _reform(groups: Sequence[IbsCbs | None], column: Callable[[Sequence[object], str], Decimal]) -> IbsCbsTot | None:
    """Totals of IBS and CBS, present when any item bears values of them (an empty group is refused by SEFAZ)."""
    values = [group.gIBSCBS if group else None for group in groups]
    if not any(values):
        return None

    def inside(name: str) -> list[object]:
        return [getattr(value, name) if value else None for value in values]

    def parts(name: str, tag: str) -> tuple[Decimal, Decimal, Decimal]:
        groups_of = inside(name)
        deferred = column([getattr(group, "gDif", None) for group in groups_of], "vDif")
        given_back = column([getattr(group, "gDevTrib", None) for group in groups_of], "vDevTrib")
        return deferred, given_back, column(groups_of, tag)

    reversed_credit = [group.gEstornoCred if group else None for group in groups]
    return IbsCbsTot(
        vBCIBSCBS=column(values, "vBC"),
        gIBS=GIbsTot(
            gIBSUF=GIbsUfTot(*parts("gIBSUF", "vIBSUF")),
            gIBSMun=GIbsMunTot(*parts("gIBSMun", "vIBSMun")),
            vIBS=column(values, "vIBS"),
        ),
        gCBS=GCbsTot(*parts("gCBS", "vCBS")),
        gEstornoCred=GEstornoCredTot(column(reversed_credit, "vIBSEstCred"), column(reversed_credit, "vCBSEstCred"))
        if any(reversed_credit)
        else None,
    )
