"""A stubborn operator sends refused notes again and again while answers get lost: SEFAZ must never have to block.

The same lives with a broken guard must be caught, each by name: a test that passes with it broken proves nothing.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from tests.drafts import internet
from tests.house import House, new_house
from tests.simulation.judge import violations
from tests.simulation.seldom import some
from zelo.access.shell.companies import find_establishment
from zelo.engine.contract import Engine
from zelo.flow import actions, lifecycle, limits, nfcom, send
from zelo.flow.intake import Arrival, submit
from zelo.flow.lifecycle import State
from zelo.guard import core
from zelo.guard import shell as guard
from zelo.guard.core import Answer, Event, Policy, Verdict
from zelo.models.nfcom.draft import NfcomDraft
from zelo.sim.config import Config
from zelo.sim.reading import READINGS

WRONG_CPF = "11144477736"
STUBBORN_TURNS = 60
MOST_TURNS = 150
SEEDS = range(3)


def _refused(value: str) -> NfcomDraft:
    """A note that the authority refuses for its data (423)."""
    draft = internet("RS", value)
    return replace(draft, dest=replace(draft.dest, CPF=WRONG_CPF))


def _life(engine: Engine, seed: int, reading: str, monkeypatch: pytest.MonkeyPatch, *, edits: bool) -> House:
    """Three refused notes, sent again at every chance for days, and on until each is held; with `edits` the operator
    changes them each time.
    """
    monkeypatch.setattr(nfcom, "RULES", ())
    rates = {"lost_after": 250, "http_500": 100, "lost_before": 100}
    config = Config(trusted=(), seed=seed, rates=rates, reading=READINGS[reading])
    house = new_house(engine, seed=seed, config=config)
    worker = house.worker()
    for n in range(3):
        house.submit(f"F{n}", _refused(f"{100 + n}.00"))
    for turn in range(MOST_TURNS):
        while worker.turn():
            pass
        if turn >= STUBBORN_TURNS and set(house.states()) == {State.HELD}:
            break
        for row in house.rows():
            if State(row.state) in (State.REJECTED, State.HELD, State.BLOCKED, State.PAUSED):
                _press(house, row.id, row.reference, turn, edits=edits)
        house.clock.advance(timedelta(minutes=7 if turn % 25 else 60 * 24))
    house.settle(worker)
    return house


def _press(house: House, document_id: str, reference: str, turn: int, *, edits: bool) -> None:
    """Whatever the page lets one press, as the administrator of the company."""
    with house.tools.engine.begin() as connection:
        if State(house.row(document_id).state) is State.HELD:
            _release(connection, house, document_id)
        elif edits:
            establishment = find_establishment(connection, house.establishments["RS"])
            assert establishment is not None
            arrival = Arrival(
                establishment=establishment,
                reference=reference,
                content=_refused(f"{200 + turn}.00"),
                serie=1,
                actor="teimoso",
                now=house.clock(),
            )
            submit(connection, house.tools, arrival)
            return
        try:
            actions.send_again(connection, house.tools, document_id, "teimoso")
        except actions.NotPossibleError:
            return


def _release(connection: Connection, house: House, document_id: str) -> None:
    with suppress(actions.NotPossibleError):
        actions.release(
            connection, house.tools, document_id, sends=actions.MOST_SENDS, actor="teimoso", why="insisto",
            administrator=True,
        )  # fmt: skip


def _consumption(house: House) -> list[str]:
    return [line for line in violations(house) if line.startswith("consumo indevido")]


@pytest.mark.parametrize(
    "edits", [pytest.param(False, id="resends", marks=pytest.mark.simulate), pytest.param(True, id="edits")]
)
@pytest.mark.parametrize("reading", some(READINGS, ("official", "strictest", "consecutive", "window-hour")))
def test_no_reading_of_the_rule_ever_blocks_us(
    new_embedded: Callable[[], Engine], reading: str, monkeypatch: pytest.MonkeyPatch, *, edits: bool
) -> None:
    house = _life(new_embedded(), 1, reading, monkeypatch, edits=edits)
    assert violations(house) == []
    assert set(house.states()) == {State.HELD}, "the guard stopped them and a person decides"


def _never_held(state: core.State, policy: Policy, now: datetime) -> Verdict:  # noqa: ARG001 as the real one
    return Verdict(Answer.ADMIT if state.token is None else Answer.BUSY, state.spent, policy.ceiling)


def _forgets_on_edit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts by chave and cNF: an edit, which makes another chave of the same number, starts at zero."""
    original = limits.number_of
    monkeypatch.setattr(limits, "number_of", lambda row, cnpj: f"{original(row, cnpj)}|{row.revision}")


BROKEN: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], bool]] = {
    "no ceiling": (lambda m: m.setattr(guard, "decide", _never_held), False),
    "unknown outcomes are free": (
        lambda m: m.setattr(core, "_CHARGES", frozenset({Event.CHARGED})),
        False,
    ),
    "counts forgotten by an edit": (_forgets_on_edit, True),
    "rejections not counted": (
        lambda m: m.setattr(send, "_GUARD", send._GUARD | {lifecycle.Event.REJECTED: Event.ANSWERED}),
        False,
    ),
}


@pytest.mark.parametrize("name", some(BROKEN, ("rejections not counted",)))
def test_a_broken_guard_is_caught(
    new_embedded: Callable[[], Engine], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks, edits = BROKEN[name]
    breaks(monkeypatch)
    houses = (_life(new_embedded(), seed, "strictest", monkeypatch, edits=edits) for seed in SEEDS)
    assert any(_consumption(house) for house in houses), f"nothing noticed: {name}"
