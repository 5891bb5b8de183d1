"""Tables of `guard`: one row per number of a série with the head of its journal, the journal, budgets, halts, what
each company has set, the sends that other programs asked about, how a reviewer reads a code, when the database was
restored, and who else was seen to send.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text

from zelo.engine.schema.access import company
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
    Column("released", Json, nullable=False, server_default="{}"),
    Column("sent_at", Instant),
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

policy = Table(
    "guard_policy",
    metadata,
    Column("company_id", Text, ForeignKey(company.c.id), primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("intervals", Text, nullable=False),
    Column("limits", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

foreign = Table(
    "guard_foreign",
    metadata,
    Column("token", Text, primary_key=True),
    Column("company_id", Text, ForeignKey(company.c.id), nullable=False),
    Column("key", Text, nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("modelo", Text, nullable=False),
    Column("servico", Text, nullable=False),
    Column("ambiente", Integer, nullable=False),
    Column("uf", Text, nullable=False),
    Column("autorizador", Text, nullable=False),
    Column("cnpj", Text, nullable=False),
    Column("transmitter", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("lease_until", Instant, nullable=False),
    Column("settled_at", Instant, index=True),
    Column("outcome", Text, nullable=False),
    Column("motivo", Text, nullable=False, server_default=""),
    Column("meaning", Text, nullable=False),
    Column("holds", Boolean, nullable=False),
    Index("ix_guard_foreign_company_id_asked_at", "company_id", "asked_at"),
)

override = Table(
    "guard_override",
    metadata,
    Column("id", Text, primary_key=True),
    Column("modelo", Text, nullable=False),
    Column("cstat", Text, nullable=False),
    Column("classe", Text, nullable=False),
    Column("desde", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("why", Text, nullable=False),
)

restore = Table(
    "guard_restore",
    metadata,
    Column("company_id", Text, ForeignKey(company.c.id), primary_key=True),
    Column("at", Instant, nullable=False),
)

sighting = Table(
    "guard_sighting",
    metadata,
    Column("company_id", Text, ForeignKey(company.c.id), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("emitter", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("notes", Integer, nullable=False),
    Column("seen_at", Instant),
    Column("told_at", Instant, nullable=False),
    Column("told_by", Text, nullable=False),
)

APPEND_ONLY = (journal, override)
