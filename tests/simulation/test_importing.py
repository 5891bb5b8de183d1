"""A file that comes in under crashes: wherever the process dies, the end is that of a process that lived."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select, update

from tests.house import PLACES, House, new_house
from tests.isp.billing.files import NOTE, PARTS, written
from tests.isp.test_importing import month, take
from tests.simulation.crash import DyingEngine, Fuse, ProcessDied
from zelo.engine.contract import Engine
from zelo.engine.schema.access import establishment
from zelo.engine.schema.flow import document, draft, history
from zelo.engine.schema.isp import batch, fault, note, upload
from zelo.engine.schema.isp import importing as orders
from zelo.flow.intake import Go
from zelo.isp import importing, order, reading, shell

CHUNK = 3
DEATHS = 12
POINTS = ("statement", "before commit", "after commit")
BAD = NOTE | {"fatura": "BAD", "uf": "XX"}
REFUSED = [NOTE | {"fatura": f"R{number}", "serie": "9"} for number in (1, 2)]
"""Good lines whose série nobody has: they are refused when they are stored."""
ROWS = [*month(4), REFUSED[0], BAD, *month(10)[4:], REFUSED[1]]


def _confirmed(house: House) -> str:
    """A file that was read and that somebody confirmed; its batch."""
    tools = house.tools
    upload_id = reading.receive(
        tools, company_id=house.company_id, name="mes.csv", billing=written(ROWS), composicoes=written(PARTS),
        chosen="", actor="Ana",
    )  # fmt: skip
    assert order.turn(tools, reading.KIND) == 1
    with tools.engine.begin() as connection:
        confirmed = importing.confirm(
            connection, tools, company_id=house.company_id, upload_id=upload_id, columns={}, go=Go.AWAITED,
            actor="Ana", due_at=tools.clock(),
        )  # fmt: skip
    assert confirmed is not None
    return confirmed.batch_id


def _asked_again(house: House, batch_id: str) -> bool:
    """A person finds that the order stopped, and asks for it again."""
    with house.tools.engine.begin() as connection:
        return order.again(connection, house.tools, importing.KIND, batch_id)


def _end(house: House) -> dict[str, Any]:
    """Everything that came of the file, without what differs from run to run: ids and hours."""
    with house.tools.engine.read() as connection:

        def rows(table: Table, *columns: str) -> list[tuple[object, ...]]:
            return [tuple(row) for row in connection.execute(select(*(table.c[name] for name in columns)))]

        references = {row.id: row.reference for row in connection.execute(select(document))}
        return {
            "documents": sorted(rows(document, "reference", "draft_digest", "revision", "version", "state")),
            "drafts": sorted((references[str(one)], *rest) for one, *rest in rows(draft, "document_id", "digest")),
            "history": sorted((references[str(one)], *rest) for one, *rest in rows(history, "document_id", "event")),
            "notes": sorted(
                (seq, references.get(str(one)), taken) for seq, one, taken in rows(note, "seq", "document_id", "taken")
            ),
            "faults": sorted(rows(fault, "seq", "line", "reference", "rule")),
            "batch": rows(batch, "lines", "notes", "faults"),
            "left": [*rows(upload, "name"), *(due for due in rows(orders, "due_at") if due != (None,))],
        }


def _check(new: Callable[[], Engine], seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK_NOTES", CHUNK)
    monkeypatch.setattr(order, "TOLD_EVERY", timedelta(0))
    calm = new_house(new(), seed=seed, places=PLACES[:1])
    _confirmed(calm)
    assert order.turn(calm.tools, importing.KIND) == 1
    chance = random.Random(seed)
    house = new_house(new(), seed=seed, places=PLACES[:1])
    batch_id = _confirmed(house)
    fuse = Fuse(chance)
    dying = replace(house.tools, engine=DyingEngine(house.tools.engine, fuse))
    while len(fuse.died_at) < DEATHS:
        fuse.lay_at(chance.choice(POINTS), chance.randint(1, 12))
        with suppress(ProcessDied):
            if not order.turn(dying, importing.KIND) and not _asked_again(house, batch_id):
                break
        house.clock.advance(order.LEASE + timedelta(seconds=1))
    while order.turn(house.tools, importing.KIND) or _asked_again(house, batch_id):
        pass
    wanted = _end(calm)
    assert len(wanted["documents"]) == 10
    assert [row[3] for row in wanted["faults"]].count(importing.NO_SERIE.rule) == len(REFUSED)
    assert _end(house) == wanted, f"seed {seed}, died at {fuse.died_at}"


@pytest.mark.parametrize("seed", range(8))
def test_an_import_survives_crashes(
    new_embedded: Callable[[], Engine], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _check(new_embedded, seed, monkeypatch)


@pytest.mark.parametrize("seed", [500, 501])
def test_the_same_on_postgresql(new_cluster: Callable[[], Engine], seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    _check(new_cluster, seed, monkeypatch)


def test_it_dies_at_every_commit_in_turn(new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    """The first process dies at its first commit, the next at its second, until one comes through."""
    monkeypatch.setattr(importing, "CHUNK_NOTES", CHUNK)
    calm = new_house(new_embedded(), places=PLACES[:1])
    _confirmed(calm)
    order.turn(calm.tools, importing.KIND)
    wanted, passage, died = _end(calm), 0, True
    while died:
        passage += 1
        for point in ("before commit", "after commit"):
            house = new_house(new_embedded(), places=PLACES[:1])
            _confirmed(house)
            fuse = Fuse(random.Random(0))
            fuse.lay_at(point, passage)
            with suppress(ProcessDied):
                order.turn(replace(house.tools, engine=DyingEngine(house.tools.engine, fuse)), importing.KIND)
            died = bool(fuse.died_at)
            house.clock.advance(order.LEASE)
            order.turn(house.tools, importing.KIND)
            assert _end(house) == wanted, f"{point} {passage}"
    assert passage > 12 // CHUNK + 2, "claim, faults, every chunk, the end"


def test_who_lost_the_order_writes_nothing_more(
    new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process sleeps for as long as its lease; another takes the order over and ends it before the first wakes up."""
    monkeypatch.setattr(importing, "CHUNK_NOTES", CHUNK)
    house = new_house(new_embedded(), places=PLACES[:1])
    understand = shell.understand

    def sleeping(*arguments: Any) -> Any:
        house.clock.advance(order.LEASE)
        monkeypatch.setattr(shell, "understand", understand)
        assert order.turn(house.tools, importing.KIND) == 1, "another process"
        return understand(*arguments)

    monkeypatch.setattr(shell, "understand", sleeping)
    with pytest.raises(order.LostError):
        take(house, *ROWS)
    with house.tools.engine.read() as connection:
        stored = [row.seq for row in connection.execute(select(note).order_by(note.c.seq))]
    assert stored == list(range(1, 13))
    assert len(house.rows()) == 10


