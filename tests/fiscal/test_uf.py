"""The 27 federative units and their IBGE codes, and the two environments."""

from typing import Final

from zelo.facts.place import Municipio, municipio
from zelo.facts.table import load
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.uf import CODIGO_IBGE, Uf, from_codigo

UNITS: Final = 27


def test_every_unit_has_its_own_code() -> None:
    assert len(Uf) == len(CODIGO_IBGE) == len(set(CODIGO_IBGE.values())) == UNITS
    assert [uf.value for uf in Uf] == [uf.name for uf in Uf] == list(CODIGO_IBGE)
    assert all(from_codigo(uf.codigo) is uf for uf in Uf)
    assert from_codigo("99") is None
    assert from_codigo("") is None


def test_codes_are_the_first_digits_of_the_municipalities() -> None:
    """IBGE numbers a municipality after its UF: 5,571 independent witnesses."""
    for row in load("municipio", Municipio):
        assert row.codigo[:2] == Uf(row.uf).codigo, row


def test_capitals_lie_where_they_should() -> None:
    capitals = {"3550308": "SP", "4314902": "RS", "5300108": "DF", "1200401": "AC", "2611606": "PE", "5103403": "MT"}
    assert {code: place.uf for code in capitals if (place := municipio(code))} == capitals


def test_the_two_environments() -> None:
    assert (Ambiente(1), Ambiente(2)) == (Ambiente.PRODUCAO, Ambiente.HOMOLOGACAO)
    assert [ambiente.rotulo for ambiente in Ambiente] == ["PRODUÇÃO", "HOMOLOGAÇÃO"]
