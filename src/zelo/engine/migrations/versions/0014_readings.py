"""Readings: how far the reading of a file that was sent has come; and how often an order was tried in vain."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """One step forward."""
    op.add_column("isp_import", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
    op.add_column("isp_import", sa.Column("stopped_at", sa.BigInteger()))
    op.create_table(
        "isp_reading",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("upload_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.BigInteger()),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("stopped_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_isp_reading_company_id"),
        sa.ForeignKeyConstraint(["upload_id"], ["isp_upload.id"], name="fk_isp_reading_upload_id"),
        sa.PrimaryKeyConstraint("id", name="pk_isp_reading"),
        sa.UniqueConstraint("upload_id", name="uq_isp_reading_upload_id"),
    )
    op.create_index("ix_isp_reading_company_id", "isp_reading", ["company_id"])
    op.create_index("ix_isp_reading_due_at", "isp_reading", ["due_at"])
