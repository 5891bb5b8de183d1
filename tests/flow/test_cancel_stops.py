"""A cancellation that was held or refused: let go by whoever may, or given up; all of it in the chained journal."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.drafts import internet
from tests.flow.test_cancel import REASON, cancel, event_of
from tests.house import House, new_house
from zelo.engine.contract import Engine
from zelo.flow.actions import NotPossibleError
from zelo.flow.event import actions
from zelo.flow.event import prepare as preparing
from zelo.flow.event import record as events
from zelo.flow.event.lifecycle import State as EventState
from zelo.flow.event.request import Taken
from zelo.flow.lifecycle import State
from zelo.guard import shell as guard
from zelo.guard.core import Event as GuardEvent
from zelo.guard.core import Stop
from zelo.settings.table import Settings
from zelo.sim import journal as journals

SETTINGS = Settings(simulator_url="https://127.0.0.1", guard_safety=2, guard_maximum=3, guard_margin=16)
"""Safety 2, maximum 3, and 4 as the authorizer's 20 of an event less the margin."""
WRONG_PROTOCOL = "3430000000000000"


@pytest.fixture
def house(new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch) -> House:
    """A note whose cancellation always names a wrong protocol, which SEFAZ refuses (222)."""
    made = new_house(new_embedded(), settings=SETTINGS)
    made.submit("F0", internet())
    made.settle()
    with_wrong_protocol(monkeypatch)
    return made


def with_wrong_protocol(patch: pytest.MonkeyPatch) -> None:
    """Whatever is signed from now on."""
    original: Any = preparing._sign
    patch.setattr(preparing, "_sign", lambda row, note, *rest: original(row, WrongProtocol(note), *rest))


class WrongProtocol:
    """A note with another protocol."""

    nprot = WRONG_PROTOCOL

    def __init__(self, row: Any) -> None:
        self.authorised_at = row.authorised_at


def press(house: House) -> None:
    """Ask again for as long as that is offered."""
    [note] = house.rows()
    for _ in range(10):
        if cancel(house, note.id).taken is Taken.REFUSED:
            return
        house.settle()


def release(house: House, **changes: Any) -> None:
    """As a user presses it."""
    given: dict[str, Any] = {"sends": 1, "actor": "ana", "why": "protocolo conferido", "administrator": False}
    with house.tools.engine.begin() as connection:
        actions.release(connection, house.tools, house.rows()[0].id, **(given | changes))
    house.settle()


def withdraw(house: House, why: str = "o assinante pagou") -> None:
    """As a user presses it."""
    with house.tools.engine.begin() as connection:
        actions.withdraw(connection, house.tools, house.rows()[0].id, actor="ana", why=why)
    house.settle()


def sent(house: House) -> int:
    """How often an event left."""
    return sum(entry.servico == journals.EVENTO for entry in house.sefaz.journal.entries)


def stop_of(house: House) -> Stop | None:
    """Why the guard holds it."""
    with house.tools.engine.read() as connection:
        [row] = events.of_document(connection, house.rows()[0].id)
        return actions.standing(connection, house.tools, row, house.clock()).verdict.stop


def test_safety_maximum_and_ceiling_are_passed_by_whoever_may(house: House) -> None:
    press(house)
    assert (event_of(house, house.rows()[0].id)[0], sent(house)) == (EventState.HELD, 2)
    assert stop_of(house) is Stop.SAFETY
    release(house)
    press(house)
    assert (sent(house), stop_of(house)) == (3, Stop.MAXIMUM)
    with pytest.raises(NotPossibleError, match="só um administrador"):
        release(house)
    release(house, administrator=True)
    press(house)
    assert (sent(house), stop_of(house)) == (4, Stop.CEILING)
    with pytest.raises(NotPossibleError, match="não apaga o que a SEFAZ contou"):
        release(house, administrator=True)
    assert journals.refused_for_use(house.sefaz.journal) == []


@pytest.mark.parametrize(
    ("changes", "said"), [({"why": "  "}, "Diga por que"), ({"sends": 0}, "de 1 a 10"), ({"sends": 11}, "de 1 a 10")]
)
def test_a_release_without_reason_or_measure_is_refused(house: House, changes: dict[str, Any], said: str) -> None:
    press(house)
    with pytest.raises(NotPossibleError, match=said):
        release(house, **changes)
    assert event_of(house, house.rows()[0].id)[0] is EventState.HELD


def test_what_is_on_its_way_is_neither_released_nor_withdrawn(house: House) -> None:
    cancel(house, house.rows()[0].id)
    with pytest.raises(NotPossibleError, match="Só se libera"):
        release(house)
    with pytest.raises(NotPossibleError, match="Só se retira"):
        withdraw(house)


def test_withdrawn_nothing_more_leaves_and_it_may_be_asked_for_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    press(house)
    with pytest.raises(NotPossibleError, match="Diga por que"):
        withdraw(house, " ")
    withdraw(house)
    [note] = house.rows()
    assert (event_of(house, note.id)[0], note.state, sent(house)) == (EventState.WITHDRAWN, State.AUTHORISED, 2)
    monkeypatch.undo()
    assert cancel(house, note.id).taken is Taken.AGAIN
    house.settle()
    assert event_of(house, note.id)[0] is EventState.HELD, "the count was not forgotten"
    release(house)
    assert (event_of(house, note.id)[0], house.states()) == (EventState.REGISTERED, {State.CANCELLED: 1})
    assert journals.cancelled(house.sefaz.journal) == {note.chave: 1}


def test_a_refused_one_is_withdrawn_too(house: House) -> None:
    cancel(house, house.rows()[0].id, REASON)
    house.settle()
    assert event_of(house, house.rows()[0].id) == (EventState.REJECTED, "222")
    withdraw(house)
    assert event_of(house, house.rows()[0].id)[0] is EventState.WITHDRAWN


def test_who_when_and_why_stand_in_the_chained_journal(house: House) -> None:
    press(house)
    release(house, sends=2)
    press(house)
    withdraw(house)
    with house.tools.engine.read() as connection:
        [row] = events.of_document(connection, house.rows()[0].id)
        lines = guard.entries(connection, events.guard_key(row))
        assert list(guard.verify(connection)) == []
    told = [(line.event, line.detail) for line in lines if line.event in (GuardEvent.RELEASED, GuardEvent.WITHDRAWN)]
    assert told == [
        (GuardEvent.RELEASED, '["safety", 2, "ana", "protocolo conferido"]'),
        (GuardEvent.WITHDRAWN, "o assinante pagou (ana)"),
    ]
