"""The DANFE-COM on A4: which quadro stands where, how each grows with its texts, and how it goes on over sheets.

The quadros and what they must hold are those of Anexo II of the MOC NFCom (Ato COTEPE/ICMS 129/2024), which leaves
their places free: I emitter, II subscriber, III identification and protocol, IV items, V totals and taxes, VI the
Fisco's, VII further information, VIII the contributor's (payment).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.chave import in_blocks
from zelo.fiscal.situacao import Situacao
from zelo.printing import paper
from zelo.printing.block import CELL_MM, LABEL, VALUE, Block, Draw, cell, facts, lay, stack, tile, title
from zelo.printing.paper import LEFT_MM, RIGHT_MM, SOFT, WIDTH_MM, Paper, line_mm, wrap
from zelo.printing.reading import Item, Note

TITLE: Final = "Documento Auxiliar da Nota Fiscal Fatura de Serviços de Comunicação Eletrônica"
NO_VALUE: Final = "SEM VALOR FISCAL"
_MARKS: Final = {
    Situacao.CANCELADA: "CANCELADA",
    Situacao.SUBSTITUIDA: "SUBSTITUÍDA",
}
_TEXT: Final = 7.0
_SIDE: Final = 62.0
"""Width of the column at the right: title, identification, QR code."""
_MAIN: Final = WIDTH_MM - _SIDE - 4
_ACCOUNT: Final = ((LEFT_MM, 26.0), (LEFT_MM + 28, 28.0), (LEFT_MM + 58, 28.0), (LEFT_MM + 88, 36.0))
"""Places and widths of the facts of the account."""
_QR_MM: Final = 31.0
_BARS_MM: Final = (103.0, 13.0)
"""Width and height of a slip's bar code (FEBRABAN)."""
_PIX_MM: Final = 30.0
_LARGE_PIX_MM: Final = 44.0
_LONG_PIX_CHARS: Final = 500
_PIX_LINES: Final = 5
"""A Pix text longer than that is in its QR code only."""


def draw(on: Paper, note: Note, situacao: Situacao | None, logo: bytes | None) -> None:
    """The sheets of one note."""
    again = stack([_short_header(note), *_marks(note, situacao)])
    first = stack([_header(note, logo), *_marks(note, situacao), _parties(note), _key(note)])
    laid = lay(first, again, _body(note))
    across = _MARKS.get(situacao) if situacao else None
    for number, sheet in enumerate(laid, 1):
        on.sheet()
        if number == 1:
            on.bookmark(f"NFCom {note.number} série {note.serie}")
        if across or note.ambiente is Ambiente.HOMOLOGACAO:
            on.watermark(across or NO_VALUE)
        for y, block in sheet:
            block.draw(on, y)
        on.text(RIGHT_MM - _SIDE, 291, f"página {number} de {len(laid)}", 6.5, within=_SIDE, align="right", grey=SOFT)
        on.text(LEFT_MM, 291, f"NFCom {note.number} · série {note.serie} · {note.chave}", 6.5, grey=SOFT)


def _marks(note: Note, situacao: Situacao | None) -> Iterator[Block]:
    """Bands that nobody can overlook."""
    if situacao in _MARKS:
        yield _band(_MARKS[situacao], "Esta nota não vale mais como documento fiscal.")
    if note.ambiente is Ambiente.HOMOLOGACAO:
        yield _band(NO_VALUE, "Emitida em ambiente de homologação, para testes.")
    if note.offline:
        waits = (
            "" if note.protocol else "Pendente de autorização: a nota será transmitida até o fim do próximo dia útil."
        )
        yield _band("EMITIDA EM CONTINGÊNCIA", waits)


def _band(words: str, more: str) -> Block:
    def drawn(on: Paper, y: float) -> None:
        on.box(LEFT_MM, y, WIDTH_MM, 7.5, fill=paper.FAINT, thick=0.4)
        on.text(LEFT_MM + 3, y + 5.2, words, 11.5, bold=True)
        on.text(LEFT_MM + 73, y + 4.9, more, 7.5, within=WIDTH_MM - 76, align="right")

    return Block(7.5, drawn)


