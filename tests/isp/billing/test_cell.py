"""Every kind of cell: what it accepts and as what, what it refuses, and never a crash."""

import random
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from validate_docbr import CNPJ, CPF

from zelo.fiscal.fault import Fault
from zelo.isp.billing import cell
from zelo.isp.billing.charging import FORMS
from zelo.isp.billing.columns import BILLING, COMPOSICAO

LINHA = "23797780599231587909564557044969416463943290999"
BARRAS = "23794164639432909997780592315879096455704496"
NINES = "9.999.999.999.999,99"

GOOD: tuple[tuple[cell.Read, str, Any], ...] = (
    (cell.text, "=1+1", "=1+1"),
    (cell.text, "@SUM(A1)", "@SUM(A1)"),
    (cell.amount, "1.234,56", Decimal("1234.56")),
    (cell.amount, "1234.56", Decimal("1234.56")),
    (cell.amount, "1234,56", Decimal("1234.56")),
    (cell.amount, "1.234.567,8", Decimal("1234567.8")),
    (cell.amount, "1234", Decimal(1234)),
    (cell.amount, "0,12345678", Decimal("0.12345678")),
    (cell.amount, "0.125", Decimal("0.125")),
    (cell.amount, "1,234", Decimal("1.234")),
    (cell.amount, "1234.567", Decimal("1234.567")),
    (cell.amount, "-5,5", Decimal("-5.5")),
    (cell.amount, NINES, Decimal("9999999999999.99")),
    (cell.positive, "0,01", Decimal("0.01")),
    (cell.not_negative, "0", Decimal(0)),
    (cell.money, "10,00", Decimal("10.00")),
    (cell.money, "10,0000", Decimal("10.00")),
    (cell.percent, "100", Decimal(100)),
    (cell.percent, "0,65", Decimal("0.65")),
    (cell.day, "31/12/2026", date(2026, 12, 31)),
    (cell.day, "1/3/2024", date(2024, 3, 1)),
    (cell.day, "2026-12-31", date(2026, 12, 31)),
    (cell.day, "29/02/2028", date(2028, 2, 29)),
    (cell.period, "11/2026", "202611"),
    (cell.period, "202611", "202611"),
    (cell.person, "529.982.247-25", "52998224725"),
    (cell.person, "11.222.333/0001-81", "11222333000181"),
    (cell.person, "12.ABC.345/01DE-35", "12ABC34501DE35"),
    (cell.company, "12.abc.345/01de-35", "12ABC34501DE35"),
    (cell.company, "11222333000181", "11222333000181"),
    (cell.digits(8, "O CEP"), "90010-000", "90010000"),
    (cell.digits(8, "O CEP"), "90.010-000", "90010000"),
    (cell.serie, "001", "1"),
    (cell.serie, "999", "999"),
    (cell.phone, "(51) 99999-0000", "51999990000"),
    (cell.phone, "+55 51 3333-4444", "5133334444"),
    (cell.phone, "3333.4444", "33334444"),
    (cell.one_of("RS", "SP"), "rs", "RS"),
    (cell.linha_digitavel, LINHA, LINHA),
    (cell.linha_digitavel, "23797.78059 92315.879095 64557.044969 4 16463943290999", LINHA),
    (cell.linha_digitavel, BARRAS, LINHA),
    (
        cell.linha_digitavel,
        "83660000001-9 11111111111-3 11111111111-3 11111111111-3",
        "836600000019" + "111111111113" * 3,
    ),
    (cell.amount, "R$ 1.234,56", Decimal("1234.56")),
    (cell.amount, "R$ -10,00", Decimal("-10.00")),
    (cell.amount, "-R$ 10,00", Decimal("-10.00")),
    (cell.amount, "(10,00)", Decimal("-10.00")),
    (cell.code, "1E5", "1E5"),
    (cell.code, "F-2026/1", "F-2026/1"),
    (cell.email, "maria@exemplo.com.br", "maria@exemplo.com.br"),
    (
        cell.chave,
        "3526 0645 6248 7100 0114 6200 1000 0002 5910 3507 6056",
        "35260645624871000114620010000002591035076056",
    ),
    (cell.whole(990), "007", "7"),
    (cell.number(5, "O banco"), "041", "041"),
    (cell.retencoes, "PIS=0,65; cofins = 3,00", "COFINS=3.00 PIS=0.65"),
    (cell.retencoes, "IRRF: 1,50 BASE_IRRF: 1.100,00", "BASE_IRRF=1100.00 IRRF=1.50"),
    (cell.meanings(FORMS), "Cartão de Crédito", "cartao"),
    (cell.meanings(FORMS), "debito_conta_corrente", "debito"),
    (cell.meanings(FORMS), "boleto_bancario", "boleto"),
)

