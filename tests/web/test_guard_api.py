"""The guard for programs that send by themselves: asked before each send, told what came back, and never forgetting."""

import runpy
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from tests.house import START
from tests.messages import EMITTER, chave, event, voiding
from tests.web.test_api import rules
from tests.web.town import Town
from zelo.guard import shell as guard
from zelo.settings.table import Settings

LEASE: Final = timedelta(seconds=Settings().lease_seconds)
BLOCK: Final = timedelta(minutes=60 + Settings().block_margin_minutes)
CULPRIT: Final = "Rejeição: Consumo Indevido [det: Quantidade de rejeições encontradas: {count}, NF-e: {subject}]"


def ask(town: Town, subject: str, persona: str = "key user", **more: Any) -> Any:
    """Ask before a send; a note unless said otherwise."""
    body = {"model": subject[20:22], "service": "autorizacao", "subject": subject, **more}
    return town.client(persona).post(f"{town.api}/guard/admissions", json=body)


def report(town: Town, token: str, cstat: str = "", motivo: str = "", persona: str = "key user", **more: Any) -> Any:
    """Say what came back."""
    body = {"cstat": cstat, "motivo": motivo, **more}
    return town.client(persona).post(f"{town.api}/guard/admissions/{token}/outcome", json=body)


def send(town: Town, subject: str, cstat: str, motivo: str = "", **more: Any) -> Any:
    """Ask, and report a code; what the report was answered with."""
    answer = ask(town, subject, **more).json()
    assert answer["answer"] == "admit", answer
    done = report(town, answer["token"], cstat, motivo)
    assert done.status_code == 200, done.text
    return done.json()


def number(town: Town, subject: str, persona: str = "key reader") -> Any:
    """What is told of a number."""
    return town.client(persona).get(f"{town.api}/guard/numbers/{subject}").json()


def release(town: Town, subject: str, persona: str = "key user", sends: int = 1, why: str = "corrigi") -> Any:
    """Let it go."""
    path = f"{town.api}/guard/numbers/{subject}/release"
    return town.client(persona).post(path, json={"sends": sends, "why": why})


def instant(text: str) -> datetime:
    """An instant of an answer."""
    return datetime.fromisoformat(text)


def test_a_refused_note_is_sent_until_safety_and_then_held(town: Town) -> None:
    for n in range(10):
        assert send(town, chave(code=n), "778")["spent"] == n + 1
    held = ask(town, chave(code=99)).json()
    assert (held["answer"], held["token"], held["stop"], held["spent"], held["most"]) == (
        "held", None, "safety", 10, 10,
    )  # fmt: skip
    told = number(town, chave())
    assert [line["text"] for line in told["story"][-2:]] == [
        "Admitida: um envio reservado antes do primeiro byte",
        "Recusada: 778",
    ]
    assert told["now"]["answer"] == "held"
    assert told["key"] == f"2|{EMITTER}|55|1|1"


def test_releases_follow_the_roles_and_nobody_passes_the_ceiling(town: Town) -> None:
    note = chave()
    assert release(town, note).status_code == 409
    for persona, sends in (("key user", 10), ("key administrator", 5)):
        while ask_and_refuse(town, note):
            pass
        assert release(town, note, persona, sends=sends).status_code == 200
        if persona == "key user":
            while ask_and_refuse(town, note):
                pass
            assert ask(town, note).json()["stop"] == "maximum"
            refused = release(town, note)
            assert (refused.status_code, "administrador" in refused.text) == (409, True)
    while ask_and_refuse(town, note):
        pass
    last = ask(town, note).json()
    assert (last["stop"], last["spent"]) == ("ceiling", 25)
    assert release(town, note, "key administrator").status_code == 409


def ask_and_refuse(town: Town, subject: str) -> bool:
    """One more send that is refused; whether it was admitted."""
    answer = ask(town, subject).json()
    if answer["answer"] != "admit":
        return False
    assert report(town, answer["token"], "778").status_code == 200
    return True


