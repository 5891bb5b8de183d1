"""What people release and set: stops moved on per number, parameters per company."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """One step forward."""
    op.add_column("guard_note", sa.Column("released", sa.Text(), server_default="{}", nullable=False))
    op.add_column("guard_note", sa.Column("sent_at", sa.BigInteger()))
    op.create_table(
        "guard_policy",
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("intervals", sa.Text(), nullable=False),
        sa.Column("limits", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_guard_policy_company_id"),
        sa.PrimaryKeyConstraint("company_id", name="pk_guard_policy"),
    )
