"""Puts, takes, confirms. Whoever calls gives the open connection; what writes stands in the caller's transaction."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from zlib import crc32

import apsw

from zelo.fiscal.instant import from_micros, to_micros
from zelo.pos.edge.outbox.core import (
    MOST_BODY_BYTES,
    ROW_BYTES,
    Account,
    Candidate,
    Fill,
    Item,
    Placed,
    QueueFullError,
    Range,
    Rank,
    Shelf,
    enough,
    ranges,
    sacrificed_for,
)
from zelo.pos.edge.outbox.schema import TABLES
from zelo.pos.edge.outbox.shell.file import PAGE_BYTES, free_pages

SPARE_PAGES: Final = 32
"""Free beside every item: for the ledger, the counters, indexes that split, and the journal's next lines."""
MOST_LOSSES: Final = 100
"""Ranges of the ledger that one batch carries."""

PENDING, SETTLED, ASIDE = 0, 1, 2
_ON_SHELF: Final = "from outbox_shelf s cross join outbox_item i on i.turn = s.turn where s.settled = ? and s.rank = ?"
"""In this order: the shelf leads to its items."""


class Batch(NamedTuple):
    """What goes up together. `emitted`: the last number of every emitter and rank; `rest`: there is more to come."""

    epoch: str
    items: tuple[Item, ...]
    losses: tuple[Range, ...]
    emitted: tuple[tuple[str, Rank, int], ...]
    rest: bool


def fill(connection: apsw.Connection) -> Fill:
    """How full the file is."""
    most = int(connection.execute("pragma max_page_count").get) * PAGE_BYTES
    free = free_pages(connection) * PAGE_BYTES
    weigh = """select s.settled, s.rank, count(*), sum(length(i.body)), min(i.at)
        from outbox_shelf s join outbox_item i on i.turn = s.turn group by s.settled, s.rank"""
    unsent, unsent_bytes, copies_bytes, yields_bytes, aside, oldest = 0, 0, 0, 0, 0, list[int]()
    for settled, rank, count, body_bytes, at in connection.execute(weigh):
        taken = body_bytes + count * ROW_BYTES
        if settled == SETTLED:
            copies_bytes += taken
        elif settled == ASIDE:
            aside += count
        else:
            unsent, unsent_bytes = unsent + count, unsent_bytes + taken
            oldest.append(at)
            yields_bytes += 0 if rank == Rank.FISCAL else taken
    kept = max(0, most - free - copies_bytes - yields_bytes)
    oldest_at = from_micros(min(oldest)) if oldest else None
    return Fill(most, free, kept, unsent, unsent_bytes, copies_bytes, oldest_at, aside)


def create(connection: apsw.Connection, epoch: str) -> None:
    """Make the tables, in the caller's transaction. `epoch`: a random word that no other file will ever bear."""
    for table in TABLES:
        connection.execute(table)
    connection.execute("insert into outbox_epoch values (1, ?)", (epoch,))


def put(connection: apsw.Connection, rank: Rank, emitter: str, key: str, body: bytes, at: datetime) -> Placed:
    """Queue something, in the caller's transaction; what must give way for it does so in the same one.

    A fiscal document that is here already, by key and content, keeps its number; where the disk has changed its bytes
    it enters anew. What is not fiscal and finds no room is declared lost on arrival. Raises QueueFullError when only
    unsent documents are left, ValueError for too large a body of any other; nothing of the item is written then.
    """
    if not connection.in_transaction:
        raise ValueError("the outbox is written inside a transaction of its caller")
    if len(body) > MOST_BODY_BYTES and rank is not Rank.FISCAL:
        raise ValueError(f"an item of {len(body)} bytes; at most {MOST_BODY_BYTES}")
    crc = crc32(body)
    if rank is Rank.FISCAL and (known := _known(connection, key, crc, at)):
        return Placed(known, kept=True, crc=crc)
    kept = _make_room(connection, rank, len(key) + len(body) + ROW_BYTES, at)
    if not kept and rank is Rank.FISCAL:
        raise QueueFullError
    seq = _next_seq(connection, emitter, rank)
    if kept:
        connection.execute(
            "insert into outbox_item (rank, emitter, seq, key, at, crc, body) values (?, ?, ?, ?, ?, ?, ?)",
            (rank, emitter, seq, key, to_micros(at), crc, body),
        )
        connection.execute("insert into outbox_shelf values (?, ?, ?)", (PENDING, rank, connection.last_insert_rowid()))
    else:
        _declare(connection, [Range(emitter, rank, seq, seq)], at)
    return Placed(seq, kept, crc)


