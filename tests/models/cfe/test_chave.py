"""Chaves of public coupons taken apart, and what is no chave of model 59."""

import pytest

from zelo.models.cfe.chave import Chave

PUBLIC = {
    "35150908723218000186599000040190000007972068": ("35", "1509", "08723218000186", "900004019", "000000", "797206"),
    "23240414200166000166599000186190000016459016": ("23", "2404", "14200166000166", "900018619", "000001", "645901"),
    "35161261099008000141599000026310003024947916": ("35", "1612", "61099008000141", "900002631", "000302", "494791"),
    "35210914200166000166599000238290001042097142": ("35", "2109", "14200166000166", "900023829", "000104", "209714"),
}
"""Of samples that makers and integrators publish."""


@pytest.mark.parametrize("prefix", ["", "CFe"])
@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_chave_comes_apart_and_together(text: str, prefix: str) -> None:
    chave = Chave.parse(prefix + text)
    assert (chave.cuf, chave.aamm, chave.cnpj, chave.nserie, chave.ncfe, chave.cnf) == PUBLIC[text]
    assert str(chave) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CFe",
        "35150908723218000186599000040190000007972067",
        "35150908723218000186629000040190000007972068",
        "3515090872321800018659900004019000000797206",
        "CFe CFe35150908723218000186599000040190000007972068",
        "٣5150908723218000186599000040190000007972068",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="chave"):
        Chave.parse(text)
