"""What goes over the wire, version 1 (decision 019).

`POST /v1/lote` carries one zstd frame: a line of JSON that tells everything, then the bodies end to end.

    {"zelo": 1, "epoch": "…", "everything": false,
     "emitted": [[emitter, rank, number], …], "losses": [[emitter, rank, first, last], …],
     "items": [[emitter, rank, seq, key, at in microseconds, crc32 of the body, bytes of the body], …]}

The answer to it, once all of it is committed, is JSON that names what is:

    {"confirmed": [[emitter, rank, first, last], …], "losses": [[emitter, rank, first, last], …], "pace_millis": 0}

`everything` says that nothing else was pending when the batch was made: the centre can then tell whether something is
missing. `rank` is 0 fiscal, 1 control, 2 status, 3 log. Whoever receives must take an item once by (epoch, emitter,
rank, seq), however often it comes, and must keep both contents when the same name comes with another crc.
"""

import json
from typing import Any, Final, NamedTuple

import zstandard

from zelo.fiscal.instant import to_micros
from zelo.pos.edge.outbox.core import Item, Range, Rank

VERSION: Final = 1
MOST_ANSWER_BYTES: Final = 1_048_576
MOST_PACE_MILLIS: Final = 3_600_000
"""The longest wait that the centre may ask for."""
_LEVEL: Final = 3
"""Higher ones cost ten times the time for a tenth of the bytes."""


class Ack(NamedTuple):
    """What the centre has committed, and how long it asks to wait before the next batch."""

    confirmed: tuple[Range, ...]
    losses: tuple[Range, ...]
    pace_millis: int


def pack(
    epoch: str,
    items: tuple[Item, ...],
    losses: tuple[Range, ...],
    emitted: tuple[tuple[str, Rank, int], ...],
    *,
    everything: bool,
) -> bytes:
    """A batch as it goes over the wire."""
    head = {
        "zelo": VERSION,
        "epoch": epoch,
        "everything": everything,
        "emitted": emitted,
        "losses": losses,
        "items": [[i.emitter, i.rank, i.seq, i.key, to_micros(i.at), i.crc, len(i.body)] for i in items],
    }
    line = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return zstandard.ZstdCompressor(level=_LEVEL).compress(b"\n".join((line, b"".join(i.body for i in items))))


def read_ack(body: bytes) -> Ack:
    """An acknowledgement. Raises ValueError for anything that is none."""
    try:
        told: dict[str, Any] = json.loads(body)
        pace = told["pace_millis"]
        ack = Ack(_ranges(told["confirmed"]), _ranges(told["losses"]), pace)
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError("this is no acknowledgement") from error
    if type(pace) is not int or pace < 0:
        raise ValueError("the pace is no number of milliseconds")
    return ack._replace(pace_millis=min(pace, MOST_PACE_MILLIS))


def _ranges(rows: list[list[Any]]) -> tuple[Range, ...]:
    if not all([type(value) for value in row] == [str, int, int, int] for row in rows):
        raise ValueError("a range is an emitter, a rank, a first and a last number")
    return tuple(Range(emitter, Rank(rank), first, last) for emitter, rank, first, last in rows)
