"""Tables of `printing`: the logo that stands on a company's paper."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Table, Text

from zelo.engine.schema.access import company
from zelo.engine.schema.base import Instant, metadata

logo = Table(
    "printing_logo",
    metadata,
    Column("company_id", Text, ForeignKey(company.c.id), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
