"""Power cuts: whatever was acknowledged is there afterwards; with a weaker setting it is not, so the test can see."""

import os
import random
from pathlib import Path

import apsw
import pytest

from tests.pos.edge.outbox.house import AT, DEVICE, GATEWAY, Name, declared, held, opened
from tests.pos.edge.outbox.power import NAME, failing
from zelo.pos.edge.outbox.core import Rank, sound
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.outbox.shell.file import writing

PUTS = 120
CUT_CHANCE = 0.005
"""Before each write and each sync."""
MANY = int(os.environ.get("ZELO_SEEDS", "100"))


def _live(connection: apsw.Connection, draw: random.Random, acked: list[Name]) -> None:
    """Put, each acknowledged in `acked` once its commit has returned, and confirm now and then."""
    for number in range(PUTS):
        rank = draw.choice((Rank.FISCAL, Rank.LOG))
        emitter = DEVICE if rank is Rank.FISCAL else GATEWAY
        body = draw.randbytes(draw.choice((200, 4_000, 70_000)))
        with writing(connection):
            placed = queue.put(connection, rank, emitter, str(number), body, AT)
        acked.append((emitter, int(rank), placed.seq))
        if draw.random() < 0.1:
            batch = queue.take(connection, 20, 10**9)
            with writing(connection):
                queue.confirm(connection, batch.items)


def _cuts(folder: Path, seed: int, *, synchronous: str = "full") -> list[int]:
    """How many acknowledged items are gone after each cut at a random moment; the file itself is always whole."""
    draw = random.Random(seed)
    lost: list[int] = []
    opened(folder / "q.db").close()
    (folder / "cut").mkdir()
    acked: list[Name] = []
    with failing() as disk:
        connection = opened(folder / "q.db")
        connection.execute(f"pragma synchronous = {synchronous}")

        def cut() -> None:
            if draw.random() < CUT_CHANCE:
                disk.image(folder / "cut", draw)
                apsw.set_default_vfs("unix")
                lost.append(_missing(folder / "cut" / "q.db", acked))
                apsw.set_default_vfs(NAME)

        disk.before = cut
        _live(connection, draw, acked)
        connection.close()
    return lost


def _missing(file: Path, acked: list[Name]) -> int:
    connection = opened(file)
    assert connection.execute("pragma integrity_check").get == "ok"
    pending, settled, _ = held(connection)
    assert all(sound(item) for item in queue.take(connection, 10**6, 10**9).items)
    known = pending.keys() | settled.keys() | declared(connection)
    fiscal = {name for name in declared(connection) if name[1] == Rank.FISCAL}
    connection.close()
    for each in file.parent.iterdir():
        each.unlink()
    return len(set(acked) - known) + len(fiscal)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_acknowledged_is_lost_in_a_power_cut(tmp_path: Path, seed: int) -> None:
    cuts = _cuts(tmp_path, seed)
    assert len(cuts) > 3
    assert sum(cuts) == 0


@pytest.mark.simulate
@pytest.mark.parametrize("seed", range(1_000, 1_000 + MANY))
def test_nothing_acknowledged_is_lost_in_many_power_cuts(tmp_path: Path, seed: int) -> None:
    assert sum(_cuts(tmp_path, seed)) == 0


def test_the_disk_bites(tmp_path: Path) -> None:
    assert sum(_cuts(tmp_path, 0, synchronous="normal")) > 0
