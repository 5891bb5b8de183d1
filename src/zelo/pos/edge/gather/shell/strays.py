"""Coupons that a device issued for nobody here: another program calls it, or the machine of a gateway is gone.

The device's status names the last one; one that neither gateway knows is a stray. Its document goes into the queue
where the device still repeats it, and a person hears of it. Nothing is decided about the sale.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import apsw

from zelo.models.cfe.chave import Chave
from zelo.models.cfe.functions import ASK_LAST, CANCEL, SALE
from zelo.models.cfe.status import Status
from zelo.pos.edge.gather.seen import Stray
from zelo.pos.edge.issued import Issued, issued
from zelo.pos.edge.journal.shell import coupons
from zelo.pos.edge.outbox.core import QueueFullError
from zelo.pos.edge.shell.desk import Desk
from zelo.pos.edge.shell.unit import Unit

TOLD_FOR: Final = timedelta(days=1)
"""The next sale makes another coupon the last, and people look later than that."""


@dataclass(slots=True)
class Strays:
    """Of all devices of one gateway. `elsewhere`: those of some chaves that the other gateway does not know either."""

    desk: Desk
    now: Callable[[], datetime]
    elsewhere: Callable[[Sequence[str]], Sequence[str]] = lambda chaves: chaves
    _suspects: dict[str, Chave] = field(default_factory=dict)
    _found: dict[str, Stray] = field(default_factory=dict)

    def of(self, device: str) -> Stray | None:
        """The newest stray of a device, as long as it is told."""
        found = self._found.get(device)
        return found if found is not None and abs(self.now() - found.at) < TOLD_FOR else None

    def look(self, unit: Unit, status: Status) -> None:
        """By the device's own thread, which has written down all that it called the device for."""
        last, told = status.last, self._found.get(unit.name)
        if last is None or unit.unsettled or (told is not None and told.chave == last):
            return
        if self.desk.store.read(coupons.is_stray, last):
            self._suspects[unit.name] = last
        else:
            self._suspects.pop(unit.name, None)

    def settle(self) -> None:
        """By a thread that may wait for the other gateway."""
        for device, chave in tuple(self._suspects.items()):
            if self.elsewhere([str(chave)]):
                self.desk.send(device, partial(self._take_in, chave))

    def _take_in(self, chave: Chave, unit: Unit) -> None:
        """The device's own thread asks for the document."""
        brought = _repeated(unit)
        kept = brought is not None and brought.chave == str(chave)
        if brought is not None and kept:
            kept = self.desk.store.write(_keep, unit, brought, self.now())
        self._found[unit.name] = Stray(chave, self.now(), kept=kept)
        self._suspects.pop(unit.name, None)


def _repeated(unit: Unit) -> Issued | None:
    """What the last answer of the device that was fiscal brought, None where it cannot repeat it."""
    reply = unit.inquire(ASK_LAST)
    if reply is None:
        return None
    return next((issued(each, reply) for each in (SALE, CANCEL) if reply.eeeee.startswith(each.prefix)), None)


def _keep(connection: apsw.Connection, unit: Unit, brought: Issued, now: datetime) -> bool:
    """The queue holds each document once, though it is found anew after each start; False where it is full."""
    try:
        unit.shelf.put(connection, brought, now)
    except QueueFullError:
        return False
    return True
