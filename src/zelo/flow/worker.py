"""The worker: claims documents whose next step is due, lets the rooms do it, writes the result. One process, a pool of
sender threads; any number of processes share a database. It polls, hints only make it faster.

`turn` does what is due now and returns; a test calls it with a virtual clock, `run` calls it for ever.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Row, Table, delete, func, select, update

from zelo.engine import periodic, trouble
from zelo.engine.schema.flow import document, event, worker
from zelo.engine.statement import claim, put
from zelo.flow import consult, contingency, defects, prepare, probe, quarantine, send, stops
from zelo.flow.call import Call, Echo, make
from zelo.flow.emitter import Keyring
from zelo.flow.event.step import READY as EVENTS_READY
from zelo.flow.event.step import step as event_step
from zelo.flow.lifecycle import Event, State
from zelo.flow.record import StaleDocumentError, move
from zelo.flow.tools import Tools
from zelo.guard import shell as guard
from zelo.monitor import shell as monitor
from zelo.transmit.contract import Transport

log = structlog.get_logger("zelo.worker")

HOUSEKEEPING: Final = timedelta(seconds=2)
PROBE: Final = timedelta(seconds=5)
CLOCK: Final = timedelta(seconds=30)
CLEAN: Final = timedelta(hours=1)
WINDOWS_KEPT: Final = timedelta(days=2)
LONGEST_WAIT: Final = timedelta(minutes=90)
"""No step is ever put off for longer, so a due time further away means that the clock was set back."""
SETTLE_SECONDS: Final = 0.5
"""Between two tries to write an outcome down while the database cannot."""

EVENT_SHARE: Final = 4
"""One sender in so many is for events first, so that a month of notes does not let the deadline of a cancellation pass.
"""

_READY: Final = (
    State.DRAFT,
    State.SIGNED,
    State.PAUSED,
    State.BLOCKED,
    State.UNKNOWN,
    State.RESERVED,
    State.AUTHORISED,
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Which process this is, for whoever looks at the installation."""

    id: str
    host: str
    pid: int
    started: datetime


