"""The sends that other programs asked about, with their leases and outcomes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """One step forward."""
    op.create_table(
        "guard_foreign",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("modelo", sa.Text(), nullable=False),
        sa.Column("servico", sa.Text(), nullable=False),
        sa.Column("ambiente", sa.Integer(), nullable=False),
        sa.Column("uf", sa.Text(), nullable=False),
        sa.Column("autorizador", sa.Text(), nullable=False),
        sa.Column("cnpj", sa.Text(), nullable=False),
        sa.Column("transmitter", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger()),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_guard_foreign_company_id"),
        sa.PrimaryKeyConstraint("token", name="pk_guard_foreign"),
    )
    op.create_index("ix_guard_foreign_key", "guard_foreign", ["key"])
    op.create_index("ix_guard_foreign_settled_at", "guard_foreign", ["settled_at"])
