"""Cases of the rules about who issues, receives and fetches the note, its contract and its invoice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from tests.models.nfcom.golden import read
from tests.models.nfcom.rules.case import ABROAD, FIRM, HOME, PHONE, Case, home
from zelo.models.nfcom.draft import AutXML, TerminalAdicional
from zelo.models.nfcom.tax import IcmsUfDest

D: Final = Decimal

_IN_SC: Final = replace(read(HOME).draft.dest.enderDest, cMun="4205407", xMun="Florianópolis", UF="SC")
_SHARE: Final = IcmsUfDest(
    cUFDest="42",
    vBCUFDest=D("99.90"),
    pFCPUFDest=D("0.00"),
    pICMSUFDest=D("17.00"),
    vFCPUFDest=D("0.00"),
    vICMSUFDest=D("8.49"),
    vICMSUFEmi=D("8.49"),
)


def _terminals(*pairs: tuple[str, str]) -> tuple[TerminalAdicional, ...]:
    return tuple(TerminalAdicional(NroTermAdic=number, cUFAdic=uf) for number, uf in pairs)


SCOPE: Final = (
    Case("NFCOM-Z01", "", HOME, {"draft.dest.enderDest": _IN_SC}, (("dest/enderDest/UF", "SC"),)),
    Case(
        "NFCOM-G105",
        "497",
        HOME,
        {"draft.det.0.imposto.ICMSUFDest": (_SHARE,)},
        (("det[1]/imposto/ICMSUFDest", "42"),),
    ),
    home("NFCOM-Z02", "", "draft.finNFCom", "3", "ide/finNFCom"),
    Case("NFCOM-Z03", "", HOME, {"draft.tpFat": "2", "draft.gFat": None}, (("ide/tpFat", "2"),)),
    Case(
        "NFCOM-Z06",
        "263",
        "item-without-cst",
        {"draft.det.1.prod.cClass": "1300101"},
        (("det[2]/prod/cClass", "1300101"),),
    ),
)

EMITTER: Final = (
    home("NFCOM-G12", "207", "emit.CNPJ", "99999999000190", "emit/CNPJ", fine="12ABC34501DE35"),
    home("NFCOM-G12", "207", "emit.CNPJ", "00000000000000", "emit/CNPJ"),
    home("NFCOM-G14", "209", "emit.IE", "0960000004", "emit/IE", fine="960000003"),
    home("NFCOM-G20", "407", "emit.enderEmit.cMun", "3550308", "emit/enderEmit/cMun", fine="4305108"),
    home("NFCOM-G21", "408", "emit.enderEmit.cMun", "4399999", "emit/enderEmit/cMun"),
)

SUBSCRIBER: Final = (
    Case(
        "NFCOM-G22",
        "422",
        FIRM,
        {"draft.dest.CNPJ": "11222333000182"},
        (("dest/CNPJ", "11222333000182"),),
        {"draft.dest.CNPJ": "12ABC345000188"},
    ),
    home("NFCOM-G23", "423", "draft.dest.CPF", "52998224726", "dest/CPF", fine="00000000191"),
    home("NFCOM-G23", "423", "draft.dest.CPF", "22222222222", "dest/CPF"),
    Case(
        "NFCOM-G24",
        "424",
        FIRM,
        {"draft.dest.CNPJ": None, "draft.dest.idOutros": "RG1234567"},
        (("dest/IE", "0960000011"),),
        {"draft.dest.CNPJ": None, "draft.dest.idOutros": "RG1", "draft.dest.IE": None, "draft.dest.indIEDest": "9"},
    ),
    Case(
        "NFCOM-G25",
        "426",
        FIRM,
        {"draft.dest.IE": None},
        (("dest/IE", ""),),
        {"draft.dest.IE": None, "draft.dest.indIEDest": "9"},
    ),
    Case("NFCOM-G25", "426", FIRM, {"draft.dest.IE": "ISENTO"}, (("dest/IE", "ISENTO"),)),
    Case(
        "NFCOM-G26",
        "420",
        HOME,
        {"draft.dest.indIEDest": "2"},
        (("dest/IE", ""),),
        {"draft.dest.indIEDest": "2", "draft.dest.IE": "ISENTO"},
    ),
    Case("NFCOM-G26", "420", FIRM, {"draft.dest.indIEDest": "2"}, (("dest/IE", "0960000011"),)),
    Case(
        "NFCOM-G27",
        "431",
        HOME,
        {"draft.dest.IE": "0960000011"},
        (("dest/IE", "0960000011"),),
        {"draft.dest.IE": "0960000011", "draft.dest.indIEDest": "1"},
    ),
    Case("NFCOM-G27", "431", HOME, {"draft.dest.IE": "ISENTO"}, (("dest/IE", "ISENTO"),)),
    Case(
        "NFCOM-G28",
        "432",
        "authorizer-mg",
        {"draft.dest.indIEDest": "2", "draft.dest.IE": "ISENTO"},
        (("dest/indIEDest", "2"),),
    ),
    home("NFCOM-G29", "405", "draft.dest.enderDest.cMun", "3550308", "dest/enderDest/cMun", fine="4305108"),
    home("NFCOM-G30", "406", "draft.dest.enderDest.cMun", "4399999", "dest/enderDest/cMun"),
    Case("NFCOM-G30", "406", ABROAD, {"draft.dest.enderDest.cMun": "4314902"}, (("dest/enderDest/cMun", "4314902"),)),
    Case(
        "NFCOM-G30a",
        "693",
        ABROAD,
        {"draft.dest.idOutros": None, "draft.dest.CPF": "52998224725"},
        (("dest/idOutros", ""),),
    ),
    Case("NFCOM-G30b", "694", ABROAD, {"draft.dest.IM": "12345"}, (("dest/IM", "12345"),)),
    Case("NFCOM-G30c", "695", ABROAD, {"draft.dest.enderDest.cPais": None}, (("dest/enderDest/cPais", ""),)),
    Case("NFCOM-G30c", "695", ABROAD, {"draft.dest.enderDest.cPais": "1058"}, (("dest/enderDest/cPais", "1058"),)),
    Case("NFCOM-G30c", "695", ABROAD, {"draft.dest.enderDest.xPais": None}, (("dest/enderDest/xPais", ""),)),
    home("NFCOM-G31d", "696", "draft.dest.enderDest.cPais", "2496", "dest/enderDest/cPais", fine="1058"),
    home("NFCOM-G31d", "696", "draft.dest.enderDest.xPais", "Chile", "dest/enderDest/xPais", fine="Brasil"),
    Case(
        "NFCOM-G31",
        "427",
        FIRM,
        {"draft.dest.IE": "0960000012"},
        (("dest/IE", "0960000012"),),
        {"draft.dest.IE": "960000011"},
    ),
)

CONTRACT: Final = (
    Case(
        "NFCOM-G34a",
        "537",
        HOME,
        {"draft.assinante.nContrato": None, "draft.assinante.dContratoIni": None},
        (("assinante/nContrato", ""), ("assinante/dContratoIni", "")),
        {"draft.assinante.nContrato": None, "draft.indCessaoMeiosRede": "1"},
    ),
    home(
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
        PHONE,
        {"draft.assinante.NroTermAdic": _terminals(("5132201002", "43"), ("5132201002", "43"))},
        (("assinante[NroTermAdic 2]/NroTermAdic", "5132201002"),),
        {"draft.assinante.NroTermAdic": _terminals(("5132201001", "43"))},
    ),
    Case("NFCOM-G36a", "535", PHONE, {"draft.assinante.cUFPrinc": "42"}, (("assinante/cUFPrinc", "42"),)),
    Case(
        "NFCOM-G36b",
        "536",
        PHONE,
        {"draft.assinante.NroTermAdic.1.cUFAdic": "42"},
        (("assinante[NroTermAdic 2]/cUFAdic", "42"),),
    ),
)

INVOICES: Final = (
    Case(
        "NFCOM-G78",
        "270",
        HOME,
        {"draft.gFat": None},
        (("gFat", ""),),
        {"draft.gFat": None, "draft.indPrePago": "1"},
    ),
    Case("NFCOM-G79", "272", "central-billing", {"draft.gFatCentral": None}, (("gFatCentral", ""),)),
    Case("NFCOM-G80", "273", HOME, {"draft.tpFat": "2"}, (("gFat", "202611"),), beside=frozenset({"NFCOM-Z03"})),
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

_FIRM_TWICE: Final = (AutXML(CNPJ="11222333000262"), AutXML(CPF="52998224725"), AutXML(CNPJ="11222333000262"))
_PERSON_TWICE: Final = (AutXML(CPF="52998224725"), AutXML(CPF="52998224725"))

DOWNLOAD: Final = (
    Case(
        "NFCOM-G139",
        "466",
        FIRM,
        {"draft.autXML.0.CNPJ": "11222333000263"},
        (("autXML[1]/CNPJ", "11222333000263"),),
        {"draft.autXML.0.CNPJ": "12ABC34501DE35"},
    ),
    Case("NFCOM-G140", "467", FIRM, {"draft.autXML.1.CPF": "11111111111"}, (("autXML[2]/CPF", "11111111111"),)),
    Case("NFCOM-G141", "468", FIRM, {"draft.autXML": _FIRM_TWICE}, (("autXML[3]", "11222333000262"),)),
    Case("NFCOM-G141", "468", HOME, {"draft.autXML": _PERSON_TWICE}, (("autXML[2]", "52998224725"),)),
)

CASES: Final = (*SCOPE, *EMITTER, *SUBSCRIBER, *CONTRACT, *INVOICES, *DOWNLOAD)
