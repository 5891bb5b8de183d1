"""A go under crashes: however often people press and wherever the process dies, none goes twice and none by itself."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.house import PLACES, House, new_house
from tests.isp.test_importing import month, take
from tests.simulation.crash import DyingEngine, DyingTransport, Fuse, ProcessDied
from tests.simulation.judge import violations
from zelo.engine.contract import Engine
from zelo.engine.schema.flow import document, history
from zelo.flow import go
from zelo.flow.emitter import Keyring
from zelo.flow.intake import Go
from zelo.flow.lifecycle import Event, State

NOTES = 14
SAMPLE = 3
DEATHS = 10
TURNS = 45
PEOPLE = ("Ana", "Rui")


def _waiting(house: House) -> tuple[str, list[str]]:
    """A file whose notes a person looks at first: its id, and theirs."""
    batch_id = take(house, *month(NOTES), go=Go.AWAITED).batch_id
    house.settle()
    return batch_id, [row.id for row in house.rows()]


def _press_sample(house: House, ids: list[str], chance: random.Random) -> None:
    go.let_go(house.tools, [document.c.id.in_(ids)], seen=house.clock(), actor=chance.choice(PEOPLE))


def _press_rest(house: House, batch_id: str, chance: random.Random) -> None:
    whose = {"company_id": house.company_id, "batch_id": batch_id, "actor": chance.choice(PEOPLE)}
    with house.tools.engine.begin() as connection:
        go.ask(connection, house.tools, Event.LET_GO, **whose, seen=house.clock())


def _check(engine: Engine, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(go, "CHUNK_DOCUMENTS", 3)
    chance = random.Random(seed)
    house = new_house(engine, seed=seed, places=PLACES[:1])
    batch_id, ids = _waiting(house)
    fuse, calm = Fuse(chance), house.tools
    house.tools = replace(calm, engine=DyingEngine(engine, fuse))
    wanted, pressed = ids[:SAMPLE], 0
    for turn in range(TURNS):
        if turn == TURNS // 3:
            wanted = ids
        with suppress(ProcessDied):
            if chance.random() < 0.7:
                if wanted is not ids:
                    _press_sample(house, wanted, chance)
                elif pressed < len(PEOPLE):
                    _press_rest(house, batch_id, chance)
                    pressed += 1
            if chance.random() < 0.5:
                house.keyring = _reopened(house)
                house.worker(f"w{turn}", DyingTransport(house.transport, fuse)).turn()
        sent = {row.id for row in house.rows() if row.nnf is not None}
        assert sent <= set(wanted), f"seed {seed}: a note went that nobody let go"
        if fuse.died_at and len(fuse.died_at) < DEATHS:
            fuse.lay()
        elif len(fuse.died_at) >= DEATHS:
            fuse.cut()
        house.clock.advance(timedelta(seconds=chance.choice((1, 30, 200))))
    house.tools = calm
    assert pressed, "nobody presses again: what was asked once goes on by itself"
    house.settle()
    with engine.read() as connection:
        assert go.open_order(connection, batch_id, Event.LET_GO) is None, "an order comes to its end"
    assert house.states() == {State.AUTHORISED: NOTES}, f"seed {seed}, died at {fuse.died_at}"
    assert violations(house) == [], f"seed {seed}, died at {fuse.died_at}"
    with engine.read() as connection:
        told = connection.execute(select(history).where(history.c.event == Event.LET_GO.value)).fetchall()
    assert sorted(line.document_id for line in told) == sorted(ids), "each note was let go once"
    assert {line.actor for line in told} <= set(PEOPLE), "and a person said so"


def _reopened(house: House) -> Keyring:
    opened = house.keyring._open  # a key takes 40 ms to open, and being opened twice is not what is tested
    fresh = Keyring(house.tools.engine, house.tools.vault)
    fresh._open.update(opened)
    return fresh


@pytest.mark.parametrize("seed", range(5))
def test_a_go_survives_crashes(new_embedded: Callable[[], Engine], seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    _check(new_embedded(), seed, monkeypatch)


@pytest.mark.parametrize("seed", [500])
def test_the_same_on_postgresql(new_cluster: Callable[[], Engine], seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    _check(new_cluster(), seed, monkeypatch)
