"""Imports: how far the taking in of a confirmed billing file has come, and what it is read by."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """One step forward."""
    op.create_table(
        "isp_import",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("upload_id", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("go", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("resumed", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.BigInteger()),
        sa.Column("due_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["id"], ["isp_batch.id"], name="fk_isp_import_id"),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_isp_import_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_isp_import"),
        sa.UniqueConstraint("upload_id", name="uq_isp_import_upload_id"),
    )
    op.create_index("ix_isp_import_company_id", "isp_import", ["company_id"])
    op.create_index("ix_isp_import_due_at", "isp_import", ["due_at"])