def _header(note: Note, logo: bytes | None) -> Block:
    """Quadro I."""
    x = LEFT_MM + (42 if logo else 0)
    wide = RIGHT_MM - _SIDE - 4 - x
    names = wrap(note.emitter.name, 12, wide, bold=True)
    lines = [line for text in (note.emitter.documents, *note.emitter.address) for line in wrap(text, 7.6, wide)]
    height = max(24.0, len(names) * line_mm(12) + len(lines) * line_mm(7.6) + 1.5)

    def drawn(on: Paper, y: float) -> None:
        if logo:
            on.picture(LEFT_MM, y, 38, 24, logo)
        on.lines(x, y, names, 12, bold=True)
        on.lines(x, y + len(names) * line_mm(12) + 1, lines, 7.6)
        side = RIGHT_MM - _SIDE
        on.box(side, y, _SIDE, 24, thick=0.4)
        on.text(side, y + 8, "DANFE-COM", 17, bold=True, within=_SIDE, align="centre")
        for number, line in enumerate(wrap(TITLE, 7.2, _SIDE - 6)):
            on.text(side + 3, y + 13 + number * 3.1, line, 7.2, within=_SIDE - 6, align="centre")
        on.text(side, y + 21.8, "Modelo 62", 6.5, within=_SIDE, align="centre", grey=SOFT)

    return Block(height, drawn)


def _short_header(note: Note) -> Block:
    """The head of every sheet after the first."""

    def drawn(on: Paper, y: float) -> None:
        on.text(LEFT_MM, y + 4, note.emitter.name, 10, bold=True, within=_MAIN)
        on.text(LEFT_MM, y + 8, note.emitter.documents, 7, within=_MAIN)
        on.text(RIGHT_MM - _SIDE, y + 4, "DANFE-COM", 11, bold=True, within=_SIDE, align="right")
        number = f"Nº {note.number} · série {note.serie} · {note.issued[:10]}"
        on.text(RIGHT_MM - _SIDE, y + 8, number, 7, within=_SIDE, align="right")
        on.text(LEFT_MM, y + 11.6, f"Assinante: {note.subscriber.name}", 7, within=_MAIN)
        on.rule(y + 13.2, thick=0.4)

    return Block(13.5, drawn)


def _parties(note: Note) -> Block:
    """Quadros II and III side by side, and what the subscriber looks for first."""
    names = wrap(note.subscriber.name, 10.5, _MAIN, bold=True)
    lines = [t for text in (note.subscriber.documents, *note.subscriber.address) for t in wrap(text, 8, _MAIN)]
    told = [
        (x, label, wrap(value or "-", VALUE, wide))
        for (label, value), (x, wide) in zip(note.account, _ACCOUNT, strict=True)
    ]
    account = 3.2 + max(len(values) for *_, values in told) * line_mm(VALUE)
    person = 4.5 + len(names) * line_mm(10.5) + len(lines) * line_mm(8)
    height = max(person + 2 + account + 2.5 + 13, _QR_MM + 16)

    def drawn(on: Paper, y: float) -> None:
        title(on, y, "ASSINANTE / DESTINATÁRIO", to=LEFT_MM + _MAIN)
        on.lines(LEFT_MM, y + 4.5, names, 10.5, bold=True)
        on.lines(LEFT_MM, y + 4.5 + len(names) * line_mm(10.5), lines, 8)
        top = y + height - 15.5 - account
        for x, label, values in told:
            on.text(x, top + 2.4, label, LABEL, grey=SOFT)
            on.lines(x, top + 3.2, values, VALUE)
        due = (("Referência", note.reference or "-"), ("Vencimento", note.due or "-"))
        for number, (label, value) in enumerate(due):
            tile(on, LEFT_MM + number * 35, y + height - 13, 34, label, value)
        tile(on, LEFT_MM + 70, y + height - 13, _MAIN - 70, "Total a pagar", f"R$ {note.total}", fill=paper.FAINT)
        _identity(on, RIGHT_MM - _SIDE, y, note)

    return Block(height, drawn)


