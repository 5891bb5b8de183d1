"""A file that is read under crashes: wherever the process dies, people see the same in the end; and what kills every
process that reads it is given up, not tried for ever.
"""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.house import PLACES, House, new_house
from tests.isp.billing.files import NOTE, PARTS, written
from tests.isp.test_importing import month
from tests.simulation.crash import DyingEngine, Fuse, ProcessDied
from zelo.engine.contract import Engine
from zelo.engine.schema.isp import importing as imports
from zelo.engine.schema.isp import reading as readings
from zelo.engine.schema.isp import upload
from zelo.flow.intake import Go
from zelo.isp import importing, order, reading, reception, shell
from zelo.isp.order import Kind

ROWS = [*month(4), NOTE | {"fatura": "BAD", "uf": "XX"}]
DEATHS = 12
POINTS = ("statement", "before commit", "after commit")
RENAMED = {"plano": "Pacote do assinante"}
"""A column that nobody could know, and a person maps."""


def _sent(house: House, rows: list[dict[str, str]] = ROWS) -> str:
    """A file that somebody sent; its id."""
    return reading.receive(
        house.tools, company_id=house.company_id, name="mes.csv", billing=written(rows), composicoes=written(PARTS),
        chosen="", actor="Ana",
    )  # fmt: skip


def _understood(house: House, upload_id: str) -> dict[str, Any]:
    """What people would be shown; nothing while it is being read."""
    with house.tools.engine.read() as connection:
        row = reception.find(connection, house.company_id, upload_id)
    assert row is not None
    understood: dict[str, Any] = row.understood
    return understood


def _order(house: House, upload_id: str) -> Any:
    """The reading of the file, while it is open."""
    with house.tools.engine.read() as connection:
        return reading.find(connection, house.company_id, upload_id)


def _ask_again(house: House, kind: Kind, order_id: str) -> bool:
    """A person asks for an order that stopped."""
    with house.tools.engine.begin() as connection:
        return order.again(connection, house.tools, kind, order_id)


def _dying(house: House, point: str, passage: int) -> tuple[House, Fuse]:
    """The same house in a process that dies there."""
    fuse = Fuse(random.Random(0))
    fuse.lay_at(point, passage)
    return replace(house, tools=replace(house.tools, engine=DyingEngine(house.tools.engine, fuse))), fuse


def _calm(new: Callable[[], Engine]) -> dict[str, Any]:
    house = new_house(new(), places=PLACES[:1])
    upload_id = _sent(house)
    assert _understood(house, upload_id) == {}
    assert order.turn(house.tools, reading.KIND) == 1
    assert _order(house, upload_id) is None
    return _understood(house, upload_id)


def _dies_everywhere(new: Callable[[], Engine]) -> None:
    wanted = _calm(new)
    assert (wanted["notes"], wanted["faults"]) == (4, 1)
    for point in POINTS:
        passage, died = 0, True
        while died:
            passage += 1
            house = new_house(new(), places=PLACES[:1])
            upload_id = _sent(house)
            mortal, fuse = _dying(house, point, passage)
            with suppress(ProcessDied):
                order.turn(mortal.tools, reading.KIND)
            died = bool(fuse.died_at)
            house.clock.advance(order.LEASE)
            order.turn(house.tools, reading.KIND)
            assert _understood(house, upload_id) == wanted, f"{point} {passage}"
            assert _order(house, upload_id) is None
        assert passage > 2, "claim and end"


def test_it_dies_at_every_point_in_turn(new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "TOLD_EVERY", timedelta(0))
    _dies_everywhere(new_embedded)


def test_the_same_on_postgresql(new_cluster: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "TOLD_EVERY", timedelta(0))
    _dies_everywhere(new_cluster)


