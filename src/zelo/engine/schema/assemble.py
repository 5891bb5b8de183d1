"""Table of `assemble`: the next number of each série of each establishment."""

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from zelo.engine.schema.access import establishment
from zelo.engine.schema.base import metadata

numbering = Table(
    "assemble_numbering",
    metadata,
    Column("establishment_id", Text, ForeignKey(establishment.c.id), primary_key=True),
    Column("modelo", Text, primary_key=True),
    Column("serie", Integer, primary_key=True),
    Column("next_nnf", Integer, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("evidence_chave", Text),
)
