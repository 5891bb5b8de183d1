"""The desk: takes what tills ask, gives it to devices, and answers each asking once.

A thread for each device; whoever brings something new looks who can go on (`_match`), and may do the work itself where
the device is free (`attend`). An asking belongs to the waiting line or to one device, never to both, and a device that
is `at_work` to one thread.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

import apsw

from zelo.models.cfe.functions import ISSUES
from zelo.pos.edge import pool
from zelo.pos.edge.decide import (
    Answer,
    Attempt,
    Call,
    Consult,
    End,
    GiveUp,
    Outcome,
    Step,
    not_begun,
)
from zelo.pos.edge.journal.shell import rows
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.peer.recall import Recalled
from zelo.pos.edge.request import Request, Unable
from zelo.pos.edge.shell import admission, receipt
from zelo.pos.edge.shell.asking import Asking, Policy, kept, next_step, pause, view
from zelo.pos.edge.shell.consult import consult
from zelo.pos.edge.shell.ending import as_it_stands, write_end
from zelo.pos.edge.shell.gate import Gate
from zelo.pos.edge.shell.receipt import Read, Receipts
from zelo.pos.edge.shell.unit import WRITTEN, Heard, NotBegunError, Unit

TICK_SECONDS: Final = 0.1
IDLE_SECONDS: Final = 1.0
STOP_SECONDS: Final = 5.0
MOST_DOUBTED: Final = 200
"""Doubts that are held in memory: what is told of one is told at once."""
LOG: Final = logging.getLogger("zelo.edge")

Errand = Callable[[Unit], None]
"""Something to do with a device once no till needs it; it tells its own end."""
Housework = Callable[["Desk", Unit], None]
"""What a device's thread does while nobody asks anything of it."""


