"""A process that is killed at any moment: what it acknowledged is in the file, with the centre, or in the ledger."""

import random
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from tests.pos.edge.outbox.house import BUDGET_BYTES, Name, declared, held, opened, size_bytes
from zelo.pos.edge.outbox.core import Item, Rank, sound
from zelo.pos.edge.outbox.shell import queue

ROOT = Path(__file__).parents[4]


def _rounds(file: Path, rounds: int, seed: int) -> None:
    draw = random.Random(seed)
    acked: dict[Name, str] = {}
    confirmed: set[Name] = set()
    for number in range(rounds):
        for kind, emitter, rank, seq, key in _killed(file, seed * 1_000 + number, draw.randrange(1, 150)):
            named = (emitter, int(rank), int(seq))
            if kind == "A":
                assert named not in acked, "a number was given twice"
                acked[named] = key
            else:
                confirmed.add(named)
        _judge(file, acked, confirmed)


def _killed(file: Path, seed: int, lines: int) -> list[list[str]]:
    """What a child said that was killed after so many lines, or a little later."""
    command = [sys.executable, "-m", "tests.pos.edge.outbox.labour", str(file), str(seed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        said = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        said += child.stdout.readlines()
    return [[*line.split(), ""][:5] for line in said if line.endswith("\n")]


def _judge(file: Path, acked: dict[Name, str], confirmed: set[Name]) -> None:
    assert size_bytes(file) <= BUDGET_BYTES
    connection = opened(file)
    assert connection.execute("pragma integrity_check").get == "ok"
    pending, settled, _ = held(connection)
    lost = declared(connection)
    known = pending.keys() | settled.keys() | lost | confirmed
    assert not acked.keys() - known
    assert Rank.FISCAL not in {rank for _, rank, _ in lost}
    assert not settled.keys() - confirmed
    keys = {(item.emitter, int(item.rank), item.seq): item.key for item in _all(connection)}
    assert all(acked[name] == keys[name] for name in acked.keys() & keys.keys())
    for emitter, rank, emitted in connection.execute("select emitter, rank, emitted from outbox_stream"):
        assert {(emitter, rank, seq) for seq in range(1, emitted + 1)} <= known
    connection.close()


def _all(connection: apsw.Connection) -> tuple[Item, ...]:
    items = queue.take(connection, 10**6, 10**9).items
    assert all(sound(item) for item in items)
    return items


def test_killed_a_few_times(tmp_path: Path) -> None:
    _rounds(tmp_path / "q.db", 5, seed=1)


@pytest.mark.simulate
def test_killed_150_times(tmp_path: Path) -> None:
    _rounds(tmp_path / "q.db", 150, seed=2)
