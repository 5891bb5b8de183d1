"""What people are told by e-mail: causes, notices, the outbox, and who wishes to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """One step forward."""
    op.create_table(
        "notify_notice",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("causes", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_notify_notice_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notify_notice"),
    )
    op.create_index("ix_notify_notice_company_id_id", "notify_notice", ["company_id", "id"])
    op.create_table(
        "notify_cause",
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("notice_id", sa.Text()),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_notify_cause_company_id"),
        sa.ForeignKeyConstraint(["notice_id"], ["notify_notice.id"], name="fk_notify_cause_notice_id"),
        sa.PrimaryKeyConstraint("company_id", "key", name="pk_notify_cause"),
    )
    pending = ["notice_id", "company_id", "kind"]
    op.create_index("ix_notify_cause_notice_id_company_id_kind", "notify_cause", pending)
    op.create_table(
        "notify_outbox",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("settled_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["notice_id"], ["notify_notice.id"], name="fk_notify_outbox_notice_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notify_outbox"),
        sa.UniqueConstraint("notice_id", "address", name="uq_notify_outbox_notice_id_address"),
    )
    op.create_index("ix_notify_outbox_due_at", "notify_outbox", ["due_at"])
    op.create_table(
        "notify_switch",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["access_account.id"], name="fk_notify_switch_account_id"),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_notify_switch_company_id"),
        sa.PrimaryKeyConstraint("account_id", "company_id", name="pk_notify_switch"),
    )
    op.create_table(
        "notify_address",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_notify_address_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notify_address"),
        sa.UniqueConstraint("company_id", "address", name="uq_notify_address_company_id_address"),
    )
