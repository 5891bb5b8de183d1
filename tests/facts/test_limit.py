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
_OF_NFE: Final = [
    ("rejeicoes_iguais", "NFeAutorizacao", 30),
    ("rejeicoes_iguais", "NFeRecepcaoEvento", 20),
    ("rejeicoes_iguais", "NFeInutilizacao", 20),
    ("consultas_por_chave_hora", "NFeConsultaProtocolo", 10),
    ("consultas_por_recibo_hora", "NFeRetAutorizacao", 40),
    ("repeticoes", "NFeConsultaCadastro", 40),
    ("intervalo_status", "NFeStatusServico", 180),
    ("bloqueio", "NFeAutorizacao", 60),
    ("bloqueios_permanente", "NFeRecepcaoEvento", 50),
]
"""NT 2018.002 v1.00 (MOC 7.0 Anexo I item 4.3) and MOC 7.0 Visão Geral item 5.5."""
OF_SERVICES: Final = [
    *((modelo, *row) for modelo in ("55", "65") for row in _OF_NFE),
    ("62", "rejeicoes_iguais", "NFComRecepcaoEvento", 20),
]


@pytest.mark.parametrize(("name", "figure"), FIGURES.items())
@pytest.mark.parametrize("authorizer", ["SVRS", "MG", "MS", "MT"])
def test_figures_of_the_manual_hold_everywhere(name: str, figure: int, authorizer: str) -> None:
    for ambiente in Ambiente:
        servico = "NFComRecepcao" if name == "rejeicoes_iguais" else None
        found = limit(name, autorizador=authorizer, modelo="62", ambiente=ambiente, on=TODAY, servico=servico)
        assert found.valor == figure


@pytest.mark.parametrize(("modelo", "name", "servico", "figure"), OF_SERVICES)
@pytest.mark.parametrize("authorizer", ["SVRS", "SP", "MG", "SVAN"])
def test_each_service_has_its_own(modelo: str, name: str, servico: str, figure: int, authorizer: str) -> None:
    for ambiente in Ambiente:
        found = limit(name, autorizador=authorizer, modelo=modelo, ambiente=ambiente, on=TODAY, servico=servico)
        assert (found.valor, found.confianca.startswith("oficial")) == (figure, True)


@pytest.mark.parametrize("modelo", ["55", "65"])
def test_only_pr_is_stricter_and_only_told_of(modelo: str) -> None:
    """MG is told of with 200: a number that would make us faster is not brought in."""
    ours = [row for row in all_limits() if row.modelo == modelo and row.autorizador != "*"]
    assert [(row.autorizador, row.servico, row.valor) for row in ours] == [("PR", "NFeAutorizacao", 25)]
    assert "não confirmado" in ours[0].confianca
    found = limit(
        "rejeicoes_iguais", autorizador="PR", modelo=modelo, ambiente=Ambiente.PRODUCAO, on=TODAY,
        servico="NFeRecepcaoEvento",
    )  # fmt: skip
    assert found.valor == 20


@pytest.mark.parametrize("modelo", ["55", "62"])
def test_a_name_of_several_services_needs_one(modelo: str) -> None:
    with pytest.raises(UnknownFactError, match=r"one of each service: .*Recepcao"):
        limit("rejeicoes_iguais", autorizador="SVRS", modelo=modelo, ambiente=Ambiente.PRODUCAO, on=TODAY)
    with pytest.raises(UnknownFactError, match=r"\(NFeInutilizacaoX\)"):
        limit(
            "rejeicoes_iguais", autorizador="SVRS", modelo=modelo, ambiente=Ambiente.PRODUCAO, on=TODAY,
            servico="NFeInutilizacaoX",
        )  # fmt: skip


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
