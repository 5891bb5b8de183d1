"""The rows of the archive. Nothing here is ever changed or deleted; the database refuses it too."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import zstandard
from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.exc import NoResultFound

from zelo.archive.pack import pack, unpack
from zelo.engine.schema.archive import xml
from zelo.engine.statement import insert_new
from zelo.fiscal.identity import bucket_of

_FIRST: Final = (
    select(xml)
    .where(
        xml.c.establishment_id == bindparam("establishment_id"),
        xml.c.modelo == bindparam("modelo"),
        xml.c.dictionary_id.is_(None),
    )
    .order_by(xml.c.id)
    .limit(1)
)
_NEWEST: Final = (
    select(xml)
    .where(xml.c.chave == bindparam("chave"), xml.c.kind == bindparam("kind"))
    .order_by(xml.c.id.desc())
    .limit(1)
)
_DICTIONARY: Final = select(xml.c.content).where(xml.c.id == bindparam("id"))


class DamagedArchiveError(RuntimeError):
    """Bytes that do not have the digest they were kept with; the message names the document."""


def keep(
    connection: Connection,
    *,
    row_id: str,
    now: datetime,
    company_id: str,
    establishment_id: str,
    modelo: str,
    chave: str,
    kind: str,
    content: bytes,
) -> None:
    """Keep a document; the same bytes twice are one row. `kind` is the root tag: NFCom, nfcomProc, ..."""
    model = _dictionary(connection, establishment_id, modelo)
    insert_new(
        connection,
        xml,
        {
            "id": row_id,
            "bucket": bucket_of(company_id),
            "company_id": company_id,
            "establishment_id": establishment_id,
            "modelo": modelo,
            "chave": chave,
            "kind": kind,
            "sha256": hashlib.sha256(content).hexdigest(),
            "size_bytes": len(content),
            "dictionary_id": model[0] if model else None,
            "content": pack(content, model[1] if model else b""),
            "created_at": now,
        },
    )


def _dictionary(connection: Connection, establishment_id: str, modelo: str) -> tuple[str, bytes] | None:
    """The first document of that emitter and model; it stands alone, so reading never chains.

    None, too, when it is damaged: the next document is kept all the same.
    """
    row = connection.execute(_FIRST, {"establishment_id": establishment_id, "modelo": modelo}).first()
    try:
        return (row.id, _content(connection, row)) if row else None
    except DamagedArchiveError:
        return None


def read(connection: Connection, chave: str, kind: str) -> bytes | None:
    """The newest document of a chave and kind. Raises DamagedArchiveError."""
    row = connection.execute(_NEWEST, {"chave": chave, "kind": kind}).first()
    return _content(connection, row) if row else None


def read_each(connection: Connection, row_ids: Sequence[str]) -> dict[str, bytes | DamagedArchiveError]:
    """The documents of these rows, each by itself: what is damaged costs the others nothing."""
    found: dict[str, bytes | DamagedArchiveError] = {}
    for row in connection.execute(select(xml).where(xml.c.id.in_(row_ids))):
        try:
            found[row.id] = _content(connection, row)
        except DamagedArchiveError as error:
            found[row.id] = error
    return found


def read_by_digest(connection: Connection, chave: str, sha256: str) -> bytes | None:
    """The document of a chave with exactly these bytes."""
    row = connection.execute(select(xml).where(xml.c.chave == chave, xml.c.sha256 == sha256)).first()
    return _content(connection, row) if row else None


def kinds(connection: Connection, chave: str) -> Sequence[str]:
    """What is kept of a chave."""
    return list(connection.execute(select(xml.c.kind).where(xml.c.chave == chave).order_by(xml.c.id)).scalars())


def _content(connection: Connection, row: Row[Any]) -> bytes:
    named = f"archived {row.kind} of {row.chave}"
    try:
        content = unpack(row.content, _dictionary_of(connection, row))
    except (zstandard.ZstdError, NoResultFound) as error:
        raise DamagedArchiveError(f"{named} is damaged: {error}") from error
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise DamagedArchiveError(f"{named} is damaged: its digest differs")
    return content


def _dictionary_of(connection: Connection, row: Row[Any]) -> bytes:
    if row.dictionary_id is None:
        return b""
    return unpack(connection.execute(_DICTIONARY, {"id": row.dictionary_id}).scalar_one(), b"")