def make_room(connection: apsw.Connection, need_bytes: int, at: datetime) -> None:
    """Let what is not fiscal give way until so much is free, in the caller's transaction: before a sale is begun.

    Raises QueueFullError when that cannot be had.
    """
    if not _make_room(connection, Rank.FISCAL, need_bytes, at):
        raise QueueFullError


def document(connection: apsw.Connection, key: str) -> bytes:
    """The newest document under a key, b"" when its copy has given way."""
    newest = "select body from outbox_item where rank = 0 and key = ? order by turn desc limit 1"
    return bytes(connection.execute(newest, (key,)).get or b"")


def whole(connection: apsw.Connection, key: str, crc: int) -> bytes | None:
    """The very document of that content, None when its copy has given way, or its bytes have changed on the disk."""
    exact = "select body from outbox_item where rank = 0 and key = ? and crc = ?"
    body = connection.execute(exact, (key, crc)).get
    return bytes(body) if body is not None and crc32(body) == crc else None


def take(connection: apsw.Connection, most_items: int, most_bytes: int, *, newest: bool = False) -> Batch:
    """The next items to go: by rank, the oldest first or the newest; one, and as many as the bounds let; or none."""
    with connection:
        epoch = connection.execute("select epoch from outbox_epoch").get
        items: list[Item] = []
        rest = False
        for item in _pending(connection, newest=newest):
            most_bytes -= len(item.body) + ROW_BYTES
            if len(items) == most_items or (items and most_bytes < 0):
                rest = True
                break
            items.append(item)
        owed = "select emitter, rank, first, last from outbox_loss where told < last limit ?"
        losses = [Range(one, Rank(rank), *span) for one, rank, *span in connection.execute(owed, (MOST_LOSSES,))]
        streams = connection.execute("select emitter, rank, emitted from outbox_stream")
        emitted = tuple((emitter, Rank(rank), count) for emitter, rank, count in streams)
        withheld = connection.execute("select exists (select 1 from outbox_shelf where settled = ?)", (ASIDE,)).get
    return Batch(epoch, tuple(items), tuple(losses), emitted, rest or bool(withheld) or len(losses) == MOST_LOSSES)


def confirm(connection: apsw.Connection, items: Iterable[Item]) -> None:
    """The centre has these for good: they are copies from now on, and may give way. In the caller's transaction.

    Each by its name too: a turn comes again when the last item gave way.
    """
    connection.executemany(
        """update outbox_shelf set settled = ? where settled = ? and rank = ? and turn = ?
           and exists (select 1 from outbox_item i where i.turn = outbox_shelf.turn and i.emitter = ? and i.seq = ?)""",
        [(SETTLED, PENDING, item.rank, item.turn, item.emitter, item.seq) for item in items],
    )


def confirm_losses(connection: apsw.Connection, losses: Iterable[Range]) -> None:
    """The centre knows these losses. In the caller's transaction."""
    connection.executemany(
        "update outbox_loss set told = max(told, ?) where emitter = ? and rank = ? and first = ?",
        [(loss.last, loss.emitter, loss.rank, loss.first) for loss in losses],
    )


def spoil(connection: apsw.Connection, items: Sequence[Item], at: datetime) -> None:
    """Declare items lost whose bytes are no longer those that were put in. In the caller's transaction.

    What is left of them stays in the file as a copy, for a person to look at.
    """
    _declare(connection, ranges((item.emitter, item.rank, item.seq) for item in items), at)
    confirm(connection, items)


def ledger(connection: apsw.Connection) -> list[Account]:
    """What each emitter emitted in each rank, and what is pending, lost or set aside of it, counted one by one."""
    return [
        Account(emitter, Rank(rank), *counts)
        for emitter, rank, *counts in connection.execute(
            """select emitter, rank, emitted,
                 (select count(*) from outbox_shelf s cross join outbox_item i on i.turn = s.turn
                   where s.settled = ? and s.rank = stream.rank and i.emitter = stream.emitter),
                 (select coalesce(sum(last - first + 1), 0) from outbox_loss l
                   where l.rank = stream.rank and l.emitter = stream.emitter),
                 (select count(*) from outbox_shelf s cross join outbox_item i on i.turn = s.turn
                   where s.settled = ? and s.rank = stream.rank and i.emitter = stream.emitter)
               from outbox_stream stream order by emitter, rank""",
            (PENDING, ASIDE),
        )
    ]


