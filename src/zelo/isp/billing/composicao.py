"""How a plan splits into items and their taxes. Rates come from the file; amounts are made here, once, in one rounding.

Bases: ICMS, FUST and FUNTTEL on the item's value; PIS and COFINS too; IBS and CBS on the value less ICMS, PIS and
COFINS, which leave their base during the transition (LC 214/2025 art. 12 §2). What the accountant wants otherwise
comes with the registers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from typing import Final

from zelo.facts import reform, rounding
from zelo.fiscal.fault import Fault
from zelo.fiscal.money import ZERO, Rounding, round_to
from zelo.isp.billing.sheet import Line, LineFault, Sheet
from zelo.models.nfcom.tax import (
    Cofins,
    Funttel,
    Fust,
    GCbs,
    GIbsCbs,
    GIbsMun,
    GIbsUf,
    IbsCbs,
    Icms00,
    Icms20,
    Icms40,
    Icms51,
    Icms90,
    IcmsSn,
    Imposto,
    Pis,
)

WHOLE: Final = Decimal(100)
MOST_PRICES: Final = 4_096
"""Taxes of so many parts at a price are remembered."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One item that a line of a plan becomes: its share in percent and the line of composicoes.csv that says so. A part
    is itself and no other, so that its taxes are found again without comparing it.
    """

    share: Decimal
    line: Line


def by_plan(sheet: Sheet) -> tuple[dict[str, list[Part]], list[LineFault]]:
    """The parts of each plan. A plan of which a line is faulty has none; nor one whose shares do not add up to 100,
    and that is a fault.
    """
    plans: dict[str, list[Part]] = {}
    for line in sheet.lines:
        share = line.values["percentual"]
        assert isinstance(share, Decimal)
        if (line.text("plano"),) not in sheet.broken:
            plans.setdefault(line.text("plano"), []).append(Part(share, line))
    faults: list[LineFault] = []
    for plan, parts in list(plans.items()):
        total = sum(part.share for part in parts)
        if total != WHOLE:
            sentence = f"As partes do plano somam {total:f}".replace(".", ",") + " %."
            fault = Fault("COMPOSICAO-SOMA", sentence, "Faça-as somar 100 %.", "percentual", plan)
            faults.append(LineFault(parts[0].line.number, fault))
            del plans[plan]
    return plans, faults


def split(value: Decimal, weights: Sequence[Decimal], rule: Rounding) -> list[Decimal]:
    """`value` shared out by weight. Rounded where the parts meet: nothing is lost, and none has the other sign.

    Where the weights are amounts that `value` does not pass together, no part passes its weight.
    """
    whole, before, pieces = sum(weights, ZERO), ZERO, []
    for reached in accumulate(weights[:-1]):
        until = round_to(value * reached / whole, rule) if whole else ZERO
        pieces.append(until - before)
        before = until
    return [*pieces, value - before]


def taxes(part: Part, value: Decimal, on: date) -> Imposto:
    """The taxes of an item of that amount on that day; most subscribers of a plan pay the same."""
    return _taxes(part, str(value), on)


@lru_cache(MOST_PRICES)
def _taxes(part: Part, amount: str, on: date) -> Imposto:
    """By the text of the amount: 1.0 and 1.00 are equal, and are not written alike."""
    value, rule, line = Decimal(amount), rounding.of_value(on), part.line
    rate = {name: _rate(line, name) for name in _RATES}

    def times(name: str) -> Decimal:
        return round_to(value * rate[name] / WHOLE, rule)

    icms, icms_value = _icms(line, value, rate, rule)
    due = reform.pis_cofins_due(on)
    pis = cofins = fust = funttel = None
    if due and (cst := line.text("pis_cst")):
        pis = Pis(CST=cst, vBC=value, pPIS=rate["pis_aliquota"], vPIS=times("pis_aliquota"))
    if due and (cst := line.text("cofins_cst")):
        cofins = Cofins(CST=cst, vBC=value, pCOFINS=rate["cofins_aliquota"], vCOFINS=times("cofins_aliquota"))
    if rate["fust_aliquota"]:
        fust = Fust(vBC=value, pFUST=rate["fust_aliquota"], vFUST=times("fust_aliquota"))
    if rate["funttel_aliquota"]:
        funttel = Funttel(vBC=value, pFUNTTEL=rate["funttel_aliquota"], vFUNTTEL=times("funttel_aliquota"))
    left = value - icms_value - (pis.vPIS if pis else ZERO) - (cofins.vCOFINS if cofins else ZERO)
    reformed = _ibs_cbs(line, left, on, rule)
    return replace(icms, PIS=pis, COFINS=cofins, FUST=fust, FUNTTEL=funttel, IBSCBS=reformed)


_RATES: Final = (
    "icms_aliquota",
    "icms_reducao",
    "pis_aliquota",
    "cofins_aliquota",
    "fust_aliquota",
    "funttel_aliquota",
)


def _rate(line: Line, name: str) -> Decimal:
    value = line.values.get(name, ZERO)
    assert isinstance(value, Decimal)
    return value.quantize(ZERO) if value == value.quantize(ZERO) else value


def _icms(line: Line, value: Decimal, rate: Mapping[str, Decimal], rule: Rounding) -> tuple[Imposto, Decimal]:
    """The one ICMS group of the item, and the ICMS it bears."""
    cst, percent = line.text("icms_cst"), rate["icms_aliquota"]
    match cst:
        case "00":
            amount = round_to(value * percent / WHOLE, rule)
            return Imposto(ICMS00=Icms00(vBC=value, pICMS=percent, vICMS=amount)), amount
        case "20":
            base = round_to(value * (WHOLE - rate["icms_reducao"]) / WHOLE, rule)
            amount = round_to(base * percent / WHOLE, rule)
            group = Icms20(pRedBC=rate["icms_reducao"], vBC=base, pICMS=percent, vICMS=amount)
            return Imposto(ICMS20=group), amount
        case "40" | "41":
            return Imposto(ICMS40=Icms40(CST=cst)), ZERO
        case "51":
            return Imposto(ICMS51=Icms51()), ZERO
        case "SN":
            return Imposto(ICMSSN=IcmsSn()), ZERO
        case "SEM":
            return Imposto(indSemCST="1"), ZERO
    return Imposto(ICMS90=Icms90()), ZERO


def _ibs_cbs(line: Line, base: Decimal, on: date, rule: Rounding) -> IbsCbs | None:
    """IBS and CBS at the rates of the day; where no official rate holds the group carries no values."""
    cst, cclass = line.text("ibscbs_cst"), line.text("ibscbs_cclasstrib")
    if not cst or not cclass:
        return None
    uf, mun, cbs = (reform.rate(name, on) for name in ("pIBSUF", "pIBSMun", "pCBS"))
    if cst != _TAXED or uf is None or mun is None or cbs is None:
        return IbsCbs(CST=cst, cClassTrib=cclass)
    amounts = [round_to(base * rate / WHOLE, rule) for rate in (uf, mun, cbs)]
    return IbsCbs(
        CST=cst,
        cClassTrib=cclass,
        gIBSCBS=GIbsCbs(
            vBC=base,
            gIBSUF=GIbsUf(pIBSUF=uf, vIBSUF=amounts[0]),
            gIBSMun=GIbsMun(pIBSMun=mun, vIBSMun=amounts[1]),
            vIBS=amounts[0] + amounts[1],
            gCBS=GCbs(pCBS=cbs, vCBS=amounts[2]),
        ),
    )


_TAXED: Final = "000"
"""The one IBS/CBS situation that bears plain values; the others come with the registers."""
