"""What a company's files are read by, what they amount to, and which came in."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from zelo.access.shell.companies import establishments
from zelo.assemble.shell import series
from zelo.engine.schema.flow import document
from zelo.engine.schema.isp import batch, charge, fault, importing, reading, upload
from zelo.engine.schema.isp import note as note_table
from zelo.facts import place
from zelo.fiscal.instant import local_date
from zelo.fiscal.uf import Uf
from zelo.isp.billing.notes import Billing, read_billing
from zelo.isp.billing.stage import Tell, told_to_nobody
from zelo.isp.billing.terms import Emitter, Terms
from zelo.models.nfcom.document import MODELO


def terms_of(connection: Connection, company_id: str, columns: dict[str, str], now: datetime) -> Terms:
    """What a file of the company is read by now; `columns` says which of ours a title is (billing/header.py)."""
    emitters = {
        row.cnpj: Emitter(
            row.id,
            row.municipio,
            _day(row, now),
            [one.serie for one in series(connection, row.id) if one.modelo == MODELO],
        )
        for row in establishments(connection, company_id)
        if row.disabled_at is None
    }
    return Terms(emitters, charge_codes(connection, company_id), columns)


def understand(terms: Terms, billing: bytes, composicoes: bytes, tell: Tell = told_to_nobody) -> Billing:
    """What both files amount to."""
    return read_billing(billing, composicoes, terms.issuers, mapping=terms.columns, codes=terms.codes, tell=tell)


def of_batch(batch_id: str) -> ColumnElement[bool]:
    """Holds for the documents that the notes of a file are, those that were there before it too."""
    return document.c.id.in_(select(note_table.c.document_id).where(note_table.c.batch_id == batch_id))


def charge_codes(connection: Connection, company_id: str) -> dict[str, str]:
    """The digits that the company has said for codBarras, by form of charge."""
    query = select(charge.c.form, charge.c.code).where(charge.c.company_id == company_id)
    return {row.form: row.code for row in connection.execute(query)}


def _day(emitter: Row[Any], now: datetime) -> date:
    """The day at an emitter."""
    return local_date(now, place.zone(Uf(emitter.uf)))


def batches(connection: Connection, company_id: str, limit: int) -> Sequence[Row[Any]]:
    """The newest files of a company; `open` tells whether one is still being taken in, `stopped_at` since when it is
    not any more.
    """
    coming_in = importing.c.due_at.is_not(None).label("open")
    query = select(batch, coming_in, importing.c.stopped_at).outerjoin(importing, importing.c.id == batch.c.id)
    query = query.where(batch.c.company_id == company_id).order_by(batch.c.id.desc()).limit(limit)
    return connection.execute(query).fetchall()


def stopped_files(connection: Connection) -> Sequence[tuple[str, str]]:
    """Names of the files of all companies whose reading or taking in stopped, and the defect (`order.why_stopped`)."""
    queries = [
        select(upload.c.name, table.c.trouble)
        .join(upload, upload.c.id == table.c.upload_id)
        .where(table.c.stopped_at.is_not(None))
        for table in (reading, importing)
    ]
    return [(row.name, row.trouble) for query in queries for row in connection.execute(query)]


def batch_faults(connection: Connection, batch_id: str) -> Sequence[Row[Any]]:
    """What was wrong with the lines of a file."""
    return connection.execute(select(fault).where(fault.c.batch_id == batch_id).order_by(fault.c.seq)).fetchall()
