"""Troubles: each seen from the sender's side, ordered or drawn, and drawn the same whatever the interleaving."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from tests.sim import notes
from tests.sim.judge import cases
from tests.sim.world import RECEPCAO, STATUS, World, read, world
from zelo.sim.faults import PER_MILLE, TROUBLES, Cut, OneShot, Trouble, chance, check_rates, draw
from zelo.sim.journal import Journal, authorised, unanswered
from zelo.sim.pki import A1, Authority


@pytest.fixture(scope="module")
def body(a1: A1) -> bytes:
    return notes.envelope(notes.packed(notes.signed(cases.BASE, a1)), RECEPCAO)


each_trouble = pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
BY_NAME = {
    "lost_before": (200, "nothing", False),
    "lost_after": (200, "nothing", True),
    "truncated": (200, "half", True),
    "http_500": (500, "page", True),
    "http_503": (503, "page", False),
    "html_200": (200, "page", False),
    "empty_200": (200, "nothing", True),
    "slow": (200, "100", True),
    "reject_once": (200, "286", False),
    "pause_108": (200, "108", False),
}


def test_the_table_is_whole() -> None:
    assert set(BY_NAME) == set(TROUBLES)
    assert all(row.meaning.endswith(".") and row.sentence.endswith(".") for row in TROUBLES.values())


@each_trouble
def test_what_arrives_and_what_took_effect(sim: World, body: bytes, trouble: Trouble) -> None:
    status, arrives, took_effect = BY_NAME[trouble.name]
    sim.sefaz.order(OneShot(trouble.name))
    reply = sim.reply(body)
    assert reply.status == status
    assert reply.delay_seconds == (65 if trouble.name == "slow" else 0)
    if arrives == "nothing":
        assert reply.body == b""
        assert reply.cut is (Cut.NONE if trouble.name == "empty_200" else Cut.BEFORE)
    elif arrives == "half":
        assert reply.cut is Cut.TRUNCATED
        assert reply.body.startswith(b"<?xml")
        assert b"</soap:Envelope>" not in reply.body
    elif arrives == "page":
        assert reply.body.startswith(b"<!DOCTYPE html>")
    else:
        assert read(reply).cstat == arrives
    assert authorised(sim.sefaz.journal) == ({cases.BASE.chave: 1} if took_effect else {})
    entry = sim.sefaz.journal.entries[-1]
    assert (entry.trouble, entry.processed) == (trouble.name, took_effect)
    assert bool(unanswered(sim.sefaz.journal)) is (took_effect and trouble.name != "slow")


@each_trouble
def test_after_the_trouble_the_same_bytes_tell_what_had_happened(sim: World, body: bytes, trouble: Trouble) -> None:
    sim.sefaz.order(OneShot(trouble.name))
    sim.reply(body)
    told = read(sim.reply(body))
    assert told.cstat == ("204" if trouble.processed else "100")
    assert told.text("protNFCom/infProt/cStat") == "100"


def test_an_order_is_for_whom_it_is_meant_and_as_often_as_it_says(sim: World) -> None:
    other = replace(cases.BASE, nnf="124")
    sim.sefaz.order(OneShot("reject_once", other.chave, 2))
    assert sim.send(cases.BASE).cstat == "100"
    assert [sim.send(other).cstat for _ in range(3)] == ["286", "286", "100"]


def test_orders_of_anybody_are_used_up(sim: World) -> None:
    sim.sefaz.order(OneShot("pause_108", times=2))
    assert [sim.status().cstat for _ in range(3)] == ["108", "108", "107"]


def test_a_transient_rejection_counts_against_the_note(sim: World) -> None:
    sim.sefaz.order(OneShot("reject_once", times=31))
    document = notes.signed(cases.BASE, sim.a1)
    assert [sim.submit(document).cstat for _ in range(31)] == ["286"] * 30 + ["678"]


WRONG_RATES: dict[str, dict[str, int]] = {
    "desconhecida": {"typo": 1},
    "negativas": {"slow": -1},
    "no máximo 1000": {"slow": 600, "lost_after": 401},
}


@pytest.mark.parametrize("sentence", WRONG_RATES)
def test_rates_that_cannot_be(sim: World, sentence: str) -> None:
    for refuse in (check_rates, sim.sefaz.set_rates):
        with pytest.raises(ValueError, match=sentence):
            refuse(WRONG_RATES[sentence])


def test_an_order_that_cannot_be(sim: World) -> None:
    for shot, sentence in ((OneShot("typo"), "desconhecida"), (OneShot("slow", times=0), "ao menos uma vez")):
        with pytest.raises(ValueError, match=sentence):
            sim.sefaz.order(shot)


def test_rates_are_kept_to() -> None:
    rates = {"lost_after": 200, "http_503": 50}
    drawn = Counter(trouble.name if (trouble := draw(rates, 7, number)) else "none" for number in range(20 * PER_MILLE))
    assert set(drawn) == {"lost_after", "http_503", "none"}
    for name, rate in {**rates, "none": 750}.items():
        assert abs(drawn[name] - 20 * rate) < 200
    assert {draw({"slow": PER_MILLE}, 7, number) for number in range(50)} == {TROUBLES["slow"]}
    assert draw({}, 7, "anything") is None


def test_chance_depends_on_everything_it_is_told() -> None:
    drawn = {chance(seed, what, among=10**6) for seed in range(10) for what in range(10)}
    assert len(drawn) == 100
    assert chance(1, "x", among=10**6) == chance(1, "x", among=10**6)


def _run(authority: Authority, a1: A1, seed: int, order: list[bytes]) -> list[tuple[str, str, str]]:
    """What each note met, note by note, when they are sent in that order."""
    rates = dict.fromkeys(("lost_before", "lost_after", "truncated", "reject_once", "slow"), 150)
    sim = world(authority, a1, seed=seed, rates=rates, latency_ms=(5, 50))
    for body in order:
        sim.reply(body)
    return sorted((entry.chave, entry.trouble, entry.cstat) for entry in sim.sefaz.journal.entries)


def test_interleaving_changes_no_outcome_and_the_seed_does(authority: Authority, a1: A1) -> None:
    bodies = [
        notes.envelope(notes.packed(notes.signed(replace(cases.BASE, nnf=str(number)), a1)), RECEPCAO)
        for number in range(1, 11)
    ]
    order = bodies * 4
    shuffled = random.Random(1).sample(order, len(order))
    assert order != shuffled
    assert _run(authority, a1, 5, order) == _run(authority, a1, 5, shuffled) != _run(authority, a1, 6, order)


def test_draws_follow_the_chave_whatever_its_bytes(authority: Authority, a1: A1, body: bytes) -> None:
    other = notes.signed(cases.BASE.but(("Teste</infCpl>", "Outro</infCpl>")), a1)
    bodies = [body, notes.envelope(notes.packed(other), RECEPCAO)]

    def troubles(order: list[bytes]) -> list[str]:
        sim = world(authority, a1, rates={"reject_once": 300, "http_503": 300})
        for each in order:
            sim.reply(each)
        return [entry.trouble for entry in sim.sefaz.journal.entries]

    assert troubles(bodies[:1] * 20) == troubles(bodies * 10)


def test_latency_stays_within_its_bounds_and_replays(authority: Authority, a1: A1) -> None:
    def delays(seed: int, least: int, most: int) -> list[float]:
        sim = world(authority, a1, latency_ms=(least, most), seed=seed)
        question = notes.envelope(notes.status(), STATUS)
        return [sim.reply(question, STATUS).delay_seconds for _ in range(40)]

    assert set(delays(1, 5, 7)) == {0.005, 0.006, 0.007}
    assert delays(1, 5, 50) == delays(1, 5, 50) != delays(2, 5, 50)


def test_a_restart_goes_on_drawing_where_it_was(authority: Authority, a1: A1, body: bytes) -> None:
    rates = {"reject_once": 500}
    whole = world(authority, a1, rates=rates)
    first = world(authority, a1, rates=rates)
    expected = [read(whole.reply(body)).cstat for _ in range(12)]
    before = [read(first.reply(body)).cstat for _ in range(6)]
    again = world(authority, a1, Journal(list(first.sefaz.journal.entries)), rates=rates)
    assert before + [read(again.reply(body)).cstat for _ in range(6)] == expected
    assert len(set(expected)) > 1
