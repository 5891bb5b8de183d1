"""Examples of both files in every form, written from the columns themselves: one note of two items and its plans."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import xlsxwriter

from zelo.isp.billing.columns import BILLING, COMPOSICAO, Column

_LEFT_OUT: Final = {
    "ref",
    "doc_externo",
    "chave_anterior",
    "item_anterior",
    "retencoes",
    "negociacao",
    "cclass",
    "cfop",
}
"""Columns that an ordinary note leaves empty: their examples would contradict one another in one line."""
_WIDE: Final = 14
_TEXT: Final = "@"


@dataclass(frozen=True, slots=True)
class File:
    """An example: how it is written, and what browsers are told that it is."""

    write: Callable[[], bytes]
    media_type: str


def billing_rows() -> list[dict[str, str]]:
    """Two items of one note."""
    first = {column.name: "" if column.name in _LEFT_OUT else column.example for column in BILLING}
    first |= {"desconto": "10,00", "tipo_desconto": "incondicional", "acrescimo": "0", "total_fatura": "99,80"}
    second = first | {"plano": "FIXO", "descricao": "Telefone fixo ilimitado", "valor_unitario": "9,90", "desconto": ""}
    return [first, second]


def plan_rows() -> list[dict[str, str]]:
    """A plan of two parts, and one of one."""
    first = {column.name: column.example for column in COMPOSICAO} | {"icms_reducao": ""}
    second = first | {
        "item": "SVA500", "descricao": "Aplicativos", "percentual": "30", "cclass": "0600601", "cfop": "",
        "icms_cst": "SEM", "icms_aliquota": "", "fust_aliquota": "", "funttel_aliquota": "",
    }  # fmt: skip
    whole = first | {"plano": "FIXO", "item": "STFC", "descricao": "", "percentual": "100", "cclass": "0400101"}
    return [first, second, whole]


def as_csv(columns: Sequence[Column], rows: Sequence[Mapping[str, str]]) -> bytes:
    """UTF-8 with its mark, by which Excel knows it, and semicolons."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [column.name for column in columns], delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def as_workbook(columns: Sequence[Column], rows: Sequence[Mapping[str, str]]) -> bytes:
    """Every cell as text, so that Excel eats no zeros and turns no long code into a number."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("faturamento")
        text, head = book.add_format({"num_format": _TEXT}), book.add_format({"bold": True, "num_format": _TEXT})
        sheet.set_column(0, len(columns) - 1, _WIDE, text)
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.name, head)
            for number, row in enumerate(rows, start=1):
                sheet.write_string(number, place, row[column.name], text)
    return buffer.getvalue()


def as_json(rows: Sequence[Mapping[str, str]]) -> bytes:
    """A list of objects, without what is empty."""
    filled = [{name: cell for name, cell in row.items() if cell} for row in rows]
    return json.dumps(filled, ensure_ascii=False, indent=2).encode()


_WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES: Final[Mapping[str, File]] = {
    "faturas.csv": File(lambda: as_csv(BILLING, billing_rows()), "text/csv; charset=utf-8"),
    "faturas.xlsx": File(lambda: as_workbook(BILLING, billing_rows()), _WORKBOOK),
    "faturas.json": File(lambda: as_json(billing_rows()), "application/json; charset=utf-8"),
    "composicoes.csv": File(lambda: as_csv(COMPOSICAO, plan_rows()), "text/csv; charset=utf-8"),
    "composicoes.xlsx": File(lambda: as_workbook(COMPOSICAO, plan_rows()), _WORKBOOK),
}
"""By the name under which they are downloaded."""
