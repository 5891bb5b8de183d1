"""Tables of `isp`: each billing file that came in, its notes and what was wrong with its lines; files that wait
to be confirmed, how far the reading of one and the taking in of a confirmed one have come, what a company's ERP calls
our columns, what stands in codBarras where a form of charge has no boleto, and how each company wants its month looked
at.
"""

from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, Table, Text

from zelo.engine.schema.access import company
from zelo.engine.schema.base import Cents, Instant, Json, metadata

batch = Table(
    "isp_batch",
    metadata,
    Column("id", Text, primary_key=True),
    Column("company_id", Text, ForeignKey(company.c.id), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("notes", Integer, nullable=False),
    Column("faults", Integer, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

note = Table(
    "isp_note",
    metadata,
    Column("batch_id", Text, ForeignKey(batch.c.id), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("document_id", Text, nullable=False, index=True),
    Column("taken", Text, nullable=False),
    Column("erp_total", Cents),
)

policy = Table(
    "isp_policy",
    metadata,
    Column("company_id", Text, ForeignKey(company.c.id), primary_key=True),
    Column("looks", Boolean, nullable=False),
    Column("change_percent", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

fault = Table(
    "isp_fault",
    metadata,
    Column("batch_id", Text, ForeignKey(batch.c.id), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("line", Integer, nullable=False),
    Column("reference", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("value", Text, nullable=False),
)

upload = Table(
    "isp_upload",
    metadata,
    Column("id", Text, primary_key=True),
    Column("company_id", Text, ForeignKey(company.c.id), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("mapping", Text, nullable=False),
    Column("billing", LargeBinary, nullable=False),
    Column("composicoes", LargeBinary, nullable=False),
    Column("understood", Json, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
)


def _order() -> list[Column[Any]]:
    """What all orders share (isp/order.py): how far it is, how often it was tried in vain, who is at it until when."""
    return [
        Column("stage", Text, nullable=False),
        Column("done", Integer, nullable=False),
        Column("whole", Integer, nullable=False),
        Column("faults", Integer, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("trouble", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("began_at", Instant),
        Column("due_at", Instant, index=True),
        Column("stopped_at", Instant),
    ]


reading = Table(
    "isp_reading",
    metadata,
    Column("id", Text, primary_key=True),
    Column("company_id", Text, ForeignKey(company.c.id), nullable=False, index=True),
    Column("upload_id", Text, ForeignKey(upload.c.id), nullable=False, unique=True),
    *_order(),
)

importing = Table(
    "isp_import",
    metadata,
    Column("id", Text, ForeignKey(batch.c.id), primary_key=True),
    Column("company_id", Text, ForeignKey(company.c.id), nullable=False, index=True),
    Column("upload_id", Text, nullable=False, unique=True),
    Column("terms", Json, nullable=False),
    Column("go", Text, nullable=False),
    Column("stored", Integer, nullable=False),
    Column("resumed", Integer, nullable=False),
    *_order(),
)

mapping = Table(
    "isp_mapping",
    metadata,
    Column("company_id", Text, ForeignKey(company.c.id), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("columns", Json, nullable=False),
    Column("updated_by", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

charge = Table(
    "isp_charge",
    metadata,
    Column("company_id", Text, ForeignKey(company.c.id), primary_key=True),
    Column("form", Text, primary_key=True),
    Column("code", Text, nullable=False),
    Column("updated_by", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
