"""Ranks, who gives way to whom, and the ledger of losses, over plain values.

Two rules make every decision. A copy that the centre has gives way before anything unsent; and nothing gives way to
something of a lower rank. A fiscal document that is not delivered never gives way: the queue refuses instead.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from itertools import groupby
from typing import Final, NamedTuple
from zlib import crc32

from zelo.fiscal.fault import Fault

MOST_BODY_BYTES: Final = 2_097_152
"""Of an item that is no document. A sale has at most 1.5 MB (ER SAT 2.30) and its coupon a little more, but whatever a
device brought is kept; the wire to it bounds that."""
ROW_BYTES: Final = 128
"""What an item takes besides its body: its columns and the line in the index."""


class Rank(IntEnum):
    """What an item is worth: the first goes first and gives way last. The numbers stand in the file and on the wire."""

    FISCAL = 0
    CONTROL = 1
    STATUS = 2
    LOG = 3


class Shelf(NamedTuple):
    """The items of a rank that the centre has not (`pending`), or the copies of those that it has."""

    rank: Rank
    pending: bool


class Range(NamedTuple):
    """Items of an emitter, from the `first` number to the `last`, both included."""

    emitter: str
    rank: Rank
    first: int
    last: int

    @property
    def items(self) -> int:
        """How many."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Item:
    """Something queued. `emitter`, `rank` and `seq`, with the epoch of the file, name it for ever.

    `emitter`: serial number of a device, or the gateway's own name. `seq`: from 1, without a hole, for each emitter and
    rank. `turn`: its place in the file. `key`: chave of a document, or what the sender calls it. `crc`: of the body.
    """

    turn: int
    emitter: str
    rank: Rank
    seq: int
    key: str
    at: datetime
    crc: int
    body: bytes


class Candidate(NamedTuple):
    """An item that could give way, without its body."""

    turn: int
    shelf: Shelf
    emitter: str
    seq: int
    body_bytes: int


class Placed(NamedTuple):
    """What became of a put: its number; whether it is queued, or was declared lost on arrival; the body's CRC."""

    seq: int
    kept: bool
    crc: int


class Account(NamedTuple):
    """What an emitter has emitted in a rank, and how much of it is pending, lost, set aside; the rest is received."""

    emitter: str
    rank: Rank
    emitted: int
    pending: int
    lost: int
    aside: int = 0

    @property
    def received(self) -> int:
        """What the centre has acknowledged."""
        return self.emitted - self.pending - self.lost - self.aside


class Aside(NamedTuple):
    """A document that the centre refuses for ever. `at`: when it last did; `said`: in which words."""

    emitter: str
    key: str
    at: datetime
    said: str


class Fill(NamedTuple):
    """How full the file is. `kept_bytes`: what can give way to nothing: documents that the centre lacks, the journal.

    `oldest_at`: of what is to be sent yet; `unsent` counts it, `unsent_bytes` weighs it. `aside`: documents set aside.
    """

    file_bytes: int
    free_bytes: int
    kept_bytes: int
    unsent: int
    unsent_bytes: int
    copies_bytes: int
    oldest_at: datetime | None
    aside: int = 0


class QueueFullError(Exception):
    """Only undelivered fiscal documents are left, and there is no room for another. `fault` tells a person."""

    def __init__(self) -> None:
        """The one sentence."""
        self.fault = FULL
        super().__init__(f"{FULL.sentence} {FULL.remedy}")


FULL: Final = Fault(
    rule="fila-cheia",
    sentence="A fila está cheia, e nela só restam documentos fiscais de que não há outra cópia.",
    remedy=(
        "Restabeleça a ligação com a central, ou, sem central, a pasta dos XML: a fila escoa sozinha e, em até dois "
        "minutos, as vendas voltam. Se isso vai demorar, aumente fila_mb na configuração do gateway e reinicie-o. "
        "Nenhum documento foi apagado."
    ),
)


def sacrificed_for(rank: Rank) -> tuple[Shelf, ...]:
    """What gives way to an arrival of this rank, in this order; within a shelf the oldest first."""
    copies = [Shelf(each, pending=False) for each in reversed(Rank)]
    unsent = [Shelf(each, pending=True) for each in reversed(Rank) if each >= rank and each is not Rank.FISCAL]
    return (*copies, *unsent)


def enough(candidates: Iterable[Candidate], need_bytes: int) -> list[Candidate]:
    """The first candidates that together free so many bytes; all of them when that is not enough."""
    chosen: list[Candidate] = []
    for candidate in candidates:
        if need_bytes <= 0:
            break
        chosen.append(candidate)
        need_bytes -= candidate.body_bytes + ROW_BYTES
    return chosen


def ranges(names: Iterable[tuple[str, Rank, int]]) -> list[Range]:
    """Items, each by emitter, rank and number, as the fewest ranges."""
    found: list[Range] = []
    for (emitter, rank), group in groupby(sorted(set(names)), key=lambda name: name[:2]):
        for _, _, seq in group:
            if found and found[-1][:2] == (emitter, rank) and found[-1].last == seq - 1:
                found[-1] = found[-1]._replace(last=seq)
            else:
                found.append(Range(emitter, rank, seq, seq))
    return found


def within(items: Sequence[Item], acknowledged: Iterable[Range]) -> list[Item]:
    """Those items that an acknowledgement names. What it names beyond them was never sent and stays pending."""
    spans: dict[tuple[str, Rank], list[Range]] = {}
    for span in acknowledged:
        spans.setdefault((span.emitter, span.rank), []).append(span)
    return [
        item
        for item in items
        if any(span.first <= item.seq <= span.last for span in spans.get((item.emitter, item.rank), ()))
    ]


def told(losses: Iterable[Range], acknowledged: Iterable[Range]) -> list[Range]:
    """Those losses that an acknowledgement names, by themselves or within a greater range."""
    known = list(acknowledged)
    return [
        loss
        for loss in losses
        if any(each[:2] == loss[:2] and each.first <= loss.first and loss.last <= each.last for each in known)
    ]


def sound(item: Item) -> bool:
    """Whether the bytes are those that were put in."""
    return crc32(item.body) == item.crc
