"""The identity of a note: emitter and reference. Same content: nothing; other content: revision or a clear refusal."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from tests.drafts import internet
from tests.house import House, new_house
from zelo.engine.contract import Engine
from zelo.engine.schema.flow import document, draft
from zelo.flow import intake, lifecycle
from zelo.flow.intake import Taken, read_draft
from zelo.flow.lifecycle import Event, State
from zelo.sim import journal as journals


def _put(house: House, document_id: str, state: State) -> None:
    with house.tools.engine.begin() as connection:
        connection.execute(update(document).where(document.c.id == document_id).values(state=state.value))


def test_the_same_draft_again_changes_nothing(engine: Engine) -> None:
    house = new_house(engine)
    first = house.submit("F1", internet())
    assert first.taken is Taken.NEW
    assert house.submit("F1", internet()) == intake.Receipt(Taken.SAME, first.document_id)
    house.settle()
    assert house.submit("F1", internet()).taken is Taken.SAME
    house.settle()
    assert len(journals.authorised(house.sefaz.journal)) == 1


def test_one_reference_at_two_emitters_is_two_notes(engine: Engine) -> None:
    house = new_house(engine)
    assert house.submit("F1", internet("RS"), "RS").taken is Taken.NEW
    assert house.submit("F1", internet("MG"), "MG").taken is Taken.NEW


@pytest.mark.parametrize("state", [state for state in State if state is not State.CANCELLED])
def test_other_content_is_a_revision_exactly_where_the_lifecycle_says_so(engine: Engine, state: State) -> None:
    house = new_house(engine)
    document_id = house.submit("F1", internet()).document_id
    _put(house, document_id, state)
    receipt = house.submit("F1", internet(value="55.00"))
    row = house.row(document_id)
    if lifecycle.accepts(state, Event.REVISED):
        assert receipt.taken is Taken.REVISED
        assert (row.state, row.revision) == (State.DRAFT, 2)
        with house.tools.engine.read() as connection:
            assert read_draft(connection, document_id, 2) == internet(value="55.00")
            assert read_draft(connection, document_id, 1) == internet(), "what was asked before is kept"
    else:
        assert receipt.taken is Taken.REFUSED
        assert receipt.fault is not None
        assert receipt.fault.remedy
        assert (row.state, row.revision) == (state, 1)


def test_never_a_revision_of_what_may_be_authorised() -> None:
    for state in (State.RESERVED, State.UNKNOWN, State.AUTHORISED, State.CONFLICT):
        assert not lifecycle.accepts(state, Event.REVISED)


def test_a_refused_note_corrected_keeps_its_number_and_code(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zelo.flow.nfcom.RULES", ())
    house = new_house(engine)
    wrong = internet(value="0.00")
    document_id = house.submit("F1", wrong, "RS").document_id
    with house.tools.engine.begin() as connection:
        connection.execute(update(document).values(serie=1))
    house.worker().turn()
    before = house.row(document_id)
    house.submit("F1", internet(value="90.00"))
    house.settle()
    after = house.row(document_id)
    assert (after.nnf, after.cnf) == (before.nnf, before.cnf)
    assert after.state == State.AUTHORISED


@pytest.mark.parametrize("reference", ["", "   ", " F1", "F1 ", "x" * 61])
def test_a_reference_that_cannot_identify_is_refused(engine: Engine, reference: str) -> None:
    receipt = new_house(engine).submit(reference, internet())
    assert receipt.taken is Taken.REFUSED
    assert receipt.fault is not None
    assert receipt.fault.rule == intake.BAD_REFERENCE


def test_the_same_reference_from_many_at_once_is_one_note(new_cluster: Callable[[], Engine]) -> None:
    house = new_house(new_cluster())
    taken: list[Taken] = []
    threads = [threading.Thread(target=lambda: taken.append(house.submit("F1", internet()).taken)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted([Taken.NEW, *[Taken.SAME] * 7])
    with house.tools.engine.read() as connection:
        assert len(connection.execute(select(draft)).all()) == 1
