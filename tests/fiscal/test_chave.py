"""The chave: published ones, a check digit computed apart, and what building and parsing owe each other."""

import re
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.chave import Chave, check_digit, in_blocks, is_chave, natural_key

PUBLISHED: Final = (
    "35260645624871000114620010000002591035076056",
    "26260107159053000107620010000031981083465102",
    "43261112ABC34501DE35620010000000051076543217",
)
"""Two that authorizers really gave, and one whose CNPJ is the official example with letters."""
SYMBOLS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

unhurried = settings(deadline=None)


def of_length(count: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=count, max_size=count)


@st.composite
def parts(draw: st.DrawFn) -> dict[str, Any]:
    """Parts that fit, of a model with a site digit or without."""
    mod = draw(st.sampled_from(["62", "55", "65", "59", "57"]))
    return {
        "cuf": draw(of_length(2)),
        "aamm": draw(of_length(4)),
        "cnpj": draw(st.text(SYMBOLS, min_size=12, max_size=12)) + draw(of_length(2)),
        "mod": mod,
        "serie": draw(st.integers(0, 999)),
        "nnf": draw(st.integers(0, 999_999_999)),
        "tpemis": draw(of_length(1)),
        "nsite": draw(of_length(1)) if mod == "62" else "",
        "cnf": draw(of_length(7 if mod == "62" else 8)),
    }


def value(character: str) -> int:
    """What a character weighs in the official text: ASCII less 48."""
    return int(character) if character in "0123456789" else ord(character) - 48


def digit_of(body: str) -> str:
    """The check digit as the manual tells it, position by position from the right."""
    weight, total = 2, 0
    for position in range(len(body) - 1, -1, -1):
        total += value(body[position]) * weight
        weight = 2 if weight == 9 else weight + 1
    remainder = total % 11
    return "0" if remainder in (0, 1) else str(11 - remainder)


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_chaves_are_right(text: str) -> None:
    assert is_chave(text)
    assert check_digit(text[:43]) == text[43] == digit_of(text[:43])
    assert str(Chave.parse(text)) == text


def test_the_published_chave_with_letters_taken_apart() -> None:
    chave = Chave.parse(PUBLISHED[2])
    assert chave == Chave("43", "2611", "12ABC34501DE35", "62", 1, 5, "1", "0", "7654321", "7")


def test_a_model_without_site_digit_has_eight_digits_of_chance() -> None:
    text = "3526061122233300018155001000000259103507605"
    chave = Chave.parse(text + digit_of(text))
    assert (chave.mod, chave.serie, chave.nnf, chave.tpemis, chave.nsite, chave.cnf) == (
        "55", 1, 259, "1", "", "03507605",
    )  # fmt: skip


@unhurried
@given(parts())
def test_what_is_built_parses_into_the_same_parts(given_parts: dict[str, Any]) -> None:
    built = Chave.build(**given_parts)
    assert built.dv == digit_of(str(built)[:43])
    assert Chave.parse(str(built)) == built
    assert len(str(built)) == 44
    assert {name: getattr(built, name) for name in given_parts} == given_parts


@unhurried
@given(
    st.one_of(st.text(max_size=50), st.from_regex(r"\A[0-9]{6}[A-Z0-9]{12}[0-9]{26}\Z"), st.text("09AZ", max_size=46))
)
def test_what_parses_is_written_the_same_and_all_else_is_refused(text: str) -> None:
    right = re.fullmatch(r"[0-9]{6}[A-Z0-9]{12}[0-9]{26}", text) is not None and digit_of(text[:43]) == text[43:]
    assert is_chave(text) is right
    if right:
        assert str(Chave.parse(text)) == text
    else:
        with pytest.raises(ValueError, match="chave"):
            Chave.parse(text)


