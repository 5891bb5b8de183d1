"""Statements that the rooms write with: those that SQLAlchemy spells once per dialect, and those of every note's way.

A statement made once and executed with values costs a third of one that is made anew each time; a note's way takes
forty of them.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Executable, Row, Table, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

_IS: Final = "is_"
"""Before the name of a column that must have a value, so that it is not the name of one that is set."""


def add(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert a row."""
    connection.execute(_insert(table), values)


def add_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name the same columns, in one go: a tenth of the cost of one at a time."""
    if rows:
        connection.execute(_insert(table), rows)


def change(connection: Connection, table: Table, where: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Set columns of the rows whose columns equal those of `where`; how many rows there were."""
    known = {f"{_IS}{name}": value for name, value in where.items()}
    return connection.execute(_update(table, tuple(where)), {**known, **values}).rowcount


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless one with the same key is there; whether it was inserted."""
    return connection.execute(_insert_new(table, connection.dialect.name), values).first() is not None


def add_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Insert those of the rows that no other row stands in the way of, whichever the unique key; the ids of these.

    The ids must be new ones: that they are there afterwards is how we know.
    """
    if not rows:
        return set()
    connection.execute(_add_new(table, connection.dialect.name), rows)
    return set(connection.execute(_there(table), {"ids": [row["id"] for row in rows]}).scalars())


@cache
def _insert(table: Table) -> Executable:
    return insert(table)


@cache
def _update(table: Table, where: tuple[str, ...]) -> Executable:
    return update(table).where(*(table.c[name] == bindparam(f"{_IS}{name}") for name in where))


@cache
def _insert_new(table: Table, dialect: str) -> Executable:
    return _add_new(table, dialect).returning(*table.primary_key)


@cache
def _add_new(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    return (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table).on_conflict_do_nothing()


@cache
def _there(table: Table) -> Executable:
    return select(table.c.id).where(table.c.id.in_(bindparam("ids", expanding=True)))


def put(connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Insert a row, or change the one with that key."""
    statement = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(table)
    statement = statement.values(**key, **values)
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
