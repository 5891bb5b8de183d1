"""A queue for the tests: opened small, read with plain SQL, its time standing still."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw

from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.outbox.shell.file import LEAST_BUDGET_BYTES, open_file, writing

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BUDGET_BYTES = LEAST_BUDGET_BYTES
EPOCH = "epoch-of-the-tests"
DEVICE, OTHER, GATEWAY = "900000059", "900000060", "caixa-1"

Name = tuple[str, int, int]
"""Emitter, rank, number."""


def opened(file: Path, budget_bytes: int = BUDGET_BYTES, epoch: str = EPOCH) -> apsw.Connection:
    """The queue of this file, made at first."""
    return open_file(file, budget_bytes, version=1, create=lambda connection: queue.create(connection, epoch))


def held(connection: apsw.Connection) -> tuple[dict[Name, int], dict[Name, int], dict[Name, int]]:
    """Name → turn of what is pending, of what is settled, of what is set aside."""
    shelves: tuple[dict[Name, int], dict[Name, int], dict[Name, int]] = ({}, {}, {})
    read = "select i.emitter, s.rank, i.seq, i.turn, s.settled from outbox_item i left join outbox_shelf s using (turn)"
    rows: list[Any] = connection.execute(read).fetchall()
    for emitter, rank, seq, turn, settled in rows:
        shelves[settled][emitter, rank, seq] = turn
    assert len(rows) == connection.execute("select count(*) from outbox_shelf").get, "a shelf holds what is not there"
    told = {turn for (turn,) in connection.execute("select turn from outbox_aside")}
    assert told == set(shelves[2].values()), "it is not told why something is set aside"
    return shelves


def declared(connection: apsw.Connection) -> set[Name]:
    """Every name in the ledger of losses."""
    rows: list[Any] = connection.execute("select emitter, rank, first, last from outbox_loss").fetchall()
    names = [(emitter, rank, seq) for emitter, rank, first, last in rows for seq in range(first, last + 1)]
    assert len(names) == len(set(names)), "a loss is declared twice"
    return set(names)


def size_bytes(file: Path) -> int:
    """Of the file with all that lies beside it."""
    return sum(each.stat().st_size for each in file.parent.glob(f"{file.name}*"))


def fill(connection: apsw.Connection, rank: Rank, body: bytes, most: int) -> int:
    """Put until nothing more is kept, or so many; how many were."""
    for count in range(most):
        with writing(connection):
            if not queue.put(connection, rank, DEVICE, f"{rank.name}{count}", body, AT).kept:
                return count
    return most
