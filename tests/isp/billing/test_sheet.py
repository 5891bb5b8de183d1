"""The file as a whole: encoding, header, separators and bounds; every fault names its line and column."""

import csv
import io
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.isp.billing.files import NOTE, OPTIONAL, PART, PARTS, read, told, written
from zelo.isp.billing import cell, sheet
from zelo.isp.billing.columns import BILLING, COMPOSICAO, Column
from zelo.isp.billing.notes import KEY, PLAN_KEY
from zelo.isp.billing.sheet import Sheet, read_sheet
from zelo.isp.billing.source.rows import MOST_COLUMNS

LETTERS: Final = st.text(
    st.characters(max_codepoint=0xFF, exclude_categories=["C", "Z"], exclude_characters="ÂÃ"), min_size=1, max_size=8
)
FULL: Final = NOTE | OPTIONAL
GOOD: Final = written([FULL])


def of_billing(content: bytes) -> Sheet:
    """Read as the billing file."""
    return read_sheet(content, BILLING, KEY)


def same(one: Sheet, other: Sheet) -> bool:
    """Whether two files say the same, wherever their lines stand."""
    return [line.values for line in one.lines] == [line.values for line in other.lines] and one.count == other.count


def faults(found: Sheet) -> list[tuple[int, str, str]]:
    """Line, rule and column of every fault, each with what a person needs."""
    for line_fault in found.faults:
        assert line_fault.fault.sentence.endswith(".")
        assert line_fault.fault.remedy.endswith(".")
    return [(one.line, one.fault.rule, one.fault.where) for one in found.faults]


def test_the_example_row_has_every_column_and_no_fault() -> None:
    assert set(FULL) == {column.name for column in BILLING}
    assert set(NOTE) == {column.name for column in BILLING if column.required} | {"linha_digitavel"}
    found = of_billing(GOOD)
    assert faults(found) == []
    assert (found.count, len(found.lines), found.lines[0].number) == (1, 1, 2)


@pytest.mark.parametrize("column", BILLING, ids=lambda column: column.name)
def test_a_value_that_is_missing_is_told_at_its_column_if_it_must_be_there(column: Column) -> None:
    found = of_billing(written([FULL | {column.name: "  "}]))
    assert faults(found) == ([(2, "CELULA-VAZIA", column.name)] if column.required else [])
    if not column.required:
        assert column.name not in found.lines[0].values


@pytest.mark.parametrize("column", BILLING, ids=lambda column: column.name)
def test_a_column_that_is_missing_is_told_if_it_must_be_there(column: Column) -> None:
    found = of_billing(written([FULL], names=[name for name in FULL if name != column.name]))
    assert faults(found) == ([(1, "COLUNA-FALTA", column.name)] if column.required else [])
    assert len(found.lines) == (0 if column.required else 1)


@pytest.mark.parametrize("column", COMPOSICAO, ids=lambda column: column.name)
def test_composicoes_need_their_columns_too(column: Column) -> None:
    present = [one.name for one in COMPOSICAO if one is not column]
    content = written([{name: PART.get(name, "") for name in present}])
    assert faults(read_sheet(content, COMPOSICAO, PLAN_KEY)) == (
        [(1, "COLUNA-FALTA", column.name)] if column.required else []
    )


def test_names_of_columns_may_be_in_capitals_in_any_order_and_with_blanks() -> None:
    names = [*reversed(FULL)]
    head, _, rest = written([FULL], names=names).partition(b"\n")
    found = of_billing(b" ; ".join(head.upper().split(b";")) + b"\n" + rest)
    assert same(found, of_billing(GOOD))


def test_a_column_nobody_knows_is_left_out_and_shown() -> None:
    found = of_billing(written([NOTE | {"senha": "x"}]))
    assert faults(found) == []
    assert found.header is not None
    assert [head.title for head in found.header.heads if not head.column] == ["senha"]
    assert "senha" not in found.lines[0].values


