"""How a reviewer reads a code, when the database was restored, who else was seen to send, how fast answers came."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """One step forward."""
    op.add_column("guard_foreign", sa.Column("motivo", sa.Text(), server_default="", nullable=False))
    op.create_index("ix_guard_foreign_company_id_asked_at", "guard_foreign", ["company_id", "asked_at"])
    op.add_column("monitor_health", sa.Column("recent", sa.Text()))
    op.create_table(
        "guard_override",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("modelo", sa.Text(), nullable=False),
        sa.Column("cstat", sa.Text(), nullable=False),
        sa.Column("classe", sa.Text(), nullable=False),
        sa.Column("desde", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guard_override"),
    )
    op.create_table(
        "guard_restore",
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_guard_restore_company_id"),
        sa.PrimaryKeyConstraint("company_id", name="pk_guard_restore"),
    )
    op.create_table(
        "guard_sighting",
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("emitter", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("notes", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.BigInteger()),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["access_company.id"], name="fk_guard_sighting_company_id"),
        sa.PrimaryKeyConstraint("company_id", "kind", "emitter", "name", name="pk_guard_sighting"),
    )
    _only_grows("guard_override")


def _only_grows(table: str) -> None:
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
