"""Coming in: passwords, pauses, sessions, invites."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.web.town import PASSWORD, Town, said
from zelo.access.may import Role
from zelo.access.shell import people
from zelo.engine.schema.access import account, audit, membership, session
from zelo.web.gate import COOKIE


def enter(town: Town, email: str, password: str, **more: str) -> Any:
    """Send the log-in form."""
    return town.client().post("/entrar", data={"email": email, "senha": password, **more})


def invited(town: Town, email: str = "nova@exemplo.com.br", role: Role = Role.USER) -> str:
    """The path of a new invite."""
    tools = town.house.tools
    with town.engine.begin() as connection:
        token = people.create_invite(
            connection,
            now=town.clock(),
            chance=tools.chance,
            company_id=town.company_id,
            email=email,
            role=role,
            created_by="teste",
            days=tools.settings.invite_days,
        )
    return f"/convite/{token}"


def role_of(town: Town, email: str) -> str | None:
    """The role that an address holds in the company."""
    query = (
        select(membership.c.role)
        .join(account, account.c.id == membership.c.account_id)
        .where(account.c.email == email, membership.c.company_id == town.company_id)
    )
    with town.engine.read() as connection:
        return connection.execute(query).scalar()


def test_the_right_password_opens_a_session_in_a_guarded_cookie(town: Town) -> None:
    answer = enter(town, " Ana@Exemplo.com.br ", PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    client = town.client()
    client.cookies.set(COOKIE, answer.cookies[COOKIE])
    assert client.get("/").headers["location"] == f"{town.home}/mes"


def test_behind_tls_the_cookie_is_secure_and_transport_strict(town: Town) -> None:
    answer = enter(town.with_settings(cookie_secure=True), "ana@exemplo.com.br", PASSWORD)
    assert "Secure" in answer.headers["set-cookie"]
    assert "max-age" in answer.headers["strict-transport-security"]


@pytest.mark.parametrize("email", ["ana@exemplo.com.br", "ninguem@exemplo.com.br", "dora@exemplo.com.br"])
def test_a_wrong_password_an_unknown_and_a_disabled_account_are_told_alike(town: Town, email: str) -> None:
    password = PASSWORD if email.startswith("dora") else "errada de todo"
    answer = enter(town, email, password)
    assert answer.status_code == 422
    assert "E-mail ou senha não conferem." in said(answer)
    assert "set-cookie" not in answer.headers
    assert password not in answer.text


def test_too_many_errors_pause_the_address_and_the_page_says_until_when(town: Town) -> None:
    for _ in range(town.house.tools.settings.login_failures):
        assert enter(town, "ana@exemplo.com.br", "errada de todo").status_code == 422
    paused = enter(town, "ana@exemplo.com.br", PASSWORD)
    assert paused.status_code == 429
    assert "Tente de novo às 09:16" in said(paused)
    town.clock.advance(timedelta(minutes=16))
    assert enter(town, "ana@exemplo.com.br", PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("wanted", "where"),
    [
        ("/e/x/notas?estado=HELD", "/e/x/notas?estado=HELD"),
        ("https://mau.example/", "/"),
        ("//mau.example/", "/"),
        ("/\\mau.example", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("", "/"),
    ],
)
def test_one_comes_back_to_a_page_of_ours_only(town: Town, wanted: str, where: str) -> None:
    assert enter(town, "ana@exemplo.com.br", PASSWORD, ir=wanted).headers["location"] == where


def test_a_log_in_form_from_another_site_is_refused(town: Town) -> None:
    data = {"email": "ana@exemplo.com.br", "senha": PASSWORD}
    for headers, status in (
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": "https://mau.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ({"origin": "http://zelo.test"}, 303),
    ):
        assert town.client().post("/entrar", data=data, headers=headers).status_code == status, headers


def test_an_installation_without_accounts_says_where_the_first_one_is_made(town: Town) -> None:
    assert "ainda não tem ninguém" not in said(town.get("anonymous", "/entrar"))


def test_a_session_ends_when_unused_and_goes_on_when_used(town: Town) -> None:
    town.clock.advance(timedelta(hours=7))
    assert town.get("reader", "/conta").status_code == 200
    town.clock.advance(timedelta(hours=7))
    assert town.get("reader", "/conta").status_code == 200, "used after half its time, so it was extended"
    assert town.get("user", "/conta").status_code == 303, "fourteen hours unused"


def test_leaving_ends_the_session_for_good(town: Town) -> None:
    answer = town.post("reader", "/sair")
    assert answer.headers["location"] == "/entrar?aviso=saiu"
    assert town.get("reader", "/conta").status_code == 303


def test_a_new_password_ends_the_other_sessions(town: Town) -> None:
    answer = town.post("user", "/conta", {"senha": PASSWORD, "nova": "outra frase boa", "repetida": "outra frase boa"})
    assert answer.status_code == 303
    assert town.get("user", "/conta").status_code == 303, "the session that asked was given another token"
    client = town.client()
    client.cookies.set(COOKIE, answer.cookies[COOKIE])
    assert client.get("/conta").status_code == 200
    assert enter(town, "ugo@exemplo.com.br", PASSWORD).status_code == 422
    assert enter(town, "ugo@exemplo.com.br", "outra frase boa").status_code == 303


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"senha": "errada de todo", "nova": "outra frase boa", "repetida": "outra frase boa"}, "não conferem"),
        ({"senha": PASSWORD, "nova": "curta", "repetida": "curta"}, "10 caracteres ou mais"),
        ({"senha": PASSWORD, "nova": "outra frase boa", "repetida": "outra frase má"}, "são diferentes"),
    ],
)
def test_a_bad_new_password_changes_nothing_and_is_not_sent_back(town: Town, form: dict[str, str], told: str) -> None:
    answer = town.post("user", "/conta", form)
    assert answer.status_code == 422
    assert told in said(answer)
    assert form["nova"] not in answer.text
    assert enter(town, "ugo@exemplo.com.br", PASSWORD).status_code == 303


def test_somebody_new_accepts_an_invite_once(town: Town) -> None:
    path = invited(town)
    assert "Provedor de Teste" in said(town.get("anonymous", path))
    form = {"nome": "Nina Nova", "nova": "frase da nina 1", "repetida": "frase da nina 1"}
    answer = town.client().post(path, data=form)
    assert answer.headers["location"] == f"{town.home}/mes?aviso=bem-vindo"
    assert role_of(town, "nova@exemplo.com.br") == "user"
    assert town.get("anonymous", path).status_code == 404
    assert town.client().post(path, data=form).status_code == 404
    assert enter(town, "nova@exemplo.com.br", "frase da nina 1").status_code == 303


def test_somebody_known_accepts_with_the_password_of_the_account(town: Town) -> None:
    path = invited(town, "eva@outra.com.br")
    assert "Você já tem uma conta" in said(town.get("anonymous", path))
    refused = town.client().post(path, data={"senha": "errada de todo"})
    assert refused.status_code == 422
    assert role_of(town, "eva@outra.com.br") is None
    assert town.client().post(path, data={"senha": PASSWORD}).status_code == 303
    assert role_of(town, "eva@outra.com.br") == "user"


def test_of_two_who_accept_at_once_the_slower_joins_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    path = invited(town, "eva@outra.com.br")
    monkeypatch.setattr(people, "use_invite", lambda *_: False)
    assert town.client().post(path, data={"senha": PASSWORD}).status_code == 404
    assert role_of(town, "eva@outra.com.br") is None


def test_an_invite_expires(town: Town) -> None:
    path = invited(town)
    town.clock.advance(timedelta(days=7))
    assert town.get("anonymous", path).status_code == 404


def test_an_invite_never_lowers_a_role(town: Town) -> None:
    path = invited(town, "ana@exemplo.com.br", Role.READER)
    assert town.client().post(path, data={"senha": PASSWORD}).status_code == 303
    assert role_of(town, "ana@exemplo.com.br") == "administrator"


@pytest.mark.parametrize(
    "form",
    [
        {"nome": "", "nova": "frase da nina 1", "repetida": "frase da nina 1"},
        {"nome": "Nina", "nova": "frase da nina 1", "repetida": "outra coisa 22"},
        {"nome": "Nina", "nova": "curta", "repetida": "curta"},
        {"nome": "Ni\x00na", "nova": "frase da nina 1", "repetida": "frase da nina 1"},
    ],
)
def test_a_faulty_acceptance_makes_no_account(town: Town, form: dict[str, str]) -> None:
    path = invited(town)
    assert town.client().post(path, data=form).status_code == 422
    with town.engine.read() as connection:
        assert people.find_account(connection, "nova@exemplo.com.br") is None


def test_what_people_did_is_in_the_audit_without_passwords(town: Town) -> None:
    enter(town, "ana@exemplo.com.br", PASSWORD)
    town.client().post(
        invited(town), data={"nome": "Nina Nova", "nova": "frase da nina 1", "repetida": "frase da nina 1"}
    )
    town.post("user", "/conta", {"senha": PASSWORD, "nova": "outra frase boa", "repetida": "outra frase boa"})
    with town.engine.read() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.id)).fetchall()
    assert sorted(row.action for row in rows) == ["aceitou o convite", "entrou", "trocou a própria senha"]
    assert "frase" not in str(rows)


def test_of_a_session_only_a_hash_is_kept(town: Town) -> None:
    with town.engine.read() as connection:
        kept = connection.execute(select(session.c.token_hash)).scalars().all()
    assert kept
    assert not set(kept) & set(town.tokens.values())
