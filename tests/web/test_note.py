"""One note: what stands where, what comes next and when, what people may do with it."""

from typing import Any

import pytest
from lxml import etree
from sqlalchemy import select

from tests.web.town import Town, said, tree
from zelo.engine.schema.access import audit
from zelo.flow import record
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.monitor.wording import WORDING

NFCOM = "{http://www.portalfiscal.inf.br/nfcom}"


def page_of(town: Town, note: str, persona: str = "administrator") -> Any:
    """The page of a note."""
    answer = town.get(persona, f"{town.home}/notas/{note}")
    assert answer.status_code == 200
    return answer


def state_of(town: Town, note: str) -> str:
    """Where it stands."""
    return str(town.house.row(note).state)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("DRAFT", "Será conferida, numerada e assinada agora."),
        ("INVALID", "O CPF do assinante não existe"),
        ("SIGNED", "Será transmitida agora."),
        ("RESERVED", "se não vier, a nota será consultada às 09:03:00 (em 3 min)."),
        ("UNKNOWN", "Sem resposta: consultando, não reenvie. Será consultada na SEFAZ às 09:02:00 (em 2 min)."),
        ("PAUSED", "Será tentada de novo às 09:03:00 (em 3 min)."),
        ("BLOCKED", "Será tentada de novo depois do bloqueio, às 10:05:00 (em 1 h 5 min)."),
        ("REJECTED", "Recusada pela SEFAZ: corrija e reenvie o mesmo número."),
        ("REJECTED", "O que fazer: Recalcule o item"),
        ("HELD", "Parada por segurança: 20 de 20"),
        ("CONFLICT", "Se o número é mesmo de outro documento, dê outro número a esta nota."),
    ],
)
def test_each_state_says_what_it_means_and_what_comes_next(
    town: Town, notes: dict[str, str], state: str, told: str
) -> None:
    note = notes[state]
    text = said(page_of(town, note)).replace("\u00a0", " ")
    assert WORDING[state].sentence in text
    assert told in text


ACTS = {
    "consultar": {"UNKNOWN", "HELD", "CONFLICT"},
    "reenviar": {"REJECTED"},
    "renumerar": {"CONFLICT"},
    "corrigir": {"CHECKED", "DRAFT", "INVALID", "SIGNED", "PAUSED", "BLOCKED", "REJECTED", "HELD"},
}


def test_a_page_offers_what_the_state_allows_and_no_more(town: Town, notes: dict[str, str]) -> None:
    for state, note in notes.items():
        whole = tree(page_of(town, note))
        paths = [*whole.xpath("//form/@action"), *whole.xpath("//a/@href")]
        offered = {act for act in ACTS if f"{town.home}/notas/{note}/{act}" in paths}
        assert offered == {act for act, states in ACTS.items() if state in states}, state


@pytest.mark.parametrize("persona", ["reader", "user"])
def test_a_page_offers_what_the_person_may_and_no_more(town: Town, notes: dict[str, str], persona: str) -> None:
    note = notes["CONFLICT"]
    offered = {path.rpartition("/")[2] for path in tree(page_of(town, note, persona)).xpath("//main//form/@action")}
    assert offered == ({"consultar"} if persona == "user" else set())


@pytest.mark.parametrize("act", ["consultar", "reenviar", "renumerar"])
def test_an_act_that_the_state_does_not_allow_is_refused_with_its_reason(
    town: Town, notes: dict[str, str], act: str
) -> None:
    for state, note in notes.items():
        if state in ACTS[act]:
            continue
        answer = town.post("administrator", f"{town.home}/notas/{note}/{act}", {"certeza": "sim"})
        assert answer.status_code == 409
        assert "Só " in said(answer)
        assert state_of(town, note) == state


