"""The tables of the journal, in SQLite's words. Instants are UTC microseconds, money is cents, bytes are zstd."""

from typing import Final

ADDED: Final = (
    ("attempt", "witness", ("ALTER TABLE attempt ADD COLUMN witness INTEGER NOT NULL DEFAULT 0",)),
    ("attempt", "nserie", ("ALTER TABLE attempt ADD COLUMN nserie TEXT NOT NULL DEFAULT ''",)),
    (
        "request",
        "turn",
        (
            "ALTER TABLE request ADD COLUMN turn INTEGER NOT NULL DEFAULT 0",
            "DROP INDEX request_session",
            "DROP INDEX request_reply",
        ),
    ),
    ("request", "lost", ("ALTER TABLE request ADD COLUMN lost INTEGER NOT NULL DEFAULT 0",)),
)
"""Table, column, and what a file that was made before there was one is given.

Before `turn` the askings of a till stood in the order of the clock, which may step back.
"""
FORGOTTEN: Final = "CREATE INDEX IF NOT EXISTS attempt_forgotten ON attempt (device) WHERE outcome = 'forgotten'"
"""Younger than the others: a file that has them not is given them when it is opened."""
NO_BOUND: Final = "DROP TABLE IF EXISTS bound"
"""Sessions by id, which stand beside their askings and nowhere else."""
GIVEN: Final = "CREATE INDEX IF NOT EXISTS request_given ON request (at) WHERE elsewhere = 4"
OF_TILL: Final = (
    "CREATE INDEX IF NOT EXISTS request_of_session ON request (till, session, turn, at)",
    "CREATE INDEX IF NOT EXISTS request_answered ON request (till, turn, at) WHERE reply IS NOT NULL",
)
LOOKED: Final = "CREATE INDEX IF NOT EXISTS request_looked ON request (at) WHERE elsewhere = 3"
TABLES: Final = (
    """CREATE TABLE request (
        id TEXT PRIMARY KEY,
        till TEXT NOT NULL,
        session INTEGER NOT NULL,
        function TEXT NOT NULL,
        matter TEXT NOT NULL,
        at INTEGER NOT NULL,
        end TEXT,
        ended_at INTEGER,
        reply BLOB,
        delivered INTEGER NOT NULL DEFAULT 0,
        elsewhere INTEGER NOT NULL DEFAULT 0,
        turn INTEGER NOT NULL DEFAULT 0,
        lost INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID""",
    "CREATE INDEX request_unfinished ON request (at) WHERE end IS NULL OR delivered = 0",
    "CREATE INDEX request_at ON request (at)",
    "CREATE INDEX request_claim ON request (at) WHERE elsewhere = 1",
    """CREATE TABLE attempt (
        id INTEGER PRIMARY KEY,
        request_id TEXT NOT NULL REFERENCES request (id),
        device TEXT NOT NULL,
        session INTEGER NOT NULL,
        at INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        ended_at INTEGER,
        reply BLOB,
        witness INTEGER NOT NULL DEFAULT 0,
        nserie TEXT NOT NULL DEFAULT ''
    )""",
    "CREATE INDEX attempt_request ON attempt (request_id)",
    "CREATE INDEX attempt_open ON attempt (device) WHERE outcome IN ('called', 'doubt')",
    """CREATE TABLE coupon (
        chave TEXT PRIMARY KEY,
        request_id TEXT NOT NULL REFERENCES request (id),
        attempt_id INTEGER NOT NULL REFERENCES attempt (id),
        device TEXT NOT NULL,
        cancels TEXT,
        at INTEGER NOT NULL,
        total_cents INTEGER NOT NULL,
        standing TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT ''
    ) WITHOUT ROWID""",
    "CREATE INDEX coupon_request ON coupon (request_id)",
    "CREATE INDEX coupon_at ON coupon (at)",
    "CREATE INDEX coupon_open ON coupon (device) WHERE standing IN ('surplus', 'undelivered', 'listed')",
    """CREATE TABLE device (
        name TEXT PRIMARY KEY,
        sessions_until INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE code (
        device TEXT PRIMARY KEY,
        encrypted BLOB NOT NULL
    ) WITHOUT ROWID""",
    FORGOTTEN,
    LOOKED,
    GIVEN,
    *OF_TILL,
)
"""`matter`: digest of what was asked. `end`: done, refused, doubt. `elsewhere`: as `entry.Elsewhere`. `sessions_until`:
numbers up to it may be in use; `device` also counts the sessions that doors give to tills which bring none.
`witness`: a session that the device had executed before, 0 for none known. `nserie`: its number, '' for unknown.
`turn`: the last call before an asking was written down, by which askings stand in their order whatever the clock does.
`lost`: as of a Request, the greatest.
"""
