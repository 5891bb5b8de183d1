"""Register, certificates and séries of an establishment: the evidence for a number is asked for and must agree."""

from typing import Any, Final

import pytest
from sqlalchemy import select

from tests.house import PLACES
from tests.web.test_notes import HOSTILE
from tests.web.town import Town, establish_other, said, tree
from zelo.access.shell import companies
from zelo.assemble import shell as numbers
from zelo.engine.schema.access import audit
from zelo.fiscal.chave import Chave

MS: Final = PLACES[2]
REGISTER: Final = {
    "cnpj": "11.222.333/0003-43",
    "ie": "28.381.987-1",
    "crt": "3",
    "nome": "PROVEDOR DE TESTE MS",
    "fantasia": "",
    "cep": "79002-000",
    "logradouro": "Avenida Central",
    "numero": "SN",
    "complemento": "",
    "bairro": "Centro",
    "municipio": "campo grande",
    "uf": "MS",
    "fone": "",
    "email": "",
}


def last_note(**changes: Any) -> str:
    """The chave of the last note of a former system, number 41 of série 2 of the establishment in RS."""
    parts: dict[str, Any] = {
        "cuf": "43",
        "aamm": "2610",
        "cnpj": PLACES[0].cnpj,
        "mod": "62",
        "serie": 2,
        "nnf": 41,
        "tpemis": "1",
        "nsite": "0",
        "cnf": "7654321",
    }
    given = parts | changes
    if given["mod"] != "62":
        given |= {"nsite": "", "cnf": "87654321"}
    return str(Chave.build(**given))


def one(town: Town) -> str:
    """The page of the establishment in RS."""
    return f"{town.home}/estabelecimentos/{town.house.establishments['RS']}"


def series_of(town: Town) -> dict[int, int]:
    """Next number by série of that establishment."""
    with town.engine.read() as connection:
        return {row.serie: row.next_nnf for row in numbers.series(connection, town.house.establishments["RS"])}


def test_a_new_establishment_is_kept_bare_and_belongs_to_the_ambiente(town: Town) -> None:
    answer = town.post("administrator", f"{town.home}/estabelecimentos/novo", REGISTER)
    assert answer.status_code == 303
    created = answer.headers["location"].split("/")[-1].partition("?")[0]
    with town.engine.read() as connection:
        row = companies.find_establishment(connection, created)
    assert row is not None
    assert (row.cnpj, row.ie, row.municipio, row.cep, row.fantasia, row.ambiente) == (
        "11222333000343", "283819871", "5002704", "79002000", None, 2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("cnpj", "11.222.333/0003-44", "CNPJ inválido."),
        ("cnpj", "99.999.999/0001-91", "O CNPJ é de outra empresa."),
        ("cnpj", "11.222.333/0001-81", "Este CNPJ já está cadastrado."),
        ("ie", "283819872", "o dígito não confere"),
        ("municipio", "Porto Alegre", "Município não existe em MS."),
        ("crt", "9", "A escolha não existe."),
        ("nome", HOSTILE + "x" * 60, "passa de 60 caracteres"),
        ("cep", "<b>79002", "O CEP precisa de 8 dígitos."),
        ("municipio", HOSTILE, "Município não existe em MS."),
        ("bairro", "", "Falta preencher."),
    ],
)
def test_a_faulty_register_is_told_at_its_field(town: Town, field: str, typed: str, told: str) -> None:
    answer = town.post("administrator", f"{town.home}/estabelecimentos/novo", REGISTER | {field: typed})
    assert answer.status_code == 422
    page = tree(answer)
    assert told in page.xpath(f"//*[@id='f-{field}']")[0].text_content()
    assert page.xpath("//input[@name='logradouro']/@value") == ["Avenida Central"]
    assert "<script>alert" not in answer.text


def test_a_change_keeps_the_cnpj_and_tells_what_changed(town: Town) -> None:
    shown = tree(town.get("administrator", one(town)))
    action = shown.xpath(f"//form[@action='{one(town)}']")[0]
    form = {name: value for name, value in action.form_values() if name != "csrf"}
    assert form["cnpj"] == "11.222.333/0001-81"
    assert form["municipio"] == "Porto Alegre"
    assert town.post("administrator", one(town), form | {"bairro": "Cidade Baixa"}).status_code == 303
    with town.engine.read() as connection:
        row = companies.find_establishment(connection, town.house.establishments["RS"])
        told = connection.execute(select(audit)).one()
    assert row is not None
    assert row.bairro == "Cidade Baixa"
    assert (told.action, told.detail) == ("mudou o estabelecimento", {"campos": ["bairro"]})
    refused = town.post("administrator", one(town), form | {"cnpj": "11.222.333/0003-43"})
    assert "não muda" in said(refused)


