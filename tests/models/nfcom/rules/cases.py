"""One table: what provokes each rule of NFCom and nothing else, and what comes close without provoking any.

Every case starts from a golden note, which no rule objects to. cStat and meaning come from the MOC, not from the rules.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from tests.models.nfcom.golden import read
from zelo.models.nfcom.draft import AutXML, GFatCentral, TerminalAdicional
from zelo.models.nfcom.tax import (
    Cofins,
    Funttel,
    Fust,
    Icms00,
    Icms20,
    Icms90,
    IcmsUfDest,
    Imposto,
    Pis,
    RetTrib,
)

D = Decimal


@dataclass(frozen=True)
class Case:
    """Golden note, changes that make it bad, what is then found, and changes (if any) that leave it good.

    `beside` names rules that the MOC makes inseparable from this one.
    """

    rule: str
    cstat: str
    base: str
    bad: dict[str, object]
    found: tuple[tuple[str, str], ...]
    fine: dict[str, object] = field(default_factory=dict)
    beside: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """As the test's name."""
        return f"{self.rule}-{self.base}"


_HOME: Final = "residential-internet"
_FIRM: Final = "business-with-ie"
_ABROAD: Final = "subscriber-abroad"
_PHONE: Final = "telephone-terminals"
_COLLECTOR: Final = "central-billing-collector"
_DEDUCTION: Final = "deduction"

_INVOICE: Final = read(_HOME).draft.gFat
_IN_SC: Final = replace(read(_HOME).draft.dest.enderDest, cMun="4205407", xMun="Florianópolis", UF="SC")
_SHARE: Final = IcmsUfDest(
    cUFDest="42",
    vBCUFDest=D("99.90"),
    pFCPUFDest=D("0.00"),
    pICMSUFDest=D("17.00"),
    vFCPUFDest=D("0.00"),
    vICMSUFDest=D("8.49"),
    vICMSUFEmi=D("8.49"),
)
_CENTRAL: Final = GFatCentral(CNPJ="99999999000515", cUF="43")


def _terminals(*pairs: tuple[str, str]) -> tuple[TerminalAdicional, ...]:
    return tuple(TerminalAdicional(NroTermAdic=number, cUFAdic=uf) for number, uf in pairs)


def _pis(base: str, value: str, cst: str = "01", rate: str = "0.65") -> Pis:
    return Pis(CST=cst, vBC=D(base), pPIS=D(rate), vPIS=D(value))


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


def _home(rule: str, cstat: str, tag: str, bad: object, where: str, *, fine: object = None) -> Case:
    """A single tag of the residential note."""
    value = "" if bad is None else str(bad)
    return Case(rule, cstat, _HOME, {tag: bad}, ((where, value),), {} if fine is None else {tag: fine})


def _negative(rule: str, cstat: str, total: str, value: str, change: str, bad: object, fine: object = None) -> Case:
    """The second item of the note with a deduction takes away more than the first one brings."""
    where = {f"draft.det.1.{change}": bad}
    near = {} if fine is None else {f"draft.det.1.{change}": fine}
    return Case(rule, cstat, _DEDUCTION, where, ((f"total/{total}", value),), near)


_SCOPE: Final = (
    Case("NFCOM-Z01", "497", _HOME, {"draft.dest.enderDest": _IN_SC}, (("dest/enderDest/UF", "SC"),)),
    Case(
        "NFCOM-Z01",
        "497",
        _HOME,
        {"draft.det.0.imposto.ICMSUFDest": (_SHARE,)},
        (("det[1]/imposto/ICMSUFDest", "42"),),
    ),
    _home("NFCOM-Z02", "", "draft.finNFCom", "3", "ide/finNFCom"),
    Case("NFCOM-Z03", "", _HOME, {"draft.tpFat": "2", "draft.gFat": None}, (("ide/tpFat", "2"),)),
)

_EMITTER: Final = (
    _home("NFCOM-G12", "207", "emit.CNPJ", "99999999000190", "emit/CNPJ", fine="12ABC34501DE35"),
    _home("NFCOM-G12", "207", "emit.CNPJ", "00000000000000", "emit/CNPJ"),
    _home("NFCOM-G14", "209", "emit.IE", "0960000004", "emit/IE", fine="960000003"),
    _home("NFCOM-G20", "407", "emit.enderEmit.cMun", "3550308", "emit/enderEmit/cMun", fine="4305108"),
    _home("NFCOM-G21", "408", "emit.enderEmit.cMun", "4399999", "emit/enderEmit/cMun"),
)