def _identity(on: Paper, x: float, y: float, note: Note) -> None:
    """Quadro III but for the chave."""
    title(on, y, "IDENTIFICAÇÃO DA NFCom", x=x)
    wide = _SIDE - _QR_MM - 3
    told = (("Número", note.number, 10.5), ("Série", note.serie, 10.5))
    for row, (label, value, size) in enumerate(told):
        on.text(x, y + 7 + row * 9, label, LABEL, grey=SOFT)
        on.text(x, y + 11.2 + row * 9, value, size, bold=True, within=wide)
    on.text(x, y + 25, "Emissão", LABEL, grey=SOFT)
    on.text(x, y + 28.8, note.issued[:10], VALUE, bold=True)
    on.text(x, y + 32.4, note.issued[11:], 7.5)
    on.qr(RIGHT_MM - _QR_MM, y + 5, _QR_MM, note.qrcode)
    where = f"Consulte pela chave de acesso em {note.consulta}" if note.consulta else "Consulte pelo QR Code"
    for number, line in enumerate(wrap(where, 6.4, _SIDE)):
        on.text(x, y + _QR_MM + 9.5 + number * 2.9, line, 6.4)


def _key(note: Note) -> Block:
    """The chave in blocks of four beside the protocol."""
    protocol = note.protocol or "aguardando autorização"

    def drawn(on: Paper, y: float) -> None:
        on.box(LEFT_MM, y, WIDTH_MM, 10, thick=0.4)
        on.rule_down(LEFT_MM + 118, y, y + 10)
        on.text(LEFT_MM + 2, y + 3.2, "CHAVE DE ACESSO", LABEL, grey=SOFT)
        on.text(LEFT_MM + 2, y + 7.9, in_blocks(note.chave), 10.5, bold=True, within=114)
        on.text(LEFT_MM + 120, y + 3.2, "PROTOCOLO DE AUTORIZAÇÃO", LABEL, grey=SOFT)
        on.text(LEFT_MM + 120, y + 7.9, protocol, 9, within=WIDTH_MM - 122)

    return Block(10, drawn)


def _body(note: Note) -> Iterator[Block]:
    heading = _items_heading()
    yield from (_item(item, heading) for item in note.items)
    yield _totals(note)
    yield from _texts("RESERVADO AO FISCO", [note.fisco] if note.fisco else [])
    yield from _texts("INFORMAÇÕES COMPLEMENTARES", note.complement)
    if note.charge and (note.charge.linha or note.charge.pix or note.charge.debit):
        yield _payment(note)


@dataclass(frozen=True, slots=True)
class _Column:
    label: str
    attribute: str
    wide: float
    numeric: bool = True


_COLUMNS: Final = (
    _Column("ITENS DA FATURA", "what", 58, numeric=False),
    _Column("cClass", "cclass", 12, numeric=False),
    _Column("CFOP", "cfop", 8.5, numeric=False),
    _Column("UN", "unit", 6.5, numeric=False),
    _Column("QUANT.", "quantity", 14),
    _Column("PREÇO UNIT.", "price", 18),
    _Column("VALOR TOTAL", "total", 18),
    _Column("PIS/COFINS", "pis_cofins", 14),
    _Column("BC ICMS", "base", 17),
    _Column("ALÍQ. %", "rate", 9.5),
    _Column("ICMS", "icms", 14.5),
)
_PAD: Final = 1.0
_ITEM: Final = 6.8
_MORE: Final = 6.0


def _items_heading() -> Block:
    def drawn(on: Paper, y: float) -> None:
        on.box(LEFT_MM, y, WIDTH_MM, 5, fill=paper.FAINT, thick=0)
        x = LEFT_MM
        for column in _COLUMNS:
            align: paper.Align = "right" if column.numeric else "left"
            on.text(x + _PAD, y + 3.4, column.label, 5.8, bold=True, within=column.wide - 2 * _PAD, align=align)
            x += column.wide

    return Block(5, drawn)


def _item(item: Item, heading: Block) -> Block:
    within = _COLUMNS[0].wide - 2 * _PAD
    names, more = wrap(item.what, _ITEM, within), wrap(item.more, _MORE, within) if item.more else []
    height = len(names) * line_mm(_ITEM) + len(more) * line_mm(_MORE) + 1.7

    def drawn(on: Paper, y: float) -> None:
        on.lines(LEFT_MM + _PAD, y + 0.6, names, _ITEM)
        on.lines(LEFT_MM + _PAD, y + 0.6 + len(names) * line_mm(_ITEM), more, _MORE)
        x = LEFT_MM + _COLUMNS[0].wide
        for column in _COLUMNS[1:]:
            value = getattr(item, column.attribute)
            if value:
                align: paper.Align = "right" if column.numeric else "left"
                within = column.wide - 2 * _PAD
                on.text(x + _PAD, y + 0.6 + paper.baseline_mm(_ITEM), value, _ITEM, within=within, align=align)
            x += column.wide
        on.rule(y + height, thick=0.1, grey=paper.HAIR)

    return Block(height, drawn, heading)


