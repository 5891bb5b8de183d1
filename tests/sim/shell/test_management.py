"""The commands, each by its answer and by what it does to the authority."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sim import notes
from tests.sim.judge import cases
from tests.sim.world import UNHURRIED, World, world
from zelo.sim.pki import A1, Authority
from zelo.sim.shell.management import COMMANDS, Clock, Desk, command


@pytest.fixture
def desk(sim: World) -> Desk:
    return Desk(sim.sefaz, Clock(), lambda: None)


def ask(desk: Desk, path: str, members: object = None) -> tuple[int, Mapping[str, Any]]:
    """A command with a JSON body, or without."""
    address, _, query = path.partition("?")
    if members is None:
        return command(desk, "GET", address, query.encode(), b"")
    return command(desk, "POST", address, query.encode(), json.dumps(members).encode())


def test_health_tells_environment_and_instant(desk: Desk) -> None:
    status, answer = ask(desk, "/health")
    assert (status, answer["status"], answer["ambiente"]) == (200, "ok", "HOMOLOGAÇÃO")
    assert datetime.fromisoformat(answer["now"]).tzinfo is not None


def test_the_journal_from_an_entry_on(desk: Desk, sim: World) -> None:
    sim.send(cases.BASE)
    sim.status()
    _, answer = ask(desk, "/journal")
    assert ([entry["cstat"] for entry in answer["entries"]], answer["next"]) == (["100", "107"], 2)
    _, answer = ask(desk, "/journal?from=1")
    assert [entry["cstat"] for entry in answer["entries"]] == ["107"]
    assert ask(desk, "/journal?from=2")[1] == {"entries": [], "next": 2}


def test_the_summary_counts(desk: Desk, sim: World) -> None:
    ask(desk, "/faults", {"trouble": "lost_after"})
    sim.reply(notes.envelope(notes.packed(notes.signed(cases.BASE, sim.a1)), "NFComRecepcao"))
    sim.send(cases.BASE)
    _, answer = ask(desk, "/summary")
    assert answer["entries"] == 2
    assert (answer["authorised"], answer["unanswered"], answer["blocks"]) == (1, 1, 0)
    assert answer["by_cstat"] == {"100": 1, "204": 1}
    assert answer["by_trouble"] == {"lost_after": 1}
    assert (answer["paused"], answer["rates"], answer["reading"], answer["seed"]) == ({}, {}, "official", 0)


def test_pause_and_resume(desk: Desk, sim: World) -> None:
    sim.now = desk.clock.now() + timedelta(seconds=1)
    assert ask(desk, "/pause", {"autorizador": "SVRS", "cstat": "109"})[1] == {"paused": {"SVRS": "109"}}
    assert sim.status().cstat == "109"
    assert ask(desk, "/resume", {"autorizador": "SVRS"})[1] == {"paused": {}}
    assert ask(desk, "/pause", {"seconds": 60})[1] == {"paused": dict.fromkeys(("SVRS", "MG", "MS", "MT"), "108")}
    sim.now += timedelta(seconds=60)
    assert sim.status().cstat == "107"


def test_rates_and_orders(desk: Desk, sim: World) -> None:
    status, answer = ask(desk, "/faults", {"rates": {"pause_108": 1000}})
    assert (status, answer["rates"]) == (200, {"pause_108": 1000})
    assert "lost_after" in answer["troubles"]
    assert sim.status().cstat == "108"
    ask(desk, "/faults", {"rates": {}})
    ask(desk, "/faults", {"trouble": "reject_once", "chave": cases.BASE.chave, "times": 2})
    assert sim.status().cstat == "107"
    assert [sim.send(cases.BASE).cstat for _ in range(3)] == ["286", "286", "100"]


def test_the_clock_moves(desk: Desk) -> None:
    before = datetime.now(UTC)  # noqa: TID251 compared with the one clock of the simulator
    ask(desk, "/clock", {"offset_seconds": 86_400})
    assert timedelta(hours=23) < desk.clock.now() - before < timedelta(hours=25)


def test_another_reading(desk: Desk) -> None:
    assert ask(desk, "/reading", {"name": "strictest"})[1]["reading"] == "strictest"
    assert desk.sefaz.reading.name == "strictest"


def test_a_note_is_cancelled_and_that_is_kept(sim: World) -> None:
    kept = []
    desk = Desk(sim.sefaz, Clock(), lambda: kept.append(len(sim.sefaz.journal.entries)))
    sim.send(cases.BASE)
    assert ask(desk, "/standing", {"chave": cases.BASE.chave, "cstat": "101"})[0] == 200
    assert kept == [2]
    assert sim.consult(cases.BASE.chave).cstat == "101"


REFUSED: dict[str, tuple[str, object]] = {
    "Autorizador desconhecido": ("/pause", {"autorizador": "XX"}),
    "108 ou 109": ("/pause", {"cstat": "100"}),
    "seconds é um número": ("/pause", {"seconds": "x"}),
    "seconds é um número.": ("/pause", {"seconds": float("nan")}),
    "sai do calendário": ("/pause", {"seconds": 1e18}),
    "rates é um objeto": ("/faults", {"rates": {"slow": "1"}}),
    "Falha desconhecida": ("/faults", {"rates": {"x": 1}}),
    "Falha desconhecida: x": ("/faults", {"trouble": "x"}),
    "times é um inteiro": ("/faults", {"trouble": "slow", "times": -1}),
    "começa em 01/11/2025": ("/clock", {"offset_seconds": -86_400 * 3650}),
    "calendário": ("/clock", {"offset_seconds": 1e300}),
    "Leitura desconhecida": ("/reading", {"name": "x"}),
    "Não há nota autorizada": ("/standing", {"chave": "x", "cstat": "101"}),
    "chave é um texto": ("/standing", {"chave": 1}),
    "objeto JSON": ("/pause", [1]),
    "from é um inteiro": ("/journal?from=x", None),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_a_command_that_cannot_be_says_why(desk: Desk, sentence: str) -> None:
    status, answer = ask(desk, *REFUSED[sentence])
    assert status == 400
    assert sentence in answer["erro"]


def test_what_is_no_command(desk: Desk) -> None:
    for method, path in (("GET", "/pause"), ("POST", "/journal"), ("DELETE", "/health"), ("GET", "/")):
        status, answer = command(desk, method, path, b"", b"")
        assert status == 404
        assert "GET /health" in answer["erro"]
    assert command(desk, "POST", "/pause", b"", b"{")[1] == {"erro": "O corpo não é JSON."}
    assert command(desk, "POST", "/pause", b"", b"[" * 60_000)[1] == {"erro": "O corpo não é JSON."}
    assert command(desk, "POST", "/pause", b"", None)[0] == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = ("autorizador", "cstat", "seconds", "rates", "trouble", "chave", "times", "offset_seconds", "name", "from")


@pytest.fixture(scope="module")
def long_lived(authority: Authority, a1: A1) -> Desk:
    return Desk(world(authority, a1).sefaz, Clock(), lambda: None)


@UNHURRIED
@given(act=st.sampled_from(sorted(COMMANDS)), members=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4))
def test_any_json_gets_an_answer(long_lived: Desk, act: tuple[str, str], members: dict[str, Any]) -> None:
    status, answer = command(long_lived, *act, b"", json.dumps(members).encode())
    assert status in {200, 400}
    assert json.dumps(answer)
