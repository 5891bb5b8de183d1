"""What a worker does with an event whose step is due."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.flow.call import Call
from zelo.flow.emitter import Keyring
from zelo.flow.event import prepare, send
from zelo.flow.event import record as events
from zelo.flow.event.lifecycle import Happening, State
from zelo.flow.tools import Tools

READY: Final = (State.REQUESTED, State.SIGNED, State.PAUSED, State.BLOCKED, State.UNKNOWN, State.RESERVED)


def step(connection: Connection, tools: Tools, keyring: Keyring, row: Row[Any], now: datetime) -> Call | None:
    """One step; the call that it asks for, if any."""
    match State(row.state):
        case State.REQUESTED:
            prepare.prepare(connection, tools, keyring, row, now)
        case State.SIGNED:
            return send.reserve(connection, tools, keyring, row, now)
        case State.UNKNOWN:
            return send.ask(connection, tools, keyring, row, now)
        case State.RESERVED:
            send.expire(connection, tools, row, now)
        case State.PAUSED | State.BLOCKED:
            events.move(connection, row, Happening.RESUMED, now=now)
    return None
