"""Events of notes with their history, the company's own deadline for cancelling, and contingency."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_ONLY_GROWS = "flow_event_history"


def upgrade() -> None:
    """One step forward."""
    op.add_column("flow_document", sa.Column("contingency_id", sa.Text()))
    op.add_column("flow_document", sa.Column("successor_id", sa.Text()))
    op.create_index("ix_flow_document_successor_id", "flow_document", ["successor_id"])
    _events()
    op.create_table(
        "flow_cancel_rule",
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer()),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_flow_cancel_rule_company_id"),
        sa.PrimaryKeyConstraint("company_id", name="pk_flow_cancel_rule"),
    )
    op.create_table(
        "flow_contingency",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("establishment_id", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("ended_by", sa.Text()),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["access_establishment.id"], name="fk_flow_contingency_establishment_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_flow_contingency"),
    )
    still_open = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_flow_contingency_open",
        "flow_contingency",
        ["establishment_id"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def _events() -> None:
    op.create_table(
        "flow_event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("establishment_id", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("ambiente", sa.Integer(), nullable=False),
        sa.Column("modelo", sa.Text(), nullable=False),
        sa.Column("autorizador", sa.Text(), nullable=False),
        sa.Column("chave", sa.Text(), nullable=False),
        sa.Column("tipo", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text()),
        sa.Column("digest", sa.Text()),
        sa.Column("sent_at", sa.BigInteger()),
        sa.Column("consultas", sa.Integer(), nullable=False),
        sa.Column("cstat", sa.Text()),
        sa.Column("motivo", sa.Text()),
        sa.Column("nprot", sa.Text()),
        sa.Column("registered_at", sa.BigInteger()),
        sa.Column("faults", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_flow_event_company_id"),
        sa.ForeignKeyConstraint(
            ["establishment_id"], ["access_establishment.id"], name="fk_flow_event_establishment_id"
        ),
        sa.ForeignKeyConstraint(["document_id"], ["flow_document.id"], name="fk_flow_event_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_flow_event"),
        sa.UniqueConstraint("chave", "tipo", "seq", name="uq_flow_event_chave_tipo_seq"),
    )
    op.create_index("ix_flow_event_document_id", "flow_event", ["document_id"])
    op.create_index("ix_flow_event_batch_id", "flow_event", ["batch_id"])
    op.create_index("ix_flow_event_due_at", "flow_event", ["due_at"])
    op.create_index("ix_flow_event_company_id_updated_at", "flow_event", ["company_id", "updated_at"])
    op.create_table(
        "flow_event_history",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["flow_event.id"], name="fk_flow_event_history_event_id"),
        sa.PrimaryKeyConstraint("event_id", "seq", name="pk_flow_event_history"),
    )
    _only_grows()


def _only_grows() -> None:
    """The database itself refuses to change the history, as 0003 does for the others."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {_ONLY_GROWS}_no_{act.lower()} BEFORE {act} ON {_ONLY_GROWS} "
                f"BEGIN SELECT RAISE(ABORT, '{_ONLY_GROWS} only grows'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {_ONLY_GROWS}_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN RAISE EXCEPTION '{_ONLY_GROWS} only grows'; END$$"
    )
    op.execute(
        f"CREATE TRIGGER {_ONLY_GROWS}_only_grows BEFORE UPDATE OR DELETE ON {_ONLY_GROWS} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {_ONLY_GROWS}_only_grows()"
    )
