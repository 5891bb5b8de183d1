"""How things stand: may one transmit, what is halted, and who may lift it with a reason."""

from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import select

from tests.web.test_notes import HOSTILE
from tests.web.town import Town, establish_other, said, tree
from zelo.engine.schema.access import audit
from zelo.fiscal.ambiente import Ambiente
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.monitor import shell as monitor

AMBIENTE: Final = Ambiente.HOMOLOGACAO
WHY: Final = "Conferi no portal: o número é de outra nota."


def stop(town: Town, scope: str, reason: str, *, minutes: int | None = None, **more: Any) -> str:
    """Halt a scope."""
    until = town.clock() + timedelta(minutes=minutes) if minutes else None
    with town.engine.begin() as connection:
        guard.stop(connection, scope=scope, reason=reason, now=town.clock(), until=until, **more)
    return scope


def scope_of(town: Town, kind: str) -> str:
    """A scope of each kind that concerns the establishment in RS."""
    establishment_id = town.house.establishments["RS"]
    return {
        halt.ISSUER: halt.of_establishment(establishment_id),
        halt.QUARANTINE: halt.of_establishment(establishment_id),
        halt.CONFLICT: halt.of_serie(establishment_id, 1),
        halt.AUTHORIZER: halt.of_authorizer("SVRS", AMBIENTE),
        halt.CONSUMPTION: halt.of_transmitter("SVRS", AMBIENTE, "11222333000181"),
    }[kind]


def standing(town: Town) -> set[str]:
    """Scopes that are halted."""
    with town.engine.read() as connection:
        return {row.scope for row in guard.halts(connection, town.clock())}


def lift(town: Town, scope: str, why: str = WHY, persona: str = "administrator") -> Any:
    """Ask for it."""
    company_id = town.other_id if persona == "stranger" else town.company_id
    return town.post(persona, f"/e/{company_id}/situacao/liberar", {"escopo": scope, "motivo": why})


def answers(town: Town) -> dict[str, str]:
    """May one transmit, by UF."""
    cards = tree(town.get("reader", f"{town.home}/situacao")).xpath("//li[contains(@class,'may')]")
    return {card.xpath("./p[3]/text()")[0][:2]: card.xpath("./p[@class='answer']/text()")[0] for card in cards}


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (halt.ISSUER, {"RS": "Não", "MG": "Sim"}),
        (halt.QUARANTINE, {"RS": "Não", "MG": "Sim"}),
        (halt.CONFLICT, {"RS": "Em parte", "MG": "Sim"}),
        (halt.AUTHORIZER, {"RS": "Não", "MG": "Sim"}),
        (halt.CONSUMPTION, {"RS": "Não", "MG": "Sim"}),
    ],
)
def test_each_kind_of_halt_answers_for_those_it_concerns(town: Town, reason: str, expected: dict[str, str]) -> None:
    assert answers(town) == {"RS": "Sim", "MG": "Sim"}
    stop(town, scope_of(town, reason), reason, minutes=65 if reason == halt.CONSUMPTION else None)
    assert answers(town) == expected


@pytest.mark.parametrize("reason", [halt.ISSUER, halt.QUARANTINE, halt.CONFLICT])
def test_a_person_lifts_with_a_reason_that_the_audit_keeps(town: Town, reason: str) -> None:
    scope = stop(town, scope_of(town, reason), reason)
    for empty in ("", "   "):
        refused = lift(town, scope, empty)
        assert refused.status_code == 422
        assert "Falta preencher." in said(refused)
    assert standing(town) == {scope}
    assert lift(town, scope).status_code == 303
    assert standing(town) == set()
    with town.engine.read() as connection:
        told = connection.execute(select(audit)).one()
    assert (told.action, told.object, told.detail) == (f"liberou: {reason}", scope, {"motivo": WHY})


@pytest.mark.parametrize("reason", [halt.AUTHORIZER, halt.CONSUMPTION])
def test_what_ends_by_itself_is_not_lifted_by_anybody(town: Town, reason: str) -> None:
    scope = stop(town, scope_of(town, reason), reason, minutes=10)
    assert lift(town, scope).status_code == 409
    assert standing(town) == {scope}
    page = tree(town.get("administrator", f"{town.home}/situacao"))
    assert not page.xpath("//form[contains(@action,'liberar')]")


def test_another_companys_halt_is_neither_shown_nor_lifted(town: Town) -> None:
    theirs = establish_other(town)
    scope = stop(town, halt.of_establishment(theirs), halt.ISSUER, detail="segredo deles")
    assert lift(town, scope).status_code == 409
    assert standing(town) == {scope}
    assert "segredo deles" not in town.get("administrator", f"{town.home}/situacao").text
    assert lift(town, scope, persona="stranger").status_code == 303


def test_what_was_said_of_another_companys_note_is_told_by_its_official_text_only(
    town: Town, notes: dict[str, str]
) -> None:
    note = notes["REJECTED"]
    establish_other(town)
    secret = f"Rejeição: Serviço Paralisado [chave {town.house.row(note).chave}]"
    stop(
        town, scope_of(town, halt.AUTHORIZER), halt.AUTHORIZER, minutes=3, cstat="108", detail=secret, document_id=note
    )
    mine = town.get("administrator", f"{town.home}/situacao")
    assert secret in said(mine)
    assert f"notas/{note}" in mine.text
    theirs = town.get("stranger", f"/e/{town.other_id}/situacao")
    assert "A SEFAZ está parada ou não responde" in said(theirs)
    assert "Serviço Paralisado" in said(theirs)
    assert note not in theirs.text
    assert secret not in said(theirs)


def test_the_page_tells_how_the_authorizer_answers_and_who_works(town: Town) -> None:
    with town.engine.begin() as connection:
        monitor.note_health(
            connection,
            autorizador="SVRS",
            ambiente=AMBIENTE,
            at=town.clock(),
            answered=True,
            cstat="107",
            motivo=f"Serviço em Operação {HOSTILE}",
            latency_millis=1320,
            drift_millis=-4200,
        )
    town.house.worker().turn()
    town.clock.advance(timedelta(seconds=30))
    answer = town.get("reader", f"{town.home}/situacao")
    text = said(answer).replace("\u00a0", " ")
    assert "SVRS há 30 s 107 Serviço em Operação" in text
    assert "1,3 s 4,2 s atrasado" in text
    assert "ativo há 30 s" in text
    assert "<script>alert" not in answer.text
    town.clock.advance(timedelta(minutes=5))
    assert "sem sinal há 5 min" in said(town.get("reader", f"{town.home}/situacao")).replace("\u00a0", " ")


def test_a_hostile_reason_comes_back_as_text(town: Town) -> None:
    scope = stop(town, scope_of(town, halt.ISSUER), halt.ISSUER, detail=HOSTILE)
    answer = lift(town, scope, HOSTILE + "x" * 500)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert HOSTILE in tree(answer).xpath("//textarea[@name='motivo']")[0].text
