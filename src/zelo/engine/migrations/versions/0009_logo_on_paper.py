"""The logo that stands on a company's paper."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """One step forward."""
    op.create_table(
        "printing_logo",
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_printing_logo_company_id"),
        sa.PrimaryKeyConstraint("company_id", name="pk_printing_logo"),
    )
