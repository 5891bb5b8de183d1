"""Files of every kind: the same month in four forms is the same month, bounds hold before anything is unpacked, and no
bytes whatever make a reader crash. Workbooks are written by openpyxl, another library than the one that reads.
"""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from html import escape
from typing import Any, Final

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.isp.billing.files import DAY, ISSUERS, NOTE, PARTS, told, written
from zelo.isp.billing import template
from zelo.isp.billing.columns import BILLING
from zelo.isp.billing.fatura import Issuer
from zelo.isp.billing.notes import KEY, Billing, read_billing
from zelo.isp.billing.sheet import Sheet, read_sheet
from zelo.isp.billing.source import detect, workbook
from zelo.isp.billing.source.rows import Kind, SourceError

Rows = Iterable[Mapping[str, Any]]
ODD: Final = NOTE | {"nome": 'João & Maria <da> "Silva" Conceição'}
MONTH: Final = [
    ODD,
    ODD | {"descricao": "Telefone", "valor_unitario": "1.039,90"},
    NOTE | {"fatura": "F2", "nome": "=HYPERLINK(A1)"},
]


def as_workbook(rows: Rows, *, before: Iterable[list[object]] = (), after: Iterable[list[object]] = ()) -> bytes:
    """A workbook of these cells, typed as they are."""
    rows, book = list(rows), openpyxl.Workbook()
    sheet: Any = book.active
    for cells in before:
        sheet.append(cells)
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    for line in sheet.iter_rows():
        for one in line:
            if isinstance(one.value, str) and one.value.startswith("="):
                one.data_type = "s"
    for cells in after:
        sheet.append(cells)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def as_list(rows: Rows) -> bytes:
    """A list of objects."""
    return json.dumps(list(rows), ensure_ascii=False).encode()


def as_faturas(rows: Rows) -> bytes:
    """Faturas with their items inside."""
    items = ("plano", "descricao", "quantidade", "valor_unitario")
    faturas: dict[str, dict[str, Any]] = {}
    for row in rows:
        shared = {name: cell for name, cell in row.items() if name not in items}
        fatura = faturas.setdefault(row["fatura"], shared | {"itens": []})
        fatura["itens"].append({name: row[name] for name in items})
    return json.dumps({"status": "success", "faturas": list(faturas.values())}).encode()


def as_page(rows: Rows) -> bytes:
    """A table that calls itself a spreadsheet."""
    rows = list(rows)
    lines = [
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in (one.values() for one in rows)
    ]
    head = "".join(f"<th>{name}</th>" for name in rows[0])
    return f"<html><body><table><tr>{head}</tr>{''.join(lines)}</table></body></html>".encode()


FORMS: Final[Mapping[str, Callable[[Rows], bytes]]] = {
    "workbook": as_workbook, "list": as_list, "faturas": as_faturas, "page": as_page,
}  # fmt: skip


def read(content: bytes) -> Billing:
    """What a file of any kind amounts to."""
    return read_billing(content, written(PARTS), ISSUERS)


def sheet_of(content: bytes) -> Sheet:
    """As the billing file."""
    return read_sheet(content, BILLING, KEY)


def rules(content: bytes) -> list[tuple[int, str]]:
    """Line and rule of each fault."""
    return [(one.line, one.fault.rule) for one in sheet_of(content).faults]


@pytest.mark.parametrize("form", FORMS)
def test_a_month_is_the_same_in_every_form(form: str) -> None:
    plain, other = read(written(MONTH)), read(FORMS[form](MONTH))
    assert told(other) == []
    assert [(note.reference, note.draft) for note in other.notes] == [
        (note.reference, note.draft) for note in plain.notes
    ]
    assert len(plain.notes) == 2


def test_a_file_is_what_it_holds_and_not_what_it_is_called() -> None:
    kinds = [Kind.WORKBOOK, Kind.RECORDS, Kind.RECORDS, Kind.PAGE]
    assert [detect.opened(make(MONTH)).kind for make in FORMS.values()] == kinds
    assert detect.opened(written(MONTH)).kind is Kind.TEXT


def test_typed_cells_of_a_sheet_are_read_as_people_would_type_them() -> None:
    typed = NOTE | {
        "competencia": date(2026, 11, 1),
        "vencimento": datetime(2026, 12, 10),  # noqa: DTZ001 sheets know no zones
        "contrato_inicio": date(2024, 3, 1),
        "cpf_cnpj": 52998224725,
        "cep": 90010000,
        "numero": 100.0,
        "quantidade": 1,
        "valor_unitario": 99.9,
        "cliente": 1001,
    }
    assert [note.draft for note in read(as_workbook([typed])).notes] == [
        note.draft for note in read(written([NOTE])).notes
    ]


