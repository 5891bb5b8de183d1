"""The documents on their way: archive, numbers, lifecycle, guard, billing files and what the authorizers said."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INSTANT = sa.BigInteger()
CENTS = sa.BigInteger()
JSON = sa.Text()


def upgrade() -> None:
    """One step forward, in the order in which the tables lean on each other."""
    _archive_xml()
    _assemble_numbering()
    _flow_document()
    _flow_attempt()
    _flow_draft()
    _flow_history()
    _flow_probe()
    _flow_worker()
    _guard_halt()
    _guard_journal()
    _guard_note()
    _guard_streak()
    _guard_window()
    _isp_batch()
    _isp_fault()
    _monitor_health()


def _archive_xml() -> None:
    op.create_table(
        "archive_xml",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("establishment_id", sa.Text(), nullable=False),
        sa.Column("modelo", sa.Text(), nullable=False),
        sa.Column("chave", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("dictionary_id", sa.Text()),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_archive_xml"),
        sa.UniqueConstraint("chave", "kind", "sha256", name="uq_archive_xml_chave_kind_sha256"),
    )
    op.create_index(
        "ix_archive_xml_establishment_id_modelo", "archive_xml", ["establishment_id", "modelo", "dictionary_id"]
    )


def _assemble_numbering() -> None:
    op.create_table(
        "assemble_numbering",
        sa.Column("establishment_id", sa.Text(), nullable=False),
        sa.Column("modelo", sa.Text(), nullable=False),
        sa.Column("serie", sa.Integer(), nullable=False),
        sa.Column("next_nnf", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("evidence_chave", sa.Text()),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["access_establishment.id"], name="fk_assemble_numbering_establishment_id"
        ),
        sa.PrimaryKeyConstraint("establishment_id", "modelo", "serie", name="pk_assemble_numbering"),
    )


def _flow_document() -> None:
    op.create_table(
        "flow_document",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("establishment_id", sa.Text(), nullable=False),
        sa.Column("ambiente", sa.Integer(), nullable=False),
        sa.Column("modelo", sa.Text(), nullable=False),
        sa.Column("autorizador", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("draft_digest", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("total", CENTS, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("serie", sa.Integer(), nullable=False),
        sa.Column("nnf", sa.Integer()),
        sa.Column("cnf", sa.Text()),
        sa.Column("chave", sa.Text()),
        sa.Column("digest", sa.Text()),
        sa.Column("emitted_at", INSTANT),
        sa.Column("sent_at", INSTANT),
        sa.Column("consultas", sa.Integer(), nullable=False),
        sa.Column("cstat", sa.Text()),
        sa.Column("motivo", sa.Text()),
        sa.Column("nprot", sa.Text()),
        sa.Column("situacao", sa.Text()),
        sa.Column("authorised_at", INSTANT),
        sa.Column("faults", JSON),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_flow_document_company_id"),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["access_establishment.id"], name="fk_flow_document_establishment_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_flow_document"),
        sa.UniqueConstraint("chave", name="uq_flow_document_chave"),
        sa.UniqueConstraint(
            "establishment_id", "modelo", "serie", "nnf", name="uq_flow_document_establishment_id_modelo_serie_nnf"
        ),
        sa.UniqueConstraint("establishment_id", "reference", name="uq_flow_document_establishment_id_reference"),
    )
    op.create_index("ix_flow_document_batch_id", "flow_document", ["batch_id"])
    op.create_index("ix_flow_document_company_id_state", "flow_document", ["company_id", "state"])
    op.create_index("ix_flow_document_company_id_updated_at", "flow_document", ["company_id", "updated_at"])
    op.create_index("ix_flow_document_due_at", "flow_document", ["due_at"])


def _flow_attempt() -> None:
    op.create_table(
        "flow_attempt",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("chave", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.Column("outcome", sa.Text()),
        sa.Column("cstat", sa.Text()),
        sa.Column("motivo", sa.Text()),
        sa.Column("answer", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["document_id"], ["flow_document.id"], name="fk_flow_attempt_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_flow_attempt"),
    )
    op.create_index("ix_flow_attempt_document_id", "flow_attempt", ["document_id"])


def _flow_draft() -> None:
    op.create_table(
        "flow_draft",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["flow_document.id"], name="fk_flow_draft_document_id"),
        sa.PrimaryKeyConstraint("document_id", "revision", name="pk_flow_draft"),
    )


def _flow_history() -> None:
    op.create_table(
        "flow_history",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["flow_document.id"], name="fk_flow_history_document_id"),
        sa.PrimaryKeyConstraint("document_id", "seq", name="pk_flow_history"),
    )


def _flow_probe() -> None:
    op.create_table(
        "flow_probe",
        sa.Column("establishment_id", sa.Text(), nullable=False),
        sa.Column("serie", sa.Integer(), nullable=False),
        sa.Column("next_nnf", sa.Integer(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("found", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["access_establishment.id"], name="fk_flow_probe_establishment_id"
        ),
        sa.PrimaryKeyConstraint("establishment_id", "serie", name="pk_flow_probe"),
    )


def _flow_worker() -> None:
    op.create_table(
        "flow_worker",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_flow_worker"),
    )


def _guard_halt() -> None:
    op.create_table(
        "guard_halt",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cstat", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text()),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT),
        sa.PrimaryKeyConstraint("scope", name="pk_guard_halt"),
    )


def _guard_journal() -> None:
    op.create_table(
        "guard_journal",
        sa.Column("natural_key", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("chave", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("cstat", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("natural_key", "seq", name="pk_guard_journal"),
    )
    op.create_index("ix_guard_journal_chave", "guard_journal", ["chave"])


def _guard_note() -> None:
    op.create_table(
        "guard_note",
        sa.Column("natural_key", sa.Text(), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text()),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("natural_key", name="pk_guard_note"),
    )


def _guard_streak() -> None:
    op.create_table(
        "guard_streak",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name="pk_guard_streak"),
    )


def _guard_window() -> None:
    op.create_table(
        "guard_window",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("times", JSON, nullable=False),
        sa.Column("spent_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_guard_window"),
    )
    op.create_index("ix_guard_window_spent_at", "guard_window", ["spent_at"])


def _isp_batch() -> None:
    op.create_table(
        "isp_batch",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("notes", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_isp_batch_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_isp_batch"),
    )
    op.create_index("ix_isp_batch_company_id", "isp_batch", ["company_id"])


def _isp_fault() -> None:
    op.create_table(
        "isp_fault",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["isp_batch.id"], name="fk_isp_fault_batch_id"),
        sa.PrimaryKeyConstraint("batch_id", "seq", name="pk_isp_fault"),
    )


def _monitor_health() -> None:
    op.create_table(
        "monitor_health",
        sa.Column("autorizador", sa.Text(), nullable=False),
        sa.Column("ambiente", sa.Integer(), nullable=False),
        sa.Column("cstat", sa.Text(), nullable=False),
        sa.Column("motivo", sa.Text(), nullable=False),
        sa.Column("answered_at", INSTANT),
        sa.Column("silent_at", INSTANT),
        sa.Column("latency_millis", sa.Integer()),
        sa.Column("drift_millis", sa.Integer()),
        sa.PrimaryKeyConstraint("autorizador", "ambiente", name="pk_monitor_health"),
    )
