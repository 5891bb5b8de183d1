"""Bad days of an installation: an hour of 108, a full disk, a locked database, a clock set back, a lost certificate."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update

from tests.drafts import internet
from tests.house import PLACES, House, new_house
from zelo.engine import embedded
from zelo.engine.contract import Engine
from zelo.engine.embedded import Embedded
from zelo.engine.schema.access import certificate
from zelo.engine.schema.flow import document
from zelo.engine.schema.guard import halt as halt_table
from zelo.flow import actions, record
from zelo.flow.lifecycle import State
from zelo.guard import halt
from zelo.sim import journal as journals
from zelo.sim.config import Config, Pause
from zelo.sim.faults import OneShot


def _submit(house: House, notes: int, uf: str = "RS") -> list[str]:
    return [house.submit(f"F{n}", internet(uf, f"{50 + n}.00"), uf).document_id for n in range(notes)]


def _limit_pages(engine: Embedded, more: int) -> None:
    """As a full disk does: the file may grow by so many pages and no more, on every connection."""
    engine.close()

    def limit(dbapi: Any, _: object) -> None:
        pages = dbapi.execute("PRAGMA page_count").fetchone()[0]
        dbapi.execute(f"PRAGMA max_page_count={pages + more}").close()

    if _LIMITS.get(engine.path):
        event.remove(engine._engine, "connect", _LIMITS[engine.path])
    _LIMITS[engine.path] = limit
    event.listen(engine._engine, "connect", limit)


_LIMITS: dict[Path, Any] = {}


def test_an_hour_of_108_loses_nothing_and_asks_the_status_no_sooner_than_allowed(engine: Engine) -> None:
    house = new_house(engine)
    house.sefaz.pause("SVRS", Pause("108", house.clock(), house.clock() + timedelta(hours=1)))
    _submit(house, 20)
    house.settle()
    assert house.states() == {State.AUTHORISED: 20}
    entries = house.sefaz.journal.entries
    refused = [e for e in entries if e.servico == "NFComRecepcao" and e.cstat == "108"]
    assert len(refused) <= house.tools.settings.worker_senders, "the first answers stopped the rest"
    asked = [e.at for e in entries if e.servico == "NFComStatusServico"]
    assert len(asked) >= 10
    assert all(b - a >= timedelta(seconds=180) for a, b in pairwise(asked))


def test_one_authorizer_down_does_not_hold_up_another(engine: Engine) -> None:
    house = new_house(engine)
    house.sefaz.pause("MG", Pause("109", house.clock()))
    _submit(house, 3, "MG")
    house.submit("R1", internet("RS"), "RS")
    worker = house.worker()
    for _ in range(20):
        worker.turn()
    assert house.states()[State.AUTHORISED] == 1


def test_silence_after_silence_halts_the_authorizer_instead_of_every_note(engine: Engine) -> None:
    house = new_house(engine, config=Config(trusted=(), rates={"lost_before": 1000}))
    _submit(house, 60)
    worker = house.worker()
    for _ in range(50):
        worker.turn()
    sent = [e for e in house.sefaz.journal.entries if e.servico == "NFComRecepcao"]
    assert len(sent) <= house.tools.settings.worker_senders, "what was in the air, and no more"
    house.sefaz.set_rates({})
    house.settle(worker)
    assert house.states() == {State.AUTHORISED: 60}


def test_a_full_disk_stops_the_work_and_loses_nothing(new_embedded: Callable[[], Embedded]) -> None:
    engine = new_embedded()
    house = new_house(engine)
    _submit(house, 30)
    _limit_pages(engine, 12)
    worker = house.worker()
    for _ in range(40):
        worker.turn()
        house.clock.advance(timedelta(seconds=30))
    assert "cheio" in (worker.trouble or "")
    _limit_pages(engine, 10**6)
    house.settle(worker)
    assert not worker.trouble
    assert house.states() == {State.AUTHORISED: 30}
    assert set(journals.authorised(house.sefaz.journal).values()) == {1}


def test_a_database_locked_by_another_program_only_delays(
    new_embedded: Callable[[], Embedded], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "BUSY_MILLIS", 50)
    engine = new_embedded()
    house = new_house(engine)
    _submit(house, 3)
    worker = house.worker()
    other = sqlite3.connect(engine.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert worker.turn() == 0
    assert worker.trouble is not None
    assert "ocupado" in worker.trouble
    other.execute("ROLLBACK")
    other.close()
    house.settle(worker)
    assert house.states() == {State.AUTHORISED: 3}


@pytest.mark.parametrize("back", [timedelta(minutes=1), timedelta(hours=3), timedelta(days=40)])
def test_a_clock_set_back_neither_loses_nor_repeats(engine: Engine, back: timedelta) -> None:
    house = new_house(engine, seed=4, config=Config(trusted=(), seed=4, rates={"lost_after": 400}))
    _submit(house, 12)
    worker = house.worker()
    for _ in range(3):
        worker.turn()
    house.clock.advance(-back)
    house.settle(worker, most=timedelta(days=3))
    assert house.states() == {State.AUTHORISED: 12}
    assert set(journals.authorised(house.sefaz.journal).values()) == {1}
    assert journals.numbers_used_twice(house.sefaz.journal) == {}


def test_an_expired_certificate_stops_the_emitter_before_anything_is_sent(engine: Engine) -> None:
    house = new_house(engine)
    worker = house.worker()
    [document_id] = _submit(house, 1)
    house.clock.advance(timedelta(days=800))
    worker.turn()
    row = house.row(document_id)
    assert row.state == State.INVALID
    assert row.faults[0]["rule"] == "CERT-VENCIDO"
    assert row.nnf is None, "a note that cannot be signed takes no number"
    assert house.sefaz.journal.entries == []


def test_a_certificate_that_expires_between_signing_and_sending_halts_its_emitter(engine: Engine) -> None:
    house = new_house(engine)
    [document_id] = _submit(house, 1)
    worker = house.worker()
    with house.tools.engine.begin() as connection:
        connection.execute(update(certificate).values(removed_at=None))
    worker._prepare(house.clock())
    assert house.row(document_id).state == State.SIGNED
    house.clock.advance(timedelta(days=800))
    worker.turn()
    assert house.sefaz.journal.entries == []
    with house.tools.engine.read() as connection:
        halted = connection.execute(select(halt_table)).one()
    assert halted.reason == halt.ISSUER
    assert "venceu" in halted.detail


def test_an_emitter_that_is_not_accredited_stops_after_one_note(engine: Engine) -> None:
    accredited = frozenset(place.cnpj for place in PLACES[1:])
    house = new_house(engine, config=Config(trusted=(), accredited=accredited))
    house.tools = replace(house.tools, settings=replace(house.tools.settings, worker_senders=1))
    _submit(house, 30)
    worker = house.worker()
    for _ in range(60):
        worker.turn()
        house.clock.advance(timedelta(minutes=1))
    sent = [e for e in house.sefaz.journal.entries if e.servico == "NFComRecepcao"]
    assert [e.cstat for e in sent] == ["203"], "one refusal of the emitter is enough"
    assert house.states()[State.SIGNED] == 29
    house.sefaz.config = replace(house.sefaz.config, accredited=None)
    with house.tools.engine.begin() as connection:
        assert actions.lift(connection, house.tools, halt.of_establishment(house.establishments["RS"]))
    house.settle(worker)
    assert house.states() == {State.AUTHORISED: 30}


def test_a_number_that_another_program_used_stops_the_serie_until_a_person_decides(
    new_embedded: Callable[[], Embedded],
) -> None:
    house = new_house(new_embedded())
    house.tools = replace(house.tools, settings=replace(house.tools.settings, worker_senders=1))
    other = new_house(new_embedded(), seed=99)
    other.sefaz = house.sefaz
    other.submit("X", internet("RS", "77.00"))
    other.settle()
    ids = _submit(house, 3)
    house.settle(most=timedelta(hours=6))
    assert house.row(ids[0]).state == State.CONFLICT
    assert {house.row(i).state for i in ids[1:]} == {State.SIGNED}
    with house.tools.engine.begin() as connection:
        actions.renumber(connection, house.tools, ids[0], "chefe")
    house.settle()
    assert house.states() == {State.AUTHORISED: 3}
    assert sorted(row.nnf for row in house.rows()) == [2, 3, 4]
    assert journals.numbers_used_twice(house.sefaz.journal) == {}


def test_our_own_note_answered_204_is_adopted_with_its_protocol(engine: Engine) -> None:
    house = new_house(engine)
    house.sefaz.order(OneShot("lost_after"))
    [document_id] = _submit(house, 1)
    worker = house.worker()
    worker.turn()
    row = house.row(document_id)
    assert row.state == State.UNKNOWN
    with house.tools.engine.begin() as connection:
        locked = record.locked(connection, document_id)
        connection.execute(
            update(document).where(document.c.id == document_id).values(state=State.SIGNED.value, due_at=house.clock())
        )
        assert locked.version == row.version
    house.settle(worker)
    row = house.row(document_id)
    assert row.state == State.AUTHORISED
    assert [e.cstat for e in house.sefaz.journal.entries] == ["100", "204"]
    assert row.nprot
