"""Histories, originals and the guard's journal: tables that the database itself lets only grow."""

from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = ("access_audit", "archive_xml", "flow_draft", "flow_history", "guard_journal")


def upgrade() -> None:
    """One step forward: refuse UPDATE and DELETE, whoever asks."""
    for table in TABLES:
        if op.get_bind().dialect.name == "sqlite":
            _in_sqlite(table)
        else:
            _in_postgresql(table)


def _in_sqlite(table: str) -> None:
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
        )


def _in_postgresql(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN RAISE EXCEPTION '{table} only grows'; END$$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_grows()"
    )
