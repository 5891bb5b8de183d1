"""Forms as tables: what was typed stays, what cannot be read is told at its field, and nothing raises."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zelo.fiscal.fault import Fault
from zelo.isp.billing import cell
from zelo.web import note_draft, register
from zelo.web.forms import Field, blank, email, fill, month, password, printable

FIELDS = (
    Field(name="nome", label="Nome", chars=10),
    Field(name="dia", label="Dia", read=cell.day, kind="date", required=False),
    Field(name="valor", label="Valor", read=cell.amount, required=False),
    Field(name="cor", label="Cor", options=(("a", "Azul"), ("v", "Verde")), required=False),
    Field(name="texto", label="Texto", kind="area", required=False),
    Field(name="senha", label="Senha", kind="password", required=False),
)
EVERY_TABLE = (
    FIELDS,
    register.REGISTER,
    register.SERIE,
    note_draft.SUBSCRIBER,
    note_draft.CONTRACT,
    note_draft.INVOICE,
    note_draft.items_fields(date(2026, 11, 20)),
)


def test_values_are_read_and_names_carry_the_prefix() -> None:
    posted = {
        "x-nome": " Ana\u00a0Lia ",
        "x-dia": "2026-11-20",
        "x-valor": "1.234,5",
        "x-cor": "v",
        "x-texto": "a\r\nb",
    }
    filled = fill(FIELDS, posted, "x-")
    assert filled.good()
    assert filled.values == {
        "nome": "Ana Lia", "dia": date(2026, 11, 20), "valor": Decimal("1234.5"), "cor": "v", "texto": "a\r\nb",
    }  # fmt: skip
    assert (filled.text("nome"), filled.day("dia"), filled.number("falta")) == (
        "Ana Lia",
        date(2026, 11, 20),
        Decimal(0),
    )


@pytest.mark.parametrize(
    ("name", "typed", "rule"),
    [
        ("nome", "", "CAMPO-VAZIO"),
        ("nome", " \u00a0 ", "CAMPO-VAZIO"),
        ("nome", "x" * 11, "CAMPO-TAMANHO"),
        ("nome", "a\x00b", "CAMPO-CARACTERE"),
        ("nome", "a\nb", "CAMPO-CARACTERE"),
        ("nome", "a\u202eb", "CAMPO-CARACTERE"),
        ("texto", "a\x07b", "CAMPO-CARACTERE"),
        ("dia", "31/02/2026", "CELULA-DATA"),
        ("cor", "amarelo", "CAMPO-OPCAO"),
    ],
)
def test_each_kind_of_fault_is_told_at_its_field(name: str, typed: str, rule: str) -> None:
    filled = fill(FIELDS, {"nome": "Ana", name: typed})
    assert {where: fault.rule for where, fault in filled.faults.items()} == {name: rule}
    assert filled.faults[name].where == name
    assert not filled.good()


def test_a_password_is_taken_as_it_is() -> None:
    assert fill(FIELDS, {"nome": "Ana", "senha": " \tçã "}).text("senha") == " \tçã "


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=300), max_size=5), st.text(max_size=300))
def test_no_table_raises_for_any_text(posted: dict[str, str], same: str) -> None:
    for table in EVERY_TABLE:
        filled = fill(table, {one.name: same for one in table} | posted)
        assert set(filled.typed) == {one.name for one in table}
        assert filled.good() is (len(filled.values) + _empty(table, filled.typed) == len(table))


def _empty(table: tuple[Field, ...], typed: dict[str, str]) -> int:
    return sum(1 for one in table if not typed[one.name] and not one.required)


@pytest.mark.parametrize(("text", "value"), [("2026-11", "202611"), ("11/2026", "202611"), ("202611", "202611")])
def test_a_month_is_read_however_it_comes(text: str, value: str) -> None:
    assert month(text) == value


@given(st.text())
def test_small_readers_answer_for_any_text(text: str) -> None:
    for read in (month, email, password(10)):
        assert isinstance(read(text), str | Fault)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Ana@Exemplo.com.br", True),
        ("a@b.c", True),
        ("a@b", False),
        ("@b.c", False),
        ("a b@c.d", False),
        ("a@b@c.d", False),
    ],
)
def test_an_address_has_a_name_and_a_domain(text: str, good: Any) -> None:
    assert (email(text) == text.lower()) is good


def test_a_blank_form_begins_with_what_is_given() -> None:
    form = blank(FIELDS, {"nome": None, "valor": Decimal("1.50")}, "x-")
    assert (form.typed["x-nome"], form.typed["x-valor"], form.typed["x-cor"]) == ("", "1.50", "")
    assert form.good()


def test_line_ends_are_printable_only_where_lines_are() -> None:
    assert printable("a\nb", lines=True)
    assert not printable("a\nb")
