"""The till's queue: a durable put beside the bare insert of the same row, and how fast a backlog reaches a centre.

The drain is of 20,000 documents, a fifth of what an outage of months leaves, to spare the disk; give `run` another
number for more. Till and centre are two processes on one machine, so the figure is a floor.
"""

import random
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final
from zlib import crc32

import apsw

from zelo.fiscal.instant import to_micros
from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.outbox.shell.file import open_file, writing
from zelo.pos.edge.uplink.shell.post import Centre, Post
from zelo.pos.edge.uplink.shell.sender import Sender
from zelo.sim.centre.shell.server import Setup, started

AT: Final = datetime(2026, 11, 22, tzinfo=UTC)
DEVICE: Final = "900000059"
DOCUMENTS: Final = 20_000
BUDGET_BYTES: Final = 67_108_864
TURNS: Final = 15
PUTS: Final = 150
"""Of each kind in a turn."""
DOCUMENT_BYTES: Final = 12_288
"""Of the file, for each document of the drain: two pages, and room to spare."""
_ITEM: Final = b'<det nItem="1"><prod><xProd>COXINHA</xProd><CFOP>5102</CFOP><vUnCom>5.00</vUnCom></prod></det>'
_CODES: Final = 600


def run(documents: int = DOCUMENTS) -> dict[str, float]:
    """The figures of this bench by their stable names."""
    with tempfile.TemporaryDirectory() as folder:
        return {"outbox_insert_x_bare": _insert(Path(folder)), "outbox_drain_s": _drain(Path(folder), documents)}


def _coupon(draw: random.Random) -> bytes:
    """Of the size of a CF-e: 5.4 KB, of which signature and QR code do not compress."""
    return (draw.randbytes(_CODES).hex().encode() + _ITEM * 60)[:5_400]


def _insert(folder: Path) -> float:
    """Speed of a put over that of a bare insert, WAL and `synchronous=FULL` both, in turns; the median of them."""
    draw = random.Random(1)
    ours = open_file(folder / "ours.db", BUDGET_BYTES, version=1, create=lambda c: queue.create(c, "bench"))
    bare = apsw.Connection(str(folder / "bare.db"))
    for statement in ("pragma journal_mode = wal", "pragma synchronous = full", _BARE):
        bare.execute(statement)

    def put(key: str, body: bytes) -> None:
        with writing(ours):
            queue.put(ours, Rank.FISCAL, DEVICE, key, body, AT)

    def insert(key: str, body: bytes) -> None:
        with writing(bare):
            row = (0, 0, DEVICE, 1, key, to_micros(AT), crc32(body), body)
            bare.execute(
                "insert into item (rank, state, emitter, seq, key, at, crc, body) values (?, ?, ?, ?, ?, ?, ?, ?)", row
            )

    with closing(ours), closing(bare):
        turns = [_seconds(insert, draw) / _seconds(put, draw) for _ in range(TURNS)]
    return median(turns)


_BARE: Final = """create table item (
    turn integer primary key, rank integer, state integer, emitter text, seq integer, key text, at integer, crc integer,
    body blob)"""


def _seconds(piece: Callable[[str, bytes], None], draw: random.Random) -> float:
    rows = [(f"{draw.getrandbits(140):044d}", _coupon(draw)) for _ in range(PUTS)]
    begin = time.perf_counter()
    for row in rows:
        piece(*row)
    return time.perf_counter() - begin


def _drain(folder: Path, documents: int) -> float:
    """Documents a second from a full queue to a centre that commits each batch of 200 before it answers."""
    draw, setup = random.Random(2), Setup()
    budget = max(BUDGET_BYTES, documents * DOCUMENT_BYTES)
    connection = open_file(folder / "drain.db", budget, version=1, create=lambda c: queue.create(c, "bench"))
    with closing(connection), started(folder / "centre", setup) as url, closing(Post(Centre(url, setup.token))) as post:
        for begin in range(0, documents, 200):
            with writing(connection):
                for number in range(begin, min(begin + 200, documents)):
                    queue.put(connection, Rank.FISCAL, DEVICE, f"{number:044d}", _coupon(draw), AT)
        sender = Sender(connection, post.send, lambda: AT, draw.random)
        began = time.perf_counter()
        while sender.once() is not None:
            if sender.last is None or sender.last.ack is None:
                raise RuntimeError(f"the centre did not take a batch: {sender.last}")
        seconds = time.perf_counter() - began
        (account,) = queue.ledger(connection)
        if account.received != documents:
            raise RuntimeError(f"the centre has {account.received} of {documents}")
    return documents / seconds