@pytest.mark.parametrize(
    ("act", "state", "after"),
    [("consultar", "HELD", "UNKNOWN"), ("reenviar", "REJECTED", "SIGNED"), ("renumerar", "CONFLICT", "DRAFT")],
)
def test_an_act_moves_the_note_and_is_told(town: Town, notes: dict[str, str], act: str, state: str, after: str) -> None:
    note = notes[state]
    path = f"{town.home}/notas/{note}/{act}"
    if act != "consultar":
        assert town.post("administrator", path).status_code == 422, "not confirmed"
        assert state_of(town, note) == state
    answer = town.post("administrator", path, {"certeza": "sim"})
    assert answer.status_code == 303
    assert state_of(town, note) == after
    with town.engine.read() as connection:
        told = connection.execute(select(audit).where(audit.c.object == note)).one()
        line = record.past(connection, note)[-1]
    assert told.company_id == town.company_id
    assert told.actor == line.actor == f"Ana Administra ({town.accounts['administrator']})"
    followed = town.get("administrator", answer.headers["location"])
    assert followed.status_code == 200
    assert tree(followed).xpath("//p[@class='notice']")


def test_a_halt_that_stops_the_note_is_named_instead_of_an_hour(town: Town, notes: dict[str, str]) -> None:
    note = notes["SIGNED"]
    with town.engine.begin() as connection:
        guard.stop(
            connection,
            scope=halt.of_serie(town.house.establishments["RS"], 1),
            reason=halt.CONFLICT,
            now=town.clock(),
            until=None,
            cstat="539",
            detail="Rejeição: Duplicidade",
        )
    text = said(page_of(town, note))
    assert "Não anda agora. Conflito de numeração na série. Rejeição: Duplicidade" in text
    assert "Será transmitida" not in text


def test_the_history_tells_who_when_what_and_the_official_text(town: Town, notes: dict[str, str]) -> None:
    note = notes["REJECTED"]
    lines = tree(page_of(town, note)).xpath("//ol[@class='timeline']/li//strong/text()")
    assert lines == [
        "Recusada pela SEFAZ",
        "Transmissão iniciada",
        "Conferida, numerada e assinada",
        "Recebida",
    ]
    text = said(page_of(town, note))
    assert "435 Rejeição: Valor do item difere" in text
    assert "Texto oficial do código 435: Rejeição: Valor do item difere de valor unitário" in text
    assert "Prazo para transmitir com esta data de emissão: 25/11/2026 09:00:00" in text.replace("\u00a0", " ")


def test_the_chave_is_shown_in_blocks_and_copied_whole(town: Town, notes: dict[str, str]) -> None:
    note = notes["SIGNED"]
    chave = town.house.row(note).chave
    whole = tree(page_of(town, note))
    assert whole.xpath("//button/@data-copy") == [chave]
    shown = whole.xpath("//span[contains(@class,'chave')]/text()")[0]
    assert [len(block) for block in shown.split()] == [4] * 11


def test_an_authorised_note_gives_the_file_that_is_handed_on(town: Town) -> None:
    note = town.submit("F-1")
    before = town.get("reader", f"{town.home}/notas/{note}/xml")
    assert before.status_code == 404, "nothing is signed yet"
    town.sign(note)
    signed = town.get("reader", f"{town.home}/notas/{note}/xml")
    assert etree.fromstring(signed.content).tag == f"{NFCOM}NFCom"
    town.house.settle()
    assert state_of(town, note) == "AUTHORISED"
    proc = town.get("reader", f"{town.home}/notas/{note}/xml")
    root = etree.fromstring(proc.content)
    chave = town.house.row(note).chave
    assert root.tag == f"{NFCOM}nfcomProc"
    assert root.findtext(f".//{NFCOM}chNFCom") == chave
    assert proc.headers["content-disposition"] == f'attachment; filename="{chave}-procNFCom.xml"'
    text = said(page_of(town, note))
    assert town.house.row(note).nprot in text
    assert "Nada mais a fazer." in text


def test_a_reader_sees_every_cpf_starred(town: Town, notes: dict[str, str]) -> None:
    for state, cpf in (("SIGNED", "529.982.247-25"), ("INVALID", "52998224726")):
        assert cpf in page_of(town, notes[state], "user").text
        for path in (notes[state], f"{notes[state]}/fragmento"):
            page = town.get("reader", f"{town.home}/notas/{path}")
            assert "52998224726" not in page.text
            assert "529.982.247" not in page.text
    assert "***.982.247-**" in page_of(town, notes["SIGNED"], "reader").text


@pytest.mark.usefixtures("notes")
def test_lists_show_no_cpf_to_anybody(town: Town) -> None:
    page = town.get("administrator", f"{town.home}/notas")
    assert "982.247" not in page.text
    assert "52998224" not in page.text
