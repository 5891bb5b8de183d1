"""A workbook (.xlsx). Everything is bounded before anything is read for its meaning: entries, bytes once unpacked,
rows, columns. Then python-calamine reads the first sheet that holds anything; numbers and dates become the texts that a
person would have typed, and a number with more digits than a sheet can keep shows that it lost them.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from numbers import Real
from typing import Any, Final
from xml.parsers import expat

from python_calamine import CalamineWorkbook

from zelo.fiscal.fault import Fault
from zelo.isp.billing.source.rows import MOST_COLUMNS, MOST_LINES, Kind, Row, Source, SourceError

MARK: Final = b"PK\x03\x04"
MOST_ENTRIES: Final = 500
MOST_UNPACKED_BYTES: Final = 600_000_000
MOST_CELLS: Final = 8_000_000
LOST_FROM: Final = 10**15
"""A sheet keeps 15 digits of a number (IEEE 754 double); from here on some may be gone."""
_SPARE_COLUMNS: Final = 56
"""A sheet may have so many more than a file may: blank ones to the right are cut off before they are counted."""
_BLOCK_BYTES: Final = 1 << 20
_SHEETS: Final = "xl/worksheets/"
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)

NOT_A_WORKBOOK: Final = Fault(
    "ARQUIVO-PLANILHA", "A planilha não se abre.", "Salve-a de novo como .xlsx, sem senha, e envie-a outra vez."
)
TOO_LARGE: Final = Fault(
    "ARQUIVO-PLANILHA-TAMANHO",
    f"A planilha tem mais de {MOST_ENTRIES} partes ou passa de {MOST_UNPACKED_BYTES // 1_000_000} MB descompactada.",
    "Divida-a em partes, ou exporte como CSV.",
)
TOO_WIDE: Final = Fault(
    "ARQUIVO-PLANILHA-CELULAS",
    f"A planilha passa de {MOST_LINES} linhas ou de {MOST_COLUMNS} colunas.",
    "Copie só as colunas e linhas do faturamento para uma planilha nova.",
)


def opened(content: bytes) -> Source:
    """The rows of the first sheet that holds anything. Raises SourceError."""
    _check(content)
    try:
        book: Any = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = list(book.sheet_names)
        for name in sheets:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height:
                said = f"aba {name[:60]}" + (f" (de {len(sheets)})" if len(sheets) > 1 else "")
                return Source(Kind.WORKBOOK, said, sheet.total_height, _rows(sheet))
    except Exception as error:  # a parser of others' formats: any of its errors means the same to a person
        raise SourceError(NOT_A_WORKBOOK) from error
    return Source(Kind.WORKBOOK, "planilha vazia", 0, iter(()))


def _rows(sheet: Any) -> Iterator[Row]:
    first_row, first_column = sheet.start or (0, 0)
    left = [""] * first_column
    for number, cells in enumerate(sheet.iter_rows(), start=first_row + 1):
        texts = left + [_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        yield number, texts


def _text(cell: object) -> str:
    """A cell as a person would have typed it."""
    match cell:
        case str():
            return cell
        case bool():
            return "sim" if cell else "não"
        case Real():
            return _number(Decimal(repr(cell)))
        case datetime():
            return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(" ")
        case date():
            return cell.isoformat()
        case time() | timedelta():
            return str(cell)
    return ""


def _number(value: Decimal) -> str:
    if not value.is_finite() or abs(value) >= LOST_FROM:
        return f"{value:.14E}"
    whole = value.to_integral_value()
    return str(int(whole)) if whole == value else f"{value:f}"


def _check(content: bytes) -> None:
    """Unpack every entry once and keep nothing of it; count what the sheets hold. Raises SourceError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = archive.infolist()
            if len(inside) > MOST_ENTRIES or sum(info.file_size for info in inside) > MOST_UNPACKED_BYTES:
                raise SourceError(TOO_LARGE)
            if not any(info.filename.startswith(_SHEETS) for info in inside):
                raise SourceError(NOT_A_WORKBOOK)
            for info in inside:
                _check_entry(archive, info)
    except SourceError:
        raise
    except (*_BROKEN, expat.ExpatError) as error:
        raise SourceError(NOT_A_WORKBOOK) from error


def _check_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    """An entry that is longer than it says fails its check sum here, before another library unpacks it."""
    meter = _Meter() if info.filename.startswith(_SHEETS) and info.filename.endswith(".xml") else None
    with archive.open(info) as file:
        for block in iter(lambda: file.read(_BLOCK_BYTES), b""):
            if meter is not None:
                meter.parser.Parse(block, False)
    if meter is not None:
        meter.parser.Parse(b"", True)


class _Meter:
    """Counts rows and columns of a sheet while its XML goes by: a library makes room for all from first to last."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.row = self.column = self.cells = 0

    def _doctype(self, *_said: object) -> None:
        raise SourceError(NOT_A_WORKBOOK)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name.endswith(" c"):
            self.cells += 1
            self.column += 1
            reference = attributes.get("r")
            if reference is not None:
                self._place(reference)
            if self.column > MOST_COLUMNS + _SPARE_COLUMNS or self.cells > MOST_CELLS:
                raise SourceError(TOO_WIDE)
        elif name.endswith(" row"):
            number = attributes.get("r", "")
            self.row = int(number) if number.isdecimal() and len(number) < 8 else self.row + 1
            self.column = 0
            if self.row > MOST_LINES + _SPARE_COLUMNS:
                raise SourceError(TOO_WIDE)

    def _place(self, reference: str) -> None:
        found = _REFERENCE.fullmatch(reference)
        if found is None or int(found[2]) > MOST_LINES + _SPARE_COLUMNS:
            raise SourceError(TOO_WIDE)
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - ord("@")
        self.column = column
