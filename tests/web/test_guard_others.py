"""Other programs after a restore, at their fiftieth block, in distribution and in contingency; what people lift."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import insert, select

from tests.house import START
from tests.messages import EMITTER, chave, event, voiding
from tests.web.test_guard_api import BLOCK, CULPRIT, ask, ask_and_refuse, instant, number, release, report, send
from tests.web.town import Town, said, tree
from zelo.engine.schema.guard import foreign, streak
from zelo.flow import quarantine
from zelo.flow.worker import FOREIGN_EVIDENCE, FOREIGN_KEPT
from zelo.guard import halt
from zelo.guard import shell as guard

DISTRIBUTION: Final = {"model": "55", "service": "distribuicao", "uf": "RS", "cnpj": EMITTER}
HOUR: Final = timedelta(hours=1)
SECOND: Final = timedelta(seconds=1)


def restore(town: Town) -> None:
    """As `zelo restore` does after the rows are back."""
    with town.engine.begin() as connection:
        quarantine.begin(connection, town.house.tools, town.clock())
    town.clock.advance(SECOND)


def lift_houses(town: Town) -> None:
    """Our own emitters have been searched through and let go."""
    with town.engine.begin() as connection:
        for house in town.house.establishments.values():
            quarantine.end(connection, house)


def test_after_a_restore_other_programs_wait_for_the_hour_that_was_forgotten(town: Town) -> None:
    restore(town)
    lift_houses(town)
    for asked in ({"subject": chave()}, {"subject": chave(), "service": "consulta"}, {"subject": "", **DISTRIBUTION}):
        told = ask(town, **asked).json()
        assert (told["answer"], instant(told["until"])) == ("wait", START + BLOCK)
        assert "restaurado de um backup" in told["sentence"]
    town.clock.advance(BLOCK - 2 * SECOND)
    assert ask(town, chave()).json()["answer"] == "wait"
    town.clock.advance(SECOND)
    assert ask(town, chave()).json()["answer"] == "admit"


def test_a_company_without_establishment_waits_too(town: Town) -> None:
    restore(town)
    other = chave(cnpj="99999999000191")
    path = f"/api/v1/companies/{town.other_id}/guard/admissions"
    body = {"model": "55", "service": "autorizacao", "subject": other}
    assert town.client("key stranger").post(path, json=body).json()["answer"] == "wait"


def test_no_time_mends_the_counts_each_number_keeps_three_sends(town: Town) -> None:
    for _ in range(10):
        assert ask_and_refuse(town, chave())
    restore(town)
    lift_houses(town)
    town.clock.advance(BLOCK)
    for subject, service in ((chave(), "autorizacao"), (chave(nnf=2), "autorizacao"), (event(chave()), "evento")):
        sends = 0
        while (answer := ask(town, subject, model="55", service=service).json())["answer"] == "admit":
            report(town, answer["token"], "778")
            sends += 1
        assert (sends, answer["stop"]) == (quarantine.ALLOWANCE, "ceiling")
    new = chave(nnf=3, month="2701")
    assert sum(ask_and_refuse(town, new) for _ in range(30)) == 10, "issued two months later: nothing was forgotten"
    with town.engine.read() as connection:
        assert list(guard.verify(connection)) == []


@pytest.mark.parametrize("path", ["report", "release", "shadow"])
def test_no_way_in_gets_past_the_allowance(town: Town, path: str) -> None:
    token = ask(town, chave()).json()["token"]
    restore(town)
    lift_houses(town)
    if path == "report":
        report(town, token, "778")
    elif path == "release":
        release(town, chave())
    else:
        ask(town, chave(), shadow=True)
    town.clock.advance(BLOCK)
    sends = sum(ask_and_refuse(town, chave()) for _ in range(30))
    assert 0 < sends <= quarantine.ALLOWANCE


def test_a_person_who_knows_better_lets_them_go_with_a_reason(town: Town) -> None:
    restore(town)
    lift_houses(town)
    page = tree(town.get("administrator", f"{town.home}/guarda"))
    scope = page.xpath("//input[@name='escopo']/@value")
    assert scope == [halt.of_others(town.company_id)]
    path, data = f"{town.home}/guarda/outros/liberar", {"escopo": scope[0], "motivo": "nada saiu desde ontem"}
    assert town.post("user", path, data).status_code == 403
    assert town.post("administrator", path, data | {"motivo": ""}).status_code == 422
    assert ask(town, chave()).json()["answer"] == "wait"
    assert town.post("administrator", path, data).status_code == 303
    assert ask(town, chave()).json()["answer"] == "admit"
    assert town.post("administrator", path, data).status_code == 409


def blocks(town: Town, times: int, scope: str = f"transmissor:RS 55:2:{EMITTER}") -> None:
    """So many blocks were suffered before."""
    with town.engine.begin() as connection:
        connection.execute(insert(streak).values(scope=halt.blocks_of(scope), failures=times))


def test_blocks_of_other_programs_are_counted_warned_of_and_the_fiftieth_is_for_good(town: Town) -> None:
    blocks(town, 38)
    for n in (1, 2):
        send(town, chave(nnf=n), "656")
        text = said(town.get("reader", f"{town.home}/guarda"))
        assert ("É o 40º bloqueio deste certificado" in text) is (n == 2)
        assert "656" in text
        town.clock.advance(BLOCK)
    with town.engine.begin() as connection:
        for _ in range(9):
            guard.count_failure(connection, halt.blocks_of(f"transmissor:RS 55:2:{EMITTER}"))
    last = send(town, chave(nnf=3), "656", CULPRIT.format(count=31, subject=chave(nnf=9)))
    assert last["until"] is None
    town.clock.advance(timedelta(hours=3))
    told = ask(town, chave(nnf=4)).json()
    assert (told["answer"], told["until"], told["because"]) == ("blocked", None, chave(nnf=9))
    scope = f"transmissor:RS 55:2:{EMITTER}"
    data = {"escopo": scope, "motivo": "a UF desbloqueou"}
    assert town.post("administrator", f"{town.home}/guarda/outros/liberar", data).status_code == 303
    assert ask(town, chave(nnf=4)).json()["answer"] == "admit"


def test_an_issuer_halt_is_seen_and_lifted_and_a_block_is_not(town: Town) -> None:
    send(town, chave(), "203", "Rejeição: Emissor não habilitado")
    scope = f"transmissor:RS 55:2:{EMITTER}"
    text = said(town.get("reader", f"{town.home}/guarda"))
    assert "A SEFAZ recusou o emitente ou o certificado" in text
    assert not tree(town.get("reader", f"{town.home}/guarda")).xpath("//input[@name='escopo']")
    data = {"escopo": scope, "motivo": "cadastro corrigido"}
    assert town.post("administrator", f"{town.home}/guarda/outros/liberar", data).status_code == 303
    send(town, chave(nnf=2), "656")
    assert town.post("administrator", f"{town.home}/guarda/outros/liberar", data).status_code == 409


def test_nobody_lifts_what_is_anothers(town: Town) -> None:
    restore(town)
    data = {"escopo": halt.of_others(town.other_id), "motivo": "tentativa"}
    assert town.post("administrator", f"{town.home}/guarda/outros/liberar", data).status_code == 409


def test_distribution_by_nsu_is_one_an_hour_unless_more_waits(town: Town) -> None:
    first = ask(town, "", **DISTRIBUTION).json()
    assert first["answer"] == "admit"
    assert ask(town, "", **DISTRIBUTION).json()["answer"] == "wait", "two programs must share the cursor"
    report(town, first["token"], "138", more=True)
    second = ask(town, "", **DISTRIBUTION).json()
    assert second["answer"] == "admit"
    report(town, second["token"], "137")
    told = ask(town, "", **DISTRIBUTION).json()
    assert instant(told["until"]) >= town.clock() + HOUR
    town.clock.advance(instant(told["until"]) - town.clock() - SECOND)
    assert ask(town, "", **DISTRIBUTION).json()["answer"] == "wait"
    town.clock.advance(SECOND)
    assert ask(town, "", **DISTRIBUTION).json()["answer"] == "admit"


def test_distribution_by_chave_or_nsu_is_nineteen_an_hour_together(town: Town) -> None:
    subjects = [chave(nnf=n) if n % 2 else f"{n:015d}" for n in range(1, 21)]
    answers = [ask(town, subject, **DISTRIBUTION).json()["answer"] for subject in subjects]
    assert answers == ["admit"] * 19 + ["wait"]
    assert ask(town, "", **DISTRIBUTION).json()["answer"] == "admit"


def test_a_block_of_distribution_stops_it_alone_and_another_touch_begins_the_hour_anew(town: Town) -> None:
    first, second = (ask(town, chave(nnf=n), **DISTRIBUTION).json()["token"] for n in (1, 2))
    report(town, first, "656")
    assert ask(town, "", **DISTRIBUTION).json()["answer"] == "blocked"
    assert ask(town, chave()).json()["answer"] == "admit"
    town.clock.advance(timedelta(minutes=30))
    assert instant(report(town, second, "656").json()["until"]) == town.clock() + BLOCK


def test_a_status_is_one_of_the_authorizer_whichever_uf_or_establishment_asks(town: Town) -> None:
    first = {"model": "55", "service": "status", "uf": "RS", "cnpj": EMITTER}
    assert ask(town, "", **(first | {"uf": "AC"})).json()["answer"] == "admit", "SVRS answers for AC"
    for other in ({"uf": "AL"}, {"uf": "AP", "cnpj": "11222333000262"}):
        told = ask(town, "", **(first | other)).json()
        assert (told["answer"], instant(told["until"])) == ("wait", town.clock() + timedelta(seconds=180))
    assert ask(town, "", **(first | {"uf": "MT"})).json()["answer"] == "admit", "MT answers by itself"
    assert ask(town, "", **(first | {"uf": "AL", "model": "65"})).json()["answer"] == "admit", "another web service"


def test_an_inutilizacao_is_its_range_whatever_year_its_id_bears(town: Town) -> None:
    first = voiding()
    later = f"{first[:4]}27{first[6:]}"
    for n in range(10):
        assert ask_and_refuse_voiding(town, (first, later)[n % 2])
    held = ask(town, later, model="55", service="inutilizacao").json()
    assert (held["stop"], held["spent"]) == ("safety", 10)
    other = voiding(first=10, last=19)
    assert ask(town, other, model="55", service="inutilizacao").json()["answer"] == "admit"


def ask_and_refuse_voiding(town: Town, subject: str) -> bool:
    answer = ask(town, subject, model="55", service="inutilizacao").json()
    return answer["answer"] == "admit" and bool(report(town, answer["token"], "215"))


def test_a_pause_of_the_uf_does_not_stop_a_note_of_contingency(town: Town) -> None:
    send(town, chave(), "108")
    assert ask(town, chave(nnf=2)).json()["answer"] == "wait"
    assert ask(town, chave(nnf=3, tpemis="6")).json()["answer"] == "admit"
    send(town, chave(nnf=4, tpemis="7"), "656")
    assert ask(town, chave(nnf=5, tpemis="6")).json()["answer"] == "blocked"
    town.clock.advance(timedelta(minutes=4))
    assert ask(town, chave(nnf=6)).json()["answer"] == "admit"


@pytest.mark.parametrize(("cstat", "offered"), [("656", True), ("108", True), ("203", False)])
def test_a_till_is_offered_offline_contingency_and_never_stands_still(town: Town, cstat: str, *, offered: bool) -> None:
    send(town, chave("65"), cstat)
    told = ask(town, chave("65", 2)).json()
    assert told["answer"] in ("wait", "blocked")
    assert ("ofereça contingência off-line" in told["sentence"]) is offered
    until = told["offline_until"]
    assert (until and instant(until)) == (datetime.fromisoformat("2026-11-23T23:59:59-03:00") if offered else None)
    assert ask(town, chave("65", 3, tpemis="9")).json()["offline_until"] is None, "it is offline already"
    if cstat == "656":
        assert "contingência off-line" in said(town.get("reader", f"{town.home}/guarda"))


def test_a_number_held_by_itself_is_no_reason_to_go_offline(town: Town) -> None:
    send(town, chave("65"), "539")
    assert ask(town, chave("65")).json()["offline_until"] is None


def test_old_sends_are_let_go_and_nothing_is_decided_otherwise(town: Town) -> None:
    """Each kind of past, old: asked before and after the purge, all answers are the same."""
    told: dict[str, Any] = {}
    past = {1: "778", 2: "100", 3: "204", 4: "4242", 5: "703", 6: "656"}
    for nnf, cstat in past.items():
        send(town, chave(nnf=nnf), cstat)
    town.clock.advance(BLOCK)
    ask(town, chave(nnf=7))
    report(town, ask(town, chave(nnf=8)).json()["token"], silence="unanswered")
    report(town, ask(town, chave(nnf=9)).json()["token"], "103")
    town.clock.advance(FOREIGN_KEPT + timedelta(days=1))
    numbers = [chave(nnf=nnf) for nnf in range(1, 10)]
    told = {subject: number(town, subject) for subject in numbers}
    before = _rows(town)
    with town.engine.begin() as connection:
        gone = guard.forget_foreign(connection, town.clock() - FOREIGN_KEPT, FOREIGN_EVIDENCE)
    kept = _rows(town)
    assert (gone, before - kept) == (4, {chave(nnf=n) for n in (1, 2, 5, 8)})
    assert {subject: number(town, subject) for subject in numbers} == told
    assert [ask(town, subject).json()["answer"] for subject in numbers] == [
        "admit", "admit", "held", "held", "admit", "admit", "admit", "admit", "admit",
    ]  # fmt: skip
    assert number(town, chave(nnf=7))["now"]["spent"] == 2, "the lease that ran out was charged, purge or not"


def _rows(town: Town) -> set[str]:
    with town.engine.read() as connection:
        return set(connection.execute(select(foreign.c.subject)).scalars())
