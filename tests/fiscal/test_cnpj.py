"""CNPJ and CPF: the official example with letters, check digits computed apart, masks, and nothing shown in logs."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zelo.fiscal import cnpj

OFFICIAL: Final = "12ABC34501DE35"
"""Example of NT conjunta 2025.001."""
KNOWN_CPF: Final = "52998224725"
SYMBOLS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

unhurried = settings(deadline=None)

cnpj_roots = st.text(SYMBOLS, min_size=12, max_size=12)
cpf_roots = st.text("0123456789", min_size=9, max_size=9)


def weighted(text: str, weights: list[int]) -> int:
    return sum((ord(c) - ord("0")) * weight for c, weight in zip(text, weights, strict=True))


def with_cnpj_digits(root: str) -> str:
    """The twelve characters and their two check digits (weights 5 to 2 and 9 to 2)."""
    for weights in ([5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]):
        rest = weighted(root, weights) % 11
        root += str(0 if rest < 2 else 11 - rest)
    return root


def with_cpf_digits(root: str) -> str:
    for first in (10, 11):
        rest = weighted(root, list(range(first, 1, -1))) * 10 % 11
        root += str(rest % 10)
    return root


def test_the_official_example_with_letters() -> None:
    assert with_cnpj_digits("12ABC34501DE") == OFFICIAL
    assert cnpj.is_cnpj(OFFICIAL)
    assert cnpj.show(OFFICIAL) == "12.ABC.345/01DE-35"
    assert cnpj.clean("12.ABC.345/01DE-35") == OFFICIAL
    assert cnpj.base(OFFICIAL) == "12ABC345"


@unhurried
@given(cnpj_roots, st.text("0123456789", min_size=2, max_size=2))
def test_a_cnpj_is_right_when_both_digits_are(root: str, digits: str) -> None:
    right = with_cnpj_digits(root)
    repeated = len(set(right)) == 1
    assert cnpj.is_cnpj(right) is not repeated
    assert cnpj.is_cnpj(root + digits) is (root + digits == right and not repeated)


@unhurried
@given(cpf_roots, st.text("0123456789", min_size=2, max_size=2))
def test_a_cpf_is_right_when_both_digits_are(root: str, digits: str) -> None:
    right = with_cpf_digits(root)
    repeated = len(set(right)) == 1
    assert cnpj.is_cpf(right) is not repeated
    assert cnpj.is_cpf(root + digits) is (root + digits == right and not repeated)


@pytest.mark.parametrize("digit", "0123456789")
def test_one_digit_repeated_is_nobody(digit: str) -> None:
    """The check digits of a CPF of one digit agree; nobody has it."""
    assert with_cpf_digits(digit * 9) == digit * 11
    assert not cnpj.is_cpf(digit * 11)
    assert not cnpj.is_cnpj(digit * 14)


@pytest.mark.parametrize(
    "text",
    ["", " ", "1122233300018", "112223330001811", "11222333000181 ", "11222333000181\n", "11.222.333/0001-81",
     "12abc34501de35", "１１２２２３３３０００１８１", "112223330001٨١", "11222333000182", "11222333000191"],
)  # fmt: skip
def test_only_a_bare_cnpj_is_one(text: str) -> None:
    assert not cnpj.is_cnpj(text)


@pytest.mark.parametrize(
    "text",
    ["", "5299822472", "529982247250", "529.982.247-25", "52998224725\n", "５２９９８２２４７２５", "5299822472A"],
)
def test_only_a_bare_cpf_is_one(text: str) -> None:
    assert not cnpj.is_cpf(text)


@unhurried
@given(cnpj_roots, cpf_roots)
def test_masks_come_off_as_they_went_on(company: str, person: str) -> None:
    for bare in (with_cnpj_digits(company), with_cpf_digits(person)):
        assert cnpj.clean(cnpj.show(bare)) == bare
        assert cnpj.clean(f" {cnpj.show(bare).lower()} ") == bare


@unhurried
@given(st.text(max_size=20))
def test_what_is_neither_is_shown_as_it_is(text: str) -> None:
    bare = cnpj.clean(cnpj.show(text))
    assert bare == cnpj.clean(text)


@unhurried
@given(cpf_roots)
def test_no_form_of_a_cpf_is_shown_in_a_log(root: str) -> None:
    bare = with_cpf_digits(root)
    for written in (bare, cnpj.show(bare), f"{bare[:9]}-{bare[9:]}", f" {bare} ", f"{bare[:3]} {bare[3:6]} {bare[6:]}"):
        assert cnpj.hide(written) == f"***.{bare[3:6]}.{bare[6:9]}-**"


@unhurried
@given(cnpj_roots)
def test_a_cnpj_is_public(root: str) -> None:
    bare = with_cnpj_digits(root)
    assert cnpj.hide(bare) == bare
    assert cnpj.hide(cnpj.show(bare)) == cnpj.show(bare)


def test_a_known_cpf() -> None:
    assert cnpj.is_cpf(KNOWN_CPF)
    assert cnpj.show(KNOWN_CPF) == "529.982.247-25"
    assert cnpj.hide(KNOWN_CPF) == "***.982.247-**"