def test_what_it_is_read_by_stays_as_it_was_confirmed(
    new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The emitter moves to another municipality while the file is half in: the rest is read as the first half was."""
    monkeypatch.setattr(importing, "CHUNK_NOTES", CHUNK)
    calm, house = (new_house(new_embedded(), places=PLACES[:1]) for _ in range(2))
    for each in (calm, house):
        _confirmed(each)
    order.turn(calm.tools, importing.KIND)
    fuse = Fuse(random.Random(0))
    fuse.lay_at("after commit", 4)
    with pytest.raises(ProcessDied):
        order.turn(replace(house.tools, engine=DyingEngine(house.tools.engine, fuse)), importing.KIND)
    with house.tools.engine.begin() as connection:
        connection.execute(update(establishment).values(municipio="3550308", disabled_at=house.clock()))
    house.clock.advance(order.LEASE)
    order.turn(house.tools, importing.KIND)
    assert _end(house) == _end(calm)


def test_a_defect_of_ours_puts_the_file_off_and_loses_nothing(
    new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = new_house(new_embedded(), places=PLACES[:1])
    batch_id = _confirmed(house)
    with monkeypatch.context() as broken:
        broken.setattr(shell, "understand", lambda *_: 1 / 0)
        assert order.turn(house.tools, importing.KIND) == 1
    with house.tools.engine.read() as connection:
        row = importing.open_import(connection, batch_id)
    assert row is not None
    assert row.trouble == "ZeroDivisionError"
    assert order.turn(house.tools, importing.KIND) == 0, "not at once"
    house.clock.advance(order.PUT_OFF)
    assert order.turn(house.tools, importing.KIND) == 1
    assert len(house.rows()) == 10


def test_a_process_that_is_told_to_stop_hands_the_file_on_at_once(
    new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK_NOTES", CHUNK)
    house, looks = new_house(new_embedded(), places=PLACES[:1]), iter([False, False, False, True])
    _confirmed(house)
    assert order.turn(house.tools, importing.KIND, lambda: next(looks)) == 1
    assert 0 < len(house.rows()) < 10
    assert order.turn(house.tools, importing.KIND) == 1
    assert len(house.rows()) == 10
