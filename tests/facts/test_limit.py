"""Official limits: their figures, and that a row which names an authorizer or environment wins over the general one."""

from collections.abc import Iterator
from datetime import date
from typing import Final

import pytest

from zelo.facts import table
from zelo.facts.limit import Limit, all_limits, limit
from zelo.facts.table import UnknownFactError
from zelo.fiscal.ambiente import Ambiente

TODAY: Final = date(2026, 11, 21)
FIGURES: Final = {
    "rejeicoes_iguais": 30,
    "bloqueio": 60,
    "consultas_por_chave_hora": 10,
    "repeticoes_5min": 60,
    "intervalo_status": 180,
    "bloqueios_permanente": 50,
    "atraso_emissao": 120,
    "tamanho_mensagem": 1_048_576,
}
"""MOC NFCom Visão Geral 1.00a, items 5.5 and 8.2, and Anexo I G38 and B01."""


@pytest.mark.parametrize(("name", "figure"), FIGURES.items())
@pytest.mark.parametrize("authorizer", ["SVRS", "MG", "MS", "MT"])
def test_figures_of_the_manual_hold_everywhere(name: str, figure: int, authorizer: str) -> None:
    for ambiente in Ambiente:
        assert limit(name, autorizador=authorizer, modelo="62", ambiente=ambiente, on=TODAY).valor == figure


def test_every_limit_is_positive_and_says_its_unit_and_how_sure_it_is() -> None:
    for row in all_limits():
        assert row.valor > 0
        assert row.unidade
        assert row.confianca


@pytest.fixture
def more_rows(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The shipped rows and some of a state that differs."""

    def row(autorizador: str, ambiente: str, valor: int, desde: date, ate: date | None = None) -> Limit:
        return Limit("x", autorizador, "62", "*", ambiente, valor, "u", "teste", "teste", desde, ate)

    since = date(2025, 1, 1)
    rows = (
        row("PR", "*", 25, since),
        row("*", "*", 30, since),
        row("*", "2", 300, since),
        row("PR", "2", 99, since, date(2026, 6, 30)),
        row("PR", "2", 98, date(2026, 7, 1)),
    )
    limit.cache_clear()
    monkeypatch.setitem(table._loaded, "limite", rows)
    yield
    limit.cache_clear()


@pytest.mark.usefixtures("more_rows")
@pytest.mark.parametrize(
    ("authorizer", "ambiente", "on", "figure"),
    [
        ("SVRS", Ambiente.PRODUCAO, TODAY, 30),
        ("SVRS", Ambiente.HOMOLOGACAO, TODAY, 300),
        ("PR", Ambiente.PRODUCAO, TODAY, 25),
        ("PR", Ambiente.HOMOLOGACAO, TODAY, 98),
        ("PR", Ambiente.HOMOLOGACAO, date(2026, 6, 30), 99),
        ("PR", Ambiente.HOMOLOGACAO, date(2026, 7, 1), 98),
    ],
)
def test_the_more_specific_row_wins(authorizer: str, ambiente: Ambiente, on: date, figure: int) -> None:
    assert limit("x", autorizador=authorizer, modelo="62", ambiente=ambiente, on=on).valor == figure


@pytest.mark.usefixtures("more_rows")
def test_no_row_in_force_is_an_error_never_a_guess() -> None:
    with pytest.raises(UnknownFactError, match="no limit x"):
        limit("x", autorizador="PR", modelo="62", ambiente=Ambiente.PRODUCAO, on=date(2024, 12, 31))
    with pytest.raises(UnknownFactError, match="model 55"):
        limit("x", autorizador="PR", modelo="55", ambiente=Ambiente.PRODUCAO, on=TODAY)
