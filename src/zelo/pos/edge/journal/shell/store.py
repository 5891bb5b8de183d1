"""The gateway's file: journal and outbox in one, so that one commit holds a coupon in both. One writer, one reader."""

import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

import apsw

from zelo.pos.edge.journal import schema
from zelo.pos.edge.journal.shell.writer import Writer
from zelo.pos.edge.outbox.shell import aside, queue
from zelo.pos.edge.outbox.shell.file import open_file

Result = TypeVar("Result")
Given = ParamSpec("Given")
FILE: Final = "edge.db"
VERSION: Final = 1
"""Of the tables of journal and outbox."""
_MEGABYTE: Final = 1_048_576
_EPOCH_BYTES: Final = 16
_CACHE_KILOBYTES: Final = 512
"""Of each connection; SQLite's own measure is four times as much, and a gateway has several."""


class Store:
    """What is written is on the disk when `write` returns. A reading never waits for a writing, nor sees half of it."""

    def __init__(self, folder: Path, budget_mb: int) -> None:
        """Open the file, made when there is none. Raises FileError."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path, self._budget_bytes = folder / FILE, budget_mb * _MEGABYTE
        self._writer = Writer(self.connect())
        self._reader, self._turn = self.connect(), threading.Lock()
        self._keeper = self.connect()
        self.write(_ensure)
        self._identity = self._path.stat().st_ino

    def connect(self) -> apsw.Connection:
        """A connection of one's own, with little in memory. Raises FileError."""
        connection = open_file(self._path, self._budget_bytes, version=VERSION, create=_create)
        connection.execute(f"pragma cache_size = -{_CACHE_KILOBYTES}")
        return connection

    def write(
        self, work: Callable[Concatenate[apsw.Connection, Given], Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """Do a piece of work in a transaction and return when it is on the disk. Raises what it raises."""
        return self._writer.write(lambda connection: work(connection, *given, **named))

    def read(
        self, work: Callable[Concatenate[apsw.Connection, Given], Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """Read as everything written stands now."""
        with self._turn:
            self._reader.execute("BEGIN")
            try:
                return work(self._reader, *given, **named)
            finally:
                self._reader.execute("COMMIT")

    @property
    def trouble(self) -> str:
        """Why nothing can be written, in pt-BR, "" where it can."""
        return self._writer.trouble

    def is_in_place(self) -> bool:
        """Whether the file still lies where it was opened; one that was removed or replaced is lost with this run."""
        try:
            return self._path.stat().st_ino == self._identity
        except OSError:
            return False

    def checkpoint(self) -> None:
        """Carry what stands in the WAL into the file, in nobody's way: else some sale's commit would have to.

        One thread calls it.
        """
        self._keeper.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    def close(self) -> None:
        """Write what waits, then close."""
        self._writer.close()
        self._keeper.close()
        with self._turn:
            self._reader.close()


def _ensure(connection: apsw.Connection) -> None:
    """What a file lacks that was made by an earlier version."""
    aside.ensure(connection)
    for table, column, statements in schema.ADDED:
        if not any(each[1] == column for each in connection.execute(f"PRAGMA table_info({table})")):
            for statement in statements:
                connection.execute(statement)
    for statement in schema.OF_TILL:
        connection.execute(statement)
    connection.execute(schema.FORGOTTEN)
    connection.execute(schema.LOOKED)
    connection.execute(schema.GIVEN)
    connection.execute(schema.NO_BOUND)


def _create(connection: apsw.Connection) -> None:
    queue.create(connection, secrets.token_hex(_EPOCH_BYTES))
    for statement in schema.TABLES:
        connection.execute(statement)
