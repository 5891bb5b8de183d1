"""A strip as PDF: as wide as the roll, as long as it needs, drawn in the fonts of every reader (docs/decisions/013)."""

from collections.abc import Iterable
from typing import Final

from zelo.printing import paper
from zelo.printing.block import Block
from zelo.printing.extrato.bars import parts
from zelo.printing.extrato.letters import spelled
from zelo.printing.extrato.piece import Bars, Fill, Gap, Pair, Piece, Roll, Size, Square, Strip, Text
from zelo.printing.paper import Paper, baseline_mm, line_mm, width_mm, wrap

LETTERS: Final = "latin-1"
"""What the fonts have."""
MODULE_MM: Final = 0.25
"""Of a bar code: two dots of a thermal head, so that a PDF on such a printer keeps its bars even."""
MOST_HEIGHT_MM: Final = 5_000.0
"""Of a sheet: PDF 1.7 ends at 14,400 points (Annex C); what is longer goes on over sheets."""
_MARGIN_MM: Final = 5.0
"""Above the first piece and below the last."""
_POINTS: Final = {
    80: {Size.SMALL: 6.9, Size.NORMAL: 8.2, Size.LARGE: 11.5},
    58: {Size.SMALL: 6.0, Size.NORMAL: 7.0, Size.LARGE: 9.5},
}
_FILL_MM: Final = 2.6
_GAP_MM: Final = 1.8
_INSET_MM: Final = 4.0
_BETWEEN_MM: Final = 2.0
_BARS_MM: Final = 11.0
_SQUARE_MM: Final = 40.0
_QUIET_MM: Final = 2.5
"""Around a code."""


def pdf(strip: Strip, roll: Roll) -> bytes:
    """The strip for that roll, usually one sheet."""
    on = Paper(f"{strip.name} {strip.chave}", strip.at)
    for sheet in _sheets(_Laying(roll).block(piece) for piece in strip.pieces):
        on.sheet((roll.mm, 2 * _MARGIN_MM + sum(block.height for block in sheet)))
        y = _MARGIN_MM
        for block in sheet:
            block.draw(on, y)
            y += block.height
    return on.bytes()


def _sheets(blocks: Iterable[Block]) -> list[list[Block]]:
    sheets: list[list[Block]] = [[]]
    high = 2 * _MARGIN_MM
    for block in blocks:
        if high + block.height > MOST_HEIGHT_MM:
            sheets.append([])
            high = 2 * _MARGIN_MM
        sheets[-1].append(block)
        high += block.height
    return sheets


class _Laying:
    """How each piece stands on a roll."""

    def __init__(self, roll: Roll) -> None:
        self._roll = roll
        self._points = _POINTS[roll.mm]
        self._x = (roll.mm - roll.printed_mm) / 2
        self._wide = float(roll.printed_mm)

    def block(self, piece: Piece) -> Block:
        """The piece with its height."""
        match piece:
            case Text():
                return self._text(piece)
            case Pair():
                return self._pair(piece)
            case Fill():
                return self._fill(piece)
            case Gap():
                return Block(_GAP_MM, _nothing)
            case Bars():
                return self._bars(piece)
            case Square():
                return self._square(piece)

    def _text(self, piece: Text) -> Block:
        size = self._points[piece.size]
        lines = wrap(spelled(piece.text, LETTERS), size, self._wide, bold=piece.bold)

        def drawn(on: Paper, y: float) -> None:
            align: paper.Align = "centre" if piece.centred else "left"
            for number, line in enumerate(lines):
                base = y + number * line_mm(size) + baseline_mm(size)
                on.text(self._x, base, line, size, bold=piece.bold, within=self._wide, align=align)

        return Block(len(lines) * line_mm(size), drawn)

    def _pair(self, piece: Pair) -> Block:
        size, bold = self._points[piece.size], piece.bold
        inset = _INSET_MM if piece.inset else 0.0
        room = self._wide - inset - width_mm(piece.right, size, bold=bold) - _BETWEEN_MM
        lines = wrap(spelled(piece.left, LETTERS), size, room, bold=bold)

        def drawn(on: Paper, y: float) -> None:
            on.lines(self._x + inset, y, lines, size, bold=bold)
            base = y + (len(lines) - 1) * line_mm(size) + baseline_mm(size)
            on.text(self._x, base, piece.right, size, bold=bold, within=self._wide, align="right")

        return Block(len(lines) * line_mm(size), drawn)

    def _fill(self, piece: Fill) -> Block:
        """A rule for the dash, else the character itself."""
        if piece == Fill():
            return Block(_FILL_MM, self._rule)
        size = self._points[Size.NORMAL]
        row = piece.character * int(self._wide / width_mm(piece.character, size))
        return self._text(Text(row, centred=True))

    def _rule(self, on: Paper, y: float) -> None:
        on.rule(y + _FILL_MM / 2, x=self._x, to=self._x + self._wide, thick=0.2)

    def _bars(self, piece: Bars) -> Block:
        cut = parts(piece.chave, int(self._wide / MODULE_MM))
        each = _BARS_MM + _QUIET_MM / 2

        def drawn(on: Paper, y: float) -> None:
            for number, part in enumerate(cut):
                top = y + _QUIET_MM / 2 + number * each
                on.code128(self._x, top, MODULE_MM, _BARS_MM, part, within=self._wide)

        return Block(len(cut) * each + _QUIET_MM / 2, drawn)

    def _square(self, piece: Square) -> Block:
        def drawn(on: Paper, y: float) -> None:
            on.qr(self._x + (self._wide - _SQUARE_MM) / 2, y + _QUIET_MM, _SQUARE_MM, piece.text)

        return Block(_SQUARE_MM + 2 * _QUIET_MM, drawn)


def _nothing(on: Paper, y: float) -> None:
    """Nothing is drawn."""
