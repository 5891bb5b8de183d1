"""A look before sending: the go of each note, what it bills by CFOP and cClass, the notes of a file, and its policy."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """One step forward. Every note that is there already was let go when it came in."""
    op.add_column("flow_document", sa.Column("billed", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("flow_document", sa.Column("contract", sa.Text(), server_default="", nullable=False))
    op.add_column("flow_document", sa.Column("go_at", sa.BigInteger()))
    op.execute("UPDATE flow_document SET billed = total, go_at = created_at")
    told = ["state", "situacao", "cstat", "chave", "billed", "authorised_at", "emitted_at", "successor_id"]
    op.create_index("ix_flow_document_month", "flow_document", ["company_id", "period", "establishment_id", *told])
    compared = ["company_id", "period", "establishment_id", "contract", "situacao", "billed"]
    op.create_index("ix_flow_document_contract", "flow_document", compared)
    op.create_table(
        "flow_item",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("cfop", sa.Text(), nullable=False),
        sa.Column("cclass", sa.Text(), nullable=False),
        sa.Column("det", sa.Integer(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["flow_document.id"], name="fk_flow_item_document_id"),
        sa.PrimaryKeyConstraint("document_id", "cfop", "cclass", name="pk_flow_item"),
    )
    op.create_table(
        "isp_note",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("taken", sa.Text(), nullable=False),
        sa.Column("erp_total", sa.BigInteger()),
        sa.ForeignKeyConstraint(["batch_id"], ["isp_batch.id"], name="fk_isp_note_batch_id"),
        sa.PrimaryKeyConstraint("batch_id", "seq", name="pk_isp_note"),
    )
    op.create_index("ix_isp_note_document_id", "isp_note", ["document_id"])
    op.execute(
        "INSERT INTO isp_note (batch_id, seq, document_id, taken)"
        " SELECT batch_id, row_number() OVER (PARTITION BY batch_id ORDER BY flow_document.id), flow_document.id,"
        " 'nova'"
        " FROM flow_document JOIN isp_batch ON isp_batch.id = flow_document.batch_id"
    )
    op.create_table(
        "isp_policy",
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("looks", sa.Boolean(), nullable=False),
        sa.Column("change_percent", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_isp_policy_company_id"),
        sa.PrimaryKeyConstraint("company_id", name="pk_isp_policy"),
    )
