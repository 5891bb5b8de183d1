"""What a database must be able to do for us; two implementations ship, and one set of tests holds both."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection


class Engine(Protocol):
    """Where rows live."""

    @property
    def kind(self) -> str:
        """ "sqlite" or "postgresql"."""
        ...

    def begin(self) -> AbstractContextManager[Connection]:
        """A transaction that may write; commits at the end, rolls back on an exception. Durable once it returns."""
        ...

    def read(self) -> AbstractContextManager[Connection]:
        """A transaction that only reads, from one snapshot where the database gives one."""
        ...

    def wake(self, connection: Connection) -> None:
        """Hint that work has come, delivered when `connection` commits. It may be lost: whoever waits also polls."""
        ...

    def wait(self, seconds: float) -> None:
        """Sleep until a hint arrives or the time has passed."""
        ...

    def close(self) -> None:
        """Give connections back to the system."""
        ...