def _known(connection: apsw.Connection, key: str, crc: int, at: datetime) -> int:
    """The number of a document that is in the file, 0 when it is not.

    One whose bytes the disk has changed is let go of, and declared lost where the centre neither has it nor was told.
    """
    exact = "select turn, emitter, seq, body from outbox_item where rank = 0 and key = ? and crc = ?"
    found: list[Any] = connection.execute(exact, (key, crc)).fetchall()
    for turn, emitter, seq, body in found:
        if crc32(body) == crc:
            return int(seq)
        shelves = "delete from outbox_shelf where settled in (?, ?, ?) and rank = 0 and turn = ? returning settled"
        if connection.execute(shelves, (PENDING, SETTLED, ASIDE, turn)).get != SETTLED:
            _declare(connection, [Range(emitter, Rank.FISCAL, seq, seq)], at)
        connection.execute("delete from outbox_item where turn = ?", (turn,))
        connection.execute("delete from outbox_aside where turn = ?", (turn,))
    return 0


def _next_seq(connection: apsw.Connection, emitter: str, rank: Rank) -> int:
    counted = connection.execute(
        """insert into outbox_stream values (?, ?, 1)
           on conflict (emitter, rank) do update set emitted = emitted + 1 returning emitted""",
        (emitter, rank),
    ).get
    return int(counted)


def _make_room(connection: apsw.Connection, arriving: Rank, need_bytes: int, at: datetime) -> bool:
    """Whether there is room now. Freed pages are counted, not reckoned: a page is free when all on it is gone."""
    wanted = -(-need_bytes // PAGE_BYTES) + SPARE_PAGES
    while (lacking := wanted - free_pages(connection)) > 0:
        chosen = enough(_candidates(connection, arriving), lacking * PAGE_BYTES)
        if not chosen:
            return False
        connection.executemany("delete from outbox_item where turn = ?", [(each.turn,) for each in chosen])
        connection.executemany(
            "delete from outbox_shelf where settled = ? and rank = ? and turn = ?",
            [(_state(each.shelf), each.shelf.rank, each.turn) for each in chosen],
        )
        lost = ranges((each.emitter, each.shelf.rank, each.seq) for each in chosen if each.shelf.pending)
        _declare(connection, lost, at)
    return True


def _candidates(connection: apsw.Connection, arriving: Rank) -> Iterator[Candidate]:
    for shelf in sacrificed_for(arriving):
        rows = connection.execute(
            f"select i.turn, emitter, seq, length(body) {_ON_SHELF} order by s.turn",
            (_state(shelf), shelf.rank),
        )
        for turn, emitter, seq, size in rows:
            yield Candidate(turn, shelf, emitter, seq, size)


def _declare(connection: apsw.Connection, lost: Iterable[Range], at: datetime) -> None:
    """Extend the ledger: a range that touches one on either side becomes one with it, and is told again."""
    for emitter, rank, first, last in lost:
        begin, end, told = first, last, first - 1
        beside = connection.execute(
            "select first, last, told from outbox_loss where emitter = ? and rank = ? and (last = ? or first = ?)",
            (emitter, rank, first - 1, last + 1),
        )
        spans: list[tuple[Any, ...]] = beside.fetchall()
        for other_first, other_last, other_told in spans:
            begin, end = min(begin, other_first), max(end, other_last)
            told = other_told if other_last < first else told
        connection.execute(
            "delete from outbox_loss where emitter = ? and rank = ? and first between ? and ?",
            (emitter, rank, begin, end),
        )
        connection.execute(
            "insert into outbox_loss values (?, ?, ?, ?, ?, ?)", (emitter, rank, begin, end, to_micros(at), told)
        )


def _pending(connection: apsw.Connection, *, newest: bool) -> Iterator[Item]:
    order = "desc" if newest else "asc"
    for rank in Rank:
        rows = connection.execute(
            f"select i.turn, emitter, seq, key, at, crc, body {_ON_SHELF} order by s.turn {order}",
            (PENDING, rank),
        )
        for turn, emitter, seq, key, at, crc, body in rows:
            yield Item(turn, emitter, rank, seq, key, from_micros(at), crc, body)


def _state(shelf: Shelf) -> int:
    return PENDING if shelf.pending else SETTLED