def test_one_reservation_per_number_and_a_lease_that_is_charged(town: Town) -> None:
    first = ask(town, chave()).json()
    second = ask(town, chave(month="2612", code=7)).json()
    assert (second["answer"], second["token"], second["spent"]) == ("wait", None, 1)
    assert instant(second["until"]) == town.clock() + LEASE
    town.clock.advance(LEASE - timedelta(seconds=1))
    assert ask(town, chave()).json()["answer"] == "wait"
    town.clock.advance(timedelta(seconds=1))
    assert number(town, chave())["now"]["spent"] == 1
    again = ask(town, chave()).json()
    assert (again["answer"], again["spent"]) == ("admit", 1)
    late = report(town, first["token"], "778").json()
    assert late["spent"] == 2, "what was charged stays charged, and the live reservation is not ended by another's word"
    assert report(town, again["token"], "100").json()["meaning"] == "authorised"
    assert [line["text"][:12] for line in number(town, chave())["story"]] == [
        "Admitida: um", "Sem resposta", "Admitida: um", "Autorizada",
    ]  # fmt: skip


def test_an_outcome_is_told_once(town: Town) -> None:
    token = ask(town, chave()).json()["token"]
    first = report(town, token, "778").json()
    assert report(town, token, "778").json() == first
    other = report(town, token, "100")
    assert (other.status_code, rules(other)) == (409, [("HTTP-409", "")])
    assert number(town, chave())["now"]["spent"] == 1


@pytest.mark.parametrize(("silence", "spent"), [("not_sent", 0), ("unanswered", 1)])
def test_silences(town: Town, silence: str, spent: int) -> None:
    token = ask(town, chave()).json()["token"]
    done = report(town, token, silence=silence).json()
    assert (done["meaning"], done["spent"]) == (silence, spent)
    assert report(town, token, silence=silence).status_code == 200
    assert report(town, token, "778").status_code == 409


def test_a_receipt_keeps_the_reservation_alive(town: Town) -> None:
    token = ask(town, chave()).json()["token"]
    for _ in range(3):
        town.clock.advance(LEASE - timedelta(seconds=1))
        assert report(town, token, "103").json()["meaning"] == "pending"
    assert ask(town, chave()).json()["answer"] == "wait"
    assert report(town, token, "104").status_code == 422
    assert report(town, token, "100").json()["meaning"] == "authorised"


@pytest.mark.parametrize("cstat", ["204", "539", "4242"])
def test_a_duplicate_or_an_unknown_code_waits_for_a_person(town: Town, cstat: str) -> None:
    send(town, chave(), cstat)
    held = ask(town, chave(code=5)).json()
    assert (held["answer"], held["stop"], cstat in held["sentence"]) == ("held", "safety", True)
    assert ask(town, chave(nnf=2)).json()["answer"] == "admit"
    assert release(town, chave()).json()["now"]["answer"] == "admit"
    assert ask(town, chave()).json()["answer"] == "admit"


def test_a_block_stops_the_emitter_and_believes_the_culprit(town: Town) -> None:
    culprit, innocent = chave(nnf=7), chave(nnf=8)
    done = send(town, innocent, "656", CULPRIT.format(count=31, subject=culprit))
    assert (done["meaning"], done["because"]) == ("blocked", culprit)
    assert instant(done["until"]) == town.clock() + BLOCK
    for other in (innocent, chave(nnf=9), event(innocent), voiding()):
        service = "evento" if other.startswith("ID1") else "inutilizacao" if other.startswith("ID") else "autorizacao"
        told = ask(town, other, model="55", service=service).json()
        assert (told["answer"], told["because"], instant(told["until"])) == (
            "blocked", culprit, town.clock() + BLOCK,
        )  # fmt: skip
    assert ask(town, innocent, service="consulta").json()["answer"] == "blocked"
    assert ask(town, chave("65")).json()["answer"] == "admit", "another model is another web service"
    assert ask(town, chave(cnpj="11222333000262")).json()["answer"] == "admit", "another emitter"
    town.clock.advance(BLOCK)
    assert ask(town, innocent).json()["answer"] == "admit"
    assert (ask(town, culprit).json()["stop"], number(town, culprit)["now"]["spent"]) == ("ceiling", 31)


def test_a_block_of_an_event_is_believed_by_its_id(town: Town) -> None:
    bad = event(chave())
    send(town, bad, "656", CULPRIT.format(count=21, subject=bad), model="55", service="evento")
    assert number(town, bad)["now"]["because"] == bad
    town.clock.advance(BLOCK)
    assert number(town, bad)["now"]["stop"] == "ceiling"
    assert number(town, chave())["now"]["answer"] == "admit"


def test_another_touch_begins_the_hour_anew_and_an_issuer_refusal_does_not_shorten_it(town: Town) -> None:
    first, second, third = (ask(town, chave(nnf=n)).json()["token"] for n in (1, 2, 3))
    report(town, first, "656")
    town.clock.advance(timedelta(minutes=2))
    assert instant(report(town, second, "656").json()["until"]) == town.clock() + BLOCK
    ends = town.clock() + BLOCK
    town.clock.advance(timedelta(minutes=1))
    assert instant(report(town, third, "203").json()["until"]) == ends


