"""Municipalities however people write them, time zones that exist, and where ISENTO is accepted."""

import unicodedata
from collections import Counter
from typing import Final
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.facts.shipped import rows
from zelo.facts.place import accepts_isento, find_municipio, municipio, uf_name, zone
from zelo.fiscal.uf import Uf

NO_ISENTO: Final = ["AM", "BA", "CE", "GO", "MG", "MS", "MT", "PE", "RN", "SE", "SP"]
"""MOC NFCom Anexo I, G28 (cStat 432)."""
TOWNS: Final = rows("municipio")
MOST_IN_A_STATE: Final = 853
"""Minas Gerais."""

unhurried = settings(deadline=None)


def test_every_municipality_is_found_by_code_and_by_name() -> None:
    for row in TOWNS:
        found = municipio(row["codigo"])
        assert found is not None
        assert (found.nome, found.uf) == (row["nome"], row["uf"])
        assert find_municipio(row["nome"], row["uf"]) == found


def test_there_are_as_many_as_the_ibge_counts() -> None:
    by_uf = Counter(row["uf"] for row in TOWNS)
    assert len(TOWNS) == 5571
    assert set(by_uf) == {uf.value for uf in Uf}
    assert (by_uf["MG"], by_uf["SP"], by_uf["RS"], by_uf["DF"]) == (MOST_IN_A_STATE, 645, 497, 1)


def test_ibge_codes_have_their_check_digit() -> None:
    """Weights 1 and 2 from the left, digits of products added; nine codes of the IBGE itself do not follow it."""
    odd = {"2201919", "2201988", "2202251", "2611533", "3117836", "3152131", "4305871", "5203939", "5203962"}
    for row in TOWNS:
        products = [int(digit) * (1 + i % 2) for i, digit in enumerate(row["codigo"][:6])]
        expected = -sum(product // 10 + product % 10 for product in products) % 10
        assert (int(row["codigo"][6]) == expected) is not (row["codigo"] in odd), row


@unhurried
@given(st.sampled_from(TOWNS), st.sampled_from(["upper", "lower", "plain", "curly", "spaces", "dashes"]))
def test_accents_case_and_punctuation_do_not_matter(row: dict[str, str], manner: str) -> None:
    name = row["nome"]
    written = {
        "upper": name.upper(),
        "lower": name.lower(),
        "plain": unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode(),
        "curly": name.replace("'", "’"),
        "spaces": name.replace("'", " ").replace("-", "  "),
        "dashes": name.replace(" ", "-"),
    }[manner]
    found = find_municipio(written, row["uf"])
    assert found is not None
    assert found.codigo == row["codigo"]


@pytest.mark.parametrize(
    ("written", "uf", "code"),
    [
        ("ALTA FLORESTA D OESTE", "RO", "1100015"),
        ("Santa Bárbara d’Oeste", "SP", "3545803"),
        ("santa barbara doeste", "SP", "3545803"),
        ("Sao Joao del-Rei", "MG", "3162500"),
        ("Xique-Xique", "BA", "2933604"),
        ("BRASÍLIA", "DF", "5300108"),
        ("Boa Esperança do Norte", "MT", "5101837"),
    ],
)
def test_names_that_people_write(written: str, uf: str, code: str) -> None:
    found = find_municipio(written, uf)
    assert found is not None
    assert found.codigo == code


@pytest.mark.parametrize(
    ("written", "uf"), [("", "SP"), ("   ", "SP"), ("''", "SP"), ("Porto Alegre", "SP"), ("Porto", "RS"), ("X", "EX")]
)
def test_what_is_no_municipality_of_that_uf_is_none(written: str, uf: str) -> None:
    assert find_municipio(written, uf) is None


@unhurried
@given(st.text(max_size=30), st.text(max_size=3))
def test_any_text_has_an_answer(name: str, uf: str) -> None:
    found = find_municipio(name, uf)
    assert found is None or found.uf == uf
    assert municipio(name) is None or len(name) == 7


def test_zones_exist_and_names_are_there() -> None:
    for uf in Uf:
        assert zone(uf).key in available_timezones()
        assert len(uf_name(uf)) > len(uf)
    assert len({uf_name(uf) for uf in Uf}) == len(Uf)


def test_where_isento_is_accepted() -> None:
    assert sorted(uf.value for uf in Uf if not accepts_isento(uf.value)) == NO_ISENTO
    assert not accepts_isento("EX")
