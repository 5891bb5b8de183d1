"""The page of notices: what was told, to whom, and what became of it; and one's own switch."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.web.test_notes import HOSTILE
from tests.web.town import Town, said, tree
from zelo.engine.schema.access import audit
from zelo.engine.schema.notify import address
from zelo.flow import postman
from zelo.notify.core import Cause, Kind
from zelo.notify.delivery import Answer, Outcome
from zelo.notify.shell import outbox
from zelo.web.pages import notices

MAIL = {"smtp_host": "localhost", "smtp_sender": "avisos@provedor.com.br"}
ADDED = {"email": "contador@escritorio.com.br", "nome": "Contadora"}


def told(town: Town, company_id: str = "", headline: str = "Bloqueio na SEFAZ SVRS", key: str = "b1") -> Town:
    """The town with a mail server, in which something was told and the mails tried."""
    served = town.with_settings(**MAIL)

    def send(_server: Any, *, address: str, **_: Any) -> Answer:
        if address.startswith("ana"):
            return Answer(Outcome.DELIVERED, "")
        return Answer(Outcome.DEFERRED, "451 volte depois")

    with served.engine.begin() as connection:
        one = Cause(Kind.BLOCK, key, headline, "Nada mais sai até 10:05.", "situacao")
        outbox.tell(connection, company_id or served.company_id, one, served.clock())
    served.clock.advance(timedelta(seconds=3))
    while postman.turn(served.house.tools, send):
        pass
    return served


def page(town: Town, persona: str = "administrator") -> Any:
    return town.get(persona, f"{town.home}/avisos")


def test_an_empty_page_says_what_will_be_here_and_that_no_mail_leaves(town: Town) -> None:
    text = said(page(town))
    assert "Nenhum aviso ainda" in text
    assert "E-mail não configurado" in text
    assert "E-mail não configurado" not in said(page(town.with_settings(**MAIL)))


def test_a_notice_shows_its_words_its_recipients_and_where_each_mail_stands(town: Town) -> None:
    text = said(page(told(town, headline=HOSTILE)))
    assert "Nada mais sai até 10:05." in text
    assert "entregue 09:00:03 · Ana Administra ana@exemplo.com.br" in text
    assert "tentando de novo às 09:0" in text
    assert "Ugo Usuário ugo@exemplo.com.br 451 volte depois" in text
    assert "Lia" not in text, "a reader has not asked for them"
    assert "<script>alert" not in page(town).text


def test_older_notices_are_a_page_further(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "MOST_ROWS", 2)
    for name in ("primeiro", "segundo", "terceiro"):
        told(town, headline=f"Bloqueio {name}", key=name)
        town.clock.advance(timedelta(hours=1))
    first = tree(page(town))
    assert [head.text_content().split()[-1] for head in first.xpath("//li/h2")] == ["terceiro", "segundo"]
    [older] = first.xpath("//a[text()='Mais antigos']/@href")
    second = tree(town.get("administrator", older))
    assert [head.text_content().split()[-1] for head in second.xpath("//li/h2")] == ["primeiro"]
    assert second.xpath("//a[text()='Mais antigos']") == []
    assert second.xpath("//a[text()='Os mais novos']/@href") == [f"{town.home}/avisos"]
    assert town.get("administrator", f"{town.home}/avisos?antes=%00'").status_code == 200


def test_whoever_does_not_manage_people_sees_addresses_only_in_part(town: Town) -> None:
    text = said(page(told(town), "reader"))
    assert "ana@exemplo.com.br" not in text
    assert "a***@exemplo.com.br" in text


def test_another_company_is_told_nothing_of_it(town: Town) -> None:
    served = told(town, town.other_id)
    assert "Bloqueio" not in said(page(served))
    assert "Bloqueio" in said(served.get("stranger", f"/e/{town.other_id}/avisos"))


@pytest.mark.parametrize(("back", "where"), [("conta", "/conta?"), ("https://mau.example", "/avisos?")])
def test_everybody_switches_one_s_own_and_nobody_else_s(town: Town, back: str, where: str) -> None:
    def receiving() -> set[str]:
        with town.engine.read() as connection:
            return {one.name for one in outbox.receiving(connection, town.company_id)}

    assert receiving() == {"Ana Administra", "Ugo Usuário"}
    answer = town.post("user", f"{town.home}/avisos/meus", {"quero": "nao", "de": back})
    assert where in answer.headers["location"]
    assert receiving() == {"Ana Administra"}
    town.post("reader", f"{town.home}/avisos/meus", {"quero": "sim"})
    assert receiving() == {"Ana Administra", "Lia Leitura"}
    forms = tree(town.get("reader", "/conta")).xpath("//form[contains(@action,'/avisos/meus')]")
    assert [form.get("action") for form in forms] == [f"{town.home}/avisos/meus"]
    assert "Avisos por e-mail: recebo" in said(town.get("reader", "/conta"))
    assert "Avisos por e-mail: não recebo" in said(town.get("user", "/conta"))


def test_an_address_is_added_told_and_taken_away(town: Town) -> None:
    assert town.post("administrator", f"{town.home}/avisos/enderecos", ADDED).status_code == 303
    assert "Contadora contador@escritorio.com.br" in said(page(told(town)))
    twice = town.post("administrator", f"{town.home}/avisos/enderecos", ADDED)
    assert twice.status_code == 422
    assert "já está na lista" in said(twice)
    with town.engine.read() as connection:
        [row] = connection.execute(select(address)).fetchall()
        acts = connection.execute(select(audit.c.action)).scalars().all()
    assert "acrescentou um endereço de avisos" in acts
    path = f"/avisos/enderecos/{row.id}/retirar"
    assert town.post("stranger", f"/e/{town.other_id}{path}").status_code == 404
    assert town.post("administrator", town.home + path).status_code == 303
    assert town.post("administrator", town.home + path).status_code == 404
    with town.engine.read() as connection:
        assert connection.execute(select(address)).fetchall() == []


@pytest.mark.parametrize("typed", ["sem arroba", "a@b", "a@exemplo.com.br\r\nBcc: b@exemplo.com.br", HOSTILE, ""])
def test_what_is_no_address_is_told_at_its_field(town: Town, typed: str) -> None:
    answer = town.post("administrator", f"{town.home}/avisos/enderecos", {"email": typed, "nome": "x"})
    assert answer.status_code == 422
    assert tree(answer).xpath("//input[@name='email'][@aria-invalid='true']")
    assert "<script>alert" not in answer.text


def test_a_company_has_so_many_other_addresses_and_no_more(town: Town) -> None:
    for number in range(outbox.MOST_ADDRESSES):
        typed = {"email": f"s{number}@exemplo.com.br", "nome": "suporte"}
        assert town.post("administrator", f"{town.home}/avisos/enderecos", typed).status_code == 303
    full = town.post("administrator", f"{town.home}/avisos/enderecos", ADDED)
    assert full.status_code == 422
    assert "o máximo" in said(full)
