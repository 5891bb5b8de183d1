"""What happened becomes what people are told: the causes of notices, written in the transaction in which they happen.

Only rows are written here. Whether and when a mail leaves is the postman's, who stands in nobody's way.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from zelo.engine.schema.access import certificate, company, establishment
from zelo.facts import authorizer, place
from zelo.facts import cstat as codes
from zelo.fiscal.uf import Uf
from zelo.flow import stops
from zelo.models.nfcom.document import MODELO
from zelo.notify import causes
from zelo.notify.causes import Block, Note
from zelo.notify.shell import outbox


def held(connection: Connection, row: Row[Any], *, version: int, why: str, now: datetime) -> None:
    """A document goes no further before a person has decided: `why` in the words of its history."""
    last = f"{row.cstat} {row.motivo or ''}".strip() if row.cstat else ""
    said = why[:1].lower() + why[1:]
    told = causes.of_held(_note(row), said or "espera uma decisão", last, f"parada:{row.id}:{version}")
    outbox.tell(connection, row.company_id, told, now)


def cancel_stopped(connection: Connection, asked: Row[Any], row: Row[Any], *, why: str, now: datetime) -> None:
    """The cancellation `asked` of a note goes no further before a person acts, and its deadline runs."""
    last = f"{asked.cstat} {asked.motivo or ''}".strip() if asked.cstat else ""
    told = causes.of_cancel(_note(row), why.rstrip(". "), last, f"cancelamento:{asked.id}:{asked.version}")
    outbox.tell(connection, row.company_id, told, now)


def blocked(connection: Connection, block: Block, row: Row[Any], *, key: str, now: datetime) -> None:
    """Every company that sends through the certificate is told; the document because of which, and what SEFAZ said of
    it, only its own.
    """
    official = replace(block, motivo=codes.texto(row.modelo, block.cstat))
    for company_id, uf in _companies(connection, block, now):
        ours, zone = row.company_id == company_id, place.zone(Uf(uf))
        told = causes.of_block(block if ours else official, _note(row) if ours else None, key, zone)
        outbox.tell(connection, company_id, told, now)


def blocked_elsewhere(
    connection: Connection, company_id: str, block: Block, uf: str, subject: str, *, key: str, now: datetime
) -> None:
    """A program of the company that transmits by itself was blocked because of `subject`, a chave or an Id, or ""."""
    note = Note(f"chave {subject}", "guarda") if subject else None
    told = causes.of_block(block, note, f"bloqueio:{key}", place.zone(Uf(uf)))
    outbox.tell(connection, company_id, told, now)


def expiring(connection: Connection, now: datetime) -> int:
    """Tell of every certificate in use that has ended or ends soon, once for each warning; how many were new."""
    uses = (establishment.c.certificate_id == certificate.c.id) | (establishment.c.transmitter_id == certificate.c.id)
    query = (
        select(
            certificate.c.id,
            certificate.c.company_id,
            certificate.c.subject,
            certificate.c.valid_until,
            func.count().label("used_by"),
            func.min(establishment.c.uf).label("uf"),
        )
        .join(establishment, uses & establishment.c.disabled_at.is_(None))
        .join(company, (company.c.id == certificate.c.company_id) & company.c.disabled_at.is_(None))
        .where(certificate.c.removed_at.is_(None))
        .group_by(certificate.c.id, certificate.c.company_id, certificate.c.subject, certificate.c.valid_until)
    )
    new = 0
    for row in connection.execute(query).fetchall():
        zone = place.zone(Uf(row.uf))
        told = causes.of_certificate(row.id, row.subject, row.valid_until, now, zone, row.used_by)
        if told is not None:
            new += outbox.tell(connection, row.company_id, told, now)
    return new


def _note(row: Row[Any]) -> Note:
    number = f"nota {row.nnf}, série {row.serie}" if row.nnf else f"nota {row.reference[:60]}"
    return Note(f"{number}, referência {row.reference[:60]}" if row.nnf else number, f"notas/{row.id}")


def _companies(connection: Connection, block: Block, now: datetime) -> Iterable[tuple[str, str]]:
    """Companies with an establishment that the block stops, each with the UF of one."""
    through = stops.establishments_through(connection, block.cnpj)
    query = select(establishment.c.company_id, establishment.c.uf).where(
        establishment.c.id.in_(through), establishment.c.disabled_at.is_(None)
    )
    rows = connection.execute(query.order_by(establishment.c.id)).fetchall()
    served = [row for row in rows if authorizer.autorizador(MODELO, Uf(row.uf), now.date()) == block.autorizador]
    return {row.company_id: row.uf for row in served}.items()
