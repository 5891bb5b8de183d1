"""Sheets, A4 or of any size: text that fits, lines, boxes and codes, in millimetres from the top left corner.

The only file that knows the PDF library. The two fonts are the ones that every reader carries (Helvetica, in Latin-1:
exactly the letters that the layout allows), so a page needs no font file and takes milliseconds (docs/decisions/013).
"""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, Final, Literal

import zxingcpp
from fpdf import FPDF
from fpdf.drawing_primitives import DeviceGray
from fpdf.enums import RenderStyle
from fpdf.fonts import CORE_FONTS_CHARWIDTHS
from PIL import Image

LEFT_MM: Final = 10.0
RIGHT_MM: Final = 200.0
TOP_MM: Final = 9.0
BOTTOM_MM: Final = 285.0
WIDTH_MM: Final = RIGHT_MM - LEFT_MM
ERROR_LEVEL: Final = "M"
"""Of every QR code (MOC NFCom 1.00a, Anexo II)."""
INK: Final = 0
SOFT: Final = 95
FAINT: Final = 228
PALE: Final = 236
HAIR: Final = 170

_GREYS: Final = {grey: DeviceGray(grey / 255) for grey in (INK, SOFT, HAIR, FAINT, PALE)}
_STYLES: Final = {(True, False): RenderStyle.D, (False, True): RenderStyle.F, (True, True): RenderStyle.DF}
"""By edge and inside."""

Align = Literal["left", "right", "centre"]

_MM_OF_POINT: Final = 25.4 / 72
_MILLI: Final = 1000
_FONT: Final = "helvetica"
_WIDTHS: Final = {False: CORE_FONTS_CHARWIDTHS["helvetica"], True: CORE_FONTS_CHARWIDTHS["helveticaB"]}
_UNSHOWN: Final = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], "·")
"""Controls that TString lets through have no shape: a dot stands where each one was."""
_MIDDLE_MM: Final = 175.0
"""Of a watermark: under the codes at the head of the sheet, above those at its foot."""
_QR_SCALE: Final = 4
"""Pixels of a module, so that a reader that smooths pictures smooths edges only."""


def printable(text: str) -> str:
    """The text in letters that the fonts have: Latin-1, a dot for a control, a question mark for anything else."""
    return text.translate(_UNSHOWN).encode("latin-1", "replace").decode("latin-1")