def test_another_companys_establishment_cannot_be_reached_through_ones_own(town: Town) -> None:
    theirs = establish_other(town)
    path = f"{town.home}/estabelecimentos/{theirs}"
    assert town.get("administrator", path).status_code == 404
    for suffix in ("", "/certificados", "/series"):
        assert town.post("administrator", path + suffix, REGISTER).status_code == 404


def test_a_certificate_of_the_company_is_chosen_and_no_other(town: Town) -> None:
    with town.engine.read() as connection:
        mine = companies.certificates(connection, town.company_id)[0].id
    path = f"{one(town)}/certificados"
    data = {"assina": mine, "transmite": "", "credenciado": "2026-10-01"}
    assert town.post("administrator", path, data).status_code == 303
    with town.engine.read() as connection:
        row = companies.find_establishment(connection, town.house.establishments["RS"])
    assert row is not None
    assert (row.certificate_id, row.transmitter_id) == (mine, None)
    assert row.accredited_at.isoformat() == "2026-10-01T03:00:00+00:00", "midnight in Porto Alegre"
    refused = town.post("administrator", path, {"assina": "01M7WD7V4XZXTZ24Q8K7AGDPRZ"})
    assert refused.status_code == 422
    assert town.post("administrator", path, {"assina": ""}).status_code == 303


def test_a_serie_goes_on_after_the_last_note_of_the_former_system(town: Town) -> None:
    blocks = " ".join(last_note()[i : i + 4] for i in range(0, 44, 4))
    form = {"serie": "2", "proximo": "42", "prova": "chave", "chave": blocks}
    assert town.post("administrator", f"{one(town)}/series", form).status_code == 303
    assert series_of(town) == {1: 1, 2: 42}
    assert "última nota do sistema anterior" in said(town.get("reader", one(town)))


def test_a_serie_never_used_begins_at_one_and_only_when_said_so(town: Town) -> None:
    path = f"{one(town)}/series"
    assert town.post("administrator", path, {"serie": "3", "prova": "chave"}).status_code == 422
    assert town.post("administrator", path, {"serie": "3", "prova": "nunca", "proximo": "7"}).status_code == 422
    assert town.post("administrator", path, {"serie": "3", "prova": ""}).status_code == 422
    assert series_of(town) == {1: 1}
    assert town.post("administrator", path, {"serie": "3", "prova": "nunca"}).status_code == 303
    assert series_of(town) == {1: 1, 3: 1}


@pytest.mark.parametrize(
    ("chave", "proximo", "told"),
    [
        (last_note(serie=5), "", "a nota é da série 5"),
        (last_note(cnpj="11222333000262"), "", "a nota é do CNPJ 11.222.333/0002-62"),
        (last_note(cuf="35"), "", "a nota é de outra UF"),
        (last_note(mod="55"), "", "a nota é do modelo 55"),
        (last_note()[:-1] + str((int(last_note()[-1]) + 1) % 10), "", "o dígito não confere"),
        (last_note()[:40], "", "Não é uma chave"),
        (HOSTILE, "", "Não é uma chave"),
        (last_note(), "41", "a próxima seria a 42"),
        (last_note(), "100", "a próxima seria a 42"),
        (last_note(), "42,5", "inteiro"),
    ],
)
def test_evidence_that_does_not_agree_sets_no_number(town: Town, chave: str, proximo: str, told: str) -> None:
    form = {"serie": "2", "proximo": proximo, "prova": "chave", "chave": chave}
    answer = town.post("administrator", f"{one(town)}/series", form)
    assert answer.status_code == 422
    assert told in said(answer)
    assert series_of(town) == {1: 1}


def test_a_serie_in_use_is_not_set_back(town: Town) -> None:
    path = f"{one(town)}/series"
    again = {"serie": "1", "prova": "chave", "chave": last_note(serie=1)}
    assert town.post("administrator", path, again).status_code == 303, "nothing was issued yet"
    assert series_of(town) == {1: 42}
    town.sign(town.submit("F-1"))
    assert series_of(town) == {1: 43}
    refused = town.post("administrator", path, {"serie": "1", "prova": "nunca"})
    assert refused.status_code == 422
    assert "já está em uso" in said(refused)
    assert series_of(town) == {1: 43}


def test_who_may_not_manage_reads_the_register_without_a_form(town: Town) -> None:
    page = tree(town.get("reader", one(town)))
    assert not page.xpath("//main//form")
    assert "PROVEDOR DE TESTE RS" in page.text_content()
