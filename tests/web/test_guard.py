"""The guard's page and its parameters: what does not go and why, releases by role, strings with positions."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.web.town import Town, said, tree
from zelo.engine.schema.access import audit
from zelo.engine.schema.guard import journal
from zelo.flow.lifecycle import State
from zelo.guard import shell as guard
from zelo.guard.core import Event

REASON = {"motivo": "cadastro corrigido na SEFAZ", "envios": "2"}
STRING = "RS|5-10-120;11-15-300;16-20-600;21-20-900/"


def hold(town: Town, note: str, times: int) -> None:
    """Let the guard have counted so many rejections of a note that is held already."""
    row = town.house.row(note)
    key = f"2|11222333000181|62|{row.serie}|{row.nnf}"
    with town.engine.begin() as connection:
        more = times - guard.state_of(connection, key).spent
        guard.tell(
            connection, natural_key=key, chave=row.chave, event=Event.CHARGED, now=town.clock(), detail=str(more)
        )


def state_of(town: Town, note: str) -> str:
    return str(town.house.row(note).state)


def release(town: Town, persona: str, note: str, **changes: str) -> Any:
    return town.post(persona, f"{town.home}/notas/{note}/liberar", REASON | changes)


@pytest.mark.parametrize(
    ("times", "persona", "status"),
    [(10, "user", 303), (20, "user", 409), (20, "administrator", 303), (25, "administrator", 409)],
)
def test_who_may_release_at_which_stop(
    town: Town, notes: dict[str, str], times: int, persona: str, status: int
) -> None:
    hold(town, notes["HELD"], times)
    assert release(town, persona, notes["HELD"]).status_code == status
    assert state_of(town, notes["HELD"]) == (State.SIGNED if status == 303 else State.HELD)


def test_a_release_is_kept_with_its_reason_in_journal_and_audit(town: Town, notes: dict[str, str]) -> None:
    hold(town, notes["HELD"], 10)
    release(town, "user", notes["HELD"], motivo="CPF 529.982.247-25 corrigido")
    with town.engine.read() as connection:
        told = connection.execute(select(journal.c.detail).where(journal.c.event == "released")).scalar_one()
        kept = connection.execute(select(audit.c.detail).where(audit.c.action == "liberou a nota")).scalar_one()
    assert "***.982.247-** corrigido" in told
    assert "529" not in told
    assert kept == {"envios": 2, "motivo": "CPF ***.982.247-** corrigido"}


def test_a_release_without_a_reason_changes_nothing_and_keeps_what_was_typed(town: Town, notes: dict[str, str]) -> None:
    hold(town, notes["HELD"], 10)
    answer = release(town, "user", notes["HELD"], motivo=" ", envios="7")
    assert answer.status_code == 422
    assert tree(answer).xpath("//select[@name='envios']/option[@selected]/@value") == ["7"]
    assert state_of(town, notes["HELD"]) == State.HELD


def test_the_page_tells_why_each_note_does_not_go_and_how_much_is_spent(town: Town, notes: dict[str, str]) -> None:
    hold(town, notes["HELD"], 12)
    text = said(town.get("reader", f"{town.home}/guarda"))
    for label in ("Paradas no limite de segurança", "Recusadas, à espera de correção", "Em conflito de numeração"):
        assert label in text
    assert "12 de 25 envios que contam" in text.replace("\u00a0", " ")
    only = said(town.get("reader", f"{town.home}/guarda?por=conflito"))
    assert "12 de 25" not in only


@pytest.mark.parametrize(("persona", "times", "boxes"), [("reader", 10, 0), ("user", 10, 1), ("user", 20, 0)])
def test_only_what_one_may_release_can_be_chosen(
    town: Town, notes: dict[str, str], persona: str, times: int, boxes: int
) -> None:
    hold(town, notes["HELD"], times)
    whole = tree(town.get(persona, f"{town.home}/guarda"))
    assert len(whole.xpath("//input[@type='checkbox' and @name='nota']")) == boxes


def test_many_are_released_together_and_those_that_may_not_say_why(town: Town, notes: dict[str, str]) -> None:
    hold(town, notes["HELD"], 10)
    chosen = [notes["HELD"], notes["REJECTED"]]
    answer = town.post("user", f"{town.home}/guarda/liberar", {**REASON, "nota": chosen})  # type: ignore[dict-item]
    text = said(answer)
    assert "1 nota liberada" in text
    assert "Só se libera uma nota parada por segurança." in text
    assert state_of(town, notes["HELD"]) == State.SIGNED


@pytest.mark.usefixtures("notes")
def test_the_file_holds_what_the_page_shows(town: Town) -> None:
    answer = town.get("reader", f"{town.home}/guarda/arquivo")
    lines = answer.content.decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("situacao;nota;serie;chave")
    assert {line.partition(";")[0] for line in lines[1:-1]} >= {"Recusadas, à espera de correção"}
    assert len(lines) > 4


def set_parameters(town: Town, **changes: str) -> Any:
    data = {"controle": "sim", "intervalos": STRING, "limites": "RS|8-16/"} | changes
    return town.post("administrator", f"{town.home}/guarda/parametros", data)


def test_the_string_of_the_reference_is_kept_and_shown_as_a_table_with_its_warning(town: Town) -> None:
    assert set_parameters(town).status_code == 303
    text = said(town.get("administrator", f"{town.home}/guarda/parametros"))
    assert "A última faixa anda para trás; foi lida como da 21ª tentativa em diante." in text
    assert "Para sozinha em 8 , só o administrador libera depois de 16" in text
    assert "16ª à 20ª 600 s" in text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"intervalos": "RS|5-10-120;12-15-300/"}, "posição 13"),
        ({"limites": "RS|20-10/"}, "O limite de segurança passa do máximo."),
        ({"limites": "RS|10-30/"}, "chega ao limite da própria SEFAZ (30)"),
    ],
)
def test_wrong_parameters_are_refused_where_they_are_wrong(town: Town, changes: dict[str, str], told: str) -> None:
    answer = set_parameters(town, **changes)
    assert answer.status_code == 422
    assert told in said(answer)
    with town.engine.read() as connection:
        assert guard.policy_of(connection, town.company_id) is None


def test_only_looking_keeps_nothing(town: Town) -> None:
    assert set_parameters(town, acao="conferir").status_code == 200
    with town.engine.read() as connection:
        assert guard.policy_of(connection, town.company_id) is None


def test_switched_off_is_said_on_the_page(town: Town) -> None:
    set_parameters(town, controle="nao")
    assert "O controle está desligado nesta empresa." in said(town.get("reader", f"{town.home}/guarda"))


def test_a_program_releases_with_a_key(town: Town, notes: dict[str, str]) -> None:
    hold(town, notes["HELD"], 10)
    path = f"{town.api}/documents/{notes['HELD']}/release"
    answer = town.client("key user").post(path, json={"sends": 1, "why": "cadastro corrigido"})
    assert (answer.status_code, answer.json()["state"]) == (202, "SIGNED")
