"""The child of the kill test: puts and confirms until it is killed, and tells each thing that it may be held to.

A line `A emitter rank seq key` follows the commit of a put; a line `C emitter rank seq` comes before a confirm.
"""

import os
import random
import sys
from pathlib import Path

import apsw

from tests.pos.edge.outbox.house import AT, DEVICE, GATEWAY, opened
from zelo.pos.edge.outbox.core import QueueFullError, Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.outbox.shell.file import writing


def main() -> None:
    """Work without an end."""
    draw = random.Random(int(sys.argv[2]))
    connection = opened(Path(sys.argv[1]))
    _say("ready")
    while True:
        rank = draw.choice((Rank.FISCAL, Rank.CONTROL, Rank.LOG, Rank.LOG))
        emitter = GATEWAY if rank is Rank.LOG else DEVICE
        key = f"{draw.getrandbits(64):016x}"
        try:
            with writing(connection):
                placed = queue.put(connection, rank, emitter, key, draw.randbytes(draw.randrange(40_000)), AT)
            _say(f"A {emitter} {int(rank)} {placed.seq} {key}")
        except QueueFullError:
            _confirm(connection)
        if draw.random() < 0.05:
            _confirm(connection)


def _confirm(connection: apsw.Connection) -> None:
    batch = queue.take(connection, 30, 10**9)
    for item in batch.items:
        _say(f"C {item.emitter} {int(item.rank)} {item.seq}")
    with writing(connection):
        queue.confirm(connection, batch.items)


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main()