BAD: tuple[tuple[cell.Read, str, str], ...] = (
    (cell.amount, "1.234", "CELULA-AMBIGUA"),
    (cell.amount, "-999.000", "CELULA-AMBIGUA"),
    (cell.amount, "12.34,56", "CELULA-NUMERO"),
    (cell.amount, "1,234.56", "CELULA-NUMERO"),
    (cell.amount, "1.234.567", "CELULA-NUMERO"),
    (cell.amount, "US$ 10,00", "CELULA-NUMERO"),
    (cell.amount, "R$ 1.234", "CELULA-AMBIGUA"),
    (cell.amount, "--1", "CELULA-NUMERO"),
    (cell.code, "2,37978E+46", "CELULA-CODIGO-PERDIDO"),
    (cell.code, "1.0E+17", "CELULA-CODIGO-PERDIDO"),
    (cell.email, "maria", "CELULA-EMAIL"),
    (cell.email, "a@b.co;c@d.co", "CELULA-EMAIL"),
    (cell.email, f"{'x' * 50}@exemplo.com", "CELULA-EMAIL"),
    (cell.chave, "35260645624871000114620010000002591035076057", "CELULA-CHAVE"),
    (cell.whole(990), "991", "CELULA-INTEIRO"),
    (cell.whole(990), "0", "CELULA-INTEIRO"),
    (cell.number(5, "O banco"), "041000", "CELULA-DIGITOS"),
    (cell.number(5, "O banco"), "BB", "CELULA-DIGITOS"),
    (cell.retencoes, "9,45", "CELULA-RETENCOES"),
    (cell.retencoes, "PIS=0,65 ISS=2,00", "CELULA-RETENCOES"),
    (cell.retencoes, "IRRF=1,50", "CELULA-RETENCOES"),
    (cell.meanings(FORMS), "fiado", "CELULA-OPCAO"),
    (cell.meanings(FORMS), "", "CELULA-OPCAO"),
    (cell.amount, "1e3", "CELULA-NUMERO"),
    (cell.amount, "NaN", "CELULA-NUMERO"),
    (cell.amount, "Infinity", "CELULA-NUMERO"),
    (cell.amount, "1_000", "CELULA-NUMERO"),
    (cell.amount, "١٢٣", "CELULA-NUMERO"),
    (cell.amount, "0,123456789", "CELULA-NUMERO"),
    (cell.amount, "10000000000000", "CELULA-NUMERO"),
    (cell.amount, "99." + NINES, "CELULA-NUMERO"),
    (cell.amount, "10,", "CELULA-NUMERO"),
    (cell.positive, "0", "CELULA-POSITIVO"),
    (cell.positive, "-1", "CELULA-POSITIVO"),
    (cell.positive, "x", "CELULA-NUMERO"),
    (cell.not_negative, "-0,01", "CELULA-NEGATIVO"),
    (cell.money, "10,005", "CELULA-CENTAVOS"),
    (cell.money, "-1", "CELULA-NEGATIVO"),
    (cell.money, "x", "CELULA-NUMERO"),
    (cell.percent, "100,01", "CELULA-PERCENTUAL"),
    (cell.percent, "-1", "CELULA-NEGATIVO"),
    (cell.percent, "17%", "CELULA-NUMERO"),
    (cell.day, "31/11/2026", "CELULA-DATA"),
    (cell.day, "29/02/2026", "CELULA-DATA"),
    (cell.day, "12/31/2026", "CELULA-DATA"),
    (cell.day, "10/12/26", "CELULA-DATA"),
    (cell.day, "20261210", "CELULA-DATA"),
    (cell.day, "2026-W50-4", "CELULA-DATA"),
    (cell.day, "10/12/2026 00:00", "CELULA-DATA"),
    (cell.day, "46366", "CELULA-DATA"),
    (cell.day, "1_0/12/2026", "CELULA-DATA"),
    (cell.day, "0000-01-01", "CELULA-DATA"),
    (cell.period, "13/2026", "CELULA-COMPETENCIA"),
    (cell.period, "2026/11", "CELULA-COMPETENCIA"),
    (cell.period, "11/26", "CELULA-COMPETENCIA"),
    (cell.person, "529.982.247-26", "CELULA-CPF-CNPJ"),
    (cell.person, "111.111.111-11", "CELULA-CPF-CNPJ"),
    (cell.person, "12.ABC.345/01DE-36", "CELULA-CPF-CNPJ"),
    (cell.person, "5,2998E+10", "CELULA-CPF-CNPJ"),
    (cell.company, "529.982.247-25", "CELULA-CNPJ"),
    (cell.company, "11222333000182", "CELULA-CNPJ"),
    (cell.digits(8, "O CEP"), "1310000", "CELULA-DIGITOS"),
    (cell.digits(8, "O CEP"), "9001000x", "CELULA-DIGITOS"),
    (cell.digits(8, "O CEP"), "٩٠٠١٠٠٠٠", "CELULA-DIGITOS"),
    (cell.serie, "1000", "CELULA-SERIE"),
    (cell.serie, "-1", "CELULA-SERIE"),
    (cell.serie, "A", "CELULA-SERIE"),
    (cell.phone, "123456", "CELULA-TELEFONE"),
    (cell.phone, "(51) 99999-0000 / (51) 3333-4444", "CELULA-TELEFONE"),
    (cell.phone, "3333-4444 ramal 12", "CELULA-TELEFONE"),
    (cell.phone, "+1 415 555 0100", "CELULA-TELEFONE"),
    (cell.one_of("RS", "SP"), "XX", "CELULA-OPCAO"),
    (cell.linha_digitavel, "2,37978E+46", "CELULA-LINHA-PERDIDA"),
    (cell.linha_digitavel, "1" + LINHA[1:], "CELULA-LINHA"),
    (cell.linha_digitavel, LINHA[:-2], "CELULA-LINHA"),
    (cell.linha_digitavel, LINHA[:32] + "1" + LINHA[33:], "CELULA-LINHA"),
    (cell.linha_digitavel, "8" * 48, "CELULA-LINHA"),
    (cell.linha_digitavel, "boleto", "CELULA-LINHA"),
)


