"""Tables of `guard`: one row per number of a série with the head of its journal, the journal, budgets and halts."""

from sqlalchemy import Column, Integer, Table, Text

from zelo.engine.schema.base import Instant, Json, metadata

note = Table(
    "guard_note",
    metadata,
    Column("natural_key", Text, primary_key=True),
    Column("counts", Json, nullable=False),
    Column("unknown", Integer, nullable=False),
    Column("token", Text),
    Column("seq", Integer, nullable=False),
    Column("head", Text, nullable=False),
)

journal = Table(
    "guard_journal",
    metadata,
    Column("natural_key", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("chave", Text, nullable=False, index=True),
    Column("event", Text, nullable=False),
    Column("cstat", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

window = Table(
    "guard_window",
    metadata,
    Column("key", Text, primary_key=True),
    Column("times", Json, nullable=False),
    Column("spent_at", Instant, nullable=False, index=True),
)

halt = Table(
    "guard_halt",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("cstat", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("document_id", Text),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
)

streak = Table(
    "guard_streak",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
)

APPEND_ONLY = (journal,)
