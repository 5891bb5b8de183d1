"""New companies, and where one may work."""

import pytest

from tests.web.test_notes import HOSTILE
from tests.web.town import Town, said, tree


def test_who_runs_the_installation_creates_a_company_and_administers_it(town: Town) -> None:
    answer = town.post("root", "/empresas", {"nome": "Terceira", "cnpj": "12.ABC.345/01DE-35"})
    assert answer.status_code == 303
    path = answer.headers["location"].partition("?")[0]
    assert path.endswith("/estabelecimentos/novo")
    assert town.get("root", path).status_code == 200
    shown = tree(town.get("root", "/empresas"))
    assert "12ABC345" in shown.text_content()


@pytest.mark.parametrize(
    ("name", "cnpj", "told"),
    [
        ("", "12.ABC.345/01DE-35", "Falta preencher."),
        ("Terceira", "12.ABC.345/01DE-36", "CNPJ inválido."),
        ("Terceira", "<b>11.222.333</b>", "CNPJ inválido."),
        (HOSTILE, "", "Falta preencher."),
        ("Terceira", "11.222.333/0002-62", "Já há uma empresa com essa raiz de CNPJ."),
    ],
)
def test_a_faulty_company_is_told_at_its_field(town: Town, name: str, cnpj: str, told: str) -> None:
    answer = town.post("root", "/empresas", {"nome": name, "cnpj": cnpj})
    assert answer.status_code == 422
    assert told in said(answer)
    assert "<script>alert" not in answer.text


def test_one_sees_only_where_one_works(town: Town) -> None:
    page = town.get("reader", "/empresas")
    assert "Provedor de Teste" in page.text
    assert "Outra Empresa" not in page.text
    assert not tree(page).xpath("//main//form")
    assert town.get("reader", "/").headers["location"] == f"{town.home}/mes"
