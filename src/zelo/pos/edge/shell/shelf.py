"""Documents in the file: kept until the outbox takes them over."""

from datetime import datetime
from typing import Any, Final

import apsw
import zstandard

from zelo.models.cfe.reading import MOST_COUPON_BYTES
from zelo.pos.edge.shell.unit import Shelf


def _put(connection: apsw.Connection, chave: str, xml: bytes, at: datetime) -> None:
    del at
    connection.execute("CREATE TABLE IF NOT EXISTS kept (chave TEXT PRIMARY KEY, xml BLOB)")
    connection.execute("INSERT OR IGNORE INTO kept VALUES (?, ?)", (chave, zstandard.compress(xml, 3)))


def _get(connection: apsw.Connection, chave: str) -> bytes:
    row: Any = connection.execute("SELECT xml FROM kept WHERE chave = ?", (chave,)).fetchone()
    return b"" if row is None else zstandard.decompress(row[0], MOST_COUPON_BYTES)


SHELF: Final = Shelf(_put, _get)
