"""The whole database as one compressed file, readable into either database: the way to keep it and the way to grow.

The file is zstd of JSON lines: a head (format, schema revision, instant), then for each table its name and rows, then
a tail with counts and the digest of everything before it. A file that was cut or changed is refused before the first
row is written.
"""

import base64
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO, Any, Final

import zstandard
from alembic.migration import MigrationContext
from sqlalchemy import Connection, LargeBinary, Table, TableClause, TypeDecorator, column, delete, insert, select
from sqlalchemy import table as table_clause

from zelo.engine.contract import Engine
from zelo.engine.schema.all import METADATA

FORMAT: Final = "zelo-backup-1"
BATCH: Final = 500
LEVEL: Final = 6
MOST_LINE_BYTES: Final = 50_000_000


class BadBackupError(ValueError):
    """A backup that cannot be read; the message says why in pt-BR."""


def write(engine: Engine, file: IO[bytes], now: datetime) -> dict[str, int]:
    """Write everything, from one snapshot; rows per table."""
    digest, counts = hashlib.sha256(), {}
    with zstandard.ZstdCompressor(level=LEVEL).stream_writer(file, closefd=False) as out, engine.read() as connection:

        def line(value: object) -> None:
            text = (json.dumps(value, ensure_ascii=False) + "\n").encode()
            digest.update(text)
            out.write(text)

        line({"format": FORMAT, "revision": _revision(connection), "at": now.isoformat()})
        for table in METADATA.sorted_tables:
            counts[table.name] = 0
            raw, binary = _raw(table), _binary_columns(table)
            query = select(raw).order_by(*(raw.c[column.name] for column in table.primary_key))
            for row in connection.execution_options(yield_per=BATCH).execute(query):
                line([table.name, *(_plain(value, i in binary) for i, value in enumerate(row))])
                counts[table.name] += 1
        out.write((json.dumps({"counts": counts, "sha256": digest.hexdigest()}) + "\n").encode())
    return counts


def read(
    engine: Engine, open_file: Callable[[], IO[bytes]], afterwards: Callable[[Connection], None] = lambda _: None
) -> dict[str, int]:
    """Put a backup into an empty database of the same schema revision; rows per table.

    The file is read twice: first whole, to see that nothing is missing or changed. `afterwards` is part of the same
    transaction: either both happened or nothing did. Raises BadBackupError.
    """
    head, counts = _checked(open_file)
    with engine.begin() as connection:
        if head["revision"] != _revision(connection):
            raise BadBackupError(
                f"O backup é do formato {head['revision']} e este banco do {_revision(connection)}: use a mesma versão."
            )
        for table in METADATA.sorted_tables:
            if table.name != "engine_meta" and connection.execute(select(_raw(table)).limit(1)).first() is not None:
                raise BadBackupError("Este banco já tem dados: restaure só num banco vazio.")
        connection.execute(delete(_raw(METADATA.tables["engine_meta"])))
        with open_file() as file:
            _load(connection, _lines(file))
        afterwards(connection)
    return counts


def _load(connection: Connection, lines: Iterator[bytes]) -> None:
    next(lines)
    pending: dict[str, list[dict[str, Any]]] = {}
    for text in lines:
        value = json.loads(text)
        if isinstance(value, dict):
            break
        name, *cells = value
        table = METADATA.tables[name]
        binary = _binary_columns(table)
        row = {
            column.name: base64.b64decode(cell) if cell is not None and i in binary else cell
            for i, (column, cell) in enumerate(zip(table.columns, cells, strict=True))
        }
        for other in [other for other in pending if other != name]:
            connection.execute(insert(_raw(METADATA.tables[other])), pending.pop(other))
        rows = pending.setdefault(name, [])
        rows.append(row)
        if len(rows) == BATCH:
            connection.execute(insert(_raw(table)), pending.pop(name))
    for name, rows in pending.items():
        connection.execute(insert(_raw(METADATA.tables[name])), rows)


def _checked(open_file: Callable[[], IO[bytes]]) -> tuple[dict[str, Any], dict[str, int]]:
    """Head and counts of a file that is whole. Raises BadBackupError."""
    digest, last = hashlib.sha256(), b""
    head: dict[str, Any] = {}
    try:
        with open_file() as file:
            for text in _lines(file):
                if not head:
                    head = json.loads(text)
                digest.update(last)
                last = text
        tail = json.loads(last)
        whole = head["format"] == FORMAT and tail["sha256"] == digest.hexdigest()
    except (zstandard.ZstdError, ValueError, KeyError, TypeError) as error:
        raise BadBackupError(f"O arquivo não é um backup do zelo, ou está danificado: {error}.") from error
    if not whole:
        raise BadBackupError("O backup está incompleto ou foi alterado. Nada foi restaurado.")
    return head, tail["counts"]


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    stream = io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(file))
    while line := stream.readline(MOST_LINE_BYTES):
        if not line.endswith(b"\n"):
            raise ValueError("linha cortada")
        yield line


def _raw(table: Table) -> TableClause:
    """The table without our column types: values as the database keeps them."""
    columns = [column(c.name, c.type.impl if isinstance(c.type, TypeDecorator) else c.type) for c in table.columns]
    return table_clause(table.name, *columns)


def _binary_columns(table: Table) -> frozenset[int]:
    return frozenset(i for i, c in enumerate(table.columns) if isinstance(c.type, LargeBinary))


def _plain(value: Any, binary: object) -> Any:
    return base64.b64encode(value).decode() if binary and value is not None else value


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