def test_an_issuer_refusal_stops_sends_and_not_questions(town: Town) -> None:
    note = chave()
    done = send(town, note, "203")
    assert (done["meaning"], done["because"]) == ("issuer", note)
    assert ask(town, chave(nnf=2)).json()["answer"] == "blocked"
    assert ask(town, note, service="consulta").json()["answer"] == "admit"
    town.clock.advance(BLOCK)
    assert ask(town, chave(nnf=2)).json()["answer"] == "admit"


def test_a_certificate_of_another_stops_only_who_uses_it_here(town: Town) -> None:
    office = "11444777000161"
    token = ask(town, chave(), transmitter=office).json()["token"]
    report(town, token, "656")
    sister = chave(cnpj="11222333000262")
    assert ask(town, sister, transmitter=office).json()["answer"] == "blocked"
    assert ask(town, sister).json()["answer"] == "admit"


def test_a_block_of_nfcom_stops_our_own_worker_too(town: Town) -> None:
    mine = town.submit("F-1")
    send(town, chave("62", nnf=500), "678")
    worker = town.house.worker()
    while worker.turn():
        pass
    assert town.house.row(mine).state == "SIGNED"
    town.house.settle()
    assert town.house.row(mine).authorised_at >= START + BLOCK


def test_a_number_is_one_whoever_sends_it(town: Town) -> None:
    mine = town.submit("F-1")
    town.sign(mine)
    own = town.house.row(mine).chave
    answer = ask(town, own).json()
    assert answer["answer"] == "admit"
    town.house.worker().turn()
    assert town.house.row(mine).state == "SIGNED", "the guard told our own worker to wait"
    report(town, answer["token"], silence="not_sent")
    town.house.settle()
    assert town.house.row(mine).state == "AUTHORISED"


def test_a_pause_makes_everybody_wait_and_counts_nothing(town: Town) -> None:
    assert send(town, chave(), "108")["spent"] == 0
    told = ask(town, chave(nnf=2)).json()
    assert (told["answer"], told["stop"]) == ("wait", None)
    town.clock.advance(instant(told["until"]) - town.clock())
    assert ask(town, chave(nnf=2)).json()["answer"] == "admit"


def test_questions_have_their_budget(town: Town) -> None:
    note = chave()
    for n in range(9):
        assert ask(town, note, service="consulta").json()["spent"] == n + 1
    told = ask(town, note, service="consulta").json()
    assert (told["answer"], told["token"]) == ("wait", None)
    assert instant(told["until"]) == town.clock() + timedelta(hours=1)
    status = {"model": "55", "service": "status", "uf": "RS", "cnpj": EMITTER}
    assert ask(town, "", **status).json()["answer"] == "admit"
    told = ask(town, "", **status).json()
    assert instant(told["until"]) == town.clock() + timedelta(seconds=180)
    receipt = {"model": "55", "service": "recibo", "uf": "RS", "cnpj": EMITTER}
    answers = [ask(town, "430000000000001", **receipt).json()["answer"] for _ in range(40)]
    assert answers == ["admit"] * 39 + ["wait"]


def test_shadow_admits_and_remembers(town: Town) -> None:
    note = chave()
    for _ in range(12):
        answer = ask(town, note, shadow=True).json()
        assert answer["answer"] == "admit"
        report(town, answer["token"], "778")
    answer = ask(town, note, shadow=True).json()
    assert (answer["would"]["answer"], answer["would"]["stop"], answer["would"]["spent"]) == ("held", "safety", 12)
    beside = ask(town, note, shadow=True).json()
    assert (beside["token"] is None, beside["would"]["answer"]) == (False, "wait")
    told = number(town, note)
    assert "Enviada em sombra por outro programa: held (12/10)" in [line["text"] for line in told["story"]]
    assert told["now"]["spent"] == 14, "the one beside the reservation was charged at once"
    with town.engine.read() as connection:
        assert list(guard.verify(connection)) == []


def test_the_emitter_must_be_the_companys(town: Town) -> None:
    answer = ask(town, chave(cnpj="11444777000161"))
    assert (answer.status_code, rules(answer)) == (422, [("GUARDA", "cnpj")])
    path = f"{town.api}/guard/numbers/{chave(cnpj='11444777000161')}"
    assert town.client("key user").get(path).status_code == 404
    own = {"service": "consulta", "cnpj": EMITTER}
    assert ask(town, chave(cnpj="11444777000161"), **own).json()["answer"] == "admit", "a note that was received"