class Desk:
    """All devices of one gateway. Start it, hand it askings, stop it."""

    def __init__(
        self, units: Sequence[Unit], store: Store, policy: Policy, now: Callable[[], datetime], housework: Housework
    ) -> None:
        """Nothing runs before `start`."""
        self.units: Mapping[str, Unit] = {unit.name: unit for unit in units}
        self.store, self.policy, self.now = store, policy, now
        self._housework = housework
        self.gate, self.receipts = Gate(units, now), Receipts(store, now)
        self.wake: Callable[[], None] = lambda: None
        """Called after a sale: there is something for the centre."""
        self.unended: deque[str] = deque()
        """Askings whose end the disk refused, though their tills have it: the housework's, when it writes again."""
        self.doubted: deque[str] = deque(maxlen=MOST_DOUBTED)
        """Askings whose tills heard that it is not known, whether or not the disk has taken that."""
        self.asking_about = threading.Lock()
        """Held by who notes that a device has open questions, or none any more."""
        self._lock = threading.RLock()
        self._wakes = {name: threading.Event() for name in self.units}
        self._jobs: dict[str, Asking] = {}
        self._waiting: list[Asking] = []
        self._errands: Mapping[str, deque[Errand]] = {name: deque() for name in self.units}
        self._live: dict[str, Asking] = {}
        self._stopping, self._hopeless = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Open for askings. What the last run left behind is the housework's."""
        self._threads = [threading.Thread(target=self._tick, name="desk", daemon=True)]
        self._threads += [
            threading.Thread(target=self._serve, args=(unit,), name=unit.name, daemon=True)
            for unit in self.units.values()
        ]
        for unit in self.units.values():
            unit.unsettled = unit.has_open_questions()
            if unit.unsettled:
                self._wakes[unit.name].set()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what devices are at; whoever still waits is told so by a broken connection."""
        self._stopping.set()
        self._hopeless.set()
        for wake in self._wakes.values():
            wake.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        until = time.monotonic() + STOP_SECONDS
        while any(unit.at_work for unit in self.units.values()) and time.monotonic() < until:
            time.sleep(TICK_SECONDS)
        for unit in self.units.values():
            unit.driver.close()

    @property
    def numbers(self) -> Mapping[str, str]:
        """The number of each device, "" of one that has not been heard yet."""
        return {unit.name: unit.nserie for unit in self.units.values()}

    @property
    def selling(self) -> bool:
        """Whether a till waits for anything: then everything else does."""
        return bool(self._live)

    def send(self, device: str, errand: Errand) -> None:
        """Have something done with a device by its own thread, as soon as no till needs it."""
        self._errands[device].append(errand)
        self._wakes[device].set()

    @property
    def live(self) -> tuple[Request, ...]:
        """What somebody waits for now."""
        return tuple(each.request for each in tuple(self._live.values()))

    def asked_for(self, request_id: str) -> bool:
        """Whether somebody waits for this asking now."""
        return request_id in self._live

    def take(self, request: Request, *, stay: bool = False) -> "Future[str]":
        """What the till will be answered, as the interface words it. The same asking again gets the same answer.

        Nothing begins before `attend` is called where the caller would `stay`.

        Reads and never writes, so that a door may call it without waiting for the disk. What it read still holds when
        the asking stands in the line: an asking ends in the journal before it leaves, and leaves under the same lock.
        """
        with self._lock:
            known = self.gate.unfit(request) or admission.answered(self.store, request, self.now(), self.live)
            if isinstance(known, str):
                return kept(known)
            only = admission.only(self.store, tuple(self.units.values()), request)
            asking = Asking(request if known is None else replace(request, id=known.id), time.monotonic(), only)
            asking.elsewhere = request.elsewhere or (known is not None and known.elsewhere)
            same = self._same(asking)
            if same is not None:
                same.elsewhere = same.elsewhere or request.elsewhere
                return same.done if same.request.matter == request.matter else kept(admission.other_matter(request))
            if known is not None:
                asking.attempts = list(known.attempts)
            self._live[asking.request.id] = asking
            self._waiting.append(asking)
        if not stay:
            self._match()
        return asking.done

    def attend(self, request_id: str) -> None:
        """Begin what was taken: in the caller's own thread where a device is free for it, else in that device's."""
        found = self._match(request_id)
        if found is not None:
            self._work(*found)
            self._let_go(found[0], asked=True)

    def recalled(self, request: Request, live: Sequence[Request] = ()) -> Recalled:
        """What became of the asking that this one asks for. `live`: what is under way before it came here."""
        with self._lock:
            return admission.recalled(self.store, request, (*live, *self.live))

    def _same(self, asking: Asking) -> Asking | None:
        """The asking under way that this one repeats."""
        found = self._live.get(asking.request.id)
        if found is None and asking.request.session:
            found = next((each for each in self._live.values() if each.key == asking.key), None)
        return found

    def settle(self, request_id: str, heard: Heard, unit: Unit, otherwise: Callable[[], None]) -> bool:
        """What became of an attempt that nobody had in hand.

        Whoever waits for that asking goes on with it; `otherwise` is what to do when nobody does. False when another
        device has it in hand just now, so that it must be told later.
        """
        with self._lock:
            asking = self._live.get(request_id)
            if asking is None:
                otherwise()
                return True
            if asking not in self._waiting:
                return False
            self._waiting.remove(asking)
        self._work(unit, asking, heard)
        return True

    def _go_on(self, unit: Unit, asking: Asking, heard: Heard | None) -> None:
        """Call the device, or take in what was heard of it, and go on with it as far as this device can."""
        request = asking.request
        heard = heard or unit.call(request)
        while True:
            asking.learn(heard.attempt, time.monotonic())
            step = self._step(asking)
            answer = step if isinstance(step, Answer) else None
            if answer is not None and answer.end is End.DONE:
                unit.learn_code(request.function)
            news = heard.attempt.outcome is not Outcome.CALLED or answer is not None
            if news and request.function.kind in WRITTEN:
                read = self.receipts.overdue
                unit.write_down(heard, partial(_record, unit, request, heard, answer, read))
                self.receipts.written(read)
            match step:
                case Answer(reply, end, unable):
                    self._answer(asking, end, reply.worded(request.session), unable=unable)
                    return
                case Consult(attempt) if attempt.device == unit.name:
                    time.sleep(self.policy.pause_seconds)
                    heard = consult(unit, request.function, attempt)
                case GiveUp(attempt):
                    unit.unsettled = unit.unsettled or request.function.kind in WRITTEN
                    heard = Heard(attempt._replace(outcome=Outcome.DOUBT))
                case _:
                    asking.not_before = time.monotonic() + pause(request.function, heard.attempt, self.policy)
                    self._back(asking)
                    return

    def _step(self, asking: Asking) -> Step:
        return next_step(asking, self.units.values(), self.policy, time.monotonic())

    def _match(self, own: str = "") -> tuple[Unit, Asking] | None:
        """Give waiting askings to free devices; what nothing can be done for is the tick's to end.

        The asking of that `own` id is the caller's to work at, with the device that is handed back.
        """
        found = None
        with self._lock:
            for asking in list(self._waiting):
                step = self._step(asking)
                if isinstance(step, Call):
                    unit = self._assigned(asking, step.among)
                    if asking.request.id == own and not self._stopping.is_set():
                        found = unit, asking
                    else:
                        self._jobs[unit.name] = asking
                        self._wakes[unit.name].set()
                elif isinstance(step, Answer | GiveUp):
                    self._hopeless.set()
        return found

    def _end_hopeless(self) -> None:
        """End askings that no device can do anything for, and write down the doubts that stay."""
        ended: list[tuple[Asking, Answer | GiveUp]] = []
        with self._lock:
            for asking in list(self._waiting):
                step = self._step(asking)
                if isinstance(step, Answer | GiveUp):
                    self._waiting.remove(asking)
                    ended.append((asking, step))
        refused = [error for asking, step in ended if (error := self._ended(asking, step)) is not None]
        if refused:
            raise refused[0]

    def _ended(self, asking: Asking, step: Answer | GiveUp) -> Exception | None:
        """What the disk had against it: the next one ends all the same."""
        try:
            if isinstance(step, Answer):
                self._end(asking, step)
            else:
                self._doubt(asking, step.attempt)
        except Exception as error:  # noqa: BLE001 whatever it was, the round tells of it
            return error
        return None

    def _assigned(self, asking: Asking, among: frozenset[str]) -> Unit:
        places = {name: self.units[name].place for name in among}
        unit = self.units[pool.choose(among, asking.request.till, asking.attempts, places)]
        self._waiting.remove(asking)
        unit.at_work = True
        return unit

    def _let_go(self, unit: Unit, *, asked: bool) -> None:
        """A device that was at work is free: for its own thread where there is something to do, and for who waits."""
        with self._lock:
            unit.at_work = False
            if (asked and unit.unsettled) or self._errands[unit.name]:
                self._wakes[unit.name].set()
        self._match()

    def _end(self, asking: Asking, answer: Answer) -> None:
        """An end that no device had a part in. An asking that was never written down need not be now.

        The till is answered even where the disk refuses.
        """
        request, worded = asking.request, answer.reply.worded(asking.request.session)
        try:
            if request.function.kind in WRITTEN and (asking.attempts or asking.elsewhere):
                self.store.write(write_end, request, answer.end, worded, self.now())
        except Exception:
            self.unended.append(request.id)
            raise
        finally:
            self._answer(asking, answer.end, worded, unable=answer.unable)

    def _doubt(self, asking: Asking, attempt: Attempt) -> None:
        """A question that stays open is written down, and the sale goes on."""
        doubtful = attempt._replace(outcome=Outcome.DOUBT)
        asking.learn(doubtful, time.monotonic())
        try:
            self.store.write(rows.outcome, doubtful.id, Outcome.DOUBT, None, self.now())
        finally:
            self._back(asking)

    def _back(self, asking: Asking) -> None:
        with self._lock:
            self._waiting.append(asking)
            self._waiting.sort(key=lambda each: each.asked_at)
        self._match()

    def _answer(self, asking: Asking, end: End, text: str, *, unable: bool = False) -> None:
        if end is End.DOUBT:
            self.doubted.append(asking.request.id)
        with self._lock:
            self._live.pop(asking.request.id, None)
        asking.done.set_result(Unable(text) if unable and asking.request.function.kind in ISSUES else text)
        if asking.request.function.kind in WRITTEN:
            self.wake()

    def _tick(self) -> None:
        while not self._stopping.is_set():
            self._hopeless.wait(TICK_SECONDS if self._waiting else IDLE_SECONDS)
            self._hopeless.clear()
            try:
                self._round()
            except Exception:
                LOG.exception("the journal cannot be written; it is tried again")
                self._stopping.wait(IDLE_SECONDS)

    def _round(self) -> None:
        """What nobody's thread is at: ends, and the journal's own housework while no till waits."""
        if self._waiting:
            self._end_hopeless()
            self._match()
        elif self.receipts.at_hand and not self._live:
            self.receipts.write()
            self.store.checkpoint()

    def _serve(self, unit: Unit) -> None:
        """A device's thread: what is asked of it, and its housework when nothing is."""
        wake = self._wakes[unit.name]
        while not self._stopping.is_set():
            woken = wake.wait(IDLE_SECONDS)
            wake.clear()
            errands = self._errands[unit.name]
            with self._lock:
                asking = self._jobs.pop(unit.name, None)
                idle = woken and not errands and not unit.unsettled
                if asking is None and (unit.at_work or idle):
                    continue  # a till's thread is at it, and tells this one what is left to do; or nothing is
                unit.at_work = True
            if asking is not None:
                self._work(unit, asking)
            elif unit.unsettled or not woken:
                self._run(unit, partial(self._housework, self))
            if asking is None and errands:
                self._run(unit, errands.popleft())
            self._let_go(unit, asked=asking is not None)

    def _work(self, unit: Unit, asking: Asking, heard: Heard | None = None) -> None:
        """Go on with an asking that belongs to this device; whatever goes wrong, its till is told."""
        try:
            self._go_on(unit, asking, heard)
        except NotBegunError as error:
            LOG.error("not begun: %s", error)
            seen = view(asking, self.units.values(), self.policy, time.monotonic())
            self.unended.append(asking.request.id)
            told = not_begun(seen, str(error))
            self._answer(asking, told.end, told.reply.worded(asking.request.session), unable=told.unable)
        except Exception:
            LOG.exception("the journal cannot be written; device %s, till %s", unit.name, asking.request.till)
            unit.unsettled = True
            self.unended.append(asking.request.id)
            self._answer(asking, *as_it_stands(self.store, asking.request))

    def _run(self, unit: Unit, errand: Errand) -> None:
        try:
            errand(unit)
        except Exception:
            LOG.exception("an errand or the housework at device %s", unit.name)


def _record(
    unit: Unit, request: Request, heard: Heard, answer: Answer | None, read: Read, connection: apsw.Connection
) -> None:
    unit.record(connection, request, heard, answer)
    receipt.note(connection, read)
