"""Totals of a note: the signed sum of its items (MOC NFCom Anexo I, G106 to G138 and the note after them).

An item subtracts when its cClass starts with 5, and `indDevolucao` turns its sign once more. vNF is vProd less what
the customer withholds (G137). vTotDFe comes with the reform's group and what it adds up is a dated fact.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from zelo.facts.item import subtracts
from zelo.fiscal.money import ZERO, Rounding, round_to
from zelo.models.nfcom.draft import Det


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


_TAGS: Final = {
    "prod": ("vProd", "vDesc", "vOutro"),
    "icms": ("vBC", "vICMS", "vICMSDeson", "vFCP"),
    "PIS": ("vPIS",),
    "COFINS": ("vCOFINS",),
    "FUST": ("vFUST",),
    "FUNTTEL": ("vFUNTTEL",),
    "retTrib": ("vRetPIS", "vRetCofins", "vRetCSLL", "vIRRF"),
    "gIBSCBS": ("vBC", "vIBS"),
    "gIBSUF": ("vIBSUF",),
    "gIBSUF.gDif": ("vDif",),
    "gIBSUF.gDevTrib": ("vDevTrib",),
    "gIBSMun": ("vIBSMun",),
    "gIBSMun.gDif": ("vDif",),
    "gIBSMun.gDevTrib": ("vDevTrib",),
    "gCBS": ("vCBS",),
    "gCBS.gDif": ("vDif",),
    "gCBS.gDevTrib": ("vDevTrib",),
    "gEstornoCred": ("vIBSEstCred", "vCBSEstCred"),
}
"""The tags of an item that are added up, by the group that holds them. ICMS groups differ only in their name."""
_COLUMNS: Final = {name: tuple((tag, (name, tag)) for tag in tags) for name, tags in _TAGS.items()}
"""Each tag with the key of its sum."""


def _groups(det: Det) -> Iterator[tuple[str, object]]:
    """The groups of an item that are present, under the names of _TAGS."""
    tax = det.imposto
    yield "prod", det.prod
    icms = tax.ICMS00 or tax.ICMS20 or tax.ICMS40 or tax.ICMS51 or tax.ICMS90
    if icms is not None:
        yield "icms", icms
    for name in ("PIS", "COFINS", "FUST", "FUNTTEL", "retTrib"):
        group = getattr(tax, name)
        if group is not None:
            yield name, group
    if tax.IBSCBS is None:
        return
    if tax.IBSCBS.gEstornoCred is not None:
        yield "gEstornoCred", tax.IBSCBS.gEstornoCred
    values = tax.IBSCBS.gIBSCBS
    if values is not None:
        yield "gIBSCBS", values
        for name in ("gIBSUF", "gIBSMun", "gCBS"):
            part = getattr(values, name)
            yield name, part
            if part.gDif is not None:
                yield f"{name}.gDif", part.gDif
            if part.gDevTrib is not None:
                yield f"{name}.gDevTrib", part.gDevTrib


def _billed(det: Det) -> Iterator[tuple[str, object]]:
    """Those of its groups that decide vProd and vNF."""
    yield "prod", det.prod
    if det.imposto.retTrib is not None:
        yield "retTrib", det.imposto.retTrib


def _sums(
    items: Sequence[Det], rounding: Rounding, groups: Callable[[Det], Iterator[tuple[str, object]]]
) -> dict[tuple[str, str], Decimal]:
    """The signed sum of each tag of these groups, rounded.

    An amount that no tag can hold counts nothing: the writer refuses it where it stands.
    """
    sums: dict[tuple[str, str], Decimal] = {}
    for det in items:
        subtracted = sign_of(det) < 0
        for name, group in groups(det):
            for tag, key in _COLUMNS[name]:
                value = getattr(group, tag, None)
                if value is not None and fits(value):
                    sums[key] = sums.get(key, ZERO) + (-value if subtracted else value)
    # Adding zero takes the sign off a sum that rounds to nothing from below.
    return {key: round_to(value, rounding) + ZERO for key, value in sums.items()}


def billed(items: Sequence[Det], rounding: Rounding) -> tuple[Decimal, Decimal]:
    """vProd and vNF of these items, at a fifth of the cost of all their totals."""
    rounded = _sums(items, rounding, _billed)
    vprod = rounded.get(("prod", "vProd"), ZERO)
    return vprod, _vnf(vprod, RetTribTot(*(rounded.get(key, ZERO) for _, key in _COLUMNS["retTrib"])))


def _vnf(vprod: Decimal, withheld: RetTribTot) -> Decimal:
    return vprod - withheld.vRetPIS - withheld.vRetCofins - withheld.vRetCSLL - withheld.vIRRF


def totals(items: Sequence[Det], rounding: Rounding, *, adds_ibs_cbs: bool) -> Total:
    """The group `total` of these items; `adds_ibs_cbs` is the dated fact about vTotDFe."""
    rounded = _sums(items, rounding, _groups)

    def total(name: str, tag: str) -> Decimal:
        return rounded.get((name, tag), ZERO)

    def row(name: str) -> list[Decimal]:
        return [rounded.get(key, ZERO) for _, key in _COLUMNS[name]]

    withheld = RetTribTot(*row("retTrib"))
    vprod = total("prod", "vProd")
    vnf = _vnf(vprod, withheld)
    reform = _reform(total, bears=("gIBSCBS", "vBC") in rounded, reverses=("gEstornoCred", "vIBSEstCred") in rounded)
    vtot = None
    if any(det.imposto.IBSCBS for det in items):
        vtot = vnf + reform.gIBS.vIBS + reform.gCBS.vCBS if reform and adds_ibs_cbs else vnf
    return Total(
        vProd=vprod,
        ICMSTot=IcmsTot(*row("icms")),
        vCOFINS=total("COFINS", "vCOFINS"),
        vPIS=total("PIS", "vPIS"),
        vFUNTTEL=total("FUNTTEL", "vFUNTTEL"),
        vFUST=total("FUST", "vFUST"),
        vRetTribTot=withheld,
        vDesc=total("prod", "vDesc"),
        vOutro=total("prod", "vOutro"),
        vNF=vnf,
        IBSCBSTot=reform,
        vTotDFe=vtot,
    )


def _reform(total: Callable[[str, str], Decimal], *, bears: bool, reverses: bool) -> IbsCbsTot | None:
    """Totals of IBS and CBS, present when any item bears values of them (an empty group is refused by SEFAZ)."""
    if not bears:
        return None

    def part(name: str, tag: str) -> tuple[Decimal, Decimal, Decimal]:
        return total(f"{name}.gDif", "vDif"), total(f"{name}.gDevTrib", "vDevTrib"), total(name, tag)

    credit = GEstornoCredTot(total("gEstornoCred", "vIBSEstCred"), total("gEstornoCred", "vCBSEstCred"))
    return IbsCbsTot(
        vBCIBSCBS=total("gIBSCBS", "vBC"),
        gIBS=GIbsTot(
            gIBSUF=GIbsUfTot(*part("gIBSUF", "vIBSUF")),
            gIBSMun=GIbsMunTot(*part("gIBSMun", "vIBSMun")),
            vIBS=total("gIBSCBS", "vIBS"),
        ),
        gCBS=GCbsTot(*part("gCBS", "vCBS")),
        gEstornoCred=credit if reverses else None,
    )
