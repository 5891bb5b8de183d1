"""Every shipped table: each row parses, says its source and dates, and no two rows of one key hold on one day."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.facts.shipped import DATA, lines, rows
from zelo.facts.item import accepts_cfop
from zelo.facts.table import UnknownFactError, holds, in_force, load

KEYS: Final = {
    "arredondamento": ("nome",),
    "autorizador": ("modelo", "uf"),
    "cclass": ("cclass",),
    "cfop": ("cfop",),
    "contingencia": ("modelo", "uf"),
    "cstat": ("modelo", "cstat"),
    "endereco": ("modelo", "autorizador", "ambiente", "servico"),
    "feriado": ("dia",),
    "limite": ("limite", "autorizador", "modelo", "servico", "ambiente"),
    "municipio": ("codigo",),
    "offline": ("modelo", "uf"),
    "qrcode": ("modelo", "autorizador", "ambiente"),
    "consulta": ("modelo", "autorizador", "ambiente"),
    "reforma": ("nome",),
    "remedio": ("modelo", "cstat"),
    "sat": ("tabela", "codigo"),
    "svc": ("modelo", "uf"),
    "uf": ("uf",),
}
"""By what a row of each table is found."""
UNDATED: Final = {"municipio"}
"""Its one source stands in its first line: 5,571 rows from one list."""

each = pytest.mark.parametrize("name", sorted(KEYS))


def key(name: str, row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row[column] for column in KEYS[name])


def test_every_shipped_table_is_tested_here() -> None:
    assert {path.name for path in DATA.iterdir()} == {f"{name}.csv" for name in KEYS}


@each
def test_every_cell_is_clean_and_every_row_whole(name: str) -> None:
    found = rows(name)
    assert found
    for row in found:
        assert None not in row
        for column, cell in row.items():
            assert cell is not None, (name, row)
            assert cell == cell.strip(), (name, column, row)
            assert cell or column == "ate", (name, column, row)
            assert "\ufffd" not in cell


@each
def test_every_row_says_its_source_and_since_when(name: str) -> None:
    if name in UNDATED:
        assert lines(name)[0].startswith("# fonte: ")
        return
    for row in rows(name):
        assert row["fonte"], row
        since = date.fromisoformat(row["desde"])
        assert date(1980, 1, 1) <= since <= date(2030, 1, 1), row
        assert not row["ate"] or since <= date.fromisoformat(row["ate"]), row


@each
def test_no_two_rows_of_a_key_hold_on_one_day(name: str) -> None:
    by_key: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for row in rows(name):
        by_key.setdefault(key(name, row), []).append((row.get("desde", ""), row.get("ate", "")))
    for found, spans in by_key.items():
        for (_, ends), (begins, _) in pairwise(sorted(spans)):
            assert ends, (name, found)
            assert ends < begins, (name, found)


@dataclass(frozen=True)
class Span:
    """A row of any dated table."""

    desde: date
    ate: date | None


days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@settings(deadline=None)
@given(days, st.none() | days, days)
def test_a_row_holds_from_its_first_day_to_its_last(since: date, until: date | None, on: date) -> None:
    row = Span(since, until)
    expected = on in {since + timedelta(days=n) for n in range(((until or date(2031, 1, 1)) - since).days + 1)}
    assert holds(row, on) is expected
    assert in_force([row, row], on) == ([row, row] if expected else [])


def test_a_table_is_read_once_and_an_unknown_one_is_an_error() -> None:
    accepts_cfop("5301", date(2026, 11, 21))
    assert load("cfop", Span) is load("cfop", Span)
    with pytest.raises(FileNotFoundError):
        load("../secret", Span)


def test_an_unanswered_question_is_a_lookup_error() -> None:
    assert issubclass(UnknownFactError, LookupError)


SPELT_BARE: Final = re.compile(r"AMBIENTE DE HOMOLOGACAO|atributo versao")
"""What a document itself spells without accents, and a text quotes."""


@pytest.mark.parametrize(
    ("name", "column"), [("cclass", "descricao"), ("cfop", "descricao"), ("cstat", "texto"), ("uf", "nome")]
)
def test_portuguese_is_written_with_its_accents(name: str, column: str) -> None:
    """People read these cells. No Portuguese word ends so without its cedilla or tilde."""
    bare = re.compile(r"(?:cao|coes|cÃ|dao|sao|soes|ssao|vicos|efonico|etaria|proprio|[bm]ranca)\b", re.IGNORECASE)
    told = [SPELT_BARE.sub("", row[column]) for row in rows(name)]
    assert [text for text in told if bare.search(text)] == []


def test_no_table_hides_a_formula() -> None:
    """Accountants open these files in a spreadsheet."""
    for name in KEYS:
        for row in rows(name):
            for column, cell in row.items():
                assert not re.match(r"[=+@]", cell), (name, column, cell)
