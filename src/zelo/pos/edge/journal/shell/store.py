"""Opens the gateway's file: journal and outbox in one, every commit synced, nothing readable by others."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

import apsw

from zelo.pos.edge.journal import schema
from zelo.pos.edge.journal.shell.writer import Writer

Result = TypeVar("Result")
Given = ParamSpec("Given")
FILE: Final = "edge.db"
_BUSY_MILLISECONDS: Final = 10_000


class Store:
    """One writer, one reader. A reading never waits for a writing, nor sees half of it."""

    def __init__(self, folder: Path, budget_mb: int) -> None:
        """Open the file, made when there is none. Raises apsw.Error."""
        del budget_mb
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / FILE
        connection = _connect(path)
        with connection:
            for statement in schema.TABLES:
                connection.execute(statement)
        path.chmod(0o600)
        self._reader, self._turn = _connect(path), threading.Lock()
        self._writer = Writer(connection)

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

    def close(self) -> None:
        """Write what waits, then close."""
        self._writer.close()
        with self._turn:
            self._reader.close()


def _connect(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(_BUSY_MILLISECONDS)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection
