"""The drill: a database restored from a backup has forgotten what it did since, and must harm nobody by it."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, select

from tests.drafts import internet
from tests.house import House, new_house
from tests.simulation.judge import violations
from zelo.engine import backup
from zelo.engine.contract import Engine
from zelo.engine.schema.assemble import numbering
from zelo.flow import actions, quarantine
from zelo.flow.emitter import Keyring
from zelo.flow.lifecycle import State
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.sim import journal as journals


def _copy(house: House) -> bytes:
    out = io.BytesIO()
    backup.write(house.tools.engine, out, house.clock())
    return out.getvalue()


def _restored(house: House, copy: bytes, engine: Engine) -> House:
    """The same installation on an empty database that was given the backup, facing the same authority."""
    tools = replace(house.tools, engine=engine)

    def afterwards(connection: Connection) -> None:
        quarantine.begin(connection, tools, house.clock())

    backup.read(engine, lambda: io.BytesIO(copy), afterwards)
    return replace(house, tools=tools, keyring=Keyring(engine, tools.vault))


def _halted(house: House) -> dict[str, str]:
    with house.tools.engine.read() as connection:
        rows = guard.halts(connection, house.clock())
        return {row.scope: row.detail for row in rows if not row.scope.startswith("outros:")}


def test_nothing_happened_since_the_backup_everybody_is_let_go_by_themselves(
    new_engine: Callable[[], Engine],
) -> None:
    house = new_house(new_engine())
    for n in range(4):
        house.submit(f"F{n}", internet())
    house.settle()
    again = _restored(house, _copy(house), new_engine())
    assert len(_halted(again)) == len(house.establishments)
    again.submit("F9", internet())
    again.settle(most=timedelta(hours=2))
    assert _halted(again) == {}
    assert again.states() == {State.AUTHORISED: 5}
    assert violations(again) == []


def test_notes_authorised_after_the_backup_are_found_and_a_person_decides(new_embedded: Callable[[], Engine]) -> None:
    house = new_house(new_embedded())
    house.submit("F0", internet())
    house.settle()
    copy = _copy(house)
    for n in range(1, 4):
        house.submit(f"F{n}", internet(value=f"{n}0.00"))
    house.settle()
    again = _restored(house, copy, new_embedded())
    again.submit("NEW", internet())
    again.settle(most=timedelta(hours=2))
    scope = halt.of_establishment(house.establishments["RS"])
    assert list(_halted(again)) == [scope], "only the emitter that lost notes stays"
    assert "3 notas que este banco perdeu: 2 (série 1), 3 (série 1), 4 (série 1)" in _halted(again)[scope]
    assert again.states() == {State.AUTHORISED: 1, State.DRAFT: 1}, "nothing was numbered in quarantine"
    with again.tools.engine.begin() as connection:
        actions.lift(connection, again.tools, scope)
    again.settle()
    assert again.states() == {State.AUTHORISED: 2}
    with again.tools.engine.read() as connection:
        query = select(numbering.c.next_nnf).where(numbering.c.establishment_id == house.establishments["RS"])
        assert connection.execute(query).scalar_one() == 6, "the numbers of the lost notes are not used again"
    assert journals.numbers_used_twice(again.sefaz.journal) == {}


def test_a_note_that_was_in_the_air_is_asked_after_and_adopted(new_embedded: Callable[[], Engine]) -> None:
    house = new_house(new_embedded())
    house.submit("F0", internet())
    worker = house.worker()
    worker._prepare(house.clock())
    copy = _copy(house)
    house.settle()
    assert house.states() == {State.AUTHORISED: 1}
    again = _restored(house, copy, new_embedded())
    again.settle(most=timedelta(hours=2))
    assert again.states() == {State.AUTHORISED: 1}
    assert [e.servico for e in again.sefaz.journal.entries].count("NFComRecepcao") == 1, "it was not sent again"
    assert [line for line in violations(again) if not line.startswith("sent 1 times, admitted 0")] == [], (
        "the send before the backup was read is forgotten, and charged instead"
    )


def test_the_guard_of_a_restored_note_allows_only_a_few_sends(new_embedded: Callable[[], Engine]) -> None:
    house = new_house(new_embedded())
    house.submit("F0", internet())
    house.worker()._prepare(house.clock())
    again = _restored(house, _copy(house), new_embedded())
    with again.tools.engine.read() as connection:
        [row] = again.rows()
        state = guard.state_of(connection, f"2|11222333000181|62|1|{row.nnf}")
        assert state.spent == 30 - again.tools.settings.guard_margin - quarantine.ALLOWANCE
        assert list(guard.verify(connection)) == []
