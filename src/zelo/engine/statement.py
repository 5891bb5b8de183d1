"""Statements that both databases know but SQLAlchemy spells once per dialect."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless one with the same key is there; whether it was inserted."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(statement).first() is not None


def put(connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Insert a row, or change the one with that key."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).values(**key, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(values)))


def claim(
    connection: Connection,
    table: Table,
    *,
    where: Sequence[ColumnElement[bool]],
    order_by: Sequence[ColumnElement[Any]],
    limit: int,
    values: Mapping[str, Any],
) -> Sequence[Row[Any]]:
    """Take up to `limit` rows for ourselves in one statement; two claimers never get the same row.

    PostgreSQL skips rows that another transaction holds; SQLite has one writer at a time.
    """
    key = table.c.id
    chosen = select(key).where(*where).order_by(*order_by).limit(limit).with_for_update(skip_locked=True)
    statement = update(table).where(key.in_(chosen.scalar_subquery())).values(**values).returning(*table.c)
    return connection.execute(statement).fetchall()
