"""Who is blamed for a block: every dialect that authorities are known to write, and any text at all."""

import re
import time
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zelo.guard.xmotivo import Culprit, culprit

CHAVE: Final = "35260645624871000114620010000002591035076056"
LETTERS: Final = "43261112ABC34501DE35620010000000051076543217"
WIDE: Final = str.maketrans("0123456789", "０１２３４５６７８９")

unhurried = settings(deadline=None)


@pytest.mark.parametrize("chave", [CHAVE, LETTERS])
@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Rejeição: Consumo Indevido [det: Quantidade de rejeições encontradas: 31, NFCom: {}]", 31),
        ("Rejeicao: Uso Indevido [Quantidade rejeicoes: 973, NF-e: {}]", 973),
        ("REJEICAO: CONSUMO INDEVIDO [DET: QUANTIDADE DE REJEICOES ENCONTRADAS: 31, NFCOM: {}]", 31),
        ("Consumo indevido [det: Quantidade de rejeições encontradas:31,NFCom:{}]", 31),
        ("Consumo indevido [Quantidade de rejeicoes encontradas 40; chave {}]", 40),
        ("Número máximo de consultas excedido (10) para a NF-e: {}", None),
        ("Rejeicao: Consumo Indevido [chNFCom:{}]", None),
        ("Consumo Indevido Id=NFCom{}", None),
        ("{}", None),
        ("Rejeição 678: uso indevido\n[det: rejeições: 5,\n NFCom: {}\n]", 5),
    ],
)  # fmt: skip
def test_known_dialects(text: str, count: int | None, chave: str) -> None:
    assert culprit(text.format(chave)) == Culprit(chave, count)


@pytest.mark.parametrize(
    "text",
    ["", "Rejeição: Consumo Indevido", "678", "Aguarde 1 hora para reenviar", f"protocolo 1{CHAVE}", f"{CHAVE}7",
     f"A{CHAVE}", CHAVE[:43], LETTERS.lower(), CHAVE.translate(WIDE)],
)  # fmt: skip
def test_who_is_not_named_is_not_blamed(text: str) -> None:
    assert culprit(text).chave is None


@pytest.mark.parametrize("text", ["rejeições: muitas", "30 rejeições iguais", "rejeições encontradas: -1", ""])
def test_a_count_that_is_not_given_is_not_guessed(text: str) -> None:
    assert culprit(text).count is None


def test_the_first_of_two_is_blamed() -> None:
    assert culprit(f"NFCom: {LETTERS}, {CHAVE}").chave == LETTERS


@unhurried
@given(st.text(max_size=300) | st.text("0123456789ABrejeicoes: ", max_size=300))
def test_any_text_is_read(text: str) -> None:
    found = culprit(text)
    if found.chave is not None:
        assert re.fullmatch(r"[0-9]{6}[A-Z0-9]{12}[0-9]{26}", found.chave)
        assert found.chave in text
    if found.count is not None:
        assert str(found.count) in re.sub(r"(?<![0-9])0+(?=[0-9])", "", text)


@unhurried
@given(st.text(max_size=50), st.text(max_size=50))
def test_whatever_stands_around_the_named_note(before: str, after: str) -> None:
    assert culprit(f"{before} {LETTERS} {after}").chave is not None


@pytest.mark.parametrize("text", ["rejei" * 20_000, "0" * 100_000, "A" * 100_000, "rejeicoes encontradas: " * 5_000])
def test_a_hundred_kilobytes_cost_nothing(text: str) -> None:
    start = time.monotonic()
    assert culprit(text).chave is None
    assert time.monotonic() - start < 0.5
