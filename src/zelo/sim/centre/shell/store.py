"""What the centre has received, in one SQLite file; committed before anything is acknowledged."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from zelo.sim.centre.account import Account, count, gaps, union
from zelo.sim.centre.message import RANKS, Delivery, Document

FILE: Final = "central.sqlite"
_SHAPE: Final = """
create table if not exists document (
  emitter text not null, epoch text not null, rank integer not null, seq integer not null,
  key text not null, at integer not null, crc integer not null, body blob not null,
  primary key (emitter, epoch, rank, seq)
);
create table if not exists clone (
  emitter text not null, epoch text not null, rank integer not null, seq integer not null,
  key text not null, at integer not null, crc integer not null, body blob not null,
  unique (emitter, epoch, rank, seq, key, crc)
);
create table if not exists loss (
  emitter text not null, epoch text not null, rank integer not null, first integer not null, last integer not null,
  primary key (emitter, epoch, rank, first, last)
);
create table if not exists stream (
  emitter text not null, epoch text not null, rank integer not null,
  emitted integer not null, closed integer not null default 0,
  primary key (emitter, epoch, rank)
);
"""
_NAMED: Final = "emitter = ? and epoch = ? and rank = ?"


class Store:
    """An open file. Whoever uses it from several threads takes turns."""

    def __init__(self, folder: Path) -> None:
        """Open or make the file in this folder."""
        folder.mkdir(parents=True, exist_ok=True)
        self._base = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
        self._base.execute("pragma journal_mode = wal")
        self._base.execute("pragma synchronous = full")
        self._base.executescript(_SHAPE)

    def take(self, delivery: Delivery) -> int:
        """Commit a batch, each item once however often it comes. How many items were new."""
        before = self._base.total_changes
        with self._transaction():
            rows = [_row(document, delivery.epoch) for document in delivery.documents]
            self._base.executemany("insert or ignore into document values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            new = self._base.total_changes - before
            if new < len(rows):
                self._keep_clones(rows)
            spans = [(loss.emitter, delivery.epoch, loss.rank, loss.first, loss.last) for loss in delivery.losses]
            self._base.executemany("insert or ignore into loss values (?, ?, ?, ?, ?)", spans)
            for (emitter, rank), emitted in delivery.emitted.items():
                self._count(emitter, delivery.epoch, rank, emitted, emitted if delivery.everything else 0)
        return new

    def accounts(self) -> list[Account]:
        """The equation of every emitter, epoch and rank that ever came."""
        streams = self._base.execute("select emitter, epoch, rank, emitted, closed from stream order by 1, 2, 3")
        return [self._account(*stream) for stream in streams.fetchall()]

    def documents(self) -> list[tuple[str, str, int, int, str, bytes]]:
        """Every item that was kept: emitter, epoch, rank, number, key, body."""
        rows = self._base.execute("select emitter, epoch, rank, seq, key, body from document order by 1, 2, 3, 4")
        return rows.fetchall()

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def _keep_clones(self, rows: list[tuple[object, ...]]) -> None:
        """The same name with another content: two machines go by one identity, and both contents are kept."""
        for row in rows:
            held = self._base.execute(f"select key, crc from document where {_NAMED} and seq = ?", row[:4]).fetchone()  # noqa: S608
            if held != (row[4], row[6]):
                self._base.execute("insert or ignore into clone values (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def _count(self, emitter: str, epoch: str, rank: int, emitted: int, closed: int) -> None:
        """A batch that comes again tells what was so when it was made."""
        self._base.execute(
            """insert into stream values (?, ?, ?, ?, ?) on conflict do update
               set emitted = max(emitted, excluded.emitted), closed = max(closed, excluded.closed)""",
            (emitter, epoch, rank, emitted, closed),
        )

    def _account(self, emitter: str, epoch: str, rank: int, emitted: int, closed: int) -> Account:
        name = (emitter, epoch, rank)
        came = union((seq, seq) for (seq,) in self._base.execute(f"select seq from document where {_NAMED}", name))  # noqa: S608
        told = self._base.execute(f"select first, last from loss where {_NAMED}", name).fetchall()  # noqa: S608
        known = union((*came, *told))
        (clones,) = self._base.execute(f"select count(*) from clone where {_NAMED}", name).fetchone()  # noqa: S608
        return Account(
            emitter=emitter,
            epoch=epoch,
            rank=RANKS[rank],
            emitted=emitted,
            received=count(came),
            lost=count(known) - count(came),
            missing=gaps(known, closed),
            clones=clones,
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._base.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._base.execute("rollback")
            raise
        self._base.execute("commit")


def _row(document: Document, epoch: str) -> tuple[object, ...]:
    d = document
    return (d.emitter, epoch, d.rank, d.seq, d.key, d.at_micros, d.crc, d.body)