@unhurried
@given(st.sampled_from(PUBLISHED), st.integers(0, 42), st.sampled_from(SYMBOLS))
def test_a_changed_character_is_noticed_wherever_modulus_11_can(text: str, place: int, symbol: str) -> None:
    """It cannot where the weighted difference is a multiple of 11, or takes a remainder of 0 to 1 or back."""
    changed = text[:place] + symbol + text[place + 1 :]
    weight = 2 + (42 - place) % 8
    before = sum(value(c) * (2 + (42 - i) % 8) for i, c in enumerate(text[:43])) % 11
    after = (before + weight * (value(symbol) - value(text[place]))) % 11
    blind = before == after or {before, after} == {0, 1}
    in_shape = symbol in "0123456789" or 6 <= place < 18
    assert is_chave(changed) is (in_shape and blind)


@pytest.mark.parametrize("text", PUBLISHED)
def test_every_wrong_digit_is_noticed(text: str) -> None:
    """Of digits alone none escapes, for 11 is prime, but where remainders 0 and 1 share the digit 0."""
    for place in range(43):
        for symbol in "0123456789":
            changed = text[:place] + symbol + text[place + 1 :]
            if text[place].isdigit() and changed != text and text[43] != "0":
                assert not is_chave(changed), changed


WRONG_PARTS: Final = (
    {"cuf": "352", "aamm": "606"},
    {"cuf": "3", "aamm": "52606"},
    {"cnpj": "1222333000181"},
    {"cnpj": "112223330001810"},
    {"cnpj": "11222333000181", "mod": "6"},
    {"serie": 1000},
    {"serie": -1},
    {"serie": 1000, "cnf": "123456"},
    {"nnf": 1_000_000_000},
    {"nnf": 1_000_000_000, "cnf": "123456"},
    {"nnf": -1},
    {"nsite": ""},
    {"nsite": "03", "cnf": "507605"},
    {"nsite": "", "cnf": "35076050"},
    {"tpemis": "12", "nsite": "3", "cnf": "507605"},
    {"tpemis": "", "cnf": "35076050"},
    {"mod": "55"},
    {"cnf": "350760"},
    {"cnf": "350760A"},
    {"cnf": "３５０７６０５"},
    {"cuf": "AB"},
    {"cnpj": "11222333AA01ab"},
)


@pytest.mark.parametrize("wrong", WRONG_PARTS, ids=str)
def test_a_part_that_does_not_fit_its_place_is_refused(wrong: dict[str, Any]) -> None:
    """Also where two wrong lengths make up for each other: the parts would change places unseen."""
    right: dict[str, Any] = {
        "cuf": "35", "aamm": "2606", "cnpj": "45624871000114", "mod": "62", "serie": 1, "nnf": 259, "tpemis": "1",
        "nsite": "0", "cnf": "3507605",
    }  # fmt: skip
    assert str(Chave.build(**right)) == PUBLISHED[0]
    with pytest.raises(ValueError, match="fit"):
        Chave.build(**(right | wrong))


@unhurried
@given(parts(), of_length(4), of_length(7), of_length(1))
def test_the_natural_key_ignores_month_chance_and_kind_of_emission(
    one: dict[str, Any], aamm: str, cnf: str, tpemis: str
) -> None:
    one = one | {"mod": "62", "nsite": "0", "cnf": "1234567"}
    first, other = Chave.build(**one), Chave.build(**(one | {"aamm": aamm, "cnf": cnf, "tpemis": tpemis}))
    assert first.natural_key(Ambiente.PRODUCAO) == other.natural_key(Ambiente.PRODUCAO)
    assert first.natural_key(Ambiente.PRODUCAO) != first.natural_key(Ambiente.HOMOLOGACAO)


@unhurried
@given(parts(), parts())
def test_natural_keys_are_equal_for_one_number_only(one: dict[str, Any], other: dict[str, Any]) -> None:
    named = ("cnpj", "mod", "serie", "nnf")
    keys = [natural_key(Ambiente.PRODUCAO, *(each[name] for name in named)) for each in (one, other)]
    assert (keys[0] == keys[1]) is all(one[name] == other[name] for name in named)


def test_blocks_of_four_keep_the_letters() -> None:
    shown = in_blocks(PUBLISHED[2])
    assert shown == "4326 1112 ABC3 4501 DE35 6200 1000 0000 0510 7654 3217"
    assert shown.replace(" ", "") == PUBLISHED[2]
