"""Where documents stand: in the outbox, on their way to the centre, and as copies as long as there is room."""

from datetime import datetime
from typing import Final

import apsw

from zelo.pos.edge.issued import Issued
from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.shell.unit import Shelf

UNKNOWN_EMITTER: Final = "?"
"""Of a document whose chave cannot be read: it goes up all the same."""

COUPON_BYTES: Final = 65_536
"""Room for what a device adds to a sale (signature, QR code, addresses) and for the journal's lines."""
GROWTH: Final = 4
"""A coupon has each item of the sale with its taxes; an answer that cannot be read is kept whole beside it."""


def _reserve(connection: apsw.Connection, characters: int, at: datetime) -> None:
    queue.make_room(connection, COUPON_BYTES + GROWTH * characters, at)


def _put(connection: apsw.Connection, issued: Issued, at: datetime) -> int:
    return queue.put(connection, Rank.FISCAL, issued.nserie or UNKNOWN_EMITTER, issued.chave, issued.xml, at).crc


SHELF: Final = Shelf(_reserve, _put, queue.document)
