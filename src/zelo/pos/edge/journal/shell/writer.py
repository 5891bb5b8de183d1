"""Whoever comes first writes for all who wait: one transaction, and nobody goes on before it is on the disk.

A sync costs the same for one sale as for eight, so eight devices at work share it; alone, a device writes by itself and
waits for no other thread.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

import apsw

Result = TypeVar("Result")
Piece = tuple[Callable[[apsw.Connection], Any], "Future[Any]"]
MOST_TOGETHER: Final = 64


class ClosedError(RuntimeError):
    """The journal was closed before this could be written."""


class Writer:
    """Takes pieces of work, each a function of the connection, and does them in the order they came."""

    def __init__(self, connection: apsw.Connection) -> None:
        """The connection is this writer's from now on."""
        self._connection = connection
        self._waiting: deque[Piece] = deque()
        self._turn = threading.Lock()
        self._closed = False

    def write(self, work: Callable[[apsw.Connection], Result]) -> Result:
        """Do a piece of work and return when it is durable. Raises what the work raises, and apsw.Error."""
        done: Future[Result] = Future()
        self._waiting.append((work, done))
        while not done.done():
            with self._turn:
                if self._closed:
                    raise ClosedError
                if not done.done():
                    self._commit([self._waiting.popleft() for _ in range(min(MOST_TOGETHER, len(self._waiting)))])
        return done.result()

    def close(self) -> None:
        """Let who is at it finish, then close the file."""
        with self._turn:
            self._closed = True
            self._connection.close()

    def _commit(self, batch: list[Piece]) -> None:
        """One transaction for all; a piece that fails takes only itself back."""
        results: list[tuple[Future[Any], Any]] = []
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for work, done in batch:
                try:
                    with self._connection:
                        results.append((done, work(self._connection)))
                except Exception as error:  # noqa: BLE001 it belongs to whoever asked
                    done.set_exception(error)
            self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 nothing of the batch is on the disk, and everybody must know
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            for _, done in batch:
                if not done.done():
                    done.set_exception(error)
            return
        for done, result in results:
            done.set_result(result)
