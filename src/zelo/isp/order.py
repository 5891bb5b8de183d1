"""An order about a billing file: carried out by whichever process has time, and by another when the one before died.

Who is at it holds a lease, and tells from time to time how far it is. Every write names the version that its writer
knows: whoever slept through the lease writes nothing more. What was tried in vain too often, by processes that died or
by a defect of ours, stops until a person asks for it again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any, Final, NamedTuple

import structlog
from sqlalchemy import ColumnElement, Connection, Row, Table, select, update

from zelo.engine import trouble
from zelo.engine.statement import change, claim
from zelo.fiscal.fault import Fault
from zelo.flow.tools import Tools
from zelo.isp.billing.stage import Stage

log = structlog.get_logger("zelo.order")

LEASE: Final = timedelta(seconds=20)
"""How long after its last sign of life a process keeps an order."""
BEAT: Final = timedelta(seconds=5)
"""Between two signs of life, where the work itself gives none."""
TOLD_EVERY: Final = timedelta(seconds=1)
PUT_OFF: Final = timedelta(minutes=10)
"""After a defect of ours, which time alone may heal (less work at once, a new release)."""
MOST_TRIES: Final = 3
"""So often in a row a process may die at an order, or fail by a defect of ours, without having got any further."""
REST: Final = timedelta(seconds=1)
"""While the database is in trouble."""

DIED: Final = Fault(
    "ARQUIVO-PAROU",
    f"Parou depois de {MOST_TRIES} tentativas: nenhum processo chegou ao fim deste arquivo, em geral por falta de"
    " memória.",
    "Divida o arquivo em partes e envie cada uma; ou, quando quem cuida da instalação tiver dado mais memória ao"
    " processo de trabalho, tente de novo.",
)
DEFECT: Final = Fault(
    "ARQUIVO-DEFEITO",
    f"Parou depois de {MOST_TRIES} tentativas: um defeito do zelo não deixa terminar este arquivo.",
    "Avise o suporte, com o nome do defeito; instalada a correção, tente de novo.",
)


class LostError(RuntimeError):
    """Another process has taken the order over, because this one gave no sign of life; or nobody wants it any more."""

    def __init__(self) -> None:
        super().__init__("Outro processo assumiu a entrada deste arquivo, e a termina. Veja a página do arquivo.")


class StoppedError(RuntimeError):
    """The process was told to stop."""


class Kind(NamedTuple):
    """A kind of order: where they stand, and how one is carried out. It raises LostError and StoppedError."""

    table: Table
    carry_out: Callable[["Held"], object]


@dataclass(slots=True)
class Held:
    """An order that is ours for as long as nobody else has written it; `row` is as it was when it became ours."""

    tools: Tools
    table: Table
    row: Row[Any]
    stopped: Callable[[], bool]
    told_at: datetime
    version: int
    tries: int

    def write(self, connection: Connection, **values: Any) -> None:
        """Change it, and stay its holder for one lease more. Raises LostError."""
        mine = {"id": self.row.id, "version": self.version}
        values = {"due_at": self.tools.clock() + LEASE, **values, "version": self.version + 1}
        if not change(connection, self.table, mine, values):
            raise LostError
        self.version += 1

    def got_further(self, connection: Connection, **values: Any) -> None:
        """Change it after a part that needs not be done again: what failed before has been overcome. Raises
        LostError.
        """
        self.write(connection, **values, tries=0)
        self.tries = 0

    def tell(self, stage: Stage, done: int, whole: int, faults: int) -> None:
        """Write down how far it is, not more often than people look. Raises LostError, StoppedError."""
        self.go_on()
        now = self.tools.clock()
        if now - self.told_at < TOLD_EVERY:
            return
        self.told_at = now
        with self.tools.engine.begin() as connection:
            self.write(connection, stage=stage.value, done=done, whole=whole, faults=faults)

    def go_on(self) -> None:
        """Nothing, as long as the process may go on. Raises StoppedError."""
        if self.stopped():
            raise StoppedError


def hold(tools: Tools, table: Table, row: Row[Any], stopped: Callable[[], bool]) -> Held:
    """An order that has just become ours."""
    return Held(tools, table, row, stopped, tools.clock(), row.version, row.tries)


@contextmanager
def alive(held: Held) -> Iterator[None]:
    """Give signs of life for as long as this lasts, also while a library reads a workbook and says nothing."""
    over, table = Event(), held.table
    ours = (table.c.id == held.row.id, table.c.began_at == held.row.began_at, table.c.due_at.is_not(None))

    def beat() -> None:
        while not over.wait(BEAT.total_seconds()):
            with suppress(*trouble.TROUBLES), held.tools.engine.begin() as connection:
                connection.execute(update(table).where(*ours).values(due_at=held.tools.clock() + LEASE))

    thread = Thread(target=beat, name="alive", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def new(due_at: datetime) -> dict[str, Any]:
    """What the columns that all orders share hold before anybody is at one."""
    nothing = {"done": 0, "whole": 0, "faults": 0, "tries": 0, "trouble": "", "began_at": None, "stopped_at": None}
    return {"stage": Stage.READING.value, "version": 1, "due_at": due_at, **nothing}


def is_open(table: Table) -> ColumnElement[bool]:
    """Holds for the orders that are not over: they wait, somebody is at them, or they stopped."""
    return table.c.due_at.is_not(None) | table.c.stopped_at.is_not(None)


def again(connection: Connection, tools: Tools, kind: Kind, order_id: str) -> bool:
    """Let an order that stopped, or that a defect put off, be tried again at once; whether there was one."""
    waits = kind.table.c.stopped_at.is_not(None) | (kind.table.c.trouble != "")
    values = {"due_at": tools.clock(), "tries": 0, "trouble": "", "stopped_at": None}
    found = connection.execute(update(kind.table).where(kind.table.c.id == order_id, waits).values(**values))
    return found.rowcount == 1


def why_stopped(trouble_name: str) -> Fault:
    """What people are told of an order that stopped; `trouble_name` is the defect of its last try, "" for a death."""
    if trouble_name in ("", MemoryError.__name__):
        return DIED
    return Fault(DEFECT.rule, DEFECT.sentence, f"{DEFECT.remedy} ({trouble_name})", value=trouble_name)


def run(tools: Tools, kind: Kind, stopped: Callable[[timedelta], bool]) -> None:
    """Carry orders out until told to stop; `stopped` waits so long and says whether it is time."""
    nothing, rest = timedelta(0), timedelta(milliseconds=tools.settings.worker_poll_millis)
    wait = nothing
    while not stopped(wait):
        try:
            wait = nothing if turn(tools, kind, lambda: stopped(nothing)) else rest
        except trouble.TROUBLES as error:
            log.warning("database trouble", sentence=trouble.sentence(error))
            wait = REST


def turn(tools: Tools, kind: Kind, stopped: Callable[[], bool] = lambda: False) -> int:
    """Carry out the order that has waited longest, whole; how many there were. No lock is taken while there is none."""
    now, table = tools.clock(), kind.table
    due = table.c.due_at <= now
    with tools.engine.read() as connection:
        if connection.execute(select(table.c.id).where(due).limit(1)).first() is None:
            return 0
    ours = {
        "due_at": now + LEASE,
        "began_at": now,
        "trouble": "",
        "tries": table.c.tries + 1,
        "stage": Stage.READING.value,
        "done": 0,
        "version": table.c.version + 1,
    }
    with tools.engine.begin() as connection:
        _stop_exhausted(connection, table, due, now)
        claimed = claim(connection, table, where=[due], order_by=[table.c.due_at], limit=1, values=ours)
    for row in claimed:
        _contained(kind, hold(tools, table, row, stopped))
    return len(claimed)


def _stop_exhausted(connection: Connection, table: Table, due: ColumnElement[bool], now: datetime) -> None:
    """Nobody is at them any more, and nobody lived through them."""
    over = update(table).where(due, table.c.tries >= MOST_TRIES).values(due_at=None, stopped_at=now)
    for row in connection.execute(over.returning(table.c.id, table.c.trouble)):
        _log_stopped(row.id, row.trouble)


def _contained(kind: Kind, held: Held) -> None:
    """Carry an order out; a defect of ours puts it off, and is told to whoever waits for it."""
    tools = held.tools
    try:
        with alive(held):
            kind.carry_out(held)
    except LostError:
        log.warning("order taken over", order=held.row.id)
    except StoppedError:
        _leave(held, due_at=tools.clock(), tries=held.tries - 1)
    except trouble.TROUBLES:
        raise  # the lease runs out
    except Exception as error:
        name = type(error).__name__
        log.exception("order failed", order=held.row.id, error=repr(error))
        if held.tries < MOST_TRIES:
            _leave(held, due_at=tools.clock() + PUT_OFF, trouble=name)
        else:
            _leave(held, due_at=None, stopped_at=tools.clock(), trouble=name)
            _log_stopped(held.row.id, name)


def _leave(held: Held, **values: Any) -> None:
    """Let go of an order, unless another process is at it by now."""
    with held.tools.engine.begin() as connection:
        change(connection, held.table, {"id": held.row.id, "began_at": held.row.began_at}, values)


def _log_stopped(order_id: str, trouble_name: str) -> None:
    told = why_stopped(trouble_name)
    log.error("order stopped", order=order_id, sentence=told.sentence, remedy=told.remedy)
