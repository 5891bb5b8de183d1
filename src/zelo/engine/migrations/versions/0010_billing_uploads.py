"""Billing files that wait to be confirmed, what ERPs call our columns, and codBarras of charges without boleto."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """One step forward."""
    op.create_table(
        "isp_upload",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("billing", sa.LargeBinary(), nullable=False),
        sa.Column("composicoes", sa.LargeBinary(), nullable=False),
        sa.Column("understood", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_isp_upload_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_isp_upload"),
    )
    op.create_index("ix_isp_upload_company_id", "isp_upload", ["company_id"])
    op.create_index("ix_isp_upload_created_at", "isp_upload", ["created_at"])
    op.create_table(
        "isp_mapping",
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_isp_mapping_company_id"),
        sa.PrimaryKeyConstraint("company_id", "name", name="pk_isp_mapping"),
    )
    op.create_table(
        "isp_charge",
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_isp_charge_company_id"),
        sa.PrimaryKeyConstraint("company_id", "form", name="pk_isp_charge"),
    )
