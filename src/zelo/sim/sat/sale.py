"""A sale or a cancel as it reaches the device: read within bounds, checked, or the CCCC that says why not."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lxml import etree

from zelo.fiscal.cnpj import is_cnpj, is_cpf
from zelo.sim.sat.layout import CANCEL_CONTENT, CONTENT, UNKNOWN, first_breach
from zelo.sim.sat.unit import Taxpayer, Unit
from zelo.sim.sat.values import ZERO, Item, Worth, worth

LAYOUTS: Final = ("0.06", "0.07", "0.08")
_DOCUMENT_TYPE: Final = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_HUNDRED: Final = Decimal(100)
_LEAST_ISS, _MOST_ISS = Decimal(2), Decimal(5)
_IE_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the content cannot pass: CCCC and the place it was found at."""

    cccc: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale that passed: its tree, what each item is worth, and what the device adds up."""

    root: etree._Element
    worths: tuple[Worth, ...]
    total: Decimal
    change: Decimal
    dest: str
    sign_ac: str


def parse(text: str) -> etree._Element | None:
    """The tree of a request without blanks between tags, comments or instructions; None for what is no XML.

    A document type is never read.
    """
    if _DOCUMENT_TYPE.search(text):
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_blank_text=True,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(text.removeprefix("\ufeff").encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def read_sale(root: etree._Element, unit: Unit) -> Sale | Refusal:
    """The sale in a tree, or the first refusal: layout, then parties, then values."""
    if root.tag != "CFe":
        return Refusal(UNKNOWN, str(root.tag))
    inf = root.find("infCFe")
    if inf is not None and inf.get("versaoDadosEnt") not in LAYOUTS:
        return Refusal("1004", "infCFe/@versaoDadosEnt")
    breach = first_breach(root, CONTENT)
    if breach is not None:
        return Refusal(*breach)
    assert inf is not None
    return _parties(inf, unit.registry.taxpayer) or _items(inf) or _valued(root, inf, unit)


def _text(node: etree._Element, path: str) -> str:
    return node.findtext(path) or ""


def amount(node: etree._Element, path: str) -> Decimal:
    """The number at a path, zero where there is none."""
    return Decimal(node.findtext(path) or ZERO)


def _parties(inf: etree._Element, taxpayer: Taxpayer) -> Refusal | None:
    checks = (
        ("1224", "ide/CNPJ", is_cnpj(_text(inf, "ide/CNPJ"))),
        ("1207", "emit/CNPJ", is_cnpj(_text(inf, "emit/CNPJ"))),
        ("1203", "emit/CNPJ", _text(inf, "emit/CNPJ") == taxpayer.cnpj),
        ("1230", "emit/IE", _text(inf, "emit/IE").zfill(_IE_DIGITS) == taxpayer.ie.zfill(_IE_DIGITS)),
        ("1235", "dest/CNPJ", inf.find("dest/CNPJ") is None or is_cnpj(_text(inf, "dest/CNPJ"))),
        ("1237", "dest/CPF", inf.find("dest/CPF") is None or is_cpf(_text(inf, "dest/CPF"))),
        ("1501", "emit/IM", inf.find("det/imposto/ISSQN") is None or bool(_text(inf, "emit/IM"))),
    )
    return next((Refusal(cccc, where) for cccc, where, holds in checks if not holds), None)


def _items(inf: etree._Element) -> Refusal | None:
    for number, det in enumerate(inf.iterfind("det"), 1):
        at = f"det[{number}]"
        code = _text(det, "prod/cEAN")
        rate = amount(det, "imposto/ISSQN/vAliq")
        checks = (
            ("1019", "@nItem", det.get("nItem") == str(number)),
            ("1464", "prod/qCom", amount(det, "prod/qCom") > 0),
            ("1465", "prod/vUnCom", amount(det, "prod/vUnCom") > 0),
            ("1460", "prod/cEAN", not code or _gtin(code)),
            ("1505", "ISSQN/vAliq", det.find("imposto/ISSQN") is None or _LEAST_ISS <= rate <= _MOST_ISS),
        )
        for cccc, where, holds in checks:
            if not holds:
                return Refusal(cccc, f"{at}/{where}")
    return None


def _gtin(code: str) -> bool:
    """Check digit of GS1: weights 3 and 1 from the right, beside the digit itself."""
    body = [int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(code[:-1]))]
    return -sum(body) % 10 == int(code[-1])


def _item(det: etree._Element) -> Item:
    return Item(
        quantity=amount(det, "prod/qCom"),
        price=amount(det, "prod/vUnCom"),
        cut=_text(det, "prod/indRegra") == "T",
        discount=amount(det, "prod/vDesc"),
        other=amount(det, "prod/vOutro"),
        service=det.find("imposto/ISSQN") is not None,
    )


def _valued(root: etree._Element, inf: etree._Element, unit: Unit) -> Sale | Refusal:
    worths = worth(
        [_item(det) for det in inf.iterfind("det")],
        discount=amount(inf, "total/DescAcrEntr/vDescSubtot"),
        increase=amount(inf, "total/DescAcrEntr/vAcresSubtot"),
        services_share=_text(inf, "emit/indRatISSQN") == "S",
    )
    total = sum((each.net for each in worths), ZERO)
    paid = sum((amount(way, "vMP") for way in inf.iterfind("pgto/MP")), ZERO)
    for number, each in enumerate(worths, 1):
        if each.net < 0 or each.gross <= 0:
            return Refusal("1998", f"det[{number}]")
    if total > unit.terms.most_value:
        return Refusal("1409", "total")
    if paid < total:
        return Refusal("1408", "pgto")
    dest = _text(inf, "dest/CNPJ") or _text(inf, "dest/CPF")
    return Sale(root, worths, total, paid - total, dest, _text(inf, "ide/signAC"))


@dataclass(frozen=True, slots=True)
class Cancel:
    """A cancel that could be read: its tree, the chave it names (44 digits), its signAC."""

    root: etree._Element
    of: str
    sign_ac: str


def read_cancel(root: etree._Element, chave: str) -> Cancel | Refusal:
    """The cancel in a tree that was called with `chave` ("CFe" and 44 digits); 1270 when they do not agree."""
    if root.tag != "CFeCanc":
        return Refusal(UNKNOWN, str(root.tag))
    inf = root.find("infCFe")
    named = "" if inf is None else inf.get("chCanc", "")
    if not re.fullmatch(r"CFe\d{44}", named, re.ASCII) or named != chave:
        return Refusal("1270", "infCFe/@chCanc")
    breach = first_breach(root, CANCEL_CONTENT)
    if breach is not None:
        return Refusal(*breach)
    return Cancel(root, named.removeprefix("CFe"), _text(root, "infCFe/ide/signAC"))
