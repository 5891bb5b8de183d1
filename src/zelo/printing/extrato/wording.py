"""What a strip says, in the order of the Manual de Orientação SAT: header, title, consumer, items, totals, payment,
remarks, delivery, observations, the device with chave and codes.

A cancel shows the coupon that it cancels, then itself, each with its codes. A test bears the number 000000.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from zelo.facts.sat import texto
from zelo.fiscal import cnpj, money
from zelo.fiscal.chave import in_blocks
from zelo.fiscal.fault import Fault
from zelo.fiscal.uf import from_codigo
from zelo.models.cfe.contents import Contents, Emitter, Item, read_contents
from zelo.models.cfe.coupon import Coupon, read_coupon
from zelo.printing.extrato.piece import Bars, Fill, Gap, Pair, Piece, Size, Square, Strip, Text

NO_SALE: Final = "EXTRATO-SEM-VENDA"
OTHER_SALE: Final = "EXTRATO-OUTRA-VENDA"
TEST_NUMBER: Final = "000000"
_SAT: Final = "SAT"
_SIGNS: Final = 3
"""Rows of > under the word of a test."""
_BREAK: Final = re.compile(r"[;\n\r]+")
"""Tills write a semicolon in infCpl where a line ends."""


def sale(xml: bytes, *, brief: bool = False) -> Strip | Fault:
    """The extrato of a sale; a brief one (resumido) without its items."""
    told = read_contents(xml)
    if isinstance(told, Fault):
        return told
    pieces = [
        *_header(told.emitter, told.coupon),
        *_title(told.coupon, test=told.test),
        *_consumer(told),
        *([] if brief else _items(told)),
        *_total(told, brief=brief),
        *_payments(told),
        *_remarks(told),
        *_delivery(told),
        *_observations(told, brief=brief),
        Fill(),
        *_device(told.coupon),
        *_application(told.coupon),
    ]
    return Strip("Extrato CF-e", str(told.coupon.chave), told.coupon.at, tuple(pieces))


def cancel(xml: bytes, sale_xml: bytes) -> Strip | Fault:
    """The extrato of a cancel, which needs the coupon that it cancels; a fault says whose where that one is empty."""
    own = read_coupon(xml)
    if isinstance(own, Fault):
        return own
    if not sale_xml:
        sentence = "O extrato de um cancelamento mostra também o cupom cancelado."
        return Fault(NO_SALE, sentence, "Informe também o XML da venda.", "@chCanc", str(own.cancels or ""))
    told = read_contents(sale_xml)
    if isinstance(told, Fault):
        return told
    if own.cancels != told.coupon.chave:
        sentence = "O cancelamento é de outro cupom."
        return Fault(OTHER_SALE, sentence, "Informe o XML da venda que ele cancela.", "@chCanc", str(own.cancels or ""))
    pieces = [
        *_header(told.emitter, own),
        *_title(own, test=told.test, more="CANCELAMENTO"),
        Text("DADOS DO CUPOM FISCAL ELETRÔNICO CANCELADO", bold=True, centred=True),
        Gap(),
        *_consumer(told),
        Gap(),
        _large_total(told.coupon.total),
        Gap(),
        *_device(told.coupon),
        Fill(),
        Text("DADOS DO CUPOM FISCAL ELETRÔNICO DE CANCELAMENTO", bold=True, centred=True),
        Gap(),
        *_device(own),
        *_application(own),
    ]
    return Strip("Extrato CF-e de cancelamento", str(own.chave), own.at, tuple(pieces))


def _header(emitter: Emitter, coupon: Coupon) -> Iterator[Piece]:
    uf = from_codigo(coupon.chave.cuf)
    cep = f"CEP {emitter.cep[:5]}-{emitter.cep[5:]}" if emitter.cep else ""
    town = f"{emitter.town}/{uf}" if uf else emitter.town
    if emitter.trade_name:
        yield Text(emitter.trade_name, size=Size.LARGE, bold=True, centred=True)
    yield Text(emitter.name, bold=True, centred=True)
    yield Text(_joined(", ", emitter.street, emitter.number, emitter.more), size=Size.SMALL, centred=True)
    yield Text(_joined(" - ", emitter.district, town, cep), size=Size.SMALL, centred=True)
    yield Text(f"CNPJ {cnpj.show(emitter.cnpj)}", size=Size.SMALL, centred=True)
    known = (("IE", emitter.ie), ("IM", emitter.im))
    yield Text(" ".join(f"{label} {value}" for label, value in known if value), size=Size.SMALL, centred=True)
    yield Fill()


def _title(coupon: Coupon, *, test: bool, more: str = "") -> Iterator[Piece]:
    yield Text(f"Extrato No. {TEST_NUMBER if test else coupon.chave.ncfe}", bold=True, centred=True)
    yield Text(f"CUPOM FISCAL ELETRÔNICO - {_called(coupon)}", bold=True, centred=True)
    if more:
        yield Text(more, bold=True, centred=True)
    if test:
        yield Gap()
        yield Text("= T E S T E =", size=Size.LARGE, bold=True, centred=True)
        yield Gap()
        yield from [Fill(">")] * _SIGNS
    yield Fill()


def _called(coupon: Coupon) -> str:
    """What the device is called in its UF."""
    return texto("cUF", coupon.chave.cuf) or _SAT


def _consumer(told: Contents) -> Iterator[Piece]:
    """Without the name, which the manual keeps for the delivery."""
    who = cnpj.show(told.coupon.dest) if told.coupon.dest else "NÃO INFORMADO"
    yield Text(f"CPF/CNPJ do Consumidor: {who}", size=Size.SMALL)


def _items(told: Contents) -> Iterator[Piece]:
    yield Fill()
    yield Text("#|COD|DESC|QTD|UN|VL UN R$|(VL TR R$)*|VL ITEM R$", size=Size.SMALL)
    yield Fill()
    for item in told.items:
        yield from _item(item)


def _item(item: Item) -> Iterator[Piece]:
    yield Text(f"{item.number:03d} {item.code} {item.name}", size=Size.SMALL)
    taxes = f" ({money.show(item.taxes)})" if item.taxes else ""
    worth = f"{money.show_number(item.quantity)} {item.unit} X {money.show_exact(item.price)}{taxes}"
    yield Pair(worth, money.show(item.gross), inset=True)
    changes = (
        ("desconto sobre item", -item.discount),
        ("rateio de desconto sobre subtotal", -item.shared_discount),
        ("acréscimo sobre item", item.increase),
        ("rateio de acréscimo sobre subtotal", item.shared_increase),
        ("dedução para ISSQN", -item.deduction),
    )
    yield from (Pair(label, _signed(value), inset=True) for label, value in changes if value)
    if item.base is not None:
        yield Pair("base de cálculo ISSQN", money.show(item.base), inset=True)
    if item.note:
        yield Pair(item.note, "", inset=True)


def _total(told: Contents, *, brief: bool) -> Iterator[Piece]:
    """What is on the subtotal as the device shared it out: a discount that services may not take is in no item."""
    yield Fill() if brief else Gap()
    changes = (
        ("Total de descontos sobre item", -_sum(item.discount for item in told.items)),
        ("Desconto sobre subtotal", -_sum(item.shared_discount for item in told.items)),
        ("Total de acréscimos sobre item", _sum(item.increase for item in told.items)),
        ("Acréscimo sobre subtotal", _sum(item.shared_increase for item in told.items)),
    )
    if not brief and any(value for _, value in changes):
        yield Pair("Total bruto de itens", money.show(_sum(item.gross for item in told.items)), size=Size.NORMAL)
        yield from (Pair(label, _signed(value), size=Size.NORMAL) for label, value in changes if value)
    yield _large_total(told.coupon.total)


def _large_total(total: Decimal) -> Piece:
    return Pair("TOTAL R$", money.show(total), size=Size.LARGE, bold=True)


def _payments(told: Contents) -> Iterator[Piece]:
    for code, value in told.payments:
        yield Pair(texto("cMP", code) or f"Meio de pagamento {code}", money.show(value), size=Size.NORMAL)
    if told.change:
        yield Pair("Troco R$", money.show(told.change), size=Size.NORMAL)


def _remarks(told: Contents) -> Iterator[Piece]:
    said = [texto("cRegTrib", told.emitter.regime), *(_joined(": ", name, words) for name, words in told.remarks)]
    if any(said):
        yield Gap()
    yield from (Text(words, size=Size.SMALL) for words in said if words)


def _delivery(told: Contents) -> Iterator[Piece]:
    if not told.delivery:
        return
    yield Fill()
    yield Text("DADOS PARA ENTREGA", bold=True)
    yield Text(f"Endereço: {told.delivery}", size=Size.SMALL)
    if told.buyer:
        yield Text(f"Destinatário: {told.buyer}", size=Size.SMALL)


def _observations(told: Contents, *, brief: bool) -> Iterator[Piece]:
    """The contributor's own words, and the approximate taxes of Lei 12.741/2012."""
    lines = [line for line in map(str.strip, _BREAK.split(told.note)) if line]
    starred = not brief and any(item.taxes for item in told.items)
    if not (lines or starred or told.taxes):
        return
    yield Fill()
    yield Text("OBSERVAÇÕES DO CONTRIBUINTE", bold=True)
    yield from (Text(line, size=Size.SMALL) for line in lines)
    if starred:
        yield Text("*Valor aproximado dos tributos do item", size=Size.SMALL)
    if told.taxes:
        words = "Valor aproximado dos tributos deste cupom R$ (conforme Lei Fed. 12.741/2012)"
        yield Pair(words, money.show(told.taxes))


def _device(coupon: Coupon) -> Iterator[Piece]:
    """Who issued it and when, its chave for the eye and for the scanner, its QR code."""
    nserie = coupon.chave.nserie
    plate = ".".join((nserie[:3], nserie[3:6], nserie[6:]))
    yield Text(f"{_called(coupon)} No. {plate}", bold=True, centred=True)
    yield Text(f"{coupon.at:%d/%m/%Y - %H:%M:%S}", centred=True)
    yield Gap()
    yield Text(in_blocks(str(coupon.chave)), size=Size.SMALL, centred=True)
    yield Bars(str(coupon.chave))
    yield Square(coupon.qr_text)


def _application(coupon: Coupon) -> Iterator[Piece]:
    words = texto("aplicativo", coupon.chave.cuf)
    if words:
        yield Text(words, size=Size.SMALL, centred=True)


def _signed(value: Decimal) -> str:
    return f"+{money.show(value)}" if value > 0 else money.show(value)


def _sum(values: Sequence[Decimal] | Iterator[Decimal]) -> Decimal:
    return sum(values, money.ZERO)


def _joined(between: str, *parts: str) -> str:
    return between.join(filter(None, parts))