_MOST_CELLS: Final = 6


def _totals(note: Note) -> Block:
    """Quadro V: the sums in one row, the whole of it last and large; the taxes under it."""
    rows = -(-len(note.taxes) // _MOST_CELLS) or 1
    each = -(-len(note.taxes) // rows) or 1
    wide, narrow = WIDTH_MM / len(note.totals), WIDTH_MM / each

    def drawn(on: Paper, y: float) -> None:
        title(on, y + 2, "VALORES TOTAIS")
        for number, (label, value) in enumerate(note.totals):
            last = number == len(note.totals) - 1
            cell(on, LEFT_MM + number * wide, y + 6.5, wide, label, value, strong=last)
        title(on, y + 17, "TRIBUTOS")
        for number, (label, value) in enumerate(note.taxes):
            row, column = divmod(number, each)
            cell(on, LEFT_MM + column * narrow, y + 21.5 + row * CELL_MM, narrow, label, value)

    return Block(21.5 + rows * CELL_MM + 1, drawn)


def _texts(label: str, texts: Sequence[str]) -> Iterator[Block]:
    """Quadros VI and VII: a line is a block, so that long texts go on over sheets."""

    def head(on: Paper, y: float) -> None:
        title(on, y + 1.5, label)

    heading = Block(5.8, head)
    for line in [part for text in texts for part in wrap(text, _TEXT, WIDTH_MM)] or ["-"]:
        yield Block(line_mm(_TEXT), _line(line), heading)


def _line(line: str) -> Draw:
    return lambda on, y: on.lines(LEFT_MM, y, [line], _TEXT)


def _payment(note: Note) -> Block:
    """Quadro VIII, at the foot of the sheet, under a line to cut along."""
    charge = note.charge
    if charge is None:
        raise LookupError("no charge")
    side = (_LARGE_PIX_MM if len(charge.pix) > _LONG_PIX_CHARS else _PIX_MM) if charge.pix else 0.0
    wide = WIDTH_MM - (side + 6 if side else 0)
    copied = wrap(paper.printable(charge.pix), 5.4, wide - 20) if charge.pix else []
    copied = copied if len(copied) <= _PIX_LINES else []
    rows = (7.0 if charge.linha else 0, 16.0 if charge.barras else 0, 8.5 if charge.debit else 0)
    height = 17 + sum(rows) + len(copied) * line_mm(5.4)
    height = max(height, 13 + side)

    def drawn(on: Paper, y: float) -> None:
        on.cut(y + 1)
        title(on, y + 4, "ÁREA DO CONTRIBUINTE · PAGAMENTO")
        told = (("Vencimento", note.due), ("Valor", f"R$ {note.total}"), ("Nº do cliente", note.account[0][1]))
        facts(on, LEFT_MM, y + 8.5, wide, told)
        _slip(on, y + 17, wide, note)
        on.lines(LEFT_MM + 20, y + 17 + sum(rows), copied, 5.4)
        if copied:
            on.text(LEFT_MM, y + 17 + sum(rows) + line_mm(5.4), "Pix copia e cola", LABEL, grey=SOFT)
        if side:
            on.text(RIGHT_MM - side, y + 11, "Pague com Pix", 7, bold=True, within=side, align="centre")
            on.qr(RIGHT_MM - side, y + 12.5, side, charge.pix)

    return Block(height, drawn, last=True)


def _slip(on: Paper, y: float, wide: float, note: Note) -> None:
    charge = note.charge
    if charge is None:
        return
    if charge.linha:
        on.text(LEFT_MM, y + 4, charge.linha, 11, bold=True, within=wide)
        y += 7
    if charge.barras:
        on.bars(LEFT_MM + 2, y, *_BARS_MM, charge.barras)
        y += 16
    if charge.debit:
        facts(on, LEFT_MM, y, wide, charge.debit)
