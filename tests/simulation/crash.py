"""Crashes at any point: a database and a transport that die at the n-th thing they do, as a killed process would."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, event

from zelo.engine.contract import Engine
from zelo.fiscal.retorno import NoAnswer
from zelo.transmit.contract import Transport


class ProcessDied(BaseException):
    """Nobody may catch it: the process is gone. The name says where."""


POINTS = {
    "statement": 150,
    "before commit": 30,
    "after commit": 30,
    "before the bytes leave": 6,
    "after the answer came": 6,
}
"""Where a process may die, and among how many passages of such a point the deadly one is drawn."""


class Fuse:
    """Chooses a kind of point and which passage of it is deadly; afterwards it may be laid anew."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._kind = ""
        self._left = 0
        self.died_at: list[str] = []
        self.lay()

    def lay(self) -> None:
        """Choose where to die next."""
        self._kind = self._chance.choice(sorted(POINTS))
        self._left = self._chance.randint(1, POINTS[self._kind])

    def lay_at(self, kind: str, passage: int) -> None:
        """Die at the passage of that number."""
        self._kind, self._left = kind, passage

    def cut(self) -> None:
        """Die no more."""
        self._kind = ""

    def point(self, where: str) -> None:
        """Pass a point."""
        if where != self._kind:
            return
        self._left -= 1
        if self._left == 0:
            self.died_at.append(where)
            raise ProcessDied(where)


class DyingEngine:
    """A database whose process may die before any statement, before a commit, and after it."""

    def __init__(self, inner: Engine, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse
        self.kind = inner.kind

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """See engine.contract.Engine."""

        def statement(*_: object) -> None:
            self._fuse.point("statement")

        with self._inner.begin() as connection:
            event.listen(connection, "before_cursor_execute", statement)
            try:
                yield connection
                self._fuse.point("before commit")
            finally:
                event.remove(connection, "before_cursor_execute", statement)
        self._fuse.point("after commit")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """See engine.contract.Engine."""
        with self._inner.read() as connection:
            yield connection

    def wake(self, connection: Connection) -> None:
        """See engine.contract.Engine."""
        self._inner.wake(connection)

    def wait(self, seconds: float) -> None:
        """See engine.contract.Engine."""
        self._inner.wait(seconds)

    def close(self) -> None:
        """See engine.contract.Engine."""
        self._inner.close()


class DyingTransport:
    """A way to the authorizer on which the process may die before the bytes leave and after the answer came."""

    def __init__(self, inner: Transport, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def post(self, *, url: str, headers: dict[str, str], body: bytes, certificate_id: str) -> bytes | NoAnswer:
        """See transmit.contract.Transport."""
        self._fuse.point("before the bytes leave")
        answer = self._inner.post(url=url, headers=headers, body=body, certificate_id=certificate_id)
        self._fuse.point("after the answer came")
        return answer
