"""A step that fails for a reason nobody foresaw must not stop the others: it is undone, told, and put off."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Row

from zelo.engine import trouble
from zelo.fiscal.fault import Fault
from zelo.flow import record
from zelo.flow.event import record as events
from zelo.flow.lifecycle import Event, State

log = structlog.get_logger("zelo.worker")

WAIT: Final = timedelta(minutes=30)
DEFECT: Final = Fault(
    "ZELO-DEFEITO",
    "O zelo não conseguiu preparar esta nota por um defeito do programa.",
    "Nada foi enviado. Avise o suporte com o código da nota; as outras notas seguem.",
)

PutOff = Callable[[Connection, Row[Any], datetime, Exception], None]


@contextmanager
def contained(connection: Connection, row: Row[Any], now: datetime, put_off: PutOff, *, alone: bool) -> Iterator[None]:
    """Run one step of a note or an event; undo it alone if it raises, and put it off. Database trouble is everybody's
    and passes through, and so does everything where steps are not taken `alone`: then the whole transaction is undone.
    """
    if not alone:
        yield
        return
    savepoint = connection.begin_nested()
    try:
        yield
        savepoint.commit()
    except trouble.TROUBLES:
        raise
    except Exception as error:
        savepoint.rollback()
        log.exception("defect", id=row.id, state=row.state, error=repr(error))
        put_off(connection, row, now, error)


def put_off_note(connection: Connection, row: Row[Any], now: datetime, error: Exception) -> None:
    """A draft is a person's to look at: it is shown as faulty, and needs no other try."""
    if State(row.state) is State.DRAFT:
        told, faults = type(error).__name__, [asdict(DEFECT)]
        record.move(connection, row, Event.FOUND_FAULTY, now=now, detail=told, faults=faults)
    else:
        record.postpone(connection, row, now + WAIT)


def put_off_event(connection: Connection, row: Row[Any], now: datetime, _: Exception) -> None:
    """Whatever its state: nothing of it has left."""
    events.postpone(connection, row, now + WAIT)
