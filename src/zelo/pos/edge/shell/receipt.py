"""Receipts: which answers tills have read, kept until the journal has them; what nobody has read is for a person."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import apsw

from zelo.models.cfe.functions import Kind
from zelo.pos.edge.journal.entry import CouponStanding
from zelo.pos.edge.journal.shell import rows
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell import admission

UNREAD: Final = timedelta(minutes=2)
"""Twice as long as a till waits for its answer: until then it may yet ask again."""

Read = Mapping[str, Request | None]
"""By the id under which it was asked: what was asked, None where only the id is known."""


class Receipts:
    """What was read and is not written down yet. It is only a reassurance: no till waits for it."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        """Nothing was read."""
        self._store, self._now = store, now
        self._read: dict[str, Request | None] = {}

    def arrived(self, request: Request) -> None:
        """The till has read the answer to this."""
        if request.function.kind is not Kind.ASK:
            self._read[request.id] = request

    def read(self, request_id: str) -> None:
        """Somebody has read what stands under this id."""
        self._read[request_id] = None

    @property
    def at_hand(self) -> Read:
        """What is to be written down next; when it is, `written` is told."""
        return dict(self._read)

    def written(self, read: Read) -> None:
        """The journal has these."""
        for request_id in read:
            self._read.pop(request_id, None)

    def write(self) -> None:
        """Write down all of it."""
        read = self.at_hand
        self._store.write(note, read)
        self.written(read)

    def list_unread(self) -> None:
        """A coupon that was told a while ago, and that nobody has said they read, is for a person to see."""
        for request_id, chave in self._store.read(rows.unread, self._now() - UNREAD):
            if request_id not in self._read:
                sentence = "O caixa não confirmou que leu a resposta."
                self._store.write(rows.stand, chave, CouponStanding.UNDELIVERED, sentence)


def note(connection: apsw.Connection, read: Read) -> None:
    """Write down that these were read; an answer may stand under another id than that of who read it."""
    for request_id, request in read.items():
        if rows.delivered(connection, request_id) or request is None:
            continue
        known = admission.told(connection, request)
        if known is not None and known.end is not None:
            rows.delivered(connection, known.id)