_SUBSCRIBER: Final = (
    Case(
        "NFCOM-G22",
        "422",
        _FIRM,
        {"draft.dest.CNPJ": "11222333000182"},
        (("dest/CNPJ", "11222333000182"),),
        {"draft.dest.CNPJ": "12ABC345000188"},
    ),
    _home("NFCOM-G23", "423", "draft.dest.CPF", "52998224726", "dest/CPF", fine="00000000191"),
    _home("NFCOM-G23", "423", "draft.dest.CPF", "22222222222", "dest/CPF"),
    Case(
        "NFCOM-G24",
        "424",
        _FIRM,
        {"draft.dest.CNPJ": None, "draft.dest.idOutros": "RG1234567"},
        (("dest/IE", "0960000011"),),
        {"draft.dest.CNPJ": None, "draft.dest.idOutros": "RG1", "draft.dest.IE": None, "draft.dest.indIEDest": "9"},
    ),
    Case(
        "NFCOM-G25",
        "426",
        _FIRM,
        {"draft.dest.IE": None},
        (("dest/IE", ""),),
        {"draft.dest.IE": None, "draft.dest.indIEDest": "9"},
    ),
    Case("NFCOM-G25", "426", _FIRM, {"draft.dest.IE": "ISENTO"}, (("dest/IE", "ISENTO"),)),
    Case(
        "NFCOM-G26",
        "420",
        _HOME,
        {"draft.dest.indIEDest": "2"},
        (("dest/IE", ""),),
        {"draft.dest.indIEDest": "2", "draft.dest.IE": "ISENTO"},
    ),
    Case("NFCOM-G26", "420", _FIRM, {"draft.dest.indIEDest": "2"}, (("dest/IE", "0960000011"),)),
    Case(
        "NFCOM-G27",
        "431",
        _HOME,
        {"draft.dest.IE": "0960000011"},
        (("dest/IE", "0960000011"),),
        {"draft.dest.IE": "0960000011", "draft.dest.indIEDest": "1"},
    ),
    Case("NFCOM-G27", "431", _HOME, {"draft.dest.IE": "ISENTO"}, (("dest/IE", "ISENTO"),)),
    Case(
        "NFCOM-G28",
        "432",
        "authorizer-mg",
        {"draft.dest.indIEDest": "2", "draft.dest.IE": "ISENTO"},
        (("dest/indIEDest", "2"),),
    ),
    _home("NFCOM-G29", "405", "draft.dest.enderDest.cMun", "3550308", "dest/enderDest/cMun", fine="4305108"),
    _home("NFCOM-G30", "406", "draft.dest.enderDest.cMun", "4399999", "dest/enderDest/cMun"),
    Case("NFCOM-G30", "406", _ABROAD, {"draft.dest.enderDest.cMun": "4314902"}, (("dest/enderDest/cMun", "4314902"),)),
    Case(
        "NFCOM-G30a",
        "693",
        _ABROAD,
        {"draft.dest.idOutros": None, "draft.dest.CPF": "52998224725"},
        (("dest/idOutros", ""),),
    ),
    Case("NFCOM-G30b", "694", _ABROAD, {"draft.dest.IM": "12345"}, (("dest/IM", "12345"),)),
    Case("NFCOM-G30c", "695", _ABROAD, {"draft.dest.enderDest.cPais": None}, (("dest/enderDest/cPais", ""),)),
    Case("NFCOM-G30c", "695", _ABROAD, {"draft.dest.enderDest.cPais": "1058"}, (("dest/enderDest/cPais", "1058"),)),
    Case("NFCOM-G30c", "695", _ABROAD, {"draft.dest.enderDest.xPais": None}, (("dest/enderDest/xPais", ""),)),
    _home("NFCOM-G31d", "696", "draft.dest.enderDest.cPais", "2496", "dest/enderDest/cPais", fine="1058"),
    _home("NFCOM-G31d", "696", "draft.dest.enderDest.xPais", "Chile", "dest/enderDest/xPais", fine="Brasil"),
    Case(
        "NFCOM-G31",
        "427",
        _FIRM,
        {"draft.dest.IE": "0960000012"},
        (("dest/IE", "0960000012"),),
        {"draft.dest.IE": "960000011"},
    ),
)

