"""Takes a batch, sends it, settles what was acknowledged; and keeps out of the way of a sale."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import apsw

from zelo.pos.edge.outbox.core import sound, within
from zelo.pos.edge.outbox.shell.file import writing
from zelo.pos.edge.outbox.shell.queue import Batch, confirm, confirm_losses, spoil, take
from zelo.pos.edge.uplink.core import MOST_BATCH_BYTES, Answer, Course, Fate, after, wait_seconds
from zelo.pos.edge.uplink.message import Ack, pack

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
    _again: tuple[Batch, bytes] | None = None

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
        if not batch.items and not batch.losses:
            return None
        self._yield()
        answer = self.last = self.send(packed)
        if answer.ack is not None:
            self._yield()
            self._settle(batch, answer.ack)
        self._again = (batch, packed) if answer.fate is Fate.UNKNOWN else None
        self.course = after(self.course, answer)
        return wait_seconds(self.course, answer, self.chance())

    def _next(self) -> tuple[Batch, bytes]:
        """What goes next. Items whose bytes the disk has changed are declared lost instead of sent."""
        batch = take(self.connection, self.course.most_items, MOST_BATCH_BYTES, newest=self.course.newest)
        spoiled = [item for item in batch.items if not sound(item)]
        if spoiled:
            with writing(self.connection):
                spoil(self.connection, spoiled, self.now())
            return self._next()
        packed = pack(batch.epoch, batch.items, batch.losses, batch.emitted, everything=not batch.rest)
        return batch, packed

    def _settle(self, batch: Batch, ack: Ack) -> None:
        """In one commit; of what was acknowledged only what this batch carried."""
        with writing(self.connection):
            confirm(self.connection, within(batch.items, ack.confirmed))
            confirm_losses(self.connection, set(batch.losses) & set(ack.losses))

    def _yield(self) -> None:
        """Wait for sales to end, but not for ever."""
        waited = 0.0
        while self.selling() and waited < MOST_YIELD_SECONDS and not self.stop.is_set():
            self.stop.wait(_GLANCE_SECONDS)
            waited += _GLANCE_SECONDS
