"""Whoever comes first writes for all who wait: one transaction, and nobody goes on before it is on the disk.

A sync costs the same for one sale as for eight, so eight devices at work share it; alone, a device writes by itself and
waits for no other thread.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import apsw

Result = TypeVar("Result")
MOST_TOGETHER: Final = 64


TROUBLES: Final = (
    (apsw.FullError, "falta espaço"),
    (apsw.ReadOnlyError, "só para leitura"),
    (apsw.IOError, "erro de gravação"),
    (apsw.CorruptError, "arquivo danificado"),
)
"""Errors that say of the disk that it takes nothing, in pt-BR; others belong to the work."""


class ClosedError(RuntimeError):
    """The journal was closed before this could be written."""


@dataclass(slots=True, eq=False)
class _Piece:
    """Some work, and what came of it once it has `ended`."""

    work: Callable[[apsw.Connection], Any]
    ended: bool = False
    result: Any = None
    error: Exception | None = None


class Writer:
    """Takes pieces of work, each a function of the connection, and does them in the order they came."""

    def __init__(self, connection: apsw.Connection) -> None:
        """The connection is this writer's from now on."""
        self._connection = connection
        self._waiting: deque[_Piece] = deque()
        self._turn = threading.Lock()
        self._closed = False
        self.trouble = ""
        """Why the disk took nothing when it was last tried, in pt-BR, "" where it did."""

    def write(self, work: Callable[[apsw.Connection], Result]) -> Result:
        """Do a piece of work and return when it is durable. Raises what the work raises, and apsw.Error."""
        piece = _Piece(work)
        self._waiting.append(piece)
        while not piece.ended:
            with self._turn:
                if self._closed:
                    raise ClosedError
                if not piece.ended:
                    self._commit([self._waiting.popleft() for _ in range(min(MOST_TOGETHER, len(self._waiting)))])
        if piece.error is not None:
            raise piece.error
        result: Result = piece.result
        return result

    def close(self) -> None:
        """Let who is at it finish, then close the file."""
        with self._turn:
            self._closed = True
            self._connection.close()

    def _commit(self, batch: list[_Piece]) -> None:
        """One transaction for all; a piece that fails takes only itself back."""
        act = self._apart if len(batch) > 1 else self._alone
        changes = self._connection.total_changes()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for piece in batch:
                act(piece)
            self._connection.execute("COMMIT")
            if self._connection.total_changes() > changes:  # nothing can be committed on any disk
                self.trouble = ""
        except Exception as error:  # noqa: BLE001 nothing of the batch is on the disk, and everybody must know
            self.trouble = next((told for kind, told in TROUBLES if isinstance(error, kind)), self.trouble)
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            for piece in batch:
                piece.error = piece.error or error
        for piece in batch:
            piece.ended = True

    def _alone(self, piece: _Piece) -> None:
        piece.result = piece.work(self._connection)

    def _apart(self, piece: _Piece) -> None:
        try:
            with self._connection:
                self._alone(piece)
        except Exception as error:  # noqa: BLE001 it belongs to whoever asked
            piece.error = error
