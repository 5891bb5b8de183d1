"""State registrations and municipalities, on the examples that SINTEGRA publishes in its check-digit scripts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from validador_ie import validar_ie

from zelo.fiscal.uf import CODIGO_IBGE
from zelo.models.nfcom.rules.registration import is_ie, is_of_uf

unhurried = settings(deadline=None)
"""A busy machine is no failure."""

SINTEGRA = {
    "AC": "01.004.823/001-12",
    "AL": "240000048",
    "AP": "030123459",
    "BA": "123456-63",
    "CE": "06000001-5",
    "DF": "07300001001-09",
    "GO": "10.987.654-7",
    "MA": "12000038-5",
    "MG": "062.307.904/0081",
    "MT": "0013000001-9",
    "PA": "15-999999-5",
    "PB": "06000001-5",
    "PE": "0321418-40",
    "PR": "123.45678-50",
    "RJ": "99.999.99-3",
    "RN": "20.040.040-1",
    "RR": "24006628-1",
    "RS": "224/3658792",
    "SC": "251.040.852",
    "SE": "27123456-3",
    "SP": "110.042.490.114",
    "TO": "29010227836",
}


@pytest.mark.parametrize(("uf", "ie"), SINTEGRA.items())
def test_official_examples_hold_and_not_with_another_last_digit(uf: str, ie: str) -> None:
    bare = "".join(char for char in ie if char.isdigit())
    assert is_ie(ie, uf)
    assert is_ie(bare, uf)
    assert not is_ie(bare[:-1] + str((int(bare[-1]) + 1) % 10), uf)


def test_lost_zeros_are_forgiven_as_the_authorizer_does() -> None:
    assert is_ie("623079040081", "MG")


def test_a_rural_producer_of_sao_paulo_starts_with_p0() -> None:
    assert is_ie("P-01100424.3/002", "SP")
    assert is_ie("P011004243002", "SP")
    refused = [f"P6110042{digits:02d}002" for digits in range(100)]
    accepted_by_the_library = [ie for ie in refused if validar_ie(ie, "SP").valida]
    assert accepted_by_the_library, "the library has learnt it: our own check can go"
    assert not any(is_ie(ie, "SP") for ie in accepted_by_the_library)


@unhurried
@given(st.text(max_size=30), st.sampled_from(sorted(CODIGO_IBGE)) | st.text(max_size=3))
def test_any_text_gets_an_answer(text: str, uf: str) -> None:
    assert is_ie(text, uf) in (True, False)
    assert is_of_uf(text, uf) in (True, False)


@pytest.mark.parametrize(
    ("cmun", "uf", "right"), [("4314902", "RS", True), ("4314902", "SC", False), ("", "RS", False)]
)
def test_a_municipality_is_of_the_uf_of_its_first_digits(cmun: str, uf: str, *, right: bool) -> None:
    assert is_of_uf(cmun, uf) is right


def test_abroad_is_no_uf() -> None:
    assert not is_of_uf("9999999", "EX")
    assert not is_ie("0960000003", "EX")