def test_a_column_that_comes_twice_is_told_once() -> None:
    names = [*NOTE, "plano", "plano", "uf"]
    assert faults(of_billing(written([NOTE], names=names))) == [
        (1, "COLUNA-REPETIDA", "plano"),
        (1, "COLUNA-REPETIDA", "uf"),
    ]


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb\xbf", GOOD.partition(b"\n")[0], GOOD.partition(b"\n")[0] + b"\n;;\n"]
)
def test_a_file_without_lines_is_told(content: bytes) -> None:
    assert faults(of_billing(content)) == [(0, "ARQUIVO-VAZIO", "")]


def test_a_byte_order_mark_and_line_ends_of_windows_make_no_difference() -> None:
    other = b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n")
    assert same(of_billing(other), of_billing(GOOD))


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_encoding_and_separator_are_found_out(encoding: str, separator: str) -> None:
    row = NOTE | {"nome": "João Conceição", "valor_unitario": "99.90"}
    content = written([row], separator=separator).decode().encode(encoding)
    found = of_billing(content)
    assert faults(found) == []
    assert [line.text("nome") for line in found.lines] == ["João Conceição"]


@pytest.mark.parametrize("content", [GOOD.decode().encode("utf-32"), GOOD.replace(b"Maria", b"Mar\0ia")])
def test_what_is_no_text_is_told_and_nothing_is_guessed(content: bytes) -> None:
    assert faults(of_billing(content)) == [(0, "ARQUIVO-CODIFICACAO", "")]


@pytest.mark.parametrize(("most", "other"), [("utf-8", "cp1252"), ("cp1252", "utf-8")])
def test_lines_in_another_encoding_are_told_by_line_and_column_and_the_others_stand(most: str, other: str) -> None:
    rows = [NOTE | {"nome": "João", "fatura": f"F{number}"} for number in range(5)]
    head, *lines = written(rows).decode().splitlines(keepends=True)
    encoded = [line.encode(other if number == 2 else most) for number, line in enumerate(lines)]
    found = of_billing(head.encode() + b"".join(encoded))
    assert faults(found) == [(4, "CELULA-CODIFICACAO", "nome")]
    assert [line.text("fatura") for line in found.lines] == ["F0", "F1", "F3", "F4"]


def test_separators_and_quotes_inside_quotes_belong_to_the_text() -> None:
    [line] = of_billing(written([NOTE | {"nome": 'Bar; "do Zé"'}])).lines
    assert line.text("nome") == 'Bar; "do Zé"'


@pytest.mark.parametrize("text", ["um\ndois", "um\r\ndois", "um\tdois", "um\x07", "um\x85dois", "um\x1bdois"])
def test_a_line_break_or_control_character_is_told_at_its_cell(text: str) -> None:
    found = of_billing(written([NOTE | {"observacao": text}, NOTE | {"observacao": "bom", "fatura": "F2"}]))
    assert faults(found) == [(2, "CELULA-CARACTERE", "observacao")]
    assert [line.text("fatura") for line in found.lines] == ["F2"]


def test_a_fault_after_a_line_break_in_quotes_names_the_line_where_its_row_begins() -> None:
    content = written([NOTE | {"nome": "a\nb\nc"}, NOTE | {"fatura": "F2", "uf": "XX"}])
    lines = content.decode().split("\n")
    assert ";F2;" in lines[4]
    assert faults(of_billing(content)) == [(2, "CELULA-CARACTERE", "nome"), (5, "CELULA-OPCAO", "uf")]


def test_blank_lines_are_no_lines_but_are_counted_on() -> None:
    head, row = GOOD.decode().splitlines()
    found = of_billing(f"{head}\n\n;;;\n{row}\n\n{row}\n".encode())
    assert (found.count, [line.number for line in found.lines]) == (2, [4, 6])


@pytest.mark.parametrize("ending", [";", ";;x", None])
def test_a_line_of_another_width_is_told_and_not_used(ending: str | None) -> None:
    head, row = GOOD.decode().splitlines()
    wide = row + ending if ending is not None else row.rpartition(";")[0]
    found = of_billing(f"{head}\n{wide}\n{row}\n".encode())
    assert faults(found) == [(2, "LINHA-COLUNAS", "")]
    assert [line.number for line in found.lines] == [3]


