"""The identity of a note: emitter and reference. Same content: nothing; other content: revision or a clear refusal."""

import random
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from tests.drafts import internet
from tests.house import House, new_house
from zelo.access.shell import companies
from zelo.engine.contract import Engine
from zelo.engine.schema.flow import document, draft, history, item
from zelo.flow import intake, lifecycle
from zelo.flow.intake import Arrival, Go, Receipt, Taken, read_draft, submit_many
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


@pytest.mark.parametrize("state", State)
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
    elif state is State.CANCELLED:
        assert (receipt.taken, receipt.document_id == document_id) == (Taken.NEW, False)
        assert (row.state, row.successor_id) == (State.CANCELLED, receipt.document_id)
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


CONTENTS = [internet(value=f"{reais}.00") for reais in (50, 60, 70)]


def _many(house: House, chunk: list[tuple[str, int, Go]]) -> list[Receipt]:
    """Drafts taken in together: reference, which content, and whose go."""
    with house.tools.engine.begin() as connection:
        emitter = companies.find_establishment(connection, house.establishments["RS"])
        assert emitter is not None
        arrivals = [
            Arrival(
                establishment=emitter, reference=reference, content=CONTENTS[content], serie=1, actor="teste",
                now=house.clock(), go=go,
            )
            for reference, content, go in chunk
        ]  # fmt: skip
        return submit_many(connection, house.tools, arrivals)


def _kept(house: House) -> list[tuple[object, ...]]:
    """All that taking in writes, ids left out."""
    names = {row.id: row.reference for row in house.rows()}
    with house.tools.engine.read() as connection:
        rows = [
            (row.reference, row.state, row.revision, row.draft_digest, row.go_at, row.total, row.billed, row.version)
            for row in house.rows()
        ]
        drafts = [(names[one.document_id], one.revision, one.digest) for one in connection.execute(select(draft))]
        lines = [(names[one.document_id], one.seq, one.event) for one in connection.execute(select(history))]
        items = [(names[one.document_id], one.cfop, one.value) for one in connection.execute(select(item))]
    return [*sorted(rows, key=str), *sorted(drafts), *sorted(lines), *sorted(items)]


@pytest.mark.parametrize("seed", range(8))
def test_many_at_once_are_what_they_would_be_one_by_one(new_embedded: Callable[[], Engine], seed: int) -> None:
    chance = random.Random(seed)
    together, alone = new_house(new_embedded()), new_house(new_embedded())
    for _ in range(6):
        references = [f"F{chance.randrange(8)}" for _ in range(chance.randrange(1, 12))]
        chunk = [(one, chance.randrange(len(CONTENTS)), chance.choice([*Go])) for one in ["", *references]]
        receipts, expected = _many(together, chunk), [_many(alone, [one])[0] for one in chunk]
        told = [[(one.taken, one.fault) for one in some] for some in (receipts, expected)]
        assert told[0] == told[1]
        assert _kept(together) == _kept(alone)
        moved = {row.reference: chance.choice([*State]).value for row in together.rows() if chance.random() < 0.3}
        for house in (together, alone):
            for row in house.rows():
                if row.reference in moved:
                    _put(house, row.id, State(moved[row.reference]))


def test_notes_of_one_moment_are_born_in_the_order_of_the_file(engine: Engine) -> None:
    house = new_house(engine)
    references = [f"F{number}" for number in (3, 1, 2, 5, 4)]
    _many(house, [(one, 0, Go.GIVEN) for one in references])
    assert [row.reference for row in house.rows()] == references


def test_two_that_bring_the_same_notes_in_another_order_take_each_in_once(new_cluster: Callable[[], Engine]) -> None:
    house = new_house(new_cluster())
    notes = [(f"F{number}", 0, Go.GIVEN) for number in range(60)]
    taken: list[Taken] = []
    orders = [notes, notes[::-1]] * 3
    threads = [
        threading.Thread(target=lambda some=some: taken.extend(one.taken for one in _many(house, some)))
        for some in orders
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted([*[Taken.NEW] * 60, *[Taken.SAME] * 300])
    assert len(house.rows()) == 60
