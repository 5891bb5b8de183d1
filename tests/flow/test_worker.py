"""Answers that came back together: one that cannot be written down costs the others nothing."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from tests.drafts import internet
from tests.house import House, new_house
from zelo.engine.contract import Engine
from zelo.flow import send
from zelo.flow.lifecycle import State
from zelo.sim import journal as journals

NOTES = 6


def _signed(engine: Engine) -> tuple[House, list[str]]:
    """A house whose notes are sent in the next turn."""
    house = new_house(engine)
    return house, [house.submit(f"F{n}", internet("RS", f"{50 + n}.00")).document_id for n in range(NOTES)]


def test_a_defect_in_one_outcome_leaves_the_others_written(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    house, documents = _signed(engine)
    settle = send.settle

    def broken(connection: Any, tools: Any, call: Any, *more: Any) -> Any:
        if call.row.id == documents[2]:
            raise RuntimeError("a defect of ours")
        return settle(connection, tools, call, *more)

    monkeypatch.setattr(send, "settle", broken)
    worker = house.worker()
    worker.turn()
    assert house.states() == {State.AUTHORISED: NOTES - 1, State.RESERVED: 1}
    monkeypatch.undo()
    house.clock.advance(house.tools.lease)
    house.settle(worker)
    assert house.states() == {State.AUTHORISED: NOTES}
    assert set(journals.authorised(house.sefaz.journal).values()) == {1}


def test_outcomes_wait_for_a_database_that_cannot_write_and_nothing_is_sent_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = _signed(engine)

    settle, locked = send.settle, [True]

    def settle_if_it_can(*known: Any) -> Any:
        if locked:
            raise OperationalError("update", {}, Exception("database is locked"))
        return settle(*known)

    monkeypatch.setattr(send, "settle", settle_if_it_can)
    worker = house.worker()
    worker.turn()
    assert (worker.trouble is None, worker.busy) == (False, NOTES)
    locked.clear()
    house.clock.advance(timedelta(seconds=5))
    worker.turn()
    assert (worker.trouble, worker.busy) == (None, 0)
    assert house.states() == {State.AUTHORISED: NOTES}
    assert sum(e.servico == "NFComRecepcao" for e in house.sefaz.journal.entries) == NOTES