def name(value: object) -> str:
    """What a case is called in the report."""
    return getattr(value, "__qualname__", ascii(value)).split(".")[0]


@pytest.mark.parametrize(("read", "typed", "value"), GOOD, ids=name)
def test_a_good_cell_is_read_as(read: cell.Read, typed: str, value: object) -> None:
    found = read(typed)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("read", "typed", "rule"), BAD, ids=name)
def test_a_bad_cell_is_a_fault_with_sentence_and_remedy(read: cell.Read, typed: str, rule: str) -> None:
    found = read(typed)
    assert isinstance(found, Fault)
    assert found.rule == rule
    assert found.sentence.endswith(".")
    assert found.remedy.endswith(".")


@pytest.mark.parametrize("column", [*BILLING, *COMPOSICAO], ids=lambda column: column.name)
def test_the_example_that_the_manual_shows_can_be_read(column: Any) -> None:
    value = column.read(column.example)
    assert not isinstance(value, Fault)
    assert column.thaw(str(value)) == value, "what was packed is unpacked"


@pytest.mark.parametrize("read", list(dict.fromkeys(read for read, _, _ in GOOD + BAD)), ids=name)
@given(typed=st.text(max_size=60) | st.text("0123456789.,-/ eE+", max_size=60))
def test_no_text_whatever_makes_a_reader_crash(read: Callable[[str], object], typed: str) -> None:
    assert isinstance(read(typed), str | Decimal | date | Fault)


@given(st.decimals(0, 9_999_999_999, places=2))
def test_money_is_read_alike_as_brazilians_and_as_programs_write_it(amount: Decimal) -> None:
    brazilian = f"{amount:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
    assert cell.amount(brazilian) == cell.amount(f"{amount:.2f}") == amount


@pytest.mark.parametrize("seed", range(10))
def test_numbers_that_another_library_made_are_good_and_a_wrong_last_digit_is_seen(seed: int) -> None:
    """The last digit follows from the others; a wrong one elsewhere may by chance bring the same digits."""
    random.seed(seed)
    for made in (CPF().generate(), CNPJ().generate()):
        assert cell.person(made) == made
        assert isinstance(cell.person(f"{made[:-1]}{(int(made[-1]) + 1) % 10}"), Fault)


@pytest.mark.parametrize("typed", ["529.982.247-26", "52998224726", "2998224725", "998224725"])
def test_a_wrong_cpf_is_told_with_stars_even_where_a_sheet_dropped_its_zeros(typed: str) -> None:
    found = cell.person(typed)
    assert isinstance(found, Fault)
    assert found.value.startswith("***.")
    assert found.value.endswith("-**")


@pytest.mark.parametrize(
    ("named", "uf", "codigo"),
    [
        ("Porto Alegre", "RS", "4314902"),
        ("PORTO ALEGRE", "RS", "4314902"),
        ("São Paulo", "SP", "3550308"),
        ("sao paulo", "SP", "3550308"),
        ("Santa Bárbara d'Oeste", "SP", "3545803"),
        ("SANTA BARBARA D OESTE", "SP", "3545803"),
        ("Bom Jesus", "RS", "4302303"),
        ("Bom Jesus", "PI", "2201903"),
    ],
)
def test_a_town_is_found_by_its_name_in_its_uf(named: str, uf: str, codigo: str) -> None:
    assert cell.municipio(named, uf) == codigo


@pytest.mark.parametrize(("named", "uf"), [("Porto Alegre", "SP"), ("Nenhures", "RS"), ("", "RS"), ("Recife", "XX")])
def test_a_town_that_is_not_there_is_a_fault(named: str, uf: str) -> None:
    found = cell.municipio(named, uf)
    assert isinstance(found, Fault)
    assert found.rule == "CELULA-MUNICIPIO"
