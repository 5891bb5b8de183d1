"""Table of `archive`: every XML byte for byte, compressed with an earlier one of the same emitter as dictionary."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from zelo.engine.schema.base import Instant, metadata

xml = Table(
    "archive_xml",
    metadata,
    Column("id", Text, primary_key=True),
    Column("bucket", Integer, nullable=False),
    Column("company_id", Text, nullable=False),
    Column("establishment_id", Text, nullable=False),
    Column("modelo", Text, nullable=False),
    Column("chave", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("dictionary_id", Text),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("chave", "kind", "sha256"),
    Index("ix_archive_xml_establishment_id_modelo", "establishment_id", "modelo", "dictionary_id"),
)

APPEND_ONLY = (xml,)
