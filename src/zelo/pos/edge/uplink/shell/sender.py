"""Takes a batch, sends it, settles what was acknowledged, sets aside what is refused; and lets a sale go first."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import apsw

from zelo.pos.edge.outbox.core import Item, sound, told, within
from zelo.pos.edge.outbox.shell.aside import bring_back, set_aside
from zelo.pos.edge.outbox.shell.file import writing
from zelo.pos.edge.outbox.shell.queue import Batch, confirm, confirm_losses, spoil, take
from zelo.pos.edge.uplink.core import (
    MOST_BATCH_BYTES,
    RETRY,
    Answer,
    Course,
    Fate,
    after,
    of_everything,
    of_nothing,
    wait_seconds,
)
from zelo.pos.edge.uplink.message import Ack, pack

LOG: Final = logging.getLogger("zelo.edge")
IDLE_SECONDS: Final = 30.0
"""How often an empty queue is looked at when nobody wakes the sender."""
MOST_YIELD_SECONDS: Final = 5.0
"""How long a batch waits for sales to end: a till that sells without a pause must not silence the gateway."""
_GLANCE_SECONDS: Final = 0.02


@dataclass(slots=True)
class Sender:
    """Sends from its own connection to the file. One thread uses it.

    `send` delivers a packed batch; `now` and `chance` are the clock and an even draw from 0 to 1; `selling` says
    whether a sale is being made; `stop` ends it, and `wake` spares it the wait when something was queued.
    """

    connection: apsw.Connection
    send: Callable[[bytes], Answer]
    now: Callable[[], datetime]
    chance: Callable[[], float]
    selling: Callable[[], bool] = lambda: False
    stop: threading.Event = field(default_factory=threading.Event)
    wake: threading.Event = field(default_factory=threading.Event)
    course: Course = field(default_factory=Course)
    last: Answer | None = None
    reached_at: datetime | None = None
    """When the centre last took something."""
    _again: tuple[Batch, bytes] | None = None
    _suspect: tuple[Item, str] | None = None
    """What was refused alone, and in which words: the next batch holds nothing, to see whose fault it is."""

    def run(self) -> None:
        """Until `stop` is set. A wait that the centre asked for is kept, whatever is queued meanwhile."""
        while not self.stop.is_set():
            wait = self.once()
            if wait is None:
                self.wake.wait(IDLE_SECONDS)
                self.wake.clear()
            else:
                self.stop.wait(wait)

    def once(self) -> float | None:
        """One batch; the seconds to wait before the next, None when nothing was left to send."""
        batch, packed = self._again or self._next()
        if not (batch.items or batch.losses or self._suspect):
            return 0.0 if self._bring_back() else None
        let_sales_go_first(self.selling, self.stop)
        answer = self.send(packed)
        if answer.ack is not None:
            let_sales_go_first(self.selling, self.stop)
            settled = self._settle(batch, answer.ack)
            answer = answer if settled or self._suspect else of_nothing(answer)
        self._again = (batch, packed) if answer.fate is Fate.UNKNOWN else None
        answer = self.last = self._accuse(batch, answer)
        if answer.fate is Fate.COMMITTED:
            self.reached_at = self.now()
        self.course = after(self.course, answer)
        return wait_seconds(self.course, answer, self.chance())

    def _next(self) -> tuple[Batch, bytes]:
        """What goes next. Items whose bytes the disk has changed are declared lost instead of sent."""
        most = 0 if self._suspect else self.course.most_items
        batch = take(self.connection, most, MOST_BATCH_BYTES, newest=self.course.newest)
        spoiled = [item for item in batch.items if not sound(item)]
        if spoiled:
            with writing(self.connection):
                spoil(self.connection, spoiled, self.now())
            return self._next()
        packed = pack(batch.epoch, batch.items, batch.losses, batch.emitted, everything=not batch.rest)
        return batch, packed

    def _settle(self, batch: Batch, ack: Ack) -> bool:
        """In one commit; of what was acknowledged only what this batch carried. Whether that was anything."""
        items, losses = within(batch.items, ack.confirmed), told(batch.losses, ack.losses)
        with writing(self.connection):
            confirm(self.connection, items)
            confirm_losses(self.connection, losses)
        return bool(items or losses)

    def _accuse(self, batch: Batch, answer: Answer) -> Answer:
        """Find what the centre refuses for ever; what the answer means then."""
        if self._suspect is None:
            if answer.fate is Fate.BAD and len(batch.items) == 1:
                self._suspect = batch.items[0], answer.said
            return of_everything(answer) if answer.fate is Fate.BAD and not batch.items else answer
        item, said = self._suspect
        if answer.fate is Fate.COMMITTED:
            LOG.error("the centre refuses %s of %s for ever: %s", item.key, item.emitter, said)
            with writing(self.connection):
                set_aside(self.connection, item, said, self.now())
        if answer.fate in (Fate.COMMITTED, Fate.BAD):
            self._suspect = None
        return of_everything(answer) if answer.fate is Fate.BAD else answer

    def _bring_back(self) -> bool:
        """Queue one document again that was refused long ago; whether there was one."""
        with writing(self.connection):
            return bring_back(self.connection, self.now(), RETRY)


def let_sales_go_first(selling: Callable[[], bool], stop: threading.Event) -> None:
    """Wait for sales to end, but not for ever."""
    waited = 0.0
    while selling() and waited < MOST_YIELD_SECONDS and not stop.is_set():
        stop.wait(_GLANCE_SECONDS)
        waited += _GLANCE_SECONDS