@pytest.mark.parametrize("damage", ['"', '"a"b;', f'"{"x" * (csv.field_size_limit() + 1)}"'])
def test_quotes_that_do_not_pair_or_a_cell_without_end_make_the_file_none(damage: str) -> None:
    head, row = GOOD.decode().splitlines()
    found = of_billing(f"{head}\n{row}\n{damage}\n".encode())
    assert len(found.lines) == 0
    [(line, rule, _)] = faults(found)
    assert (line, rule) == (3, "ARQUIVO-CSV")
    assert found.faults[0].fault.sentence.isascii() is False, "told in Portuguese, not in the words of the csv module"


def test_a_cell_may_be_so_long_and_no_longer() -> None:
    most = "x" * cell.CELL_CHARS
    assert faults(of_billing(written([NOTE | {"nome": most}]))) == []
    assert faults(of_billing(written([NOTE | {"nome": most + "x"}]))) == [(2, "CELULA-TAMANHO", "nome")]


def test_a_file_may_have_so_many_columns_and_no_more() -> None:
    names = [*NOTE, *(f"x{n}" for n in range(MOST_COLUMNS - len(NOTE)))]
    assert faults(of_billing(written([NOTE], names=names))) == []
    assert faults(of_billing(written([NOTE], names=[*names, "y"]))) == [(1, "ARQUIVO-COLUNAS", "")]


def test_a_file_may_have_so_many_lines_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_LINES", 3)
    assert of_billing(written([NOTE] * 3)).count == 3
    found = of_billing(written([NOTE] * 4))
    assert faults(found) == [(0, "ARQUIVO-LINHAS", "")]
    assert len(found.lines) == 0


@pytest.mark.parametrize("text", ["=HYPERLINK(A1)", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_what_a_sheet_would_calculate_stays_text(text: str) -> None:
    [line] = of_billing(written([NOTE | {"nome": text}])).lines
    assert line.values["nome"] == text


def test_every_fault_of_a_line_is_told_at_once_and_the_other_lines_stand() -> None:
    wrong = {"cep": "1", "uf": "XX", "valor_unitario": "dez", "nome": ""}
    billing = read(NOTE | wrong, NOTE | {"fatura": "F2"})
    assert sorted(told(billing)) == sorted(
        (2, rule, column)
        for column, rule in {
            "cep": "CELULA-DIGITOS",
            "uf": "CELULA-OPCAO",
            "valor_unitario": "CELULA-NUMERO",
            "nome": "CELULA-VAZIA",
        }.items()
    )
    assert {found.reference for found in billing.faults} == {"F1"}
    assert [(note.reference, note.line) for note in billing.notes] == [("F2", 3)]


def test_faults_of_composicoes_say_that_they_are_theirs() -> None:
    billing = read(NOTE, parts=[*PARTS, PART | {"plano": "OTHER", "cclass": "1"}])
    assert told(billing) == [(5, "CELULA-DIGITOS", "composicoes: cclass")]
    assert len(billing.notes) == 1


@settings(max_examples=200)
@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_no_bytes_whatever_make_the_reader_crash(content: bytes) -> None:
    head = GOOD.partition(b"\n")[0] + b"\n"
    for file in (content, head + content):
        found = of_billing(file)
        assert found.lines or found.faults


@given(
    st.lists(
        st.tuples(*[LETTERS] * 3),
        min_size=1,
        max_size=8,
    )
)
def test_every_text_comes_through_as_the_csv_module_reads_it(rows: list[tuple[str, str, str]]) -> None:
    content = written(NOTE | dict(zip(("nome", "bairro", "cliente"), row, strict=True)) for row in rows)
    expected = list(csv.DictReader(io.StringIO(content.decode(), newline=""), delimiter=";"))
    found = of_billing(content)
    assert faults(found) == []
    for line, row in zip(found.lines, expected, strict=True):
        assert [line.text(name) for name in ("nome", "bairro", "cliente")] == [
            row["nome"],
            row["bairro"],
            row["cliente"],
        ]
