"""Statements that the rooms write with: those that SQLAlchemy spells once per dialect, and those of every note's way.

A statement made once and executed with values costs a third of one that is made anew each time; a note's way takes
forty of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    Executable,
    Insert,
    Row,
    Table,
    Update,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg

_IS: Final = "is_"
"""Before the name of a column that must have a value, so that it is not the name of one that is set."""


def add(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert a row."""
    _run(connection, _insert(table, tuple(values), connection.dialect.name), values)


def add_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name the same columns, in one go: a tenth of the cost of one at a time."""
    if rows:
        _run_many(connection, _insert(table, tuple(rows[0]), connection.dialect.name), rows)


def change(connection: Connection, table: Table, where: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """Set columns of the rows whose columns equal those of `where`; how many rows there were."""
    known = {f"{_IS}{name}": value for name, value in where.items()}
    plain = _update(table, tuple(where), tuple(values), connection.dialect.name)
    return _run(connection, plain, {**known, **values}).rowcount


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless one with the same key is there; whether it was inserted."""
    return _run(connection, _add_new(table, tuple(values), connection.dialect.name), values).rowcount == 1


def add_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Insert those of the rows that no other row stands in the way of, whichever the unique key; the ids of these.

    The ids must be new ones: that they are there afterwards is how we know.
    """
    if not rows:
        return set()
    _run_many(connection, _add_new(table, tuple(rows[0]), connection.dialect.name), rows)
    return set(connection.execute(_there(table), {"ids": [row["id"] for row in rows]}).scalars())


@dataclass(frozen=True, slots=True)
class _Plain:
    """A statement as the driver takes it: its text, and how the value of each parameter is written, in their order;
    None: as it is.
    """

    text: str
    writes: Sequence[tuple[str, Callable[[Any], Any] | None]]
    by_place: bool

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them."""
        if self.by_place:
            return tuple([values[name] if write is None else write(values[name]) for name, write in self.writes])
        return {name: values[name] if write is None else write(values[name]) for name, write in self.writes}


def _run(connection: Connection, plain: _Plain, values: Mapping[str, Any]) -> CursorResult[Any]:
    return connection.exec_driver_sql(plain.text, plain.parameters(values))


def _run_many(connection: Connection, plain: _Plain, rows: Sequence[Mapping[str, Any]]) -> None:
    connection.exec_driver_sql(plain.text, [plain.parameters(row) for row in rows])


def _plain(statement: Insert | Update, names: Sequence[str], dialect: str) -> _Plain:
    """Spelled once; the columns' types write the values. SQLAlchemy's own way to a driver costs twice as much."""
    known, columns = _DIALECTS[dialect], statement.table.c
    compiled = statement.compile(dialect=known, column_keys=names)
    types = {name: columns[name.removeprefix(_IS)].type.dialect_impl(known) for name in compiled.params}
    order = compiled.positiontup or list(types)
    writes = [(name, types[name].bind_processor(known)) for name in order]
    return _Plain(str(compiled), writes, compiled.positional)


_DIALECTS: Final[Mapping[str, Dialect]] = {
    "sqlite": sqlite.dialect(),
    "postgresql": psycopg.dialect(),  # type: ignore[no-untyped-call]
}


@cache
def _insert(table: Table, names: tuple[str, ...], dialect: str) -> _Plain:
    return _plain(insert(table), names, dialect)


@cache
def _update(table: Table, where: tuple[str, ...], names: tuple[str, ...], dialect: str) -> _Plain:
    statement = update(table).where(*(table.c[name] == bindparam(f"{_IS}{name}") for name in where))
    return _plain(statement, names, dialect)


@cache
def _add_new(table: Table, names: tuple[str, ...], dialect: str) -> _Plain:
    spelled = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    return _plain(spelled.on_conflict_do_nothing(), names, dialect)


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