@pytest.mark.parametrize(
    ("cell", "rule"), [(2.3797780599231588e46, "CELULA-LINHA-PERDIDA"), (10**46, "CELULA-LINHA-PERDIDA")]
)
def test_a_line_that_became_a_number_is_refused(cell: float, rule: str) -> None:
    assert rules(as_workbook([NOTE | {"linha_digitavel": cell}])) == [(2, rule)]


def test_a_reference_that_became_a_number_is_refused_and_holds_back_nobody_else() -> None:
    found = sheet_of(as_workbook([NOTE | {"fatura": 12345678901234567890}, NOTE | {"fatura": "F2"}]))
    assert [(one.line, one.fault.rule) for one in found.faults] == [(2, "CELULA-CODIGO-PERDIDO")]
    assert [line.text("fatura") for line in found.lines] == ["F2"]


def test_titles_above_and_totals_below_are_left_out_and_told() -> None:
    titles: list[list[object]] = [["Relatório de faturamento"], [], ["Período:", "11/2026"]]
    totals: list[list[object]] = [["Total geral", None, None, 139.8]]
    found = sheet_of(as_workbook(MONTH, before=titles, after=totals))
    assert [line.number for line in found.lines] == [5, 6, 7]
    assert {remark.sentence: remark.lines for remark in found.skipped} == {
        "Linha acima do cabeçalho: pulada.": [1, 3],
        "Linha de total: pulada.": [8],
    }


def test_a_total_that_a_sheet_would_calculate_is_no_line() -> None:
    assert sheet_of(as_workbook(MONTH, after=[["TOTAL", "=SUM(S2:S4)"]])).count == 3


def test_the_first_sheet_that_holds_anything_is_read() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(MONTH)))
    book.create_sheet("vazia", 0)
    buffer = io.BytesIO()
    book.save(buffer)
    assert len(sheet_of(buffer.getvalue()).lines) == 3


# bounds, before anything is unpacked for its meaning


def _zip(entries: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _with_sheet(xml: bytes) -> bytes:
    """A workbook whose sheet is this."""
    with zipfile.ZipFile(io.BytesIO(as_workbook(MONTH))) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    return _zip(entries | {"xl/worksheets/sheet1.xml": xml})


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_UNPACKED_BYTES", 1_000_000)
    bomb = _zip({"xl/worksheets/sheet1.xml": b"0" * 2_000_000})
    assert len(bomb) < 10_000
    assert rules(bomb) == [(0, "ARQUIVO-PLANILHA-TAMANHO")]


def test_a_zip_bomb_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(_zip({"xl/worksheets/sheet1.xml": b"<x>" + b"0" * 2_000_000 + b"</x>"}))
    real = (2_000_007).to_bytes(4, "little")
    assert content.count(real) == 2, "in both headers"
    lying = bytes(content).replace(real, (100).to_bytes(4, "little"))
    assert rules(lying) == [(0, "ARQUIVO-PLANILHA")]


def test_many_entries_are_refused() -> None:
    many = _zip({f"xl/worksheets/{number}.xml": b"<x/>" for number in range(workbook.MOST_ENTRIES + 1)})
    assert rules(many) == [(0, "ARQUIVO-PLANILHA-TAMANHO")]


_NAMESPACE: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>',
        '<row r="1"><c r="&#88;FD1"/></row>',
        "<row r='1'><c r='XFD1'/></row>",
        f"<row>{'<c/>' * 300}</row>",
        '<row r="1"><c r="ZZZZ1"/></row>',
    ],
)
def test_a_sheet_with_cells_far_away_is_refused_before_room_is_made_for_all_between(cells: str) -> None:
    sheet = f"<worksheet {_NAMESPACE}><sheetData>{cells}</sheetData></worksheet>"
    assert rules(_with_sheet(sheet.encode())) == [(0, "ARQUIVO-PLANILHA-CELULAS")]


