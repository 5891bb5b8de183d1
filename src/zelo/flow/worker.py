"""The worker: claims documents whose next step is due, lets the rooms do it, writes the result. One process, a pool of
sender threads; any number of processes share a database. It polls, hints only make it faster.

The threads only send: this one alone works with the database, and answers that came back meanwhile are written down in
one transaction. `turn` does what is due now and returns; a test calls it with a virtual clock, `run` for ever.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, Connection, Row, Table, delete, func, select, update

from zelo.engine import periodic, trouble
from zelo.engine.schema.flow import document, event, order, worker
from zelo.engine.statement import claim, put
from zelo.fiscal.instant import to_micros
from zelo.fiscal.retorno import NoAnswer, Retorno
from zelo.flow import consult, contingency, defects, go, pace, prepare, probe, quarantine, send, stops
from zelo.flow.call import Call, Echo, make
from zelo.flow.emitter import Keyring
from zelo.flow.event.step import READY as EVENTS_READY
from zelo.flow.event.step import step as event_step
from zelo.flow.lifecycle import Event, State
from zelo.flow.record import StaleDocumentError, move
from zelo.flow.tools import Tools
from zelo.guard import shell as guard
from zelo.guard.foreign import Meaning
from zelo.monitor import shell as monitor
from zelo.transmit.contract import Transport

log = structlog.get_logger("zelo.worker")
HOUSEKEEPING: Final = timedelta(seconds=2)
PROBE: Final = timedelta(seconds=5)
CLOCK: Final = timedelta(seconds=30)
CLEAN: Final = timedelta(hours=1)
WINDOWS_KEPT: Final = timedelta(days=2)
FOREIGN_KEPT: Final = timedelta(days=90)
"""Sends of other programs, once they have ended: as evidence, for they decide nothing any more."""
FOREIGN_EVIDENCE: Final = (Meaning.BLOCKED.value, Meaning.DUPLICATE.value)
"""These are kept for ever: a dossier may need them."""
LONGEST_WAIT: Final = timedelta(minutes=90)
"""No step is ever put off for longer, so a due time further away means that the clock was set back."""
SETTLE_SECONDS: Final = 0.5
"""Between two tries to write an outcome down while the database cannot."""
EVENT_SHARE: Final = 4
"""One sender in so many is for events first, so that a month of notes does not let the deadline of a cancellation pass.
"""
_QUEUES: Final = (document, event, order)
"""Whatever has a next step, and when it is due."""
_READY: Final = (State.SIGNED, State.PAUSED, State.BLOCKED, State.UNKNOWN, State.RESERVED, State.AUTHORISED)


@dataclass(frozen=True, slots=True)
class Landed:
    """A call that came back at `at`, and with what."""

    call: Call
    raw: bytes
    answer: Retorno | NoAnswer
    at: datetime


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
        self._flying: set[Future[Landed]] = set()
        self._landed: list[Landed] = []
        self._arrived = threading.Event()
        self._echoes: dict[str, list[Echo]] = {}
        self._aloft: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.trouble: str | None = None

    def turn(self) -> int:
        """Do what is due; how many steps were taken or begun. Database trouble is told, not raised."""
        now = self._tools.clock()
        try:
            done = self._take_along(now) + self._prepare(now) + self._dispatch(now) if self._anything_due(now) else 0
            done += self._settle()
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
                self._rest()
        self.finish()

    def _rest(self) -> None:
        """Until an answer comes back, or somebody changed the database, or it is time to look."""
        seconds = self._tools.settings.worker_poll_millis / 1000
        if self._flying:
            self._arrived.wait(seconds)
        else:
            self._tools.engine.wait(seconds)

    def finish(self) -> None:
        """Wait for the calls in the air and write down what became of them, as long as their leases last."""
        while self.busy:
            wait(set(self._flying))
            try:
                self._settle()
            except trouble.TROUBLES as error:
                self._troubled(error)
                self._tools.sleep(SETTLE_SECONDS)

    @property
    def busy(self) -> int:
        """Calls in the air, or back and not yet written down."""
        with self._lock:
            return len(self._flying) + len(self._landed)

    def _anything_due(self, now: datetime) -> bool:
        """A look that takes no lock, so that an idle process disturbs nobody."""
        with self._tools.engine.read() as connection:
            due = next_due(connection)
        return due is not None and due <= now

    def _claim_paced(self, connection: Connection, free: int, now: datetime) -> list[Row[Any]]:
        """Of a slow authorizer no more than it bears, of the others as many as senders are free."""
        senders = self._tools.settings.worker_senders
        recent = monitor.recent_answers(connection, self._tools.ambiente)
        most = {name: pace.allowed(heard, senders, now) for name, heard in recent.items()}
        slow = {name: count for name, count in most.items() if count < senders}
        rows: list[Row[Any]] = []
        for name, count in slow.items():
            room = min(count - self._aloft[name], free - len(rows))
            if room > 0:
                rows += self._claim(connection, document, _READY, room, now, document.c.autorizador == name)
        if free > len(rows):
            others = [document.c.autorizador.not_in(slow)] if slow else []
            rows += self._claim(connection, document, _READY, free - len(rows), now, *others)
        return rows

    def _claim(
        self,
        connection: Connection,
        table: Table,
        states: Sequence[StrEnum],
        limit: int,
        now: datetime,
        *more: ColumnElement[bool],
    ) -> Sequence[Row[Any]]:
        """Documents, or events, in these states whose step is due and that no halt concerns; ours for one lease."""
        halted = stops.conditions(connection, guard.halts(connection, now), table)
        return claim(
            connection,
            table,
            where=[table.c.due_at <= now, table.c.state.in_([s.value for s in states]), *halted, *more],
            order_by=[table.c.due_at],
            limit=limit,
            values={"due_at": now + self._tools.lease},
        )

    def _take_along(self, now: datetime) -> int:
        """Some of the notes that a person asked something for; no lock is taken while nobody did."""
        with self._tools.engine.read() as connection:
            due = _next_of(connection, order)
        if due is None or due > now:
            return 0
        with self._tools.engine.begin() as connection:
            return go.take_along(connection, now)

    def _prepare(self, now: datetime) -> int:
        return _together(lambda alone: self._prepare_some(now, alone=alone))

    def _prepare_some(self, now: datetime, *, alone: bool) -> int:
        with self._tools.engine.begin() as connection:
            rows = self._claim(connection, document, (State.DRAFT,), self._tools.settings.worker_batch, now)
            for row in rows:
                with defects.contained(connection, row, now, defects.put_off_note, alone=alone):
                    prepare.prepare(connection, self._tools, self._keyring, row, now)
        return len(rows)

    def _dispatch(self, now: datetime) -> int:
        """Everything that may need a sender thread, as many as are free."""
        free = self._tools.settings.worker_senders - self.busy
        return _together(lambda alone: self._dispatch_some(free, now, alone=alone)) if free > 0 else 0

    def _dispatch_some(self, free: int, now: datetime, *, alone: bool) -> int:
        calls: list[Call] = []
        with self._tools.engine.begin() as connection:
            asked = self._claim(connection, event, EVENTS_READY, max(1, free // EVENT_SHARE), now)
            for row in asked:
                with defects.contained(connection, row, now, defects.put_off_event, alone=alone):
                    calls += _some(event_step(connection, self._tools, self._keyring, row, now))
            rows = self._claim_paced(connection, free - len(calls), now) if free > len(calls) else []
            for row in rows:
                with defects.contained(connection, row, now, defects.put_off_note, alone=alone):
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
            self._aloft[call.row.autorizador] += 1
        future.add_done_callback(lambda future: self._land(future, call.row.autorizador))

    def _carry_out(self, call: Call) -> Landed:
        raw, answer = make(self._tools, self._transport, call)
        return Landed(call, raw, answer, self._tools.clock())

    def _land(self, future: Future[Landed], autorizador: str) -> None:
        error = future.exception()
        with self._lock:
            self._flying.discard(future)
            self._aloft[autorizador] -= 1
            if error is None:
                self._landed.append(future.result())
        if error is not None:
            log.error("call failed", error=repr(error))  # its lease runs out, and it is charged
        self._arrived.set()

    def _settle(self) -> int:
        """Write down what came back, together; while the database cannot, it is kept for as long as the lease lasts."""
        self._arrived.clear()
        with self._lock:
            landed, self._landed = self._landed, []
        try:
            in_time = [one for one in landed if self._in_time(one)]
            # Whoever takes many notes in a transaction takes them in this order, so that nobody waits in a circle.
            self._write_down(sorted(in_time, key=lambda one: one.call.document_id))
        except trouble.TROUBLES:
            with self._lock:
                self._landed = landed + self._landed
            raise
        return len(landed)

    def _in_time(self, landed: Landed) -> bool:
        """Whether the call is still ours. A lost answer costs a consulta."""
        ours = self._tools.clock() < landed.call.started + self._tools.lease
        if not ours:
            log.warning("outcome not written within the lease", chave=landed.call.row.chave)
        return ours

    def _write_down(self, landed: Sequence[Landed]) -> None:
        """In one transaction; if one of them is a defect of ours, each in its own."""
        try:
            with self._tools.engine.begin() as connection:
                echoes = [self._outcome(connection, one) for one in landed]
                self._tools.engine.wake(connection)
        except trouble.TROUBLES:
            raise
        except Exception as error:
            if len(landed) == 1:
                log.exception("outcome not written", chave=landed[0].call.row.chave, error=repr(error))
            else:
                for one in landed:
                    self._write_down([one])
            return
        for one, echo in zip(landed, echoes, strict=True):
            self._heard(one.call, echo)

    def _outcome(self, connection: Connection, landed: Landed) -> Echo | None:
        """None where the document has moved on without us: it was asked after by another."""
        call = landed.call
        try:
            return call.settle(connection, self._tools, call, landed.raw, landed.answer, landed.at)
        except StaleDocumentError:
            return None

    def _heard(self, call: Call, echo: Echo | None) -> None:
        if echo is None:
            return
        log.info("answered", service=call.service.name, chave=call.row.chave, cstat=echo.cstat, motivo=echo.motivo)
        with self._lock:
            self._echoes.setdefault(echo.autorizador, []).append(echo)

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
                guard.forget_foreign(connection, now - FOREIGN_KEPT, FOREIGN_EVIDENCE)
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
        before = monitor.recent_answers(connection, self._tools.ambiente) if echoes else {}
        for name, heard in echoes.items():
            echo = heard[-1]
            monitor.note_health(
                connection,
                autorizador=name,
                ambiente=self._tools.ambiente,
                at=echo.at,
                answered=echo.answered,
                cstat=echo.cstat,
                motivo=echo.motivo,
                latency_millis=echo.latency_millis,
                drift_millis=echo.drift_millis,
                recent=pace.remember(before.get(name, ()), [(to_micros(one.at), one.latency_millis) for one in heard]),
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
        connection.execute(update(table).where(table.c.due_at > far).values(due_at=far)).rowcount for table in _QUEUES
    )


def _together(work: Callable[[bool], int]) -> int:
    """Work on many in one transaction; if one of them is a defect of ours, all again, so that each is undone alone."""
    try:
        return work(False)
    except trouble.TROUBLES:
        raise
    except Exception:
        log.exception("once more, one by one")
        return work(True)


def _some(call: Call | None) -> list[Call]:
    return [] if call is None else [call]


def next_due(connection: Connection) -> datetime | None:
    """When the next step of any document, event or order is due."""
    return min((due for table in _QUEUES if (due := _next_of(connection, table)) is not None), default=None)


def _next_of(connection: Connection, table: Table) -> datetime | None:
    return connection.execute(select(func.min(table.c.due_at))).scalar()
