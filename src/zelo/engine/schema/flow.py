"""Tables of `flow`: each document with its state and when its next step is due, its drafts, attempts and history; the
same of each event; what people asked for many notes at once; when an emitter was in contingency, and how soon a
company wants its notes cancelled.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from zelo.engine.schema.access import company, establishment
from zelo.engine.schema.base import Cents, Instant, Json, metadata

document = Table(
    "flow_document",
    metadata,
    Column("id", Text, primary_key=True),
    Column("bucket", Integer, nullable=False),
    Column("company_id", Text, ForeignKey(company.c.id), nullable=False),
    Column("establishment_id", Text, ForeignKey(establishment.c.id), nullable=False),
    Column("ambiente", Integer, nullable=False),
    Column("modelo", Text, nullable=False),
    Column("autorizador", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("batch_id", Text, index=True),
    Column("revision", Integer, nullable=False),
    Column("draft_digest", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("total", Cents, nullable=False),
    Column("billed", Cents, nullable=False),
    Column("contract", Text, nullable=False),
    Column("go_at", Instant),
    Column("state", Text, nullable=False),
    Column("due_at", Instant),
    Column("version", Integer, nullable=False),
    Column("serie", Integer, nullable=False),
    Column("nnf", Integer),
    Column("cnf", Text),
    Column("chave", Text, unique=True),
    Column("digest", Text),
    Column("emitted_at", Instant),
    Column("sent_at", Instant),
    Column("consultas", Integer, nullable=False),
    Column("cstat", Text),
    Column("motivo", Text),
    Column("nprot", Text),
    Column("situacao", Text),
    Column("authorised_at", Instant),
    Column("contingency_id", Text),
    Column("successor_id", Text, index=True),
    Column("faults", Json),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("establishment_id", "reference"),
    UniqueConstraint("establishment_id", "modelo", "serie", "nnf"),
    Index("ix_flow_document_due_at", "due_at"),
    Index("ix_flow_document_company_id_state", "company_id", "state"),
    Index("ix_flow_document_company_id_updated_at", "company_id", "updated_at"),
    Index(
        "ix_flow_document_month",
        "company_id",
        "period",
        "establishment_id",
        "state",
        "situacao",
        "cstat",
        "chave",
        "billed",
        "authorised_at",
        "emitted_at",
        "successor_id",
    ),
    Index("ix_flow_document_contract", "company_id", "period", "establishment_id", "contract", "situacao", "billed"),
)

item = Table(
    "flow_item",
    metadata,
    Column("document_id", Text, ForeignKey(document.c.id), primary_key=True),
    Column("cfop", Text, primary_key=True),
    Column("cclass", Text, primary_key=True),
    Column("det", Integer, nullable=False),
    Column("value", Cents, nullable=False),
)

draft = Table(
    "flow_draft",
    metadata,
    Column("document_id", Text, ForeignKey(document.c.id), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
)

attempt = Table(
    "flow_attempt",
    metadata,
    Column("id", Text, primary_key=True),
    Column("document_id", Text, ForeignKey(document.c.id), nullable=False, index=True),
    Column("service", Text, nullable=False),
    Column("chave", Text, nullable=False),
    Column("certificate", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("outcome", Text),
    Column("cstat", Text),
    Column("motivo", Text),
    Column("answer", LargeBinary),
)

history = Table(
    "flow_history",
    metadata,
    Column("document_id", Text, ForeignKey(document.c.id), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("event", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

worker = Table(
    "flow_worker",
    metadata,
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

probe = Table(
    "flow_probe",
    metadata,
    Column("establishment_id", Text, ForeignKey(establishment.c.id), primary_key=True),
    Column("serie", Integer, primary_key=True),
    Column("next_nnf", Integer, nullable=False),
    Column("misses", Integer, nullable=False),
    Column("found", Json, nullable=False),
)

event = Table(
    "flow_event",
    metadata,
    Column("id", Text, primary_key=True),
    Column("bucket", Integer, nullable=False),
    Column("company_id", Text, ForeignKey(company.c.id), nullable=False),
    Column("establishment_id", Text, ForeignKey(establishment.c.id), nullable=False),
    Column("document_id", Text, ForeignKey(document.c.id), nullable=False, index=True),
    Column("ambiente", Integer, nullable=False),
    Column("modelo", Text, nullable=False),
    Column("autorizador", Text, nullable=False),
    Column("chave", Text, nullable=False),
    Column("tipo", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("batch_id", Text, index=True),
    Column("state", Text, nullable=False),
    Column("due_at", Instant),
    Column("version", Integer, nullable=False),
    Column("sha256", Text),
    Column("digest", Text),
    Column("sent_at", Instant),
    Column("consultas", Integer, nullable=False),
    Column("cstat", Text),
    Column("motivo", Text),
    Column("nprot", Text),
    Column("registered_at", Instant),
    Column("faults", Json),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("chave", "tipo", "seq"),
    Index("ix_flow_event_due_at", "due_at"),
    Index("ix_flow_event_company_id_updated_at", "company_id", "updated_at"),
)

event_history = Table(
    "flow_event_history",
    metadata,
    Column("event_id", Text, ForeignKey(event.c.id), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("event", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

cancel_rule = Table(
    "flow_cancel_rule",
    metadata,
    Column("company_id", Text, ForeignKey(company.c.id), primary_key=True),
    Column("days", Integer),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

order = Table(
    "flow_order",
    metadata,
    Column("id", Text, primary_key=True),
    Column("company_id", Text, ForeignKey(company.c.id), nullable=False),
    Column("batch_id", Text, nullable=False, index=True),
    Column("event", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("notes", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("due_at", Instant, index=True),
    Column("created_at", Instant, nullable=False),
)

contingency = Table(
    "flow_contingency",
    metadata,
    Column("id", Text, primary_key=True),
    Column("establishment_id", Text, ForeignKey(establishment.c.id), nullable=False),
    Column("since", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Text),
)
Index(
    "uq_flow_contingency_open",
    contingency.c.establishment_id,
    unique=True,
    sqlite_where=contingency.c.ended_at.is_(None),
    postgresql_where=contingency.c.ended_at.is_(None),
)

APPEND_ONLY = (draft, history, event_history)
