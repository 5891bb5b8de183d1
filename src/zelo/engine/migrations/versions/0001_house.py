"""The house: everything that the first release keeps, and the tables that the database itself lets only grow."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

INSTANT = CENTS = sa.BigInteger()
JSON = sa.Text()
APPEND_ONLY = ("access_audit", "archive_xml", "flow_draft", "flow_history", "guard_journal")


def upgrade() -> None:
    """One step forward."""
    for room in (_engine, _access, _archive, _assemble, _flow, _guard, _isp, _monitor):
        room()
    for table in APPEND_ONLY:
        _only_grow(table)


def _only_grow(table: str) -> None:
    """Refuse UPDATE and DELETE, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN RAISE EXCEPTION '{table} only grows'; END$$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_grows()"
    )


def _engine() -> None:
    op.create_table(
        "engine_meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_engine_meta"),
    )
    op.create_table(
        "engine_periodic",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_engine_periodic"),
    )


def _access() -> None:
    op.create_table(
        "access_account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("installation_admin", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("disabled_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_access_account"),
        sa.UniqueConstraint("email", name="uq_access_account_email"),
    )
    op.create_table(
        "access_audit",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text()),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("detail", JSON),
        sa.PrimaryKeyConstraint("id", name="pk_access_audit"),
    )
    op.create_index("ix_access_audit_company_id", "access_audit", ["company_id"])
    op.create_table(
        "access_company",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cnpj_base", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("disabled_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_access_company"),
        sa.UniqueConstraint("cnpj_base", name="uq_access_company_cnpj_base"),
    )
    op.create_table(
        "access_login_failure",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_login_failure"),
    )
    op.create_index("ix_access_login_failure_email_at", "access_login_failure", ["email", "at"])
    op.create_table(
        "access_api_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_access_api_key_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_access_api_key"),
        sa.UniqueConstraint("key_hash", name="uq_access_api_key_key_hash"),
    )
    op.create_index("ix_access_api_key_company_id", "access_api_key", ["company_id"])
    op.create_table(
        "access_certificate",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("cnpj", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("valid_from", INSTANT, nullable=False),
        sa.Column("valid_until", INSTANT, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("sealed_file", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_password", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_access_certificate_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_access_certificate"),
    )
    op.create_index("ix_access_certificate_company_id", "access_certificate", ["company_id"])
    op.create_table(
        "access_invite",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_access_invite_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_access_invite"),
        sa.UniqueConstraint("token_hash", name="uq_access_invite_token_hash"),
    )
    op.create_index("ix_access_invite_company_id", "access_invite", ["company_id"])
    op.create_table(
        "access_membership",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["access_account.id"], name="fk_access_membership_account_id"),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_access_membership_company_id"),
        sa.PrimaryKeyConstraint("account_id", "company_id", name="pk_access_membership"),
    )
    op.create_index("ix_access_membership_company_id", "access_membership", ["company_id"])
    op.create_table(
        "access_session",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["access_account.id"], name="fk_access_session_account_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_access_session"),
    )
    op.create_index("ix_access_session_account_id", "access_session", ["account_id"])
    op.create_table(
        "access_establishment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("ambiente", sa.Integer(), nullable=False),
        sa.Column("cnpj", sa.Text(), nullable=False),
        sa.Column("ie", sa.Text(), nullable=False),
        sa.Column("crt", sa.Text(), nullable=False),
        sa.Column("nome", sa.Text(), nullable=False),
        sa.Column("fantasia", sa.Text()),
        sa.Column("uf", sa.Text(), nullable=False),
        sa.Column("municipio", sa.Text(), nullable=False),
        sa.Column("logradouro", sa.Text(), nullable=False),
        sa.Column("numero", sa.Text(), nullable=False),
        sa.Column("complemento", sa.Text()),
        sa.Column("bairro", sa.Text(), nullable=False),
        sa.Column("cep", sa.Text(), nullable=False),
        sa.Column("fone", sa.Text()),
        sa.Column("email", sa.Text()),
        sa.Column("accredited_at", INSTANT),
        sa.Column("certificate_id", sa.Text()),
        sa.Column("transmitter_id", sa.Text()),
        sa.Column("production_unlocked_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("disabled_at", INSTANT),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["access_certificate.id"], name="fk_access_establishment_certificate_id"
        ),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_access_establishment_company_id"),
        sa.ForeignKeyConstraint(
            ["transmitter_id"], ["access_certificate.id"], name="fk_access_establishment_transmitter_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_access_establishment"),
        sa.UniqueConstraint("cnpj", name="uq_access_establishment_cnpj"),
    )
    op.create_index("ix_access_establishment_company_id", "access_establishment", ["company_id"])


def _archive() -> None:
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


def _assemble() -> None:
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


def _flow() -> None:
    op.create_table(
        "flow_worker",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_flow_worker"),
    )
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


def _guard() -> None:
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
    op.create_table(
        "guard_streak",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name="pk_guard_streak"),
    )
    op.create_table(
        "guard_window",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("times", JSON, nullable=False),
        sa.Column("spent_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_guard_window"),
    )
    op.create_index("ix_guard_window_spent_at", "guard_window", ["spent_at"])


def _isp() -> None:
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


def _monitor() -> None:
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