@pytest.mark.parametrize("seed", range(4))
def test_a_reading_survives_many_crashes(
    new_embedded: Callable[[], Engine], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "TOLD_EVERY", timedelta(0))
    wanted, chance = _calm(new_embedded), random.Random(seed)
    house = new_house(new_embedded(), seed=seed, places=PLACES[:1])
    upload_id, deaths = _sent(house), 0
    while (row := _order(house, upload_id)) is not None and deaths < DEATHS:
        mortal, fuse = _dying(house, chance.choice(POINTS), chance.randint(1, 4))
        with suppress(ProcessDied):
            order.turn(mortal.tools, reading.KIND)
        deaths += len(fuse.died_at)
        house.clock.advance(order.LEASE)
        if row.stopped_at is not None:
            assert _ask_again(house, reading.KIND, row.id)
    while (row := _order(house, upload_id)) is not None:
        assert order.turn(house.tools, reading.KIND) or _ask_again(house, reading.KIND, row.id)
    assert _understood(house, upload_id) == wanted


def test_what_kills_every_process_stops_and_a_person_has_it_tried_again(engine: Engine) -> None:
    house = new_house(engine, places=PLACES[:1])
    upload_id = _sent(house)
    for _ in range(order.MOST_TRIES):
        mortal, _fuse = _dying(house, "before commit", 2)
        with pytest.raises(ProcessDied):
            order.turn(mortal.tools, reading.KIND)
        house.clock.advance(order.LEASE)
    assert order.turn(house.tools, reading.KIND) == 0, "not once more"
    row = _order(house, upload_id)
    assert (row.due_at, row.stopped_at, order.why_stopped(row.trouble)) == (None, house.clock(), order.DIED)
    house.clock.advance(timedelta(days=1))
    assert order.turn(house.tools, reading.KIND) == 0, "nor a day later"
    assert _ask_again(house, reading.KIND, row.id)
    assert not _ask_again(house, reading.KIND, row.id), "two people ask, and it is tried once"
    assert order.turn(house.tools, reading.KIND) == 1
    assert _understood(house, upload_id)["notes"] == 4


def test_a_defect_of_ours_puts_it_off_and_then_stops_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    house = new_house(engine, places=PLACES[:1])
    upload_id = _sent(house)
    monkeypatch.setattr(shell, "understand", lambda *_: 1 / 0)
    for number in range(1, order.MOST_TRIES):
        assert order.turn(house.tools, reading.KIND) == 1
        row = _order(house, upload_id)
        assert (row.tries, row.trouble, row.stopped_at) == (number, "ZeroDivisionError", None)
        assert order.turn(house.tools, reading.KIND) == 0, "not at once"
        house.clock.advance(order.PUT_OFF)
    assert order.turn(house.tools, reading.KIND) == 1
    row = _order(house, upload_id)
    assert (row.due_at, row.stopped_at) == (None, house.clock())
    assert "ZeroDivisionError" in order.why_stopped(row.trouble).remedy


