"""Members, invites and keys: links and keys are shown once, and there is always an administrator."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from tests.web.test_notes import HOSTILE
from tests.web.town import Town, said, tree
from zelo.access.shell import people
from zelo.engine.schema.access import api_key, audit, invite


def roles(town: Town) -> dict[str, str]:
    """Role by persona, of those who are members."""
    names = {account: persona for persona, account in town.accounts.items()}
    with town.engine.read() as connection:
        return {names[row.id]: row.role for row in people.members(connection, town.company_id)}


def change(town: Town, whom: str, role: str) -> Any:
    """Another role."""
    return town.post("administrator", f"{town.home}/pessoas/{town.accounts[whom]}/papel", {"papel": role})


def remove(town: Town, whom: str, **data: str) -> Any:
    """Take the access away."""
    return town.post("administrator", f"{town.home}/pessoas/{town.accounts[whom]}/retirar", data)


def test_an_invite_link_is_shown_once_and_kept_nowhere(town: Town) -> None:
    answer = town.post("administrator", f"{town.home}/pessoas", {"email": "Nova@Exemplo.com.br", "papel": "user"})
    assert answer.status_code == 200
    link = tree(answer).xpath("//p[@class='secret']/code/text()")[0]
    assert link.startswith("http://zelo.test/convite/")
    page = town.get("administrator", f"{town.home}/pessoas")
    assert "nova@exemplo.com.br" in page.text
    token = link.rpartition("/")[2]
    assert token not in page.text
    with town.engine.read() as connection:
        assert token not in str(connection.execute(select(invite)).one())
        assert token not in str(connection.execute(select(audit)).one())
    assert town.get("anonymous", f"/convite/{token}").status_code == 200


def test_a_cancelled_invite_no_longer_opens(town: Town) -> None:
    answer = town.post("administrator", f"{town.home}/pessoas", {"email": "nova@exemplo.com.br", "papel": "user"})
    link = tree(answer).xpath("//p[@class='secret']/code/text()")[0].removeprefix("http://zelo.test")
    cancel = tree(answer).xpath("//form[contains(@action,'/cancelar')]/@action")[0]
    assert town.post("stranger", cancel.replace(town.company_id, town.other_id)).status_code == 404
    assert town.get("anonymous", link).status_code == 200
    assert town.post("administrator", cancel).status_code == 303
    assert town.get("anonymous", link).status_code == 404


@pytest.mark.parametrize(
    ("email", "role", "told"),
    [
        ("sem arroba", "user", "Não é um e-mail."),
        (HOSTILE, "user", "Não é um e-mail."),
        ("a@b", "user", "Não é um e-mail."),
        ("nova@exemplo.com.br", "deus", "A escolha não existe."),
        ("lia@exemplo.com.br", "user", "Essa pessoa já tem acesso."),
        ("", "user", "Falta preencher."),
    ],
)
def test_a_faulty_invite_is_told_at_its_field(town: Town, email: str, role: str, told: str) -> None:
    answer = town.post("administrator", f"{town.home}/pessoas", {"email": email, "papel": role})
    assert answer.status_code == 422
    assert told in said(answer)
    assert "<script>alert" not in answer.text


def test_roles_change_and_members_leave(town: Town) -> None:
    assert change(town, "reader", "user").status_code == 303
    assert roles(town)["reader"] == "user"
    assert remove(town, "user").status_code == 422, "not confirmed"
    assert remove(town, "user", certeza="sim").status_code == 303
    assert "user" not in roles(town)
    assert town.get("user", f"{town.home}/notas").status_code == 404


def test_the_last_administrator_stays(town: Town) -> None:
    """Dora is an administrator too, but her account is disabled: she does not count."""
    for refused in (change(town, "administrator", "user"), remove(town, "administrator", certeza="sim")):
        assert refused.status_code == 409
        assert "ficaria sem administrador" in said(refused)
    assert roles(town)["administrator"] == "administrator"
    assert change(town, "user", "administrator").status_code == 303
    assert remove(town, "administrator", certeza="sim").headers["location"] == "/empresas"
    assert "administrator" not in roles(town)


def test_whoever_is_no_member_cannot_be_changed_through_the_company(town: Town) -> None:
    for refused in (change(town, "stranger", "reader"), remove(town, "stranger", certeza="sim")):
        assert refused.status_code == 404
    assert "stranger" not in roles(town)


def test_a_key_is_shown_once_works_at_once_and_stops_when_revoked(town: Town) -> None:
    answer = town.post("administrator", f"{town.home}/chaves", {"nome": HOSTILE[:40], "papel": "reader"})
    key = tree(answer).xpath("//p[@class='secret']/code/text()")[0]
    assert re.fullmatch(r"zelo_[A-Za-z0-9_-]{43}", key)
    page = town.get("administrator", f"{town.home}/chaves")
    assert key not in page.text
    assert "<script>alert" not in page.text
    client = town.client()
    client.headers["Authorization"] = f"Bearer {key}"
    assert client.get(f"{town.api}/documents").status_code == 200
    with town.engine.read() as connection:
        made = connection.execute(select(api_key).where(api_key.c.hint == key[-4:])).one()
    assert key not in str(made)
    path = f"{town.home}/chaves/{made.id}/revogar"
    assert town.post("administrator", path).status_code == 422, "not confirmed"
    assert client.get(f"{town.api}/documents").status_code == 200
    assert town.post("administrator", path, {"certeza": "sim"}).status_code == 303
    assert client.get(f"{town.api}/documents").status_code == 401
    assert town.post("administrator", path, {"certeza": "sim"}).status_code == 404


def test_a_key_of_another_company_is_out_of_reach(town: Town) -> None:
    with town.engine.read() as connection:
        theirs = connection.execute(select(api_key.c.id).where(api_key.c.name == "stranger")).scalar_one()
    assert town.post("administrator", f"{town.home}/chaves/{theirs}/revogar", {"certeza": "sim"}).status_code == 404
    assert town.client("key stranger").get("/api/v1/companies").status_code == 200


def test_the_audit_tells_who_did_what_to_whom(town: Town) -> None:
    change(town, "reader", "user")
    town.post("administrator", f"{town.home}/pessoas", {"email": "nova@exemplo.com.br", "papel": "user"})
    text = said(town.get("administrator", f"{town.home}/auditoria"))
    assert "Ana Administra mudou o papel papel: user" in text
    assert "Ana Administra convidou papel: user nova@exemplo.com.br" in text
