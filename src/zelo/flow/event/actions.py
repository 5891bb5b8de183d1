"""What a person may do with an event that waits for one: let it be sent again, or give it up, and say why.

A release moves a stop of the guard on and forgets nothing, as for notes; a withdrawal sends nothing and leaves the note
authorised. Both are lines of the chained journal of the guard, with who and why.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from zelo.flow import actions, limits, record
from zelo.flow.actions import WHY_CHARS, NotPossibleError
from zelo.flow.emitter import establishment_of
from zelo.flow.event import record as events
from zelo.flow.event.lifecycle import Happening, accepts
from zelo.flow.event.lifecycle import State as EventState
from zelo.flow.limits import Standing
from zelo.flow.tools import Tools
from zelo.guard import shell as guard
from zelo.guard.core import Event as GuardEvent
from zelo.guard.core import decide
from zelo.models.nfcom.services import EVENTO


def standing(connection: Connection, tools: Tools, row: Row[Any], now: datetime) -> Standing:
    """Where an event stands before the guard."""
    state = guard.state_of(connection, events.guard_key(row))
    uf = establishment_of(connection, row).uf
    limited = limits.policy(connection, tools, row, uf, now, EVENTO)
    return Standing(state, limited, decide(state, limited, now))


def release(
    connection: Connection, tools: Tools, document_id: str, *, sends: int, actor: str, why: str, administrator: bool
) -> None:
    """Let the held event of a note be sent so many times more. Raises NotPossibleError, as for a note."""
    now = tools.clock()
    row = _waiting(connection, document_id, Happening.RELEASED)
    if row is None:
        raise NotPossibleError("Só se libera um cancelamento parado por segurança.")
    known = standing(connection, tools, row, now)
    what = actions.grant(known.verdict, sends=sends, actor=actor, why=why, administrator=administrator)
    guard.release(connection, natural_key=known.state.natural_key, chave=row.chave, now=now, what=what)
    events.move(connection, row, Happening.RELEASED, now=now, actor=actor, detail=actions.told(what))
    tools.engine.wake(connection)


def withdraw(connection: Connection, tools: Tools, document_id: str, *, actor: str, why: str) -> None:
    """Give up the event of a note that was held, refused or found faulty. Raises NotPossibleError."""
    now = tools.clock()
    row = _waiting(connection, document_id, Happening.WITHDRAWN)
    if row is None:
        raise NotPossibleError("Só se retira um cancelamento parado, recusado ou com erro.")
    if not why.strip():
        raise NotPossibleError("Diga por que o cancelamento é retirado: o motivo fica guardado.")
    kept = f"{why.strip()[:WHY_CHARS]} ({actor})"
    told = {"natural_key": events.guard_key(row), "chave": row.chave, "now": now, "detail": kept}
    guard.tell(connection, **told, event=GuardEvent.WITHDRAWN)
    events.move(connection, row, Happening.WITHDRAWN, now=now, actor=actor, detail=why.strip()[:WHY_CHARS])
    tools.engine.wake(connection)


def _waiting(connection: Connection, document_id: str, happening: Happening) -> Row[Any] | None:
    """The event of a note to which that can happen, both standing still."""
    record.locked(connection, document_id)
    found = events.of_document(connection, document_id)
    row = next((one for one in found if accepts(EventState(one.state), happening)), None)
    return None if row is None else events.locked(connection, row)[1]
