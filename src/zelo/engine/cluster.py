"""PostgreSQL: many processes on many machines share one store of truth."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from sqlalchemy import Connection, create_engine, text

POOL: Final = 16
CHANNEL: Final = "zelo_work"
_RETRY_SECONDS: Final = 1.0


class Cluster:
    """A database behind a URL."""

    kind: Final = "postgresql"

    def __init__(self, url: str) -> None:
        self._dsn = url
        driver = url.replace("postgresql://", "postgresql+psycopg://", 1)
        self._engine = create_engine(driver, pool_size=POOL, max_overflow=POOL, pool_pre_ping=True)
        self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._listener: psycopg.Connection[tuple[object, ...]] | None = None

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A write transaction at READ COMMITTED: whoever needs a row to stand still locks it."""
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only snapshot."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    def wake(self, connection: Connection) -> None:
        """NOTIFY on commit."""
        connection.execute(text(f"NOTIFY {CHANNEL}"))

    def wait(self, seconds: float) -> None:
        """LISTEN for at most that long; a listener that broke is made anew at the next call."""
        try:
            if self._listener is None:
                self._listener = psycopg.connect(self._dsn, autocommit=True)
                self._listener.execute(f"LISTEN {CHANNEL}")
            for _ in self._listener.notifies(timeout=seconds, stop_after=1):
                return
        except psycopg.OperationalError:
            self._listener = None
            time.sleep(min(seconds, _RETRY_SECONDS))

    def close(self) -> None:
        """Close every connection."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self._engine.dispose()