_CONTRACT: Final = (
    Case(
        "NFCOM-G34a",
        "537",
        _HOME,
        {"draft.assinante.nContrato": None, "draft.assinante.dContratoIni": None},
        (("assinante/nContrato", ""), ("assinante/dContratoIni", "")),
        {"draft.assinante.nContrato": None, "draft.indCessaoMeiosRede": "1"},
    ),
    _home(
        "NFCOM-G35",
        "425",
        "draft.assinante.dContratoFim",
        date(2025, 1, 9),
        "assinante/dContratoFim",
        fine=date(2025, 1, 10),
    ),
    Case(
        "NFCOM-G36",
        "474",
        _PHONE,
        {"draft.assinante.NroTermAdic": _terminals(("5132201002", "43"), ("5132201002", "43"))},
        (("assinante[NroTermAdic 2]/NroTermAdic", "5132201002"),),
        {"draft.assinante.NroTermAdic": _terminals(("5132201001", "43"))},
    ),
    Case("NFCOM-G36a", "535", _PHONE, {"draft.assinante.cUFPrinc": "42"}, (("assinante/cUFPrinc", "42"),)),
    Case(
        "NFCOM-G36b",
        "536",
        _PHONE,
        {"draft.assinante.NroTermAdic.1.cUFAdic": "42"},
        (("assinante[NroTermAdic 2]/cUFAdic", "42"),),
    ),
)

_INVOICES: Final = (
    Case(
        "NFCOM-G78",
        "270",
        _HOME,
        {"draft.gFat": None},
        (("gFat", ""),),
        {"draft.gFat": None, "draft.indPrePago": "1"},
    ),
    Case("NFCOM-G79", "272", "central-billing", {"draft.gFatCentral": None}, (("gFatCentral", ""),)),
    Case("NFCOM-G80", "273", _HOME, {"draft.tpFat": "2"}, (("gFat", "202611"),), beside=frozenset({"NFCOM-Z03"})),
    Case(
        "NFCOM-G80",
        "273",
        "central-billing",
        {"draft.finNFCom": "4"},
        (("gFatCentral", "99999999000515"),),
        beside=frozenset({"NFCOM-Z02"}),
    ),
    Case(
        "NFCOM-G81",
        "274",
        "central-billing",
        {"draft.gFatCentral.CNPJ": "99999999000516"},
        (("gFatCentral/CNPJ", "99999999000516"),),
        {"draft.gFatCentral.CNPJ": "11222333000181"},
    ),
)

_ITEMS: Final = (
    _home("NFCOM-G83", "276", "draft.det.0.prod.cClass", "0100499", "det[1]/prod/cClass", fine="0400401"),
    Case(
        "NFCOM-G83",
        "276",
        _HOME,
        {"on": date(2025, 10, 1), "draft.det.0.prod.cClass": "0801101"},
        (("det[1]/prod/cClass", "0801101"),),
        {"on": date(2025, 10, 2), "draft.det.0.prod.cClass": "0801101"},
    ),
    _home("NFCOM-G84", "433", "draft.det.0.prod.CFOP", "5102", "det[1]/prod/CFOP", fine="5933"),
    Case(
        "NFCOM-G86",
        "435",
        _HOME,
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
        _COLLECTOR,
        {"draft.tpFat": "1", "draft.gFat": None, "draft.gFatCentral": _CENTRAL},
        (("det[2]/prod/cClass", "1200101"),),
        beside=frozenset({"NFCOM-G92"}),
    ),
    Case(
        "NFCOM-G88",
        "277",
        _COLLECTOR,
        {"draft.finNFCom": "4", "draft.gFat": None},
        (("det[2]/prod/cClass", "1200101"),),
        beside=frozenset({"NFCOM-Z02"}),
    ),
    Case(
        "NFCOM-G89",
        "269",
        _COLLECTOR,
        {"draft.det.1.imposto": Imposto(indSemCST="1", PIS=_pis("49.90", "0.32"))},
        (("det[2]/imposto/PIS/vPIS", "0.32"),),
        {"draft.det.1.imposto": Imposto(indSemCST="1", PIS=_pis("0.00", "0.00", "08", "0.00"))},
    ),
    Case(
        "NFCOM-G89",
        "269",
        _COLLECTOR,
        {"draft.det.1.imposto": Imposto(ICMS90=Icms90()), "draft.det.1.prod.CFOP": "5307"},
        (("det[2]/imposto/indSemCST", ""),),
    ),
    Case(
        "NFCOM-G92",
        "268",
        "central-billing",
        {"draft.det": read(_COLLECTOR).draft.det},
        (("det[2]/prod/cClass", "1200101"),),
        beside=frozenset({"NFCOM-G88"}),
    ),
    _home("NFCOM-G105a", "540", "draft.det.0.prod.CFOP", None, "det[1]/prod/CFOP"),
    Case(
        "NFCOM-G105b",
        "541",
        "item-without-cst",
        {"draft.det.2.prod.CFOP": "5307"},
        (("det[3]/prod/CFOP", "5307"),),
    ),
)


