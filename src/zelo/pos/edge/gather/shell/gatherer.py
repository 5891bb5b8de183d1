"""The rounds: a status when it changed, the machine every five minutes, a device's log once a day, alarms, old rows.

What needs a device is done by that device's own thread when no till needs it; the rest by a thread of its own, which
waits while anything is sold, but not for ever.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import apsw

from zelo.models.cfe.functions import ASK_LOG
from zelo.models.cfe.status import Status, read_status
from zelo.pos.edge.gather.alarm import Alarm, Alarms, Change, findings, fold
from zelo.pos.edge.gather.device_rules import SILENT
from zelo.pos.edge.gather.seen import DeviceSeen, PlaceSeen
from zelo.pos.edge.gather.shell import host
from zelo.pos.edge.gather.shell import rows as alarm_rows
from zelo.pos.edge.gather.shell.strays import Strays
from zelo.pos.edge.gather.telling import body, log_lines, status_fields, steady
from zelo.pos.edge.journal.shell import coupons, rows
from zelo.pos.edge.journal.shell.prune import prune
from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.peer.pair import PairSeen
from zelo.pos.edge.shell.desk import Desk
from zelo.pos.edge.shell.unit import Unit

LOG: Final = logging.getLogger("zelo.edge")
STATUS_EVERY: Final = timedelta(minutes=10)
LOG_EVERY: Final = timedelta(days=1)
LOG_AFTER: Final = timedelta(minutes=10)
"""A log is read only when its device has sold nothing for so long: reading it takes the device some seconds."""
WRONG_CODES_OF: Final = timedelta(hours=1)
"""How long a wrong code of a till counts."""
ALARM_SECONDS: Final = 10.0
HOST_SECONDS: Final = 300.0
PRUNE_SECONDS: Final = 3_600.0
FIRST_PRUNE_SECONDS: Final = 60.0
"""After a start: a machine that is switched off each night must come to it as well."""
MOST_YIELD_SECONDS: Final = 30.0
"""How long a round waits for tills that sell without a pause."""
GLANCE_SECONDS: Final = 0.2
MOST_PRUNED: Final = 100
"""In one transaction, so that a sale never waits for long."""


@dataclass(slots=True)
class _Told:
    """What the centre was last told of a device."""

    steady: dict[str, Any] | None = None
    at: datetime | None = None
    heard_at: datetime | None = None
    log_at: datetime | None = None
    log_line: str = ""


@dataclass(slots=True)
class Gatherer:
    """One for each gateway. `keep_house` is called by the devices' threads, `run` has its own."""

    desk: Desk
    folder: Path
    gateway: str
    now: Callable[[], datetime]
    has_centre: bool
    uplink_trouble: Callable[[], str] = str
    """Why nothing can reach the centre before a person mends something, "" where that is not so."""
    folder_trouble: Callable[[], str] = str
    """Why the folder of the Integrador cannot be looked at, "" where it can or there is none."""
    files_trouble: Callable[[], str] = str
    """Why documents do not become files, "" where they do or there is a centre."""
    pair: Callable[[], PairSeen | None] = lambda: None
    """How the other gateway stands, None where there is none."""
    reached_at: Callable[[], datetime | None] = lambda: None
    """When the centre last took anything, None where it never did."""
    monotonic: Callable[[], float] = time.monotonic
    strays: Strays = field(init=False)
    alarms: Alarms = field(default_factory=dict)
    standing: Sequence[Alarm] = ()
    """What the last look found: replaced as a whole, so that who reads it once has all of one look."""
    soon: threading.Event = field(default_factory=threading.Event)
    """Set by who has changed what alarms are about: they are looked at within a second."""
    _untold: list[Change] = field(default_factory=list)
    _told: dict[str, _Told] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _silent_from: dict[str, float] = field(default_factory=dict)
    """By device, on the monotonic clock; one that was silent when the gateway stopped is so until it speaks."""
    _none_pending_at: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """No stray is known yet."""
        self.strays = Strays(self.desk, self.now)

    def open(self) -> None:
        """What was open when the gateway stopped is open still."""
        self.desk.store.write(alarm_rows.create)
        now = self.now()
        self.alarms = self.desk.store.read(alarm_rows.opened, now)
        for (rule, device), alarm in self.alarms.items():
            if rule == SILENT:
                self._silent_from[device] = self.monotonic() - abs(now - alarm.since).total_seconds()
        host.telemetry(self.folder)

    def keep_house(self, unit: Unit) -> None:
        """After the device was looked at: tell its status, and once a day its log."""
        told = self._told.setdefault(unit.name, _Told())
        if self.desk.selling and told.at is not None and abs(self.now() - told.at) < STATUS_EVERY:
            return
        self._tell_status(unit, told)
        if self._may_read_log(unit, told):
            self._tell_log(unit, told)

    def run(self, stop: threading.Event) -> None:
        """The other rounds, until stopped."""
        connection = self.desk.store.connect()
        self._stop = stop
        due = {self.watch: 0.0, self._tell_host: 0.0, self._prune: FIRST_PRUNE_SECONDS + time.monotonic()}
        every = {self.watch: ALARM_SECONDS, self._tell_host: HOST_SECONDS, self._prune: PRUNE_SECONDS}
        try:
            while not stop.wait(1.0):
                if self.soon.is_set():
                    self.soon.clear()
                    due[self.watch] = 0.0
                for act in [act for act, at in due.items() if time.monotonic() >= at]:
                    self._yield()
                    due[act] = time.monotonic() + every[act]
                    try:
                        act(connection)
                    except Exception:
                        LOG.exception("a round of the gatherer")
        finally:
            connection.close()

    def watch(self, connection: apsw.Connection) -> None:
        """Look at everything, and tell what begins and what ends; where the disk takes nothing, at a later look."""
        self.strays.settle()
        now = self.now()
        self.alarms, changes = fold(self.alarms, findings(self.devices(), self.place(connection)), now)
        self.standing = [alarm for alarm in self.alarms.values() if alarm.found_at == now]
        self._untold += changes
        if self._untold:
            self.desk.store.write(alarm_rows.keep, self.alarms, self._untold, self.gateway, now)
            self._untold = []

    def devices(self) -> list[DeviceSeen]:
        """Every device as it is now."""
        return [self._seen(unit) for unit in self.desk.units.values()]

    def place(self, connection: apsw.Connection) -> PlaceSeen:
        """The gateway as it is now."""
        fill = queue.fill(connection)
        return PlaceSeen(
            now=self.now(),
            kept_share=fill.kept_bytes / fill.file_bytes,
            disk_free_bytes=host.disk_free_bytes(self.folder),
            doubts=self._doubts(connection),
            waiting_since=self._waiting_since(fill.oldest_at) if self.has_centre else None,
            aside=fill.aside,
            uplink_trouble=self.uplink_trouble(),
            in_place=self.desk.store.is_in_place(),
            disk_trouble=self.desk.store.trouble,
            folder_trouble=self.folder_trouble(),
            files_trouble=self.files_trouble(),
            pair=self.pair(),
            wrong_codes=self.desk.gate.wrong_codes(self.now() - WRONG_CODES_OF),
        )

    def _waiting_since(self, oldest_at: datetime | None) -> datetime | None:
        """Since when nothing arrives: what is old may have been queued again, or under another clock."""
        reached_at = self.reached_at()
        if oldest_at is None or reached_at is None or reached_at > self.now():
            return oldest_at
        return max(oldest_at, reached_at)

    def _doubts(self, connection: apsw.Connection) -> int:
        """What a person must look at."""
        questions = rows.questions(connection)
        return len(coupons.to_look_at(connection)) + sum(each.is_for_person(self.desk.numbers) for each in questions)

    def _seen(self, unit: Unit) -> DeviceSeen:
        now, status = self.now(), None if unit.status is None else read_status(unit.status)
        if unit.health.silent:
            self._silent_from.setdefault(unit.name, self.monotonic())
        elif unit.spoke_at is not None:
            self._silent_from.pop(unit.name, None)
        silent_from = self._silent_from.get(unit.name)
        return DeviceSeen(
            name=unit.name,
            now=now,
            health=unit.health,
            has_code=bool(unit.code()),
            status=status,
            status_at=unit.status_at,
            spoke_at=unit.spoke_at,
            silent_seconds=None if silent_from is None else self.monotonic() - silent_from,
            pending_since=None if status is None else self._pending_since(unit, status),
            nserie=unit.nserie,
            sells=not (unit.out or unit.health.silent or unit.unsettled),
            at_work=unit.at_work,
            unsettled=unit.unsettled,
            stray=self.strays.of(unit.name),
        )

    def _pending_since(self, unit: Unit, status: Status) -> datetime | None:
        """By the journal; a coupon of the other gateway's waits since the device last had none, or sent one."""
        if not status.pending:
            self._none_pending_at[unit.name] = self.now()
            return None
        first = status.first_pending
        issued = None if first is None else self.desk.store.read(coupons.issued_at, str(first))
        known = [each for each in (self._none_pending_at.get(unit.name), status.sent_at) if each is not None]
        return issued or max(known, default=None)

    def _tell_status(self, unit: Unit, told: _Told) -> None:
        if unit.status is None or unit.status_at is None or unit.status_at == told.heard_at:
            return
        status = read_status(unit.status)
        told.heard_at = unit.status_at
        if status is not None:
            self.strays.look(unit, status)
        if status is None or (
            steady(status) == told.steady and told.at is not None and abs(unit.status_at - told.at) < STATUS_EVERY
        ):
            return
        what = body({"equipamento": unit.name, "em": unit.status_at, **status_fields(status)})
        self.desk.store.write(queue.put, Rank.STATUS, unit.nserie or self.gateway, "estado", what, self.now())
        told.steady, told.at = steady(status), unit.status_at

    def _may_read_log(self, unit: Unit, told: _Told) -> bool:
        """Whether it is time, and nobody needs the device."""
        if self.desk.selling or unit.out or unit.health.silent or unit.unsettled or unit.status is None:
            return False
        idle = unit.called_at is None or abs(self.now() - unit.called_at) >= LOG_AFTER
        return idle and (told.log_at is None or abs(self.now() - told.log_at) >= LOG_EVERY)

    def _tell_log(self, unit: Unit, told: _Told) -> None:
        told.log_at = self.now()
        reply = unit.inquire(ASK_LOG)
        lines = log_lines(reply.rest[0], told.log_line) if reply is not None and reply.rest else []
        if lines:
            told.log_line = lines[-1]
            what = body({"equipamento": unit.name, "em": told.log_at, "linhas": lines})
            self.desk.store.write(queue.put, Rank.LOG, unit.nserie or self.gateway, "log", what, told.log_at)

    def _tell_host(self, _: apsw.Connection) -> None:
        what = body({"gateway": self.gateway, "em": self.now(), **host.telemetry(self.folder)})
        self.desk.store.write(queue.put, Rank.STATUS, self.gateway, "maquina", what, self.now())

    def _prune(self, _: apsw.Connection) -> None:
        while not self._stop.wait(GLANCE_SECONDS) and self.desk.store.write(prune, self.now(), MOST_PRUNED):
            self._yield()

    def _yield(self) -> None:
        waited = 0.0
        while self.desk.selling and waited < MOST_YIELD_SECONDS and not self._stop.is_set():
            self._stop.wait(GLANCE_SECONDS)
            waited += GLANCE_SECONDS