def test_a_file_that_is_too_much_for_the_memory_is_told_so(
    new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    def hungry(*_: Any) -> Any:
        raise MemoryError

    house = new_house(new_embedded(), places=PLACES[:1])
    upload_id = _sent(house)
    monkeypatch.setattr(shell, "understand", hungry)
    for _ in range(order.MOST_TRIES):
        order.turn(house.tools, reading.KIND)
        house.clock.advance(order.PUT_OFF)
    assert order.why_stopped(_order(house, upload_id).trouble) == order.DIED


def test_a_process_that_is_told_to_stop_hands_the_file_on_and_it_is_no_try(
    new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "TOLD_EVERY", timedelta(0))
    house = new_house(new_embedded(), places=PLACES[:1])
    upload_id = _sent(house)
    for _ in range(order.MOST_TRIES + 1):
        assert order.turn(house.tools, reading.KIND, lambda: True) == 1
        assert _understood(house, upload_id) == {}
    assert order.turn(house.tools, reading.KIND) == 1
    assert _understood(house, upload_id)["notes"] == 4


def test_whoever_reads_by_old_columns_says_nothing_any_more(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a process reads, a person maps a column and another process reads by it, before the first is done."""
    house = new_house(engine, places=PLACES[:1])
    rows = [{RENAMED.get(name, name): value for name, value in row.items()} for row in ROWS]
    upload_id = _sent(house, rows)
    understand = shell.understand

    def slow(*arguments: Any) -> Any:
        monkeypatch.setattr(shell, "understand", understand)
        read = understand(*arguments)
        with house.tools.engine.begin() as connection:
            reception.save_mapping(
                connection, house.company_id, "Meu ERP", {"pacotedoassinante": "plano"}, actor="Ana", now=house.clock()
            )
            reading.read_again(connection, house.tools, house.company_id, upload_id, "Meu ERP")
        assert order.turn(house.tools, reading.KIND) == 1, "another process"
        return read

    monkeypatch.setattr(shell, "understand", slow)
    assert order.turn(house.tools, reading.KIND) == 1
    assert _understood(house, upload_id)["notes"] == 4, "by the new columns"
    assert _order(house, upload_id) is None


def test_a_process_that_says_nothing_for_long_still_lives(
    new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large workbook is silent for longer than a lease; no second process may begin with it."""
    monkeypatch.setattr(order, "BEAT", timedelta(milliseconds=10))
    house = new_house(new_embedded(), places=PLACES[:1])
    upload_id = _sent(house)
    understand = shell.understand

    def silent(*arguments: Any) -> Any:
        house.clock.advance(order.LEASE)
        until = time.monotonic() + 5
        while _order(house, upload_id).due_at <= house.clock() and time.monotonic() < until:
            time.sleep(0.01)
        assert order.turn(house.tools, reading.KIND) == 0, "another process"
        return understand(*arguments)

    monkeypatch.setattr(shell, "understand", silent)
    assert order.turn(house.tools, reading.KIND) == 1
    assert _understood(house, upload_id)["notes"] == 4


def test_nobody_takes_in_what_nobody_has_seen(new_embedded: Callable[[], Engine]) -> None:
    house = new_house(new_embedded(), places=PLACES[:1])
    upload_id = _sent(house)
    with house.tools.engine.begin() as connection:
        confirmed = importing.confirm(
            connection, house.tools, company_id=house.company_id, upload_id=upload_id, columns={}, go=Go.AWAITED,
            actor="Ana", due_at=house.clock(),
        )  # fmt: skip
    assert confirmed is None


def test_what_is_forgotten_is_not_read(new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of yesterday makes way while it is still being read."""
    house = new_house(new_embedded(), places=PLACES[:1])
    _sent(house)
    understand, kept = shell.understand, list[str]()

    def slow(*arguments: Any) -> Any:
        house.clock.advance(timedelta(hours=reception.KEPT_HOURS + 1))
        kept.append(_sent(house))
        return understand(*arguments)

    monkeypatch.setattr(shell, "understand", slow)
    assert order.turn(house.tools, reading.KIND) == 1
    with house.tools.engine.read() as connection:
        assert connection.execute(select(upload.c.id)).scalars().all() == kept
        assert connection.execute(select(readings.c.upload_id)).scalars().all() == kept


def test_an_import_that_gets_further_each_time_never_stops_and_one_that_does_not_stops(
    new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claim, faults, a chunk: a process dies behind each chunk, and it comes in; one that dies before any stops."""
    monkeypatch.setattr(importing, "CHUNK_NOTES", 1)
    for passage, ends in ((3, True), (2, False)):
        house = new_house(new_embedded(), places=PLACES[:1])
        upload_id = _sent(house, month(6))
        order.turn(house.tools, reading.KIND)
        with house.tools.engine.begin() as connection:
            importing.confirm(
                connection, house.tools, company_id=house.company_id, upload_id=upload_id, columns={}, go=Go.AWAITED,
                actor="Ana", due_at=house.clock(),
            )  # fmt: skip
        for _ in range(6 + 1):
            mortal, _fuse = _dying(house, "after commit", passage)
            with suppress(ProcessDied):
                order.turn(mortal.tools, importing.KIND)
            house.clock.advance(order.LEASE)
        with house.tools.engine.read() as connection:
            row = connection.execute(select(imports)).one()
        assert (len(house.rows()), row.due_at, row.stopped_at is None) == (6 if ends else 0, None, ends)
