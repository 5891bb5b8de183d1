"""Tables of `notify`: what happened, what was told of it, the mail to each address, and who wishes to be told."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from zelo.engine.schema.access import account, company
from zelo.engine.schema.base import Instant, Json, metadata

notice = Table(
    "notify_notice",
    metadata,
    Column("id", Text, primary_key=True),
    Column("company_id", Text, ForeignKey(company.c.id), nullable=False),
    Column("kind", Text, nullable=False),
    Column("causes", Integer, nullable=False),
    Column("subject", Text, nullable=False),
    Column("content", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_notify_notice_company_id_id", "company_id", "id"),
)

cause = Table(
    "notify_cause",
    metadata,
    Column("company_id", Text, ForeignKey(company.c.id), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("headline", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("notice_id", Text, ForeignKey(notice.c.id)),
    Index("ix_notify_cause_notice_id_company_id_kind", "notice_id", "company_id", "kind"),
)

outbox = Table(
    "notify_outbox",
    metadata,
    Column("id", Text, primary_key=True),
    Column("notice_id", Text, ForeignKey(notice.c.id), nullable=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("said", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, index=True),
    Column("settled_at", Instant),
    UniqueConstraint("notice_id", "address"),
)

switch = Table(
    "notify_switch",
    metadata,
    Column("account_id", Text, ForeignKey(account.c.id), primary_key=True),
    Column("company_id", Text, ForeignKey(company.c.id), primary_key=True),
    Column("wanted", Boolean, nullable=False),
)

address = Table(
    "notify_address",
    metadata,
    Column("id", Text, primary_key=True),
    Column("company_id", Text, ForeignKey(company.c.id), nullable=False),
    Column("address", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    UniqueConstraint("company_id", "address"),
)