def test_another_company_can_neither_report_nor_see(town: Town) -> None:
    token = ask(town, chave()).json()["token"]
    other = f"/api/v1/companies/{town.other_id}/guard"
    client = town.client("key stranger")
    assert client.post(f"{other}/admissions/{token}/outcome", json={"cstat": "656"}).status_code == 404
    assert client.get(f"{other}/numbers/{chave()}").status_code == 404


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"subject": chave()[:-1]}, "subject"),
        ({"subject": chave()[:43] + str((int(chave()[43]) + 1) % 10)}, "subject"),
        ({"subject": chave("65")}, "subject"),
        ({"subject": chave(), "model": "62"}, "subject"),
        ({"subject": voiding(), "model": "62", "service": "inutilizacao"}, "servico"),
        ({"subject": "", "service": "status"}, "uf"),
        ({"subject": chave(), "uf": "PR"}, "uf"),
        ({"subject": chave(), "transmitter": "123"}, "transmitter"),
        ({"subject": "a\tb"}, ""),
    ],
)
def test_what_is_named_wrongly_is_told_where(town: Town, body: dict[str, str], where: str) -> None:
    given = {"model": "55", "service": "autorizacao", **body}
    answer = town.client("key user").post(f"{town.api}/guard/admissions", json=given)
    assert answer.status_code == 422
    assert [place for _, place in rules(answer)] == [where]


def test_an_outcome_is_a_code_or_a_silence(town: Town) -> None:
    token = ask(town, chave()).json()["token"]
    for body in ({}, {"cstat": "100", "silence": "not_sent"}, {"cstat": "abc"}, {"cstat": "100", "motivo": "\x00"}):
        assert report(town, token, **body).status_code == 422
    assert report(town, "0" * 26, "100").status_code == 404


class Wire:
    """http.client as far as the example uses it, into the app."""

    def __init__(self, client: Any) -> None:
        self._client, self._answer = client, client

    def request(self, method: str, path: str, body: str, headers: dict[str, str]) -> None:
        """Send."""
        self._answer = self._client.request(method, path, content=body, headers=headers)

    def getresponse(self) -> "Wire":
        """The answer."""
        return self

    @property
    def status(self) -> int:
        """Its status."""
        return int(self._answer.status_code)

    def read(self) -> bytes:
        """Its body."""
        return bytes(self._answer.content)


def example(town: Town) -> Any:
    """The client that the manual shows, run as its file stands."""
    found = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "guard-client.py"))
    home, base, key = "zelo.test", f"{town.api}/guard", town.keys["key user"]
    return found["Guard"](home, base, key, lambda _home, timeout: Wire(town.client()) if timeout else None)


def _refuse(_: bytes) -> tuple[str, str]:
    return "778", "Rejeição: Informado NCM inexistente"


def _lose(_: bytes) -> tuple[str, str]:
    raise TimeoutError


def _fail_to_connect(_: bytes) -> tuple[str, str]:
    raise ConnectionRefusedError


def test_the_example_client_asks_sends_and_reports(town: Town) -> None:
    client, note = example(town), {"model": "55", "service": "autorizacao", "subject": chave()}
    sent: list[bytes] = []

    def refuse(message: bytes) -> tuple[str, str]:
        sent.append(message)
        return _refuse(message)

    assert client.send(note, b"<x/>", refuse)["meaning"] == "rejected"
    with pytest.raises(TimeoutError):
        client.send(note, b"<x/>", _lose)
    assert client.send(note, b"<x/>", _fail_to_connect)["spent"] == 2
    last = [client.send(note, b"<x/>", refuse) for _ in range(20)][-1]
    assert (last["answer"], last["stop"], len(sent)) == ("held", "safety", 9)
    with pytest.raises(RuntimeError, match="A chave não confere"):
        client.send({**note, "subject": "1"}, b"", refuse)


def test_the_example_client_is_short_and_the_manual_leads_to_it() -> None:
    docs = Path(__file__).parents[2] / "docs"
    assert "(../guard-client.py)" in (docs / "manual" / "5-consumo-indevido.md").read_text("utf-8")
    lines = (docs / "guard-client.py").read_text("utf-8").split("class Guard")[1].splitlines()
    assert len(lines) < 45
