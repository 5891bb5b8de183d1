"""Tables as files for a spreadsheet, row by row: CSV as Brazilian programs read it, and XLSX in constant memory."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

import xlsxwriter
from starlette.responses import Response, StreamingResponse

from zelo.fiscal.money import show

Cell = str | int | Decimal | None
Rows = Iterable[Sequence[Cell]]

KINDS: Final = ("csv", "xlsx")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_MONEY: Final = "#,##0.00"
_CHUNK_BYTES: Final = 65_536
_CSV_ROWS: Final = 500
_WIDTH_CHARS: Final = 18


def harmless(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text[:1] in _FORMULA else text


def answer(kind: str, name: str, header: Sequence[str], rows: Rows) -> Response:
    """The table as an attachment of that kind."""
    media, made = _KINDS[kind]
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return StreamingResponse(made(header, rows), media_type=media, headers=headers)


def _csv(header: Sequence[str], rows: Rows) -> Iterator[bytes]:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    out.write("\ufeff")
    writer.writerow(header)
    for number, row in enumerate(rows, start=1):
        writer.writerow([_plain(cell) for cell in row])
        if number % _CSV_ROWS == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return show(cell).replace(".", "")
    return str(cell) if isinstance(cell, int) else harmless(cell)


def _xlsx(header: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """Texts are written as texts: no cell becomes a formula or a link, whatever it begins with."""
    with tempfile.TemporaryFile() as file:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(file, options) as book:
            sheet, money, bold = book.add_worksheet(), book.add_format({"num_format": _MONEY}), {"bold": True}
            sheet.set_column(0, len(header) - 1, _WIDTH_CHARS)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, header, book.add_format(bold))
            for place, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(place, column, cell)
                    elif cell is not None:
                        sheet.write_number(place, column, cell, money if isinstance(cell, Decimal) else None)
        file.seek(0)
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


_KINDS: Final[dict[str, tuple[str, Callable[[Sequence[str], Rows], Iterator[bytes]]]]] = {
    "csv": ("text/csv; charset=utf-8", _csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
}
