"""Every form of a session must bring its token back; nothing is done without it."""

import re
from typing import Final

import pytest
from fastapi.routing import iter_route_contexts

from tests.web.town import PASSWORD, Town, tree
from zelo.web.app import PAGES
from zelo.web.refusal import ENTRY

OPEN: Final = (ENTRY, "/convite/{token}")
FORMS: Final = sorted(
    str(context.path)
    for router in PAGES
    for context in iter_route_contexts(router.routes)
    if "POST" in (context.methods or ()) and context.path not in OPEN
)


def _path(town: Town, template: str) -> str:
    return re.sub(r"\{[a-z]+_id\}", "01M7WD7V4XZXTZ24Q8K7AGDPRZ", template.replace("{company_id}", town.company_id))


@pytest.mark.parametrize("template", FORMS)
def test_a_form_without_its_token_is_refused_whatever_it_says(town: Town, template: str) -> None:
    path = _path(town, template)
    persona = "root" if template == "/empresas" else "administrator"
    client = town.client(persona)
    others = town.csrf("reader")
    for token in (None, "", "errado", others, f"{town.csrf(persona)}x"):
        data = {"certeza": "sim"} if token is None else {"certeza": "sim", "csrf": token}
        assert client.post(path, data=data).status_code == 403, token
    as_file = client.post(path, files={"csrf": ("csrf", town.csrf(persona).encode())})
    assert as_file.status_code == 403, "a file is not a token"


def test_a_refused_form_did_nothing(town: Town) -> None:
    data = {"senha": PASSWORD, "nova": "outra frase boa", "repetida": "outra frase boa", "csrf": "errado"}
    assert town.client("user").post("/conta", data=data).status_code == 403
    assert town.client().post("/entrar", data={"email": "ugo@exemplo.com.br", "senha": PASSWORD}).status_code == 303


def test_every_form_on_every_page_carries_the_token(town: Town) -> None:
    token = town.csrf("administrator")
    for name in ("notas", "notas/nova", "faturamento", "estabelecimentos/novo", "certificados", "pessoas", "chaves"):
        page = tree(town.get("administrator", f"{town.home}/{name}"))
        forms = page.xpath("//form[@method='post']")
        assert forms
        for form in forms:
            assert form.xpath(".//input[@name='csrf']/@value") == [token], name
