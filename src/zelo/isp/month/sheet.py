"""Tables as a spreadsheet reads them, row by row: CSV as Brazilian programs expect it, and XLSX in constant memory."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO, Final

import xlsxwriter

from zelo.fiscal.money import show

Cell = str | int | Decimal | None
Rows = Iterable[Sequence[Cell]]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_MONEY: Final = "#,##0.00"
_CSV_ROWS: Final = 500
_WIDTH_CHARS: Final = 18


def harmless(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = str(cell)
    return f"'{text}" if text[:1] in _FORMULA else text


def csv_chunks(header: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """The table as CSV: semicolons, decimal commas, UTF-8 with its mark; some rows at a time."""
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


def write_xlsx(file: BinaryIO, header: Sequence[str], rows: Rows, created: datetime) -> None:
    """The table as XLSX. Texts are written as texts: no cell becomes a formula or a link, whatever it begins with.

    `created` is what the file says of itself, so that the same table may be the same bytes.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"created": created})
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
