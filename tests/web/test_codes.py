"""Codes read otherwise: by whom, from when, with which word more, and what that does to programs and to our worker."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import select

from tests.drafts import internet
from tests.house import START, House, new_house
from tests.messages import chave
from tests.web.test_guard_api import ask, send
from tests.web.town import Town, said, tree
from zelo.engine.contract import Engine
from zelo.engine.schema.access import audit
from zelo.engine.schema.guard import journal
from zelo.facts.cstat import Classe
from zelo.flow import nfcom
from zelo.guard import review
from zelo.guard import shell as guard
from zelo.guard.review import Override

WRONG_CPF_CSTAT: Final = "423"
TODAY: Final = "2026-11-20"


def change(town: Town, persona: str = "root", **changes: str) -> Any:
    form = {"modelo": "55", "cstat": "778", "desde": TODAY, "classe": "ISSUER", "motivo": "NT nova"} | changes
    return town.post(persona, "/codigos", form)


def test_a_reading_is_kept_shown_to_all_and_obeyed(town: Town) -> None:
    assert change(town, motivo="a NT diz; CPF 529.982.247-25").status_code == 303
    text = said(town.get("reader", "/codigos?modelo=55&cstat=778"))
    assert "Emitente: para tudo do emitente" in text
    assert "Na tabela Dados da nota: espera correção" in text
    assert "***.982.247-**" in text
    assert "Rui da Instalação" in text
    assert send(town, chave(), "778")["meaning"] == "issuer"
    with town.engine.read() as connection:
        kept = connection.execute(select(audit.c.object).where(audit.c.action == "mudou a leitura de um código"))
        assert kept.scalars().all() == ["55 778"]


def test_it_is_undone_by_a_new_row(town: Town) -> None:
    change(town)
    town.clock.advance(timedelta(seconds=1))
    assert change(town, classe="tabela").status_code == 303
    assert send(town, chave(), "778")["meaning"] == "rejected"
    page = tree(town.get("reader", "/codigos"))
    assert len(page.xpath("//table//tbody/tr")) == 2
    assert "todos como na tabela" in page.text_content()


def test_before_its_day_nothing_changes(town: Town) -> None:
    change(town, desde="2026-11-21")
    assert send(town, chave(), "778")["meaning"] == "rejected"
    town.clock.advance(timedelta(hours=24))
    assert send(town, chave(nnf=2), "778")["meaning"] == "issuer"


def test_what_stops_less_wants_a_word_more_and_still_counts(town: Town) -> None:
    refused = change(town, classe="LCR")
    assert refused.status_code == 422
    assert "segura menos do que a da tabela" in said(refused)
    assert change(town, classe="LCR", certeza="sim").status_code == 303
    for n in range(1, 11):
        assert send(town, chave(), "778")["spent"] == n
    assert ask(town, chave()).json()["stop"] == "safety"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"cstat": "656"}, "autoriza, bloqueia ou informa"),
        ({"cstat": "100"}, "autoriza, bloqueia ou informa"),
        ({"cstat": "abc"}, "Não é um código de resposta."),
        ({"desde": "2026-11-19"}, "O dia já passou."),
        ({"motivo": " "}, "Falta preencher."),
        ({"classe": "OK"}, "A escolha não existe."),
        ({"classe": "tabela"}, "já é lido assim"),
    ],
)
def test_what_may_not_be_is_said_and_nothing_is_kept(town: Town, changes: dict[str, str], told: str) -> None:
    answer = change(town, **changes)
    assert answer.status_code == 422
    assert told in said(answer)
    with town.engine.read() as connection:
        assert guard.overrides(connection) == []


def test_only_who_runs_the_installation_may(town: Town) -> None:
    assert change(town, "administrator").status_code == 403
    assert not tree(town.get("administrator", "/codigos")).xpath("//form[@method='post' and @action='/codigos']")


@pytest.fixture
def house(new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch) -> House:
    """Whose drafts nobody checks, so that SEFAZ refuses them; 423 (wrong CPF) is read as one that passes."""
    monkeypatch.setattr(nfcom, "RULES", ())
    made = new_house(new_embedded())
    assert review.judge("62", WRONG_CPF_CSTAT, Classe.LCR) is None
    row = Override("0" * 26, "62", WRONG_CPF_CSTAT, Classe.LCR, START.date(), START, "Rui", "teste")
    with made.tools.engine.begin() as connection:
        guard.keep_override(connection, row)
    return made


def test_our_worker_reads_so_too_counts_each_refusal_and_pauses_nobody_else(house: House) -> None:
    draft = internet()
    note = house.submit("F-RUIM", replace(draft, dest=replace(draft.dest, CPF="11144477736"))).document_id
    worker, seen = house.worker(), set()
    while house.row(note).state != "HELD":
        worker.turn()
        seen.add(house.row(note).state)
        with house.tools.engine.read() as connection:
            assert not guard.halts(connection, house.clock())
        house.clock.advance(timedelta(seconds=60))
        assert house.clock() < START + timedelta(hours=6)
    assert "PAUSED" in seen
    with house.tools.engine.read() as connection:
        codes = connection.execute(select(journal.c.cstat).where(journal.c.event == "rejected")).scalars().all()
    assert codes == [WRONG_CPF_CSTAT] * 10, "the safety stop holds whatever the reading"
