"""Everything that a sale's coupon says to people: emitter, items, how it was paid, remarks; texts as they stand.

Tags of the issued CF-e, layouts 0.06 to 0.08 (ER SAT); remarks of the Fisco moved out of infAdic with 0.08.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lxml import etree

from zelo.fiscal.fault import Fault
from zelo.fiscal.money import ZERO
from zelo.models.cfe.coupon import Coupon, read_coupon
from zelo.models.cfe.reading import MOST_COUPON_BYTES, MOST_ITEMS, UnreadableError, amount, bad_field, parse, text
from zelo.models.cfe.sale import ROOT

MOST_TEXT_CHARS: Final = 5_000
"""The longest text of the layout (infCpl)."""
MOST_REMARKS: Final = 20
"""obsFisco: ten where each layout has them."""
_TEST: Final = "2"
"""tpAmb."""
_TEST_SIGNATURE: Final = "SGR-SAT SISTEMA DE GESTAO E RETAGUARDA DO SAT"
"""signAC of the development kit (ER SAT): whatever bears it is a test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A det. Amounts in reais; `taxes` the approximate taxes (vItem12741), zero where none are told.

    `base`, `deduction`: of the ISSQN; `base` is None for goods.
    """

    number: int
    code: str
    name: str
    unit: str
    quantity: Decimal
    price: Decimal
    gross: Decimal
    discount: Decimal
    increase: Decimal
    shared_discount: Decimal
    shared_increase: Decimal
    taxes: Decimal
    base: Decimal | None
    deduction: Decimal
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitter:
    """Who sold. `cep` bare, `regime` cRegTrib; what the coupon does not tell is empty."""

    name: str
    trade_name: str
    cnpj: str
    ie: str
    im: str
    street: str
    number: str
    more: str
    district: str
    town: str
    cep: str
    regime: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """A sale. `payments`: cMP and amount; `remarks`: xCampo and xTexto."""

    coupon: Coupon
    test: bool
    emitter: Emitter
    buyer: str
    delivery: str
    items: tuple[Item, ...]
    payments: tuple[tuple[str, Decimal], ...]
    change: Decimal
    taxes: Decimal
    remarks: tuple[tuple[str, str], ...]
    note: str


def read_contents(xml: bytes) -> Contents | Fault:
    """The sale in a coupon, or what is wrong with it."""
    coupon = read_coupon(xml)
    if isinstance(coupon, Fault):
        return coupon
    try:
        inf = parse(xml, ROOT, MOST_COUPON_BYTES)
        return Contents(
            coupon=coupon,
            test=inf.findtext("ide/tpAmb") == _TEST or inf.findtext("ide/signAC") == _TEST_SIGNATURE,
            emitter=_emitter(inf),
            buyer=_words(inf, "dest/xNome"),
            delivery=_delivery(inf),
            items=_items(inf),
            payments=tuple((text(way, "cMP", "[0-9]{2}"), amount(way, "vMP")) for way in inf.iterfind("pgto/MP")),
            change=amount(inf, "pgto/vTroco", ZERO),
            taxes=amount(inf, "total/vCFeLei12741", ZERO),
            remarks=tuple(_remarks(inf)),
            note=_words(inf, "infAdic/infCpl"),
        )
    except UnreadableError as error:
        return error.fault


def _words(node: etree._Element, path: str) -> str:
    """The text there, empty where nothing is. Raises UnreadableError where it is longer than any may be."""
    found = node.findtext(path, "").strip()
    if len(found) > MOST_TEXT_CHARS:
        raise bad_field(path, found)
    return found


def _emitter(inf: etree._Element) -> Emitter:
    return Emitter(
        name=_words(inf, "emit/xNome"),
        trade_name=_words(inf, "emit/xFant"),
        cnpj=_words(inf, "emit/CNPJ"),
        ie=_words(inf, "emit/IE"),
        im=_words(inf, "emit/IM"),
        street=_words(inf, "emit/enderEmit/xLgr"),
        number=_words(inf, "emit/enderEmit/nro"),
        more=_words(inf, "emit/enderEmit/xCpl"),
        district=_words(inf, "emit/enderEmit/xBairro"),
        town=_words(inf, "emit/enderEmit/xMun"),
        cep=_words(inf, "emit/enderEmit/CEP"),
        regime=_words(inf, "emit/cRegTrib"),
    )


def _delivery(inf: etree._Element) -> str:
    """Where the goods go, in one line; empty where the coupon names no place."""
    street = ", ".join(filter(None, (_words(inf, f"entrega/{tag}") for tag in ("xLgr", "nro", "xCpl"))))
    town = "/".join(filter(None, (_words(inf, f"entrega/{tag}") for tag in ("xMun", "UF"))))
    return " - ".join(filter(None, (street, _words(inf, "entrega/xBairro"), town)))


def _items(inf: etree._Element) -> tuple[Item, ...]:
    dets = inf.findall("det")
    if not 1 <= len(dets) <= MOST_ITEMS:
        raise bad_field("det", str(len(dets)))
    return tuple(_item(det, number) for number, det in enumerate(dets, 1))


def _item(det: etree._Element, number: int) -> Item:
    service = det.find("imposto/ISSQN") is not None
    return Item(
        number=number,
        code=_words(det, "prod/cProd"),
        name=_words(det, "prod/xProd"),
        unit=_words(det, "prod/uCom"),
        quantity=amount(det, "prod/qCom"),
        price=amount(det, "prod/vUnCom"),
        gross=amount(det, "prod/vProd"),
        discount=amount(det, "prod/vDesc", ZERO),
        increase=amount(det, "prod/vOutro", ZERO),
        shared_discount=amount(det, "prod/vRatDesc", ZERO),
        shared_increase=amount(det, "prod/vRatAcr", ZERO),
        taxes=amount(det, "imposto/vItem12741", ZERO),
        base=amount(det, "imposto/ISSQN/vBC", ZERO) if service else None,
        deduction=amount(det, "imposto/ISSQN/vDeducISSQN", ZERO),
        note=_words(det, "infAdProd"),
    )


def _remarks(inf: etree._Element) -> Iterator[tuple[str, str]]:
    found = [*inf.iterfind("infAdic/obsFisco"), *inf.iterfind("obsFisco")]
    if len(found) > MOST_REMARKS:
        raise bad_field("obsFisco", str(len(found)))
    for remark in found:
        yield remark.get("xCampo", "")[:MOST_TEXT_CHARS], _words(remark, "xTexto")
