"""What the journal lets go of: old answers first, old rows later, never what is open, in doubt or not delivered.

A doubt is none any more once a person has looked.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import apsw

from zelo.fiscal.instant import to_micros
from zelo.pos.edge.outbox.shell.file import PAGE_BYTES

REPLY_LIFE: Final = timedelta(days=7)
"""A till that repeats itself does so at once; the coupon itself is in the outbox."""
ROW_LIFE: Final = timedelta(days=120)
SHARE: Final = 3
"""The part of the file that the journal may take, one third: the rest is for documents, and what goes up with them."""
ASKING_BYTES: Final = 1_500
"""Of a sale with its call, its coupon and their indexes; measured."""
KEPT_OF_TILL: Final = 200
"""Twice the sessions that a till may ask for (ER SAT): its last answers stay however old."""
_CHECKED: Final = "EXISTS (SELECT 1 FROM attempt a WHERE a.request_id = r.id AND a.outcome = 'checked')"
_ENDED: Final = (
    "(r.end = 'refused' OR (r.end = 'done' AND r.delivered = 1)"
    f" OR (r.end = 'doubt' AND {_CHECKED})) AND NOT (r.end = 'done' AND r.elsewhere IN (1, 3))"
)
_NOTHING_OPEN: Final = (
    "NOT EXISTS (SELECT 1 FROM attempt a WHERE a.request_id = r.id AND a.outcome IN ('called', 'doubt', 'forgotten'))"
    " AND NOT EXISTS (SELECT 1 FROM coupon c"
    " WHERE c.request_id = r.id AND c.standing IN ('surplus', 'undelivered', 'listed'))"
)

_TILLS: Final = (
    "WITH RECURSIVE each (till) AS (SELECT min(till) FROM request UNION ALL"
    " SELECT (SELECT min(till) FROM request r WHERE r.till > each.till) FROM each WHERE each.till IS NOT NULL)"
    " SELECT till FROM each WHERE till IS NOT NULL"
)
"""Every till, by one step in an index for each, and not by all that they asked."""


def prune(connection: apsw.Connection, now: datetime, most: int) -> int:
    """Let go of at most so many answers and so many rows, the oldest first; how many went. Call again until none do.

    They go before their time where a shop sells so much that the journal would take the room of its documents.
    """
    crowded = _crowded_before(connection)
    replies = _forget_replies(connection, max(to_micros(now - REPLY_LIFE), crowded), most)
    return replies + _forget_rows(connection, max(to_micros(now - ROW_LIFE), crowded), most)


def _crowded_before(connection: apsw.Connection) -> int:
    """The instant, in microseconds, of the oldest asking for which there is room; 0 where there is for all."""
    most = int(connection.execute("pragma max_page_count").get) * PAGE_BYTES // SHARE // ASKING_BYTES
    oldest = connection.execute("SELECT at FROM request ORDER BY at DESC LIMIT 1 OFFSET ?", (most,)).get
    return int(oldest or 0)


def _forget_replies(connection: apsw.Connection, before: int, most: int) -> int:
    gone: list[tuple[str]] = []
    for (till,) in connection.execute(_TILLS).fetchall():
        limit: Any = connection.execute(
            "SELECT turn, at FROM request WHERE till = ? AND reply IS NOT NULL"
            " ORDER BY turn DESC, at DESC LIMIT 1 OFFSET ?",
            (till, KEPT_OF_TILL - 1),
        ).fetchone()
        if limit is None:
            continue
        query = (
            "SELECT r.id FROM request r WHERE r.till = ? AND (r.turn, r.at) < (?, ?) AND r.at < ?"  # noqa: S608 our own words
            f" AND r.reply IS NOT NULL AND {_ENDED} AND {_NOTHING_OPEN} ORDER BY r.turn, r.at LIMIT ?"
        )
        found: Any = connection.execute(query, (till, *limit, before, most - len(gone))).fetchall()
        gone += found
    connection.executemany("UPDATE request SET reply = NULL WHERE id = ?", gone)
    connection.executemany("UPDATE attempt SET reply = NULL WHERE request_id = ?", gone)
    return len(gone)


def _forget_rows(connection: apsw.Connection, before: int, most: int) -> int:
    query = (
        f"SELECT r.id FROM request r WHERE r.at < ? AND r.reply IS NULL AND {_ENDED} AND {_NOTHING_OPEN}"  # noqa: S608 our own words
        " ORDER BY r.at LIMIT ?"
    )
    gone: list[Any] = connection.execute(query, (before, most)).fetchall()
    for table, column in (("coupon", "request_id"), ("attempt", "request_id"), ("request", "id")):
        connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", gone)  # noqa: S608 our own words
    return len(gone)
