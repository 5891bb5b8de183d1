"""Seeded whole lives: whatever is lost, refused, paused or killed, each note ends authorised exactly once.

A failing seed is printed in the test's name and replays by itself. `make simulate SEEDS=…` runs many more.
"""

import os
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.drafts import internet
from tests.house import PLACES, House, VirtualClock, new_house
from tests.simulation.crash import DyingEngine, DyingTransport, Fuse, ProcessDied
from tests.simulation.judge import violations
from zelo.engine.contract import Engine
from zelo.flow.emitter import Keyring
from zelo.flow.lifecycle import State
from zelo.flow.worker import Worker
from zelo.sim.config import Config
from zelo.sim.reading import READINGS

NOTES = 10
SEEDS = 15
MANY = int(os.environ.get("ZELO_SEEDS", "1000"))
TROUBLES = ("lost_before", "lost_after", "truncated", "http_500", "http_503", "html_200", "empty_200", "pause_108")
LIFE = timedelta(days=3)
DEATHS = 15


def _life(engine: Engine, seed: int) -> tuple[House, Fuse]:
    """One life: notes come in while answers get lost, services pause and the process dies again and again."""
    chance = random.Random(seed)
    rates = {name: chance.choice((0, 20, 60, 120)) for name in TROUBLES}
    reading = READINGS[chance.choice(sorted(READINGS))]
    house = new_house(engine, seed=seed, config=Config(trusted=(), seed=seed, rates=rates, reading=reading))
    fuse = Fuse(chance)
    house.tools = replace(house.tools, engine=DyingEngine(engine, fuse))
    worker = _reborn(house, fuse)
    arrivals = [(f"F{n}", chance.choice(PLACES).uf, f"{chance.randint(3000, 20000) / 100:.2f}") for n in range(NOTES)]
    until = house.clock.now + LIFE
    while house.clock.now < until:
        try:
            while arrivals:
                reference, uf, value = arrivals[0]
                house.submit(reference, internet(uf, value), uf)
                arrivals.pop(0)
                if chance.random() < 0.3:
                    break
            while worker.turn():
                pass
            if not arrivals and house.states() == {State.AUTHORISED: NOTES}:
                return house, fuse
        except ProcessDied:
            fuse.lay() if len(fuse.died_at) < DEATHS else fuse.cut()
            worker = _reborn(house, fuse)
        house.clock.advance(timedelta(seconds=chance.choice((1, 5, 30, 200))))
    return house, fuse


def _reborn(house: House, fuse: Fuse) -> Worker:
    """A new process: nothing is remembered but the database."""
    opened = house.keyring._open  # a key takes 40 ms to open, and being opened twice is not what is tested
    house.keyring = Keyring(house.tools.engine, house.tools.vault)
    house.keyring._open.update(opened)
    return house.worker(f"w{len(fuse.died_at)}", DyingTransport(house.transport, fuse))


def _check(engine: Engine, seed: int) -> None:
    house, fuse = _life(engine, seed)
    assert violations(house) == [], f"seed {seed}, died at {fuse.died_at}"
    assert house.states() == {State.AUTHORISED: NOTES}, f"seed {seed}, died at {fuse.died_at}"


@pytest.mark.parametrize("seed", range(SEEDS))
def test_each_note_is_authorised_exactly_once(new_embedded: Callable[[], Engine], seed: int) -> None:
    _check(new_embedded(), seed)


@pytest.mark.parametrize("seed", range(1000, 1003))
def test_the_same_on_postgresql(new_cluster: Callable[[], Engine], seed: int) -> None:
    _check(new_cluster(), seed)


@pytest.mark.simulate
@pytest.mark.parametrize("seed", range(10_000, 10_000 + MANY))
def test_many_lives(new_embedded: Callable[[], Engine], seed: int) -> None:
    _check(new_embedded(), seed)


def test_a_life_is_a_function_of_its_seed(new_embedded: Callable[[], Engine]) -> None:
    lives = [_life(new_embedded(), 7) for _ in range(2)]
    told = [[(e.at, e.servico, e.chave, e.cstat, e.trouble) for e in house.sefaz.journal.entries] for house, _ in lives]
    assert told[0] == told[1]
    assert lives[0][1].died_at == lives[1][1].died_at
    assert isinstance(lives[0][0].clock, VirtualClock)
