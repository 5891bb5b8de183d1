"""The chave against keys that authorities issued, and against the words that refuse it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sim.notes import Draft, digit_of
from tests.sim.world import UNHURRIED
from zelo.sim import chave as chaves

ISSUED = (
    "35260645624871000114620010000002591035076056",
    "26260107159053000107620010000031981083465102",
    "43261112ABC34501DE35620010000000051076543217",
)


@pytest.mark.parametrize("chave", ISSUED)
def test_the_digit_of_keys_in_the_field(chave: str) -> None:
    assert chaves.check_digit(chave[:43]) == chave[43]


@UNHURRIED
@given(st.from_regex(chaves.SHAPE, fullmatch=True))
def test_two_ways_to_the_digit_agree(chave: str) -> None:
    assert chaves.check_digit(chave[:43]) == digit_of(chave[:43])


def test_parts_and_natural_key() -> None:
    parts = chaves.take_apart(ISSUED[0])
    assert (parts.cuf, parts.ano, parts.mes, parts.cnpj, parts.mod) == ("35", "26", "06", "45624871000114", "62")
    assert (parts.serie, parts.nnf, parts.tpemis, parts.nsite, parts.cnf, parts.dv) == (
        "001",
        "000000259",
        "1",
        "0",
        "3507605",
        "6",
    )
    assert chaves.natural_key(parts) == "35|45624871000114|62|001|000000259|1|0"
    with pytest.raises(ValueError, match="44 characters"):
        chaves.take_apart("1")


def _with_digit(body: str) -> str:
    return body + digit_of(body)


RIGHT = Draft().chave
WRONG = {
    "formato inválido": RIGHT[:-1],
    "dígito verificador inválido": RIGHT[:-1] + str((int(RIGHT[-1]) + 1) % 10),
    "código de UF inexistente": _with_digit("99" + RIGHT[2:43]),
    "ano anterior a 2022": _with_digit(RIGHT[:2] + "2111" + RIGHT[6:43]),
    "mês inexistente": _with_digit(RIGHT[:4] + "13" + RIGHT[6:43]),
    "CNPJ inválido": _with_digit(RIGHT[:6] + "06117473000151" + RIGHT[20:43]),
    "modelo diferente de 62": _with_digit(RIGHT[:20] + "55" + RIGHT[22:43]),
    "número zerado": _with_digit(RIGHT[:25] + "0" * 9 + RIGHT[34:43]),
    "tipo de emissão inexistente": _with_digit(RIGHT[:34] + "3" + RIGHT[35:43]),
}


@pytest.mark.parametrize("month", ["01", "12"])
def test_the_year_has_twelve_months(month: str) -> None:
    assert chaves.why_impossible(_with_digit(RIGHT[:4] + month + RIGHT[6:43])) == ""


@pytest.mark.parametrize("reason", WRONG)
def test_why_a_chave_cannot_be(reason: str) -> None:
    assert chaves.why_impossible(WRONG[reason]) == reason
    assert chaves.why_impossible(RIGHT) == ""
