"""What a sale and a cancel must look like when they reach the device: order and form of every tag, as two tables.

Layouts 0.06 to 0.08 of the request (ER SAT via the XSDs of public clients). A tag that only the device fills, a tag out
of its place or a missing one is 1999 in most cases; a tag whose form is wrong answers with the CCCC of its row.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from lxml import etree

UNKNOWN: Final = "1999"

CONTENT: Final = {
    "CFe": "infCFe",
    "infCFe": "ide emit dest entrega? det{1,500} total pgto infAdic?",
    "ide": "CNPJ signAC numeroCaixa",
    "emit": "CNPJ IE IM? cRegTribISSQN? indRatISSQN",
    "dest": "(CNPJ|CPF)? xNome?",
    "entrega": "xLgr nro xCpl? xBairro xMun UF",
    "det": "prod imposto infAdProd?",
    "prod": "cProd cEAN? xProd NCM? CEST? CFOP uCom qCom vUnCom indRegra vDesc? vOutro? obsFiscoDet{0,10}",
    "obsFiscoDet": "xTextoDet",
    "imposto": "vItem12741? (ICMS|ISSQN) PIS PISST? COFINS COFINSST?",
    "ICMS": "(ICMS00|ICMS40|ICMSSN102|ICMSSN900)",
    "ICMS00": "Orig CST pICMS",
    "ICMS40": "Orig CST",
    "ICMSSN102": "Orig CSOSN",
    "ICMSSN900": "Orig CSOSN pICMS",
    "ISSQN": "vDeducISSQN vAliq cMunFG? cListServ? cServTribMun? cNatOp indIncFisc",
    **{
        each: content.replace("TAX", tax)
        for tax in ("PIS", "COFINS")
        for each, content in {
            tax: "(TAXAliq|TAXQtde|TAXNT|TAXSN|TAXOutr)",
            f"{tax}Aliq": "CST vBC pTAX",
            f"{tax}Qtde": "CST qBCProd vAliqProd",
            f"{tax}NT": "CST",
            f"{tax}SN": "CST",
            f"{tax}Outr": "CST (vBC pTAX|qBCProd vAliqProd)",
            f"{tax}ST": "(vBC pTAX|qBCProd vAliqProd)",
        }.items()
    },
    "total": "DescAcrEntr? vCFeLei12741?",
    "DescAcrEntr": "(vDescSubtot|vAcresSubtot)",
    "pgto": "MP{1,10}",
    "MP": "cMP vMP cAdmC?",
    "infAdic": "infCpl?",
}
"""Element → the elements in it, in order: `?` may be missing, braces count, a bar chooses."""

CANCEL_CONTENT: Final = {
    "CFeCanc": "infCFe",
    "infCFe": "ide emit dest total infAdic?",
    "ide": "CNPJ signAC numeroCaixa",
    "emit": "",
    "dest": "(CNPJ|CPF)?",
    "total": "",
    "infAdic": "",
}

_MONEY: Final = r"\d{1,13}\.\d{2}"
_TEXT: Final = r".{1,%d}"
LEAVES: Final[dict[str, tuple[str, str]]] = {
    "ide/CNPJ": (r"\d{14}", "1224"),
    "ide/signAC": (r"(?s).{1,344}", "1222"),
    "ide/numeroCaixa": (r"\d{3}", UNKNOWN),
    "emit/CNPJ": (r"\d{14}", "1207"),
    "emit/IE": (r"\d{2,12}", "1229"),
    "emit/IM": (_TEXT % 15, UNKNOWN),
    "emit/cRegTribISSQN": (r"[1-5]", UNKNOWN),
    "emit/indRatISSQN": (r"[SN]", "1507"),
    "dest/CNPJ": (r"\d{14}", "1235"),
    "dest/CPF": (r"\d{11}", "1237"),
    "dest/xNome": (r".{2,60}", UNKNOWN),
    "entrega/UF": (r"[A-Z]{2}", UNKNOWN),
    "prod/cProd": (_TEXT % 60, "1459"),
    "prod/cEAN": (r"\d{8}|\d{12,14}", "1460"),
    "prod/xProd": (_TEXT % 120, "1461"),
    "prod/NCM": (r"\d{2}|\d{8}", UNKNOWN),
    "prod/CEST": (r"\d{7}", UNKNOWN),
    "prod/CFOP": (r"\d{4}", UNKNOWN),
    "prod/uCom": (_TEXT % 6, UNKNOWN),
    "prod/qCom": (r"\d{1,11}\.\d{4}", "1464"),
    "prod/vUnCom": (r"\d{1,12}\.\d{2,3}", "1465"),
    "prod/indRegra": (r"[AT]", UNKNOWN),
    "prod/vDesc": (_MONEY, "1468"),
    "prod/vOutro": (_MONEY, "1469"),
    "imposto/vItem12741": (_MONEY, "1534"),
    "ICMS00/CST": (r"00|20|90", "1472"),
    "ICMS00/pICMS": (r"\d{1,3}\.\d{2}", "1473"),
    "ICMS40/CST": (r"40|41|50|60", "1475"),
    "ICMSSN102/CSOSN": (r"102|300|400|500", "1476"),
    "ICMSSN900/CSOSN": (r"900", "1477"),
    "ICMSSN900/pICMS": (r"\d{1,3}\.\d{2}", "1473"),
    "ISSQN/vDeducISSQN": (_MONEY, "1503"),
    "ISSQN/vAliq": (r"\d{3}\.\d{2}", "1505"),
    "ISSQN/cMunFG": (r"\d{7}", "1287"),
    "ISSQN/cServTribMun": (r".{20}", "1509"),
    "ISSQN/cNatOp": (r"0[1-8]", "1510"),
    "ISSQN/indIncFisc": (r"[12]", "1511"),
    **{
        f"{tax}{kind}/{leaf}": (pattern, cccc)
        for tax, codes in {"PIS": range(1478, 1490), "COFINS": range(1490, 1502)}.items()
        for kind, leaf, pattern, cccc in (
            ("Aliq", "CST", r"0[125]", str(codes[0])),
            ("Aliq", "vBC", _MONEY, str(codes[1])),
            ("Aliq", f"p{tax}", r"\d\.\d{4}", str(codes[2])),
            ("Qtde", "CST", r"03", str(codes[4])),
            ("Qtde", "qBCProd", r"\d{1,12}\.\d{4}", "1483" if tax == "PIS" else UNKNOWN),
            ("Qtde", "vAliqProd", r"\d{1,11}\.\d{4}", str(codes[6])),
            ("NT", "CST", r"0[46789]", str(codes[8])),
            ("SN", "CST", r"49", str(codes[9])),
            ("Outr", "CST", r"99", str(codes[10])),
        )
    },
    "DescAcrEntr/vDescSubtot": (_MONEY, "1073"),
    "DescAcrEntr/vAcresSubtot": (_MONEY, "1074"),
    "total/vCFeLei12741": (_MONEY, "1533"),
    "MP/cMP": (r"0[1-5]|1[0-3]|1[5-9]|9[09]", "1527"),
    "MP/vMP": (_MONEY, "1528"),
    "MP/cAdmC": (r"\d{3}", "1535"),
    "infAdic/infCpl": (r"(?s).{1,5000}", UNKNOWN),
}
"""Parent and tag → the form of its text (ASCII digits), and the CCCC where it has another."""

_NUMBER: Final = re.compile(r"(qBCProd|vAliqProd|v[A-Z]\w*|p[A-Z]\w*)$")
_ANY_NUMBER: Final = r"\d{1,13}\.\d{2,4}"
_ANY_TEXT: Final = r"(?s).{1,500}"
_MISSING: Final = {"IE": "1229"}


def first_breach(root: etree._Element, content: dict[str, str]) -> tuple[str, str] | None:
    """CCCC and place of the first thing that is not as the tables say, or None."""
    return next(_breaches(root, content), None)


def _breaches(root: etree._Element, content: dict[str, str]) -> Iterator[tuple[str, str]]:
    for node in root.iter(etree.Element):
        name = str(node.tag)
        inside = content.get(name)
        if inside is None:
            if len(node):
                yield UNKNOWN, name
            yield from _leaf(node)
            continue
        told = "".join(f"{child.tag};" for child in node.iterchildren(etree.Element))
        if not _model(inside).fullmatch(told):
            missing = [tag for tag in _MISSING if tag in inside.split() and f"{tag};" not in told]
            yield (_MISSING[missing[0]] if missing else UNKNOWN), name
        if (node.text or "").strip():
            yield UNKNOWN, name


def _leaf(node: etree._Element) -> Iterator[tuple[str, str]]:
    parent = node.getparent()
    name, above = str(node.tag), "" if parent is None else str(parent.tag)
    fallback = (_ANY_NUMBER if _NUMBER.match(name) else _ANY_TEXT, UNKNOWN)
    pattern, cccc = LEAVES.get(f"{above}/{name}", fallback)
    if not re.fullmatch(pattern, node.text or "", re.ASCII):
        yield cccc, f"{above}/{name}"


@cache
def _model(inside: str) -> re.Pattern[str]:
    """The content of an element as an expression over its tags, each closed by a semicolon."""
    return re.compile(re.sub(r"[A-Za-z]\w*", lambda found: f"(?:{found[0]};)", inside).replace(" ", ""))
