"""SQLite: one file, one machine, no setting. WAL with synchronous=FULL, so that a commit survives a power cut."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, create_engine, event

BUSY_MILLIS: Final = 15_000
WAL_LIMIT_BYTES: Final = 64_000_000
POOL: Final = 16
_LOOK_SECONDS: Final = 0.02
_READ: Final = "zelo_read"


class Embedded:
    """A database in a file."""

    kind: Final = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = create_engine(f"sqlite:///{path}", pool_size=POOL, max_overflow=POOL)
        self._reader = self._engine.execution_options(**{_READ: True})
        self._watch: sqlite3.Connection | None = None
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A write transaction: takes the write lock at once, so that a read inside it is never stale."""
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A snapshot."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    def wake(self, connection: Connection) -> None:
        """Nothing to do: `wait` sees every commit of the file."""

    def wait(self, seconds: float) -> None:
        """Watch the file's change counter, which any other connection's commit moves."""
        if self._watch is None:
            self._watch = sqlite3.connect(self.path, check_same_thread=False)
        before = self._version(self._watch)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(_LOOK_SECONDS, left))
            if self._version(self._watch) != before:
                return

    @staticmethod
    def _version(watch: sqlite3.Connection) -> int:
        return int(watch.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close every connection."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        self._engine.dispose()


def _prepare(dbapi: Any, _record: object) -> None:
    """Settings of a new connection; transactions are begun by `_begin` and not by the driver."""
    dbapi.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_MILLIS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"journal_size_limit={WAL_LIMIT_BYTES}",
    ):
        dbapi.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get(_READ)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
