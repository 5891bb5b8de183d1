"""The breaker of an establishment: opened by a refused emitter or two refused signatures, closed by one note."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.drafts import internet
from tests.house import PLACES, START, House, new_house
from zelo.engine.contract import Engine
from zelo.fiscal.chave import Chave
from zelo.flow import actions, breaker, record
from zelo.flow.lifecycle import Event
from zelo.flow.verdict import Verdict
from zelo.flow.worker import Identity, Worker
from zelo.guard import halt
from zelo.guard import shell as guard


@pytest.fixture
def house(new_embedded: Callable[[], Engine]) -> House:
    """With one establishment."""
    return new_house(new_embedded(), places=PLACES[:1])


def hear(house: House, note: str, event: Event, code: str) -> list[str]:
    """An answer to a note; the reasons of the halts that stand then."""
    with house.tools.engine.begin() as connection:
        row = record.locked(connection, note)
        breaker.hear(connection, row, Verdict(event, code, "Rejeição"), house.clock())
        return [row.reason for row in guard.halts(connection, house.clock())]


def test_the_second_refused_signature_in_a_row_stops_the_emitter(house: House) -> None:
    note = house.submit("F-1", internet()).document_id
    assert hear(house, note, Event.REJECTED, "297") == []
    assert hear(house, note, Event.REJECTED, "423") == [], "answered otherwise: no longer in a row"
    assert hear(house, note, Event.REJECTED, "297") == []
    assert hear(house, note, Event.UNANSWERED, "") == [], "a silence says nothing about signatures"
    assert hear(house, note, Event.REJECTED, "298") == [halt.ISSUER]


def test_a_refused_emitter_stops_at_once(house: House) -> None:
    note = house.submit("F-1", internet()).document_id
    assert hear(house, note, Event.ISSUER_REFUSED, "203") == [halt.ISSUER]


@dataclass
class Held(Executor):
    """Keeps every call in the air until it is let down."""

    held: list[tuple[Future[Any], Any, Any]] = field(default_factory=list)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ARG002
        future: Future[Any] = Future()
        self.held.append((future, fn, args[0]))
        return future


def test_after_a_person_lifted_it_one_note_tries_and_the_others_follow(house: House) -> None:
    notes = [house.submit(f"F-{n}", internet()).document_id for n in range(6)]
    hear(house, notes[0], Event.ISSUER_REFUSED, "203")
    scope = halt.of_establishment(house.establishments["RS"])
    with house.tools.engine.begin() as connection:
        assert actions.lift(connection, house.tools, scope)
    air = Held()
    worker = Worker(house.tools, house.transport, house.keyring, air, Identity("w", "t", 1, START))
    for _ in range(6):
        worker.turn()
    assert len(air.held) == 1, "the others wait for the one that tries"
    future, carry_out, call = air.held[0]
    assert Chave.parse(call.row.chave).nnf == call.row.nnf
    future.set_result(carry_out(call))
    for _ in range(6):
        worker.turn()
        house.clock.advance(timedelta(seconds=20))
    assert len(air.held) == len(notes)


def test_a_trial_that_gets_no_answer_ends_with_its_lease(house: House) -> None:
    for n in range(2):
        house.submit(f"F-{n}", internet())
    with house.tools.engine.begin() as connection:
        breaker.half_open(connection, house.establishments["RS"])
    air = Held()
    worker = Worker(house.tools, house.transport, house.keyring, air, Identity("w", "t", 1, START))
    for _ in range(4):
        worker.turn()
    assert len(air.held) == 1
    house.clock.advance(house.tools.lease + timedelta(seconds=60))
    for _ in range(6):
        worker.turn()
    assert len({call.row.id for _, _, call in air.held}) == 2