def test_entities_in_a_sheet_are_refused() -> None:
    bomb = f'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet {_NAMESPACE}><sheetData/></worksheet>'
    assert rules(_with_sheet(bomb.encode())) == [(0, "ARQUIVO-PLANILHA")]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "ARQUIVO-VAZIO"),
        (b"\xef\xbb\xbf \r\n", "ARQUIVO-VAZIO"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "ARQUIVO-XLS"),
        (b"%PDF-1.7", "ARQUIVO-FORMATO"),
        (b"<?xml version='1.0'?><Workbook/>", "ARQUIVO-XML"),
        (b"PK\x03\x04rest", "ARQUIVO-PLANILHA"),
        (_zip({"a.txt": b"x"}), "ARQUIVO-PLANILHA"),
        (b"[1]", "ARQUIVO-JSON"),
        (b'{"a": 1}', "ARQUIVO-JSON"),
        (b"[" * 100_000, "ARQUIVO-JSON-FUNDO"),
        (b'[{"a": ' + b"[" * 100_000, "ARQUIVO-JSON-FUNDO"),
        (b'[{"a": {"b": {"c": {"d": {"e": 1}}}}}]', "ARQUIVO-JSON-FUNDO"),
        (json.dumps([{f"k{n}": n for n in range(300)}]).encode(), "ARQUIVO-COLUNAS"),
        (b";".join([b"x"] * 1_000_000), "ARQUIVO-COLUNAS"),
        (b"<table><tr>" + b"<td>x" * 1_000_000 + b"</table>", "ARQUIVO-COLUNAS"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_fault(content: bytes, rule: str) -> None:
    assert [found for _, found in rules(content)] == [rule]


def test_a_broken_record_names_its_place_and_nothing_of_the_file_is_used() -> None:
    content = as_list(MONTH)[:-40]
    assert rules(content) == [(3, "ARQUIVO-JSON")]
    assert len(sheet_of(content).lines) == 0


def test_numbers_of_json_keep_their_digits() -> None:
    content = as_list([NOTE]).replace(b'"1001"', b"12345678901234567890").replace(b'"99,90"', b"99.90")
    [line] = sheet_of(content).lines
    assert (line.text("cliente"), line.text("valor_unitario")) == ("12345678901234567890", "99.90")


@pytest.mark.parametrize("name", template.FILES)
def test_the_examples_of_the_manual_are_the_same_in_every_form(name: str) -> None:
    plans = template.FILES["composicoes.xlsx"].write()
    if name.startswith("faturas"):
        issuers = {"06117473000150": Issuer("4314902", DAY)}
        billing = read_billing(template.FILES[name].write(), plans, issuers)
        assert told(billing) == []
        plain = read_billing(template.FILES["faturas.csv"].write(), plans, issuers)
        assert [note.draft for note in billing.notes] == [note.draft for note in plain.notes]
        assert len(plain.notes) == 1


# any bytes

STARTS: Final = (
    b"",
    b"PK\x03\x04",
    b"[",
    b'{"faturas":[',
    b"<table><tr>",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    written([NOTE]),
)


@settings(max_examples=300)
@given(st.sampled_from(STARTS), st.binary(max_size=300))
def test_no_bytes_whatever_make_a_reader_crash(start: bytes, rest: bytes) -> None:
    for content in (start + rest, rest + start):
        billing = read(content)
        assert billing.faults or len(billing.notes)


@settings(max_examples=200)
@given(st.sampled_from(sorted(FORMS)), st.integers(0, 10**9), st.binary(min_size=1, max_size=8))
def test_a_file_damaged_anywhere_gives_faults_or_the_whole_month(form: str, place: int, damage: bytes) -> None:
    totals = {"F1": "1139.80", "F2": "99.90"}
    content = FORMS[form](row | {"total_fatura": totals[row["fatura"]]} for row in MONTH)
    at = place % len(content)
    billing = read(content[:at] + damage + content[at + len(damage) :])
    made = {note.reference: len(note.draft.det) for note in billing.notes}
    assert made.get("F1", 2) == 2, "never half a note"
    assert billing.faults or made


@given(st.lists(st.lists(st.text(max_size=6), max_size=6), max_size=6))
def test_any_rows_under_a_good_header_give_lines_or_faults(rows: list[list[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(NOTE)
    writer.writerows(rows)
    found = sheet_of(text.getvalue().encode("utf-8", "replace"))
    assert found.faults or found.lines or found.skipped


def test_a_reader_of_others_formats_that_fails_is_one_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        """A library that did not expect this."""

        @staticmethod
        def from_filelike(_file: object) -> object:
            """As its name says."""
            raise OSError("no")

    monkeypatch.setattr("zelo.isp.billing.source.workbook.CalamineWorkbook", Failing)
    with pytest.raises(SourceError):
        workbook.opened(as_workbook(MONTH))
