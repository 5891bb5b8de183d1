"""One thread that writes: whatever waits goes into one transaction, and nobody goes on before it is on the disk.

A sync costs the same for one sale as for eight, so eight devices at work share it.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

import apsw

Result = TypeVar("Result")
MOST_TOGETHER: Final = 64


class ClosedError(RuntimeError):
    """The journal was closed before this could be written."""


class Writer:
    """Takes pieces of work, each a function of the connection, and does them in the order they came."""

    def __init__(self, connection: apsw.Connection) -> None:
        """Start the thread; the connection belongs to it from now on."""
        self._connection = connection
        self._waiting: queue.SimpleQueue[tuple[Callable[[apsw.Connection], Any], Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="journal", daemon=True)
        self._thread.start()

    def write(self, work: Callable[[apsw.Connection], Result]) -> Result:
        """Do a piece of work and return when it is durable. Raises what the work raises, and apsw.Error."""
        if self._closed:
            raise ClosedError
        done: Future[Result] = Future()
        self._waiting.put((work, done))
        return done.result()

    def close(self) -> None:
        """Write what waits, then close the file."""
        self._closed = True
        self._waiting.put(None)
        self._thread.join()
        self._connection.close()

    def _serve(self) -> None:
        while True:
            first = self._waiting.get()
            if first is None:
                return
            batch, closing = self._more([first])
            self._commit(batch)
            if closing:
                return

    def _more(
        self, batch: list[tuple[Callable[[apsw.Connection], Any], Future[Any]]]
    ) -> tuple[list[tuple[Callable[[apsw.Connection], Any], Future[Any]]], bool]:
        """What came meanwhile, and whether the end was among it."""
        while len(batch) < MOST_TOGETHER:
            try:
                other = self._waiting.get_nowait()
            except queue.Empty:
                return batch, False
            if other is None:
                return batch, True
            batch.append(other)
        return batch, False

    def _commit(self, batch: list[tuple[Callable[[apsw.Connection], Any], Future[Any]]]) -> None:
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
