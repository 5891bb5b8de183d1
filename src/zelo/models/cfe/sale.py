"""A sale as a till hands it in: who sells by which program at which till, and what it will come to.

Layouts 0.06 to 0.08 of the request. The device judges it; here only what the gateway must know is read.
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Final

from lxml import etree

from zelo.fiscal.fault import Fault
from zelo.fiscal.money import ZERO
from zelo.models.cfe.chave import PREFIX
from zelo.models.cfe.reading import (
    MOST_ITEMS,
    MOST_SALE_BYTES,
    UnreadableError,
    amount,
    bad_field,
    parse,
    person,
    text,
)

ROOT: Final = "CFe"
CANCEL_ROOT: Final = "CFeCanc"
_CNPJ: Final = r"[A-Z0-9]{12}[0-9]{2}"
_CENT: Final = Decimal("0.01")
_ROUNDED: Final = {"A": ROUND_HALF_EVEN, "T": ROUND_DOWN}
"""indRegra: rounding by NBR 5891, or cutting."""


@dataclass(frozen=True, slots=True)
class Sale:
    """What a request says. `total` is what vCFe will be, `paid` the sum of the means of payment."""

    layout: str
    house: str
    sign_ac: str
    till: str
    cnpj: str
    dest: str
    items: int
    total: Decimal
    paid: Decimal


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """What a request to cancel says; `chave` of 44 characters."""

    chave: str
    house: str
    sign_ac: str
    till: str


def read_sale(xml: bytes) -> Sale | Fault:
    """The sale in a request, or what is wrong with it."""
    try:
        inf = parse(xml, ROOT, MOST_SALE_BYTES)
        items = inf.findall("det")
        if not 1 <= len(items) <= MOST_ITEMS:
            raise bad_field("det", str(len(items)))
        own = sum((_worth(item) for item in items), ZERO)
        more = amount(inf, "total/DescAcrEntr/vAcresSubtot", ZERO)
        taken = inf.findtext("emit/indRatISSQN") == "S" or inf.find("det/imposto/ICMS") is not None
        less = amount(inf, "total/DescAcrEntr/vDescSubtot", ZERO) if taken else ZERO
        return Sale(
            layout=inf.get("versaoDadosEnt", ""),
            **_origin(inf),
            cnpj=text(inf, "emit/CNPJ", _CNPJ),
            dest=person(inf),
            items=len(items),
            total=own + more - less,
            paid=sum((amount(way, "vMP") for way in inf.iterfind("pgto/MP")), ZERO),
        )
    except UnreadableError as error:
        return error.fault


def read_cancel_request(xml: bytes) -> CancelRequest | Fault:
    """The request to cancel in a document, or what is wrong with it."""
    try:
        inf = parse(xml, CANCEL_ROOT, MOST_SALE_BYTES)
        named = inf.get("chCanc", "")
        if not named.startswith(PREFIX):
            raise bad_field("@chCanc", named)
        return CancelRequest(chave=named.removeprefix(PREFIX), **_origin(inf))
    except UnreadableError as error:
        return error.fault


def _origin(inf: etree._Element) -> dict[str, str]:
    """Software house, its signature over both CNPJs, number of the till."""
    return {
        "house": text(inf, "ide/CNPJ", _CNPJ),
        "sign_ac": text(inf, "ide/signAC", r"(?s).{1,344}"),
        "till": text(inf, "ide/numeroCaixa", r"[0-9]{3}"),
    }


def _worth(item: etree._Element) -> Decimal:
    """What an item comes to before discount and increase of the subtotal, which only move value between items."""
    gross = amount(item, "prod/qCom") * amount(item, "prod/vUnCom")
    rule = text(item, "prod/indRegra", "[AT]")
    own = gross.quantize(_CENT, rounding=_ROUNDED[rule])
    return own - amount(item, "prod/vDesc", ZERO) + amount(item, "prod/vOutro", ZERO)
