"""A strip as the bytes that a thermal printer prints, in the commands that all makers share (Epson ESC/POS).

ESC @ ! a E M t, FS ., GS ! h w H k V, GS ( k: nothing that one maker alone knows. No text can hold a command, for every
control in it was spelled out before.
"""

import textwrap
from dataclasses import dataclass
from typing import Final

from zelo.printing.extrato.bars import MODULE_DOTS, parts, runs
from zelo.printing.extrato.letters import spelled
from zelo.printing.extrato.piece import Bars, Fill, Gap, Pair, Piece, Roll, Size, Square, Strip, Text


@dataclass(frozen=True, slots=True)
class Page:
    """A code page: its number in ESC t and its letters."""

    number: int
    encoding: str


PAGES: Final = {
    "850": Page(2, "cp850"),
    "860": Page(3, "cp860"),
    "1252": Page(16, "cp1252"),
    "ascii": Page(0, "ascii"),
}
"""By the name in the printer's manual (Epson's numbers, which others keep); ASCII is the same on every page."""

_INIT: Final = b"\x1b@"
_ONE_BYTE: Final = b"\x1c."
"""Printers made for China take two high bytes for one letter until they are told."""
_CENTRED: Final = {False: b"\x1ba\x00", True: b"\x1ba\x01"}
_BOLD: Final = {False: b"\x1bE\x00", True: b"\x1bE\x01"}
_SIZES: Final = {
    Size.SMALL: b"\x1bM\x01\x1d!\x00",
    Size.NORMAL: b"\x1bM\x00\x1d!\x00",
    Size.LARGE: b"\x1bM\x00\x1d!\x01",
}
"""Font B; font A; font A twice as high."""
_LINE: Final = b"\n"
_BARS_DOTS: Final = 80
_BARS: Final = b"\x1dh" + bytes([_BARS_DOTS]) + b"\x1dw" + bytes([MODULE_DOTS]) + b"\x1dH\x00"
"""Height, narrowest bar, no text beneath."""
_CODE128: Final = b"\x1dk\x49"
_SQUARE: Final = b"\x1d(k"
_MODEL_2: Final = b"1A2\x00"
_MODULE: Final = b"1C\x04"
"""Four dots a module: a coupon's text at level M is about 40 mm wide."""
_LEVEL_M: Final = b"1E1"
_STORE: Final = b"1P0"
_SHOW: Final = b"1Q0"
_CUT: Final = b"\x1dVB\x00"
"""Feed to the knife and cut; a printer without one only feeds."""
_INSET: Final = 2


def stream(strip: Strip, roll: Roll, page: Page) -> bytes:
    """The whole job: set up, every piece, cut."""
    head = _INIT + _ONE_BYTE + b"\x1bt" + bytes([page.number])
    return head + b"".join(_piece(piece, roll, page) for piece in strip.pieces) + _LINE + _CUT


def _piece(piece: Piece, roll: Roll, page: Page) -> bytes:
    match piece:
        case Text():
            lines = _wrapped(piece.text, roll.columns(piece.size), page)
            return _styled(lines, piece.size, page, bold=piece.bold, centred=piece.centred)
        case Pair():
            return _styled(_pair(piece, roll.columns(piece.size), page), piece.size, page, bold=piece.bold)
        case Fill():
            return _styled([piece.character * roll.columns(Size.NORMAL)], Size.NORMAL, page)
        case Gap():
            return _LINE
        case Bars():
            cut = parts(piece.chave, roll.dots // MODULE_DOTS)
            return _CENTRED[True] + b"".join(_bars(part) for part in cut)
        case Square():
            return _CENTRED[True] + _square(piece.text.encode("ascii")) + _LINE


def _styled(lines: list[str], size: Size, page: Page, *, bold: bool = False, centred: bool = False) -> bytes:
    text = b"".join(line.encode(page.encoding) + _LINE for line in lines)
    return _CENTRED[centred] + _BOLD[bold] + _SIZES[size] + text


def _wrapped(text: str, columns: int, page: Page) -> list[str]:
    return textwrap.wrap(spelled(text, page.encoding), columns, break_on_hyphens=False) or [""]


def _pair(piece: Pair, columns: int, page: Page) -> list[str]:
    inset = " " * _INSET if piece.inset else ""
    lines = [inset + line for line in _wrapped(piece.left, columns - len(piece.right) - len(inset) - 1, page)]
    last = lines.pop()
    return [*lines, (last + piece.right.rjust(columns - len(last))).rstrip()]


def _bars(text: str) -> bytes:
    """GS k, function B: the code sets are named in the data, digits of set C are packed two in a byte."""
    data = b"".join(b"{" + code_set.encode() + _packed(code_set, run) for code_set, run in runs(text))
    return _BARS + _CODE128 + bytes([len(data)]) + data


def _packed(code_set: str, run: str) -> bytes:
    if code_set == "C":
        return bytes(int(run[place : place + 2]) for place in range(0, len(run), 2))
    return run.encode("ascii")


def _square(data: bytes) -> bytes:
    """GS ( k of a QR code: model, module, level, the text, print."""
    commands = (_MODEL_2, _MODULE, _LEVEL_M, _STORE + data, _SHOW)
    return b"".join(_SQUARE + len(command).to_bytes(2, "little") + command for command in commands)
