"""A person's go: what was checked may be numbered and sent.

Each chunk is one transaction and tells in the history who said so. A note goes once however often it is said: whoever
was let go is no longer waiting. A go that broke off half-way is finished by giving it again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement

from zelo.engine.schema.flow import document
from zelo.flow import record
from zelo.flow.lifecycle import Event, State
from zelo.flow.tools import Tools

CHUNK_DOCUMENTS: Final = 500


def let_go(
    tools: Tools,
    among: Sequence[ColumnElement[bool]],
    *,
    seen: datetime,
    actor: str,
    detail: str = "",
    progress: Callable[[int], None] = lambda _done: None,
) -> int:
    """Let every checked note that fulfils `among` go, as it stood when the person looked (`seen`); how many went.

    What came in or was corrected after that look still waits for the next one.
    """
    among = [*among, document.c.updated_at <= seen]
    return _in_chunks(tools, State.CHECKED, Event.LET_GO, among, actor=actor, detail=detail, progress=progress)


def check_again(tools: Tools, among: Sequence[ColumnElement[bool]], *, seen: datetime, actor: str) -> int:
    """Check faulty notes again as they are: what was wrong was outside them; how many, each once."""
    among = [*among, document.c.updated_at <= seen]
    return _in_chunks(tools, State.INVALID, Event.CHECKED_AGAIN, among, actor=actor, detail="", progress=lambda _: None)


def _in_chunks(
    tools: Tools,
    source: State,
    event: Event,
    among: Sequence[ColumnElement[bool]],
    *,
    actor: str,
    detail: str,
    progress: Callable[[int], None],
) -> int:
    done, moved = 0, CHUNK_DOCUMENTS
    while moved == CHUNK_DOCUMENTS:
        now = tools.clock()
        changes = {"go_at": now} if event is Event.LET_GO else {"faults": None}
        with tools.engine.begin() as connection:
            moved = record.move_all(
                connection, source, event, among, now=now, actor=actor, detail=detail, limit=CHUNK_DOCUMENTS, **changes
            )
            tools.engine.wake(connection)
        done += moved
        progress(done)
    return done