def _product(rule: str, cstat: str, base: str, group: str, tag: str, bad: object, value: str, fine: object) -> Case:
    """A tax value out of tolerance, and the same at its very edge."""
    path = f"draft.det.0.imposto.{group}"
    return Case(rule, cstat, base, {path: bad}, ((f"det[1]/imposto/{group}/{tag}", value),), {path: fine})


_TAXES: Final = (
    _product(
        "NFCOM-G99",
        "444",
        _HOME,
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
        _HOME,
        "PIS",
        "vPIS",
        _pis("100.00", "0.76"),
        "0.76 (o cálculo dá 0.65)",
        _pis("100.00", "0.75"),
    ),
    _product(
        "NFCOM-G102",
        "445",
        _HOME,
        "COFINS",
        "vCOFINS",
        _cofins("100.00", "2.89"),
        "2.89 (o cálculo dá 3.00)",
        _cofins("100.00", "2.90"),
    ),
    _product(
        "NFCOM-G103",
        "446",
        _HOME,
        "FUST",
        "vFUST",
        _fust("100.00", "1.11"),
        "1.11 (o cálculo dá 1.00)",
        _fust("100.00", "1.10"),
    ),
    _product(
        "NFCOM-G104",
        "476",
        _HOME,
        "FUNTTEL",
        "vFUNTTEL",
        _funttel("100.00", "0.61"),
        "0.61 (o cálculo dá 0.50)",
        _funttel("100.00", "0.60"),
    ),
)

_REFORM: Final = (
    Case(
        "NFCOM-Z04",
        "",
        _HOME,
        {"on": date(2027, 1, 1)},
        (("det[1]/imposto/PIS/vPIS", "0.65"), ("det[1]/imposto/COFINS/vCOFINS", "3.00")),
        {"on": date(2026, 12, 31)},
    ),
)

_VPROD: Final = replace(read(_DEDUCTION).draft.det[1].prod, vItem=D("150.00"), vProd=D("150.00"))
_ALL: Final = replace(_VPROD, vItem=D("99.90"), vProd=D("99.90"))
_DISCOUNT: Final = replace(_VPROD, vItem=D("20.00"), vDesc=D("5.00"), vProd=D("15.00"))
_CHARGES: Final = replace(_VPROD, vItem=D("10.00"), vOutro=D("5.00"), vProd=D("15.00"))
_EXEMPT: Final = replace(read(_DEDUCTION).draft.det[1].imposto, ICMS00=None, ICMS20=_icms20("1.70"))

_TOTALS: Final = (
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

_FIRM_TWICE: Final = (AutXML(CNPJ="11222333000262"), AutXML(CPF="52998224725"), AutXML(CNPJ="11222333000262"))

_DOWNLOAD: Final = (
    Case(
        "NFCOM-G139",
        "466",
        _FIRM,
        {"draft.autXML.0.CNPJ": "11222333000263"},
        (("autXML[1]/CNPJ", "11222333000263"),),
        {"draft.autXML.0.CNPJ": "12ABC34501DE35"},
    ),
    Case("NFCOM-G140", "467", _FIRM, {"draft.autXML.1.CPF": "11111111111"}, (("autXML[2]/CPF", "11111111111"),)),
    Case("NFCOM-G141", "468", _FIRM, {"draft.autXML": _FIRM_TWICE}, (("autXML[3]", "11222333000262"),)),
)

CASES: Final = (
    *_SCOPE,
    *_EMITTER,
    *_SUBSCRIBER,
    *_CONTRACT,
    *_INVOICES,
    *_ITEMS,
    *_TAXES,
    *_REFORM,
    *_TOTALS,
    *_DOWNLOAD,
)