class Worker:
    """One process's share of the work."""

    def __init__(
        self, tools: Tools, transport: Transport, keyring: Keyring, executor: Executor, identity: Identity
    ) -> None:
        self._tools = tools
        self._transport = transport
        self._keyring = keyring
        self._executor = executor
        self._identity = identity
        self._kept_house: datetime | None = None
        self._flying: set[Future[None]] = set()
        self._echoes: dict[str, Echo] = {}
        self._lock = threading.Lock()
        self.trouble: str | None = None

    def turn(self) -> int:
        """Do what is due; how many steps were taken or begun. Database trouble is told, not raised."""
        now = self._tools.clock()
        try:
            done = self._prepare(now) + self._dispatch(now) if self._anything_due(now) else 0
            done += self._housekeeping(now)
        except trouble.TROUBLES as error:
            self._troubled(error)
            return 0
        self.trouble = None
        return done

    def run(self, stopped: Callable[[], bool]) -> None:
        """Turn until told to stop, then let what is in the air come down."""
        while not stopped():
            if self.turn() == 0:
                self._tools.engine.wait(self._tools.settings.worker_poll_millis / 1000)
        self.finish()

    def finish(self) -> None:
        """Wait for the calls in the air."""
        for future in list(self._flying):
            future.result()

    @property
    def flying(self) -> int:
        """Calls in the air."""
        with self._lock:
            return len(self._flying)

    def _anything_due(self, now: datetime) -> bool:
        """A look that takes no lock, so that an idle process disturbs nobody."""
        with self._tools.engine.read() as connection:
            due = next_due(connection)
        return due is not None and due <= now

    def _claim(
        self, connection: Connection, states: Sequence[StrEnum], limit: int, now: datetime, table: Table = document
    ) -> Sequence[Row[Any]]:
        """Documents, or events, in these states whose step is due and that no halt concerns; ours for one lease."""
        halted = stops.conditions(connection, guard.halts(connection, now), table)
        return claim(
            connection,
            table,
            where=[table.c.due_at <= now, table.c.state.in_([s.value for s in states]), *halted],
            order_by=[table.c.due_at],
            limit=limit,
            values={"due_at": now + self._tools.lease},
        )

    def _prepare(self, now: datetime) -> int:
        with self._tools.engine.begin() as connection:
            rows = self._claim(connection, (State.DRAFT,), self._tools.settings.worker_batch, now)
            for row in rows:
                with defects.contained(connection, row, now):
                    prepare.prepare(connection, self._tools, self._keyring, row, now)
        return len(rows)

    def _dispatch(self, now: datetime) -> int:
        """Everything that may need a sender thread, as many as are free."""
        free = self._tools.settings.worker_senders - self.flying
        if free <= 0:
            return 0
        calls: list[Call] = []
        with self._tools.engine.begin() as connection:
            asked = self._claim(connection, EVENTS_READY, max(1, free // EVENT_SHARE), now, event)
            for row in asked:
                with defects.event_contained(connection, row, now):
                    calls += _some(event_step(connection, self._tools, self._keyring, row, now))
            rows = self._claim(connection, _READY[1:], free - len(calls), now) if free > len(calls) else ()
            for row in rows:
                with defects.contained(connection, row, now):
                    calls += _some(self._step(connection, row, now))
        for call in calls:
            self._launch(call)
        return len(rows) + len(asked)

    def _step(self, connection: Connection, row: Row[Any], now: datetime) -> Call | None:
        match State(row.state):
            case State.SIGNED:
                return send.reserve(connection, self._tools, self._keyring, row, now)
            case State.UNKNOWN | State.AUTHORISED:
                return consult.ask(connection, self._tools, self._keyring, row, now)
            case State.RESERVED:
                send.expire(connection, self._tools, row, now)
            case State.PAUSED | State.BLOCKED:
                move(connection, row, Event.RESUMED, now=now)
        return None

    def _launch(self, call: Call) -> None:
        future = self._executor.submit(self._carry_out, call)
        with self._lock:
            self._flying.add(future)
        future.add_done_callback(self._landed)

    def _landed(self, future: Future[None]) -> None:
        with self._lock:
            self._flying.discard(future)
        error = future.exception()
        if error is not None:
            log.error("step failed", error=repr(error))

    def _carry_out(self, call: Call) -> None:
        """Send, then write the outcome down, trying for as long as the lease lasts: a lost answer costs a consulta."""
        tools = self._tools
        raw, answer = make(tools, self._transport, call)
        now = tools.clock()
        while now < call.started + tools.lease:
            try:
                with tools.engine.begin() as connection:
                    echo = call.settle(connection, tools, call, raw, answer, now)
                    tools.engine.wake(connection)
            except StaleDocumentError:
                break
            except trouble.TROUBLES as error:
                self._troubled(error)
                tools.sleep(SETTLE_SECONDS)
                now = tools.clock()
            else:
                self._heard(call, echo)
                return
        log.warning("outcome not written within the lease", chave=call.row.chave)

    def _heard(self, call: Call, echo: Echo) -> None:
        log.info("answered", service=call.service.name, chave=call.row.chave, cstat=echo.cstat, motivo=echo.motivo)
        with self._lock:
            self._echoes[echo.autorizador] = echo

    def _housekeeping(self, now: datetime) -> int:
        """What runs every so often, once for all processes."""
        if self._kept_house is not None and abs(now - self._kept_house) < HOUSEKEEPING:
            return 0
        self._kept_house = now
        asked = 0
        with self._tools.engine.begin() as connection:
            self._beat(connection, now)
            self._flush_health(connection)
            if periodic.due(connection, "clock", CLOCK, now):
                _mend_clock(connection, now)
            if periodic.due(connection, "contingency", PROBE, now):
                contingency.sweep(connection, self._tools, now)
            if periodic.due(connection, "clean", CLEAN, now):
                guard.forget_old_windows(connection, now - WINDOWS_KEPT)
            probing = periodic.due(connection, "probe", PROBE, now)
            searching = periodic.due(connection, "quarantine", HOUSEKEEPING, now)
        if probing:
            asked += probe.probe(self._tools, self._transport, now)
        if searching:
            asked += quarantine.search(self._tools, self._transport, self._keyring, now)
        return asked

    def _beat(self, connection: Connection, now: datetime) -> None:
        me = self._identity
        values = {"host": me.host, "pid": me.pid, "started_at": me.started, "seen_at": now}
        put(connection, worker, {"id": me.id}, values)
        connection.execute(delete(worker).where(worker.c.seen_at < now - CLEAN))

    def _flush_health(self, connection: Connection) -> None:
        with self._lock:
            echoes, self._echoes = self._echoes, {}
        for echo in echoes.values():
            monitor.note_health(
                connection,
                autorizador=echo.autorizador,
                ambiente=self._tools.ambiente,
                at=echo.at,
                answered=echo.answered,
                cstat=echo.cstat,
                motivo=echo.motivo,
                latency_millis=echo.latency_millis,
                drift_millis=echo.drift_millis,
            )

    def _troubled(self, error: BaseException) -> None:
        sentence = trouble.sentence(error)
        if self.trouble != sentence:
            log.error("database trouble", sentence=sentence)
        self.trouble = sentence


def _mend_clock(connection: Connection, now: datetime) -> int:
    """Due times that lie too far ahead were written under a clock that has been set back since: bring them near."""
    far = now + LONGEST_WAIT
    return sum(
        connection.execute(update(table).where(table.c.due_at > far).values(due_at=far)).rowcount
        for table in (document, event)
    )


def _some(call: Call | None) -> list[Call]:
    return [] if call is None else [call]


def next_due(connection: Connection) -> datetime | None:
    """When the next step of any document or event is due."""
    firsts = [connection.execute(select(func.min(table.c.due_at))).scalar() for table in (document, event)]
    return min((due for due in firsts if due is not None), default=None)
