"""Cases of the rules about items, taxes and totals."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from tests.models.nfcom.golden import read
from tests.models.nfcom.rules.case import COLLECTOR, DEDUCTION, HOME, Case, home
from zelo.models.nfcom.draft import GFatCentral
from zelo.models.nfcom.tax import Cofins, Funttel, Fust, Icms00, Icms20, Icms90, Imposto, Pis, RetTrib

D: Final = Decimal

_INVOICE: Final = read(HOME).draft.gFat
_CENTRAL: Final = GFatCentral(CNPJ="99999999000515", cUF="43")


def _pis(base: str, value: str) -> Pis:
    return Pis(CST="01", vBC=D(base), pPIS=D("0.65"), vPIS=D(value))


def _cofins(base: str, value: str) -> Cofins:
    return Cofins(CST="01", vBC=D(base), pCOFINS=D("3.00"), vCOFINS=D(value))


def _fust(base: str, value: str) -> Fust:
    return Fust(vBC=D(base), pFUST=D("1.00"), vFUST=D(value))


def _funttel(base: str, value: str) -> Funttel:
    return Funttel(vBC=D(base), pFUNTTEL=D("0.50"), vFUNTTEL=D(value))


def _icms00(base: str, rate: str, value: str, fcp: str | None = None) -> Icms00:
    return Icms00(
        vBC=D(base), pICMS=D(rate), vICMS=D(value), pFCP=D("2.00") if fcp else None, vFCP=D(fcp) if fcp else None
    )


def _icms20(value: str) -> Icms20:
    return Icms20(pRedBC=D("10.00"), vBC=D("10.00"), pICMS=D("17.00"), vICMS=D(value), vICMSDeson=D("5.00"), cBenef="B")


def _withheld(**amounts: str) -> RetTrib:
    zero = dict.fromkeys(("vRetPIS", "vRetCofins", "vRetCSLL", "vBCIRRF", "vIRRF"), D("0.00"))
    return RetTrib(**{**zero, **{tag: D(amount) for tag, amount in amounts.items()}})


def _negative(rule: str, cstat: str, total: str, value: str, change: str, bad: object, fine: object = None) -> Case:
    """The second item of the note with a deduction takes away more than the first one brings."""
    where = {f"draft.det.1.{change}": bad}
    near = {} if fine is None else {f"draft.det.1.{change}": fine}
    return Case(rule, cstat, DEDUCTION, where, ((f"total/{total}", value),), near)


def _product(rule: str, cstat: str, base: str, group: str, tag: str, bad: object, value: str, fine: object) -> Case:
    """A tax value out of tolerance, and the same at its very edge."""
    path = f"draft.det.0.imposto.{group}"
    return Case(rule, cstat, base, {path: bad}, ((f"det[1]/imposto/{group}/{tag}", value),), {path: fine})


ITEMS: Final = (
    Case("NFCOM-Z05", "215", DEDUCTION, {"draft.det.1.nItem": 1}, (("det[2]/@nItem", "1"),), {"draft.det.1.nItem": 7}),
    home("NFCOM-G83", "276", "draft.det.0.prod.cClass", "0100499", "det[1]/prod/cClass", fine="0400401"),
    Case(
        "NFCOM-G83",
        "276",
        HOME,
        {"on": date(2025, 10, 1), "draft.det.0.prod.cClass": "0801101"},
        (("det[1]/prod/cClass", "0801101"),),
        {"on": date(2025, 10, 2), "draft.det.0.prod.cClass": "0801101"},
    ),
    home("NFCOM-G84", "433", "draft.det.0.prod.CFOP", "5102", "det[1]/prod/CFOP", fine="5933"),
    Case(
        "NFCOM-G86",
        "435",
        HOME,
        {"draft.det.0.prod.vProd": D("99.96")},
        (("det[1]/prod/vProd", "99.96 (o cálculo dá 99.90)"),),
        {"draft.det.0.prod.vProd": D("99.95")},
    ),
    Case(
        "NFCOM-G86",
        "435",
        "discount-and-charges",
        {"draft.det.0.prod.vProd": D("199.80")},
        (("det[1]/prod/vProd", "199.80 (o cálculo dá 194.80)"),),
        {"draft.det.0.prod.vProd": D("194.75")},
    ),
    Case(
        "NFCOM-G87",
        "522",
        "prepaid",
        {"draft.indPrePago": None, "draft.gFat": _INVOICE},
        (("det[1]/prod/cClass", "0500301"),),
    ),
    Case(
        "NFCOM-G88",
        "277",
        COLLECTOR,
        {"draft.tpFat": "1", "draft.gFat": None, "draft.gFatCentral": _CENTRAL},
        (("det[2]/prod/cClass", "1200101"),),
        beside=frozenset({"NFCOM-G92"}),
    ),
    Case(
        "NFCOM-G88",
        "277",
        COLLECTOR,
        {"draft.finNFCom": "4", "draft.gFat": None},
        (("det[2]/prod/cClass", "1200101"),),
        beside=frozenset({"NFCOM-Z02"}),
    ),
    Case(
        "NFCOM-G89",
        "269",
        COLLECTOR,
        {"draft.det.1.imposto": Imposto(ICMS90=Icms90()), "draft.det.1.prod.CFOP": "5307"},
        (("det[2]/imposto/indSemCST", ""),),
    ),
    Case(
        "NFCOM-G92",
        "268",
        "central-billing",
        {"draft.det": read(COLLECTOR).draft.det},
        (("det[2]/prod/cClass", "1200101"),),
        beside=frozenset({"NFCOM-G88"}),
    ),
    home("NFCOM-G105a", "540", "draft.det.0.prod.CFOP", None, "det[1]/prod/CFOP"),
    Case(
        "NFCOM-G105b",
        "541",
        "item-without-cst",
        {"draft.det.2.prod.CFOP": "5307"},
        (("det[3]/prod/CFOP", "5307"),),
    ),
)

TAXES: Final = (
    _product(
        "NFCOM-G99",
        "444",
        HOME,
        "ICMS00",
        "vICMS",
        _icms00("100.00", "17.00", "17.11"),
        "17.11 (o cálculo dá 17.00)",
        _icms00("100.00", "17.00", "17.10"),
    ),
    _product(
        "NFCOM-G99",
        "444",
        "icms20-reduced-base",
        "ICMS20",
        "vICMS",
        _icms20("1.59"),
        "1.59 (o cálculo dá 1.70)",
        _icms20("1.60"),
    ),
    _product(
        "NFCOM-G100",
        "444",
        "icms90-others",
        "ICMS90",
        "vICMS",
        Icms90(vBC=D("100.00"), pICMS=D("25.00"), vICMS=D("0.00")),
        "0.00 (o cálculo dá 25.00)",
        Icms90(vBC=D("100.00"), pICMS=D("25.00"), vICMS=D("24.90")),
    ),
    _product(
        "NFCOM-G101",
        "443",
        HOME,
        "PIS",
        "vPIS",
        _pis("100.00", "0.76"),
        "0.76 (o cálculo dá 0.65)",
        _pis("100.00", "0.75"),
    ),
    _product(
        "NFCOM-G102",
        "445",
        HOME,
        "COFINS",
        "vCOFINS",
        _cofins("100.00", "2.89"),
        "2.89 (o cálculo dá 3.00)",
        _cofins("100.00", "2.90"),
    ),
    _product(
        "NFCOM-G103",
        "446",
        HOME,
        "FUST",
        "vFUST",
        _fust("100.00", "1.11"),
        "1.11 (o cálculo dá 1.00)",
        _fust("100.00", "1.10"),
    ),
    _product(
        "NFCOM-G104",
        "476",
        HOME,
        "FUNTTEL",
        "vFUNTTEL",
        _funttel("100.00", "0.61"),
        "0.61 (o cálculo dá 0.50)",
        _funttel("100.00", "0.60"),
    ),
)

REFORM: Final = (
    Case(
        "NFCOM-Z04",
        "",
        HOME,
        {"on": date(2027, 1, 1)},
        (("det[1]/imposto/PIS/vPIS", "0.65"), ("det[1]/imposto/COFINS/vCOFINS", "3.00")),
        {"on": date(2026, 12, 31)},
    ),
)

_VPROD: Final = replace(read(DEDUCTION).draft.det[1].prod, vItem=D("150.00"), vProd=D("150.00"))
_ALL: Final = replace(_VPROD, vItem=D("99.90"), vProd=D("99.90"))
_DISCOUNT: Final = replace(_VPROD, vItem=D("20.00"), vDesc=D("5.00"), vProd=D("15.00"))
_CHARGES: Final = replace(_VPROD, vItem=D("10.00"), vOutro=D("5.00"), vProd=D("15.00"))
_EXEMPT: Final = replace(read(DEDUCTION).draft.det[1].imposto, ICMS00=None, ICMS20=_icms20("1.70"))

TOTALS: Final = (
    _negative("NFCOM-G106", "500", "ICMSTot/vBC", "-100.10", "imposto.ICMS00", _icms00("200.00", "5.00", "10.00")),
    _negative(
        "NFCOM-G108",
        "501",
        "ICMSTot/vICMS",
        "-1.02",
        "imposto.ICMS00",
        _icms00("90.00", "20.00", "18.00"),
        _icms00("99.90", "17.00", "16.98"),
    ),
    _negative("NFCOM-G111", "502", "ICMSTot/vICMSDeson", "-5.00", "imposto", _EXEMPT),
    _negative(
        "NFCOM-G113", "503", "ICMSTot/vFCP", "-0.20", "imposto.ICMS00", _icms00("10.00", "17.00", "1.70", "0.20")
    ),
    _negative("NFCOM-G115", "504", "vPIS", "-0.65", "imposto.PIS", _pis("200.00", "1.30"), _pis("99.90", "0.65")),
    _negative("NFCOM-G117", "505", "vCOFINS", "-3.00", "imposto.COFINS", _cofins("200.00", "6.00")),
    _negative("NFCOM-G119", "506", "vFUST", "-1.00", "imposto.FUST", _fust("200.00", "2.00")),
    _negative("NFCOM-G121", "507", "vFUNTTEL", "-0.50", "imposto.FUNTTEL", _funttel("200.00", "1.00")),
    _negative("NFCOM-G123", "508", "vRetTribTot/vRetPIS", "-1.00", "imposto.retTrib", _withheld(vRetPIS="1.00")),
    _negative("NFCOM-G125", "509", "vRetTribTot/vRetCofins", "-2.00", "imposto.retTrib", _withheld(vRetCofins="2.00")),
    _negative("NFCOM-G127", "510", "vRetTribTot/vRetCSLL", "-3.00", "imposto.retTrib", _withheld(vRetCSLL="3.00")),
    _negative("NFCOM-G129", "511", "vRetTribTot/vIRRF", "-4.00", "imposto.retTrib", _withheld(vIRRF="4.00")),
    _negative("NFCOM-G131", "512", "vDesc", "-5.00", "prod", _DISCOUNT),
    _negative("NFCOM-G133", "513", "vOutro", "-5.00", "prod", _CHARGES),
    _negative("NFCOM-G135", "514", "vProd", "-50.10", "prod", _VPROD, _ALL),
)

CASES: Final = (*ITEMS, *TAXES, *REFORM, *TOTALS)
