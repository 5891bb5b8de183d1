"""Cancelling from the pages and the API, one and many; entering contingency from its page."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from tests.drafts import internet
from tests.web.town import Town
from zelo.engine.schema.flow import contingency, document, event
from zelo.flow.lifecycle import State
from zelo.sim import journal as journals
from zelo.sim.config import Pause

REASON = "Mensalidade cobrada em dobro"


@pytest.fixture
def authorised(town: Town) -> list[str]:
    """Three notes that stand."""
    ids = [town.submit(f"F{n}", internet(value=f"{100 + n}.00")) for n in range(3)]
    town.house.settle()
    return ids


def test_one_note_from_its_page(town: Town, authorised: list[str]) -> None:
    own = f"{town.home}/notas/{authorised[0]}"
    assert "Pode ser cancelada até" in town.get("user", own).text
    assert "Cancelar a nota" not in town.get("reader", own).text
    assert town.post("user", f"{own}/cancelar", {"motivo": REASON}).status_code == 422, "not confirmed"
    short = town.post("user", f"{own}/cancelar", {"motivo": "erro", "certeza": "sim"})
    assert short.status_code == 422
    assert "de 15 a 255 caracteres" in short.text
    assert town.post("user", f"{own}/cancelar", {"motivo": REASON, "certeza": "sim"}).status_code == 303
    town.house.settle()
    shown = town.get("user", own).text
    assert "Cancelada na SEFAZ" in shown
    assert "Cancelamento registrado" in shown
    xml = town.get("reader", f"{own}/cancelamento/xml")
    assert b"<procEventoNFCom" in xml.content


def test_the_api_tells_what_would_be_refused(town: Town, authorised: list[str]) -> None:
    client = town.client("key user")
    path = f"{town.api}/documents/{authorised[0]}/cancel"
    assert client.post(path, json={"reason": REASON}).status_code == 202
    again = client.post(path, json={"reason": REASON})
    assert (again.status_code, again.json()["faults"][0]["rule"]) == (409, "CANC-EM-CURSO")
    town.clock.advance(timedelta(days=20))
    late = client.post(f"{town.api}/documents/{authorised[1]}/cancel", json={"reason": REASON})
    assert [fault["cstat"] for fault in late.json()["faults"]] == ["220"]


def test_many_by_the_filter_of_the_list(town: Town, authorised: list[str]) -> None:
    assert len(authorised) == 3
    listed = town.get("administrator", f"{town.home}/notas?q=F").text
    assert "Cancelar estas 3 notas" in listed
    assert "Cancelar estas" not in town.get("user", f"{town.home}/notas?q=F").text
    form = {"motivo": REASON, "certeza": "sim"}
    asked = town.post("administrator", f"{town.home}/cancelamentos?q=F", form)
    assert asked.status_code == 303
    town.house.settle()
    assert set(journals.cancelled(town.house.sefaz.journal).values()) == {1}
    assert town.house.states()[State.CANCELLED] == 3
    assert "3</strong> de 3 cancelamentos" in town.get("reader", asked.headers["location"]).text


def test_the_company_may_be_stricter_than_the_authority(town: Town, authorised: list[str]) -> None:
    assert town.post("administrator", f"{town.home}/cancelamentos/prazo", {"dias": "2"}).status_code == 303
    assert town.post("administrator", f"{town.home}/cancelamentos/prazo", {"dias": "99"}).status_code == 422
    town.clock.advance(timedelta(days=3, hours=1))
    answer = town.client("key user").post(f"{town.api}/documents/{authorised[0]}/cancel", json={"reason": REASON})
    assert [fault["rule"] for fault in answer.json()["faults"]] == ["CANC-PRAZO"]


def test_contingency_from_its_page(town: Town) -> None:
    path, emitter = f"{town.home}/contingencia", town.house.establishments["RS"]
    assert "A SEFAZ deste estabelecimento está respondendo" in town.get("administrator", path).text
    town.house.sefaz.pause("SVRS", Pause("108", town.clock()))
    town.submit("F0")
    worker = town.house.worker()
    while worker.turn():
        pass
    form = {"motivo": "Sem acesso à SEFAZ desde as nove", "certeza": "sim"}
    assert town.post("user", f"{path}/{emitter}/entrar", form).status_code == 403
    assert town.post("administrator", f"{path}/{emitter}/entrar", form).status_code == 303
    while worker.turn():
        pass
    shown = town.get("reader", path).text
    assert "1 nota emitida" in shown
    assert "em contingência" in shown
    town.house.sefaz.resume("SVRS")
    town.house.settle(worker)
    assert "A SEFAZ voltou a responder" in town.get("reader", path).text
    assert town.post("administrator", f"{path}/{emitter}/sair").status_code == 303
    with town.engine.read() as connection:
        [row] = connection.execute(contingency.select()).fetchall()
    assert row.ended_at is not None
    assert town.house.states() == {State.AUTHORISED: 1}


def test_a_held_cancellation_is_let_go_or_given_up_from_the_page_of_its_note(town: Town, authorised: list[str]) -> None:
    own = f"{town.home}/notas/{authorised[0]}"
    town.post("user", f"{own}/cancelar", {"motivo": REASON, "certeza": "sim"})
    town.house.settle(most=timedelta(0))
    for state in ("HELD", "HELD", "REJECTED"):
        with town.engine.begin() as connection:
            connection.execute(update(event).values(state=state, due_at=None))
        shown = town.get("user", own).text
        assert ("Liberar o cancelamento" in shown) is (state == "HELD")
        assert "Retirar o cancelamento" in shown
        assert "Retirar o cancelamento" not in town.get("reader", own).text
        form = {"motivo": "protocolo conferido", "envios": "1"}
        if state == "HELD":
            assert town.post("reader", f"{own}/cancelamento/liberar", form).status_code == 403
            assert town.post("user", f"{own}/cancelamento/liberar", {"envios": "1"}).status_code == 422
            assert town.post("user", f"{own}/cancelamento/liberar", form).status_code == 303
        else:
            assert town.post("user", f"{own}/cancelamento/liberar", form).status_code == 409
    given_up = {"porque": "o assinante pagou", "certeza": "sim"}
    assert town.post("reader", f"{own}/cancelamento/retirar", given_up).status_code == 403
    assert town.post("user", f"{own}/cancelamento/retirar", {"porque": "pagou"}).status_code == 422, "not confirmed"
    assert town.post("user", f"{own}/cancelamento/retirar", given_up).status_code == 303
    shown = town.get("user", own).text
    assert "Cancelamento: Retirado" in shown
    assert "Cancelar a nota" in shown
    audit = town.get("administrator", f"{town.home}/auditoria").text
    assert "liberou o cancelamento" in audit
    assert "retirou o cancelamento" in audit


def test_lists_tell_how_long_a_note_may_still_be_cancelled(town: Town, authorised: list[str]) -> None:
    pages = (f"{town.home}/notas?q=F", f"{town.home}/mes/2026-11")
    for path in pages:
        assert "cancelar: faltam" not in town.get("reader", path).text, "sixteen days are left"
    form = {"motivo": REASON, "certeza": "sim"}
    town.post("user", f"{town.home}/notas/{authorised[0]}/cancelar", form)
    for path in pages:
        assert town.get("reader", path).text.count("cancelar: faltam") == 1, "the one that was asked for"
    town.house.settle()
    town.post("administrator", f"{town.home}/cancelamentos/prazo", {"dias": "0"})
    town.clock.now = datetime(2026, 11, 20, 22, tzinfo=UTC)
    for path in pages:
        assert town.get("reader", path).text.count("cancelar: faltam 5\u00a0h") == 2, "those that still stand"
    town.clock.now = datetime(2026, 11, 21, 3, 1, tzinfo=UTC)
    for path in pages:
        assert "cancelar: faltam" not in town.get("reader", path).text


def test_an_invoice_with_two_notes_stands_on_the_situation_page(town: Town, authorised: list[str]) -> None:
    said = "1 fatura com duas notas"
    assert said not in town.get("reader", f"{town.home}/situacao").text
    with town.engine.begin() as connection:
        values = {"successor_id": authorised[1]}
        connection.execute(update(document).where(document.c.id == authorised[0]).values(values))
    assert said in town.get("reader", f"{town.home}/situacao").text
    assert said in town.get("reader", f"{town.home}/contingencia").text
    assert "tem duas notas: cancele uma" in town.get("reader", f"{town.home}/notas/{authorised[0]}").text
    town.post("user", f"{town.home}/notas/{authorised[1]}/cancelar", {"motivo": REASON, "certeza": "sim"})
    town.house.settle()
    assert said not in town.get("reader", f"{town.home}/situacao").text
    assert "é esta que vale" in town.get("reader", f"{town.home}/notas/{authorised[0]}").text
