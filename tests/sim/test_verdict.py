"""xMotivo: the official text, its brackets filled, always fit for the type TMotivo."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sim.world import UNHURRIED
from zelo.sim.verdict import fit, verdict

TSTRING = re.compile("[!-ÿ][ -ÿ]*[!-ÿ]|[!-ÿ]")


def test_brackets_are_filled_or_left_out() -> None:
    assert verdict("276", {"nItem": "7"}).motivo.endswith("[nItem: 7]")
    assert verdict("276").motivo == "Rejeição: Código de classificação do item inexistente"
    assert verdict("204", {"nProt": "1"}).motivo == "Rejeição: Duplicidade de NFCom [nProt:1]."
    assert verdict("678", {"det": "x"}).motivo == "Rejeição: Consumo Indevido [det: x]"
    assert verdict("215", {"": "x"}).motivo == "Rejeição: Falha no schema XML [x]"
    assert verdict("420").motivo.endswith('"ISENTO"')


def test_a_code_that_nobody_knows() -> None:
    with pytest.raises(KeyError):
        verdict("000")


@UNHURRIED
@given(st.text())
def test_any_text_is_made_fit(text: str) -> None:
    made = fit(f"Rejeição: {text}")
    assert len(made) <= 255
    assert TSTRING.fullmatch(made)