def width_mm(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a printable text of that many points is."""
    widths = _WIDTHS[bold]
    return sum([widths[letter] for letter in text]) * size * _MM_OF_POINT / _MILLI


def line_mm(size: float) -> float:
    """From one line of that many points to the next."""
    return size * _MM_OF_POINT * 1.2


def baseline_mm(size: float) -> float:
    """From the top of a line of text to what its letters stand on."""
    return line_mm(size) * 0.79


def wrap(text: str, size: float, within_mm: float, *, bold: bool = False) -> list[str]:
    """The text in lines no wider than that, broken at blanks, inside a word only where the word alone is too wide."""
    if width_mm(text, size, bold=bold) <= within_mm:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width_mm(longer, size, bold=bold) <= within_mm:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, size, within_mm, bold=bold)
        lines += full
    return [*lines, line]


def _pieces(word: str, size: float, within_mm: float, *, bold: bool) -> list[str]:
    pieces, piece = [], ""
    for letter in word:
        if piece and width_mm(piece + letter, size, bold=bold) > within_mm:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]


def fitting(text: str, size: float, within_mm: float, *, bold: bool = False) -> float:
    """The size at which the text is no wider than that: `size`, or less where it would be."""
    wide = width_mm(text, size, bold=bold)
    return size if wide <= within_mm else size * within_mm / wide


class Paper:
    """A PDF being drawn, a sheet at a time. Texts given to it are printable ones."""

    def __init__(self, title: str, created: datetime) -> None:
        self._pdf = FPDF()
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.set_lang("pt-BR")
        self._pdf.set_title(title)
        self._pdf.set_creator("zelo")
        self._pdf.set_creation_date(created)
        self._bold: bool | None = None
        self._size = 0.0
        self._grey = INK

    def sheet(self, size_mm: tuple[float, float] | None = None) -> None:
        """Begin the next sheet: A4, or of that width and height."""
        self._pdf.add_page(format=size_mm or "A4")
        self._bold = None

    def bookmark(self, name: str) -> None:
        """Let the outline lead to this sheet."""
        self._pdf.start_section(name)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        within: float = 0,
        align: Align = "left",
        grey: int = INK,
    ) -> None:
        """A line of text, its baseline at y; smaller where it would be wider than `within`, where that is given."""
        if within:
            size = fitting(text, size, within, bold=bold)
        if align != "left":
            room = within - width_mm(text, size, bold=bold)
            x += room if align == "right" else room / 2
        if self._bold is not bold:
            self._pdf.set_font(_FONT, "B" if bold else "", size)
            self._bold, self._size = bold, size
        elif self._size != size:
            self._pdf.set_font_size(size)
            self._size = size
        if self._grey != grey:
            self._pdf.set_text_color(_GREYS[grey])
            self._grey = grey
        self._pdf.text(x, y, text)

    def lines(self, x: float, y: float, lines: Sequence[str], size: float, *, bold: bool = False) -> None:
        """Lines of text one under the other, from y downwards."""
        for number, line in enumerate(lines):
            self.text(x, y + number * line_mm(size) + baseline_mm(size), line, size, bold=bold)

    def rule(self, y: float, *, x: float = LEFT_MM, to: float = RIGHT_MM, thick: float = 0.15, grey: int = INK) -> None:
        """A line across."""
        self._pdf.set_line_width(thick)
        self._pdf.set_draw_color(_GREYS[grey])
        self._pdf.line(x, y, to, y)
        self._pdf.set_draw_color(_GREYS[INK])

    def rule_down(self, x: float, y: float, to: float) -> None:
        """A line downwards."""
        self._pdf.set_line_width(0.15)
        self._pdf.line(x, y, x, to)

    def cut(self, y: float) -> None:
        """Where paper may be torn off."""
        self._pdf.set_line_width(0.2)
        self._pdf.set_dash_pattern(dash=1.2, gap=1.2)
        self._pdf.line(LEFT_MM, y, RIGHT_MM, y)
        self._pdf.set_dash_pattern()

    def box(self, x: float, y: float, wide: float, high: float, *, fill: int | None = None, thick: float = 0.2) -> None:
        """A rectangle: its edge of that thickness (0 for none), its inside of that grey."""
        if fill is not None:
            self._pdf.set_fill_color(_GREYS[fill])
        if thick:
            self._pdf.set_line_width(thick)
        self._pdf.rect(x, y, wide, high, _STYLES[bool(thick), fill is not None])
        if fill is not None:
            self._pdf.set_fill_color(_GREYS[INK])

    def watermark(self, text: str) -> None:
        """Large and pale across the sheet; drawn before what stands on it."""
        size = fitting(text, 70, 170, bold=True)
        with self._pdf.rotation(28, x=105, y=_MIDDLE_MM):
            self.text(20, _MIDDLE_MM + size * 0.12, text, size, bold=True, within=170, align="centre", grey=PALE)
        self._bold = None

    def qr(self, x: float, y: float, side: float, text: str) -> None:
        """A QR code at level M. Raises ValueError for a text that none can hold."""
        self._pdf.image(_qr(text), x, y, side, side)

    def bars(self, x: float, y: float, wide: float, high: float, digits: str) -> None:
        """An interleaved 2 of 5 bar code of an even number of digits, wide to narrow as 3 to 1."""
        units = 9 * len(digits) + 9
        self._pdf.set_fill_color(_GREYS[INK])
        self._pdf.interleaved2of5(digits, x, y, 3 * wide / units, high)

    def code128(self, x: float, y: float, module: float, high: float, text: str, *, within: float) -> None:
        """A bar code of letters and digits in the middle of a width; `module` is the narrowest bar.

        It begins a whole number of modules from x, so that a head whose dots divide a module keeps every bar even.
        """
        row = _bars(text)
        wide = row.width / _QR_SCALE
        self._pdf.image(row, x + (within / module - wide) // 2 * module, y, wide * module, high)

    def picture(self, x: float, y: float, wide: float, high: float, content: bytes) -> None:
        """A picture inside a box, in its own proportions, in the middle of it."""
        self._pdf.image(BytesIO(content), x, y, wide, high, keep_aspect_ratio=True)

    def bytes(self) -> bytes:
        """The finished PDF."""
        return bytes(self._pdf.output())


def _qr(text: str) -> Image.Image:
    """The symbol as a picture in grey, which the library packs four times as fast as one in black and white."""
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=ERROR_LEVEL)
    seen: Any = symbol.to_image(scale=_QR_SCALE, add_quiet_zones=False)
    pixels = memoryview(seen)
    return Image.frombytes("L", (seen.shape[1], seen.shape[0]), pixels.tobytes())


def _bars(text: str) -> Image.Image:
    """One row of a CODE 128 symbol: as a picture it is scanned at resolutions at which drawn bars blur together."""
    seen: Any = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(add_quiet_zones=False)
    row = Image.frombytes("L", (seen.shape[1], 1), memoryview(seen).tobytes()[: seen.shape[1]])
    return row.resize((row.width * _QR_SCALE, _QR_SCALE), Image.Resampling.NEAREST)
