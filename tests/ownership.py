"""Watches every statement that writes: a room writes only the tables that bear its name.

The room is that of the nearest frame inside `zelo` on the stack; the engine's spellings of a statement act for their
caller, its periodic jobs, migrations and restore for the engine itself, which alone may fill every table. A statement
that no room executes is the test's own and goes unjudged.
"""

import re
import sys
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from types import FrameType
from typing import Any, Final

from sqlalchemy import Engine, event

_TABLE: Final = r'\s+(?:ONLY\s+)?["`]?(\w+)'
_WRITE: Final = re.compile(
    rf"(?:(?:INSERT|REPLACE)(?:\s+OR\s+\w+)?\s+INTO|MERGE\s+INTO|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?"
    rf"|(?<!FOR )(?<!DO )UPDATE(?:\s+OR\s+\w+)?){_TABLE}",
    re.IGNORECASE,
)
_ROOT: Final = "zelo."
_SPELLING: Final = frozenset({"zelo.engine.statement", "zelo.engine.embedded", "zelo.engine.cluster"})
_WHOLE: Final = ("zelo.engine.backup", "zelo.engine.migrate", "zelo.engine.migrations")


@dataclass(frozen=True, order=True)
class Write:
    """A table that a room wrote, and where."""

    room: str
    table: str
    place: str

    @property
    def owned(self) -> bool:
        """Whether the table is the room's own."""
        return self.table.partition("_")[0] == self.room


@dataclass
class Watch:
    """What was written since it was last looked at."""

    writes: set[Write] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> set[Write]:
        """Everything written, and forget it."""
        with self.lock:
            taken, self.writes = self.writes, set()
        return taken

    def breaches(self) -> list[Write]:
        """Every write of another room's table, in order; the rest is kept."""
        with self.lock:
            found = {write for write in self.writes if not write.owned}
            self.writes -= found
        return sorted(found)

    def see(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        """Called before each statement is executed."""
        tables = written(statement)
        if not tables:
            return
        frame = _executing(sys._getframe(1))
        if frame is None:
            return
        name = frame.f_globals["__name__"]
        if not name.startswith(_WHOLE):
            place = f"{name}:{frame.f_lineno}"
            with self.lock:
                self.writes |= {Write(name.split(".")[1], table, place) for table in tables}


@lru_cache(maxsize=4096)
def written(statement: str) -> frozenset[str]:
    """The tables that a statement writes, wherever in it; locking a row is no writing."""
    return frozenset(name.lower() for name in _WRITE.findall(statement))


def _executing(frame: FrameType | None) -> FrameType | None:
    """The nearest frame of a room."""
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.startswith(_ROOT) and name not in _SPELLING:
            return frame
        frame = frame.f_back
    return None


WATCH: Final = Watch()
event.listen(Engine, "before_cursor_execute", WATCH.see)
