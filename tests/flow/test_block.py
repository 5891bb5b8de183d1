"""The authority blocks us although our own count was low: nobody sends for an hour, and the fiftieth is for good."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from tests.drafts import internet
from tests.house import House, new_house
from zelo.engine.contract import Engine
from zelo.engine.schema.guard import streak
from zelo.flow import actions, dossier, limits, nfcom
from zelo.flow.emitter import establishment_of
from zelo.flow.lifecycle import State
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.sim import journal as journals
from zelo.sim.config import Config
from zelo.sim.reading import OFFICIAL

WRONG_CPF = "11144477736"
CNPJ = "11222333000181"
HOUR = timedelta(minutes=65)
"""The official sixty minutes and our margin."""


@pytest.fixture
def house(new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch) -> House:
    """An authority that tolerates two equal rejections instead of thirty: as if another program had made the others."""
    monkeypatch.setattr(nfcom, "RULES", ())
    return new_house(new_embedded(), config=Config(trusted=(), reading=replace(OFFICIAL, rejections=2)))


def _blocked(house: House) -> str:
    """Press until the authority blocks; the id of the note that it names."""
    draft = internet()
    note = house.submit("F-RUIM", replace(draft, dest=replace(draft.dest, CPF=WRONG_CPF))).document_id
    worker = house.worker()
    for _ in range(4):
        while worker.turn():
            pass
        if State(house.row(note).state) is State.REJECTED:
            with house.tools.engine.begin() as connection:
                actions.send_again(connection, house.tools, note, "ana")
    return note


def _scope(house: House) -> str:
    return halt.of_transmitter("SVRS", house.tools.ambiente, CNPJ)


def _halt(house: House) -> tuple[str, str] | None:
    with house.tools.engine.read() as connection:
        rows = guard.halts(connection, house.clock(), [_scope(house)])
    return (rows[0].reason, rows[0].detail) if rows else None


def _asked(house: House) -> list[str]:
    return [entry.cstat for entry in house.sefaz.journal.entries if entry.servico == journals.RECEPCAO]


def test_for_an_hour_nobody_sends_and_then_everybody_but_the_culprit_goes(house: House) -> None:
    culprit = _blocked(house)
    assert _asked(house)[-1] == "678"
    began = house.clock()
    others = [house.submit(f"F-{n}", internet(value=f"{n}0.00")).document_id for n in range(1, 4)]
    before = len(_asked(house))
    house.settle(most=HOUR - timedelta(minutes=1))
    assert len(_asked(house)) == before, "not one message, whoever it is about"
    house.settle()
    assert house.clock() - began >= HOUR
    assert {house.row(note).state for note in others} == {State.AUTHORISED}
    assert house.row(culprit).state == State.HELD


def test_where_sefaz_counted_more_its_count_is_believed(house: House) -> None:
    note = _blocked(house)
    row = house.row(note)
    with house.tools.engine.read() as connection:
        standing = limits.standing(connection, house.tools, row, establishment_of(connection, row), house.clock())
    named = [entry for entry in house.sefaz.journal.entries if entry.chave == row.chave and entry.judged == "423"]
    assert standing.state.spent >= len(named)


def test_blocks_are_counted_and_told(house: House) -> None:
    _blocked(house)
    assert _halt(house) is not None
    reason, detail = _halt(house) or ("", "")
    assert reason == halt.CONSUMPTION
    assert detail.endswith("(1º bloqueio deste certificado.)")


@pytest.mark.parametrize(("before", "reason"), [(39, halt.CONSUMPTION), (49, halt.PERMANENT)])
def test_near_the_fiftieth_everybody_is_told_and_from_it_on_nobody_asks(house: House, before: int, reason: str) -> None:
    with house.tools.engine.begin() as connection:
        connection.execute(insert(streak).values(scope=halt.blocks_of(_scope(house)), failures=before))
    _blocked(house)
    found = _halt(house)
    assert found is not None
    assert found[0] == reason
    assert f"É o {before + 1}º bloqueio deste certificado: a partir do 50º" in found[1]


def test_a_block_for_good_waits_for_days_until_an_administrator_lifts_it(house: House) -> None:
    with house.tools.engine.begin() as connection:
        connection.execute(insert(streak).values(scope=halt.blocks_of(_scope(house)), failures=49))
    _blocked(house)
    note = house.submit("F-BOA", internet(value="10.00")).document_id
    before = len(_asked(house))
    house.settle(most=3 * HOUR)
    house.clock.advance(timedelta(days=2))
    house.settle(most=3 * HOUR)
    assert len(_asked(house)) == before
    with house.tools.engine.begin() as connection:
        assert actions.lift(connection, house.tools, _scope(house))
    house.settle()
    assert house.row(note).state == State.AUTHORISED


def test_the_dossier_tells_of_our_own_block_which_note_and_what_was_done(house: House) -> None:
    note = _blocked(house)
    with house.tools.engine.begin() as connection:
        found = dossier.collect(connection, house.tools, house.company_id, house.clock())
    blocks, notes, attempts, journal = found.sheets
    assert found.journal_is_whole
    assert len(found.facts) >= 1
    assert house.row(note).chave in found.facts[-1].cause
    assert {row[0] for row in notes.rows} == {house.row(note).chave}
    assert "678" in {row[4] for row in attempts.rows}
    assert {row[3] for row in journal.rows} == {house.row(note).chave}
    assert blocks.rows[0][10] == "zelo"
