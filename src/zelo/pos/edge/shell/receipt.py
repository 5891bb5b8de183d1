"""Receipts: which answers tills have read, kept until the journal has them; what nobody has read is for a person."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import apsw

from zelo.models.cfe.chave import PREFIX
from zelo.models.cfe.functions import CANCEL, SALE, Kind
from zelo.pos.edge.journal.shell import reading
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell import admission

UNREAD: Final = timedelta(minutes=2)
"""Twice as long as a till waits for its answer: until then it may yet ask again."""
MOST_AT_HAND: Final = 64
"""Receipts that wait for a second in which no till does."""
MOST_HELD: Final = 5_000
TAKEN_ALONG: Final = 4
"""Of those, by one sale: more than one, so that they become fewer."""
_HEAD_CHARACTERS: Final = 20
"""Of an answer, with session and EEEEE in them."""
ISSUED: Final = tuple(f"|{each.prefix}000|" for each in (SALE, CANCEL))


class Receipt(NamedTuple):
    """The chave that was read, "" where it was no coupon's; of a coupon's also what the till asked, as far as known.

    Not the asking itself, which may hold megabytes.
    """

    chave: str
    recall: bool = False
    till: str = ""
    session: int = 0
    matter: str = ""


Read = Mapping[str, Receipt]
"""By the id under which it was asked."""


class Receipts:
    """What was read and is not written down yet. It is only a reassurance: no till waits for it."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        """Nothing was read."""
        self._store, self._now = store, now
        self._read: dict[str, Receipt] = {}

    def arrived(self, request: Request, reply: str) -> None:
        """The till has read this answer."""
        if request.function.kind is Kind.ASK:
            return
        chave, recall = coupon_of(reply), request.function.kind is Kind.RECALL
        self._keep(request.id, Receipt(chave, recall, request.till, request.session, request.matter if chave else ""))

    def read(self, request_id: str, reply: str) -> None:
        """Somebody has read what stands under this id."""
        self._keep(request_id, Receipt(coupon_of(reply)))

    def _keep(self, request_id: str, receipt: Receipt) -> None:
        """As many as there is room for; of what is let go of a person looks in vain."""
        self._read[request_id] = receipt
        if len(self._read) > MOST_HELD:
            oldest, *_ = tuple(self._read)  # at once: other threads put more in
            self._read.pop(oldest, None)

    @property
    def at_hand(self) -> Read:
        """What is to be written down next; when it is, `written` is told."""
        return dict(self._read)

    @property
    def overdue(self) -> Read:
        """What a sale must take along, where tills leave no second for it: the oldest few."""
        return dict(list(self._read.items())[:TAKEN_ALONG]) if len(self._read) > MOST_AT_HAND else {}

    def written(self, read: Read) -> None:
        """The journal has these."""
        for request_id, receipt in read.items():
            if self._read.get(request_id) is receipt:
                self._read.pop(request_id, None)

    def write(self) -> None:
        """Write down all of it."""
        read = self.at_hand
        self._store.write(note, read)
        self.written(read)

    def list_unread(self) -> None:
        """A coupon that was told a while ago, and that nobody has said they read, is for a person to see."""
        for request_id, chave in self._store.read(reading.unread, self._now() - UNREAD):
            if request_id not in self._read:
                sentence = "O caixa não confirmou que leu a resposta."
                self._store.write(reading.list_unread, chave, sentence)


def note(connection: apsw.Connection, read: Read) -> None:
    """Write down that these were read; an answer may stand under another id than that of who read it."""
    for request_id, receipt in read.items():
        if reading.delivered(connection, request_id, coupon=bool(receipt.chave)) or not receipt.chave:
            continue
        if receipt.recall:
            reading.read(connection, [receipt.chave])  # and not what the question would bring by now
            continue
        known = admission.told(connection, receipt.till, receipt.session, receipt.matter)
        if known is not None and known.end is not None:
            reading.delivered(connection, known.id, coupon=True)


def coupon_of(reply: str) -> str:
    """The chave of the coupon that an answer brings, "" where it brings none."""
    return reply.rpartition(f"|{PREFIX}")[2].partition("|")[0] if _is_coupon(reply) else ""


def _is_coupon(reply: str) -> bool:
    return any(mark in reply[:_HEAD_CHARACTERS] for mark in ISSUED)
