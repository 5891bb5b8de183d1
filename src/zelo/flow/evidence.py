"""What shows that others send with a company's certificate, and what blocked it. Writes nothing.

Bounded: the newest of each kind. What SEFAZ says of another company's note is shown, what we know of it is not.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, exists, func, select

from zelo.engine.schema.access import company
from zelo.engine.schema.flow import attempt, document
from zelo.engine.schema.guard import foreign as asked
from zelo.engine.schema.guard import sighting
from zelo.facts.cstat import Classe, codes_of
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.cnpj import base, hide_inside
from zelo.fiscal.fault import Fault
from zelo.guard import foreign
from zelo.guard import shell as guard
from zelo.guard.core import Event
from zelo.guard.foreign import Foreign, Meaning
from zelo.guard.xmotivo import blamed
from zelo.models.nfcom.services import RECEPCAO

MOST: Final = 200
"""Of each kind of evidence."""


@dataclass(frozen=True, slots=True)
class Block:
    """A 656/678 that was answered. `ours`: what we had counted of the blamed number by then.

    None where the number is not known here.
    """

    at: datetime
    cstat: str
    motivo: str
    certificate: str
    subject: str
    own: bool
    culprit: str
    counted: int | None
    ours: int | None
    autorizador: str
    modelo: str

    @property
    def caused_elsewhere(self) -> bool:
        """Whether the block cannot be ours: the note never passed here, or SEFAZ counted more of it than we sent."""
        if not self.culprit:
            return False
        return self.ours is None or (self.counted is not None and self.counted > self.ours)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A 204 or 539 to the very first send of a number: somebody else had used it."""

    at: datetime
    cstat: str
    motivo: str
    subject: str
    own: bool


@dataclass(frozen=True, slots=True)
class Asker:
    """A certificate with which another program said that it transmits."""

    transmitter: str
    emitter: str
    sends: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it, the newest first."""

    blocks: Sequence[Block]
    duplicates: Sequence[Duplicate]
    askers: Sequence[Asker]
    sightings: Sequence[Row[Any]]


def of_company(connection: Connection, company_id: str) -> Evidence:
    """Everything that is known of a company."""
    found = (blocks(connection, company_id), duplicates(connection, company_id), _askers(connection, company_id))
    seen = select(sighting).where(sighting.c.company_id == company_id).order_by(sighting.c.told_at.desc()).limit(MOST)
    return Evidence(*found, connection.execute(seen).fetchall())


def blocks(connection: Connection, company_id: str) -> list[Block]:
    """The newest blocks, of our own calls and of those that were reported."""
    cnpj_base = connection.execute(select(company.c.cnpj_base).where(company.c.id == company_id)).scalar_one()
    codes = {code for modelo in foreign.SERVICES for code in codes_of(modelo, Classe.BLOCKED)}
    own = (
        select(attempt, document.c.ambiente, document.c.autorizador, document.c.modelo)
        .join(document, document.c.id == attempt.c.document_id)
        .where(document.c.company_id == company_id, attempt.c.cstat.in_(codes), attempt.c.finished_at.is_not(None))
        .order_by(attempt.c.id.desc())
        .limit(MOST)
    )
    told = (
        select(asked)
        .where(asked.c.company_id == company_id, asked.c.meaning == Meaning.BLOCKED.value)
        .order_by(asked.c.settled_at.desc())
        .limit(MOST)
    )
    found = [
        _block(connection, cnpj_base, row, row.finished_at, row.cstat, row.chave, row.certificate, own=True)
        for row in connection.execute(own)
    ]
    found += [
        _block(
            connection, cnpj_base, row, row.settled_at, row.outcome, row.subject, row.transmitter or row.cnpj, own=False
        )
        for row in connection.execute(told)
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def _block(
    connection: Connection,
    cnpj_base: str,
    row: Row[Any],
    at: datetime,
    cstat: str,
    subject: str,
    certificate: str,
    *,
    own: bool,
) -> Block:
    named = blamed(row.motivo or "")
    ours = _counted(connection, named.subject, Ambiente(row.ambiente), cnpj_base, at) if named.subject else None
    return Block(
        at, cstat, hide_inside(row.motivo or ""), certificate, subject, own, named.subject or "", named.count, ours,
        row.autorizador, row.modelo,
    )  # fmt: skip


def _counted(connection: Connection, subject: str, ambiente: Ambiente, cnpj_base: str, at: datetime) -> int | None:
    """What we had sent of it by then that was refused or not answered; None for what never passed here."""
    send = foreign.of_text(subject, ambiente)
    if isinstance(send, Fault) or base(send.cnpj) != cnpj_base:
        return None
    lines = [line for line in guard.entries(connection, send.key) if line.at <= at]
    if not any(line.event is Event.ADMITTED for line in lines):
        return None
    refused = Counter(line.cstat for line in lines if line.event is Event.REJECTED)
    return max(refused.values(), default=0) + sum(line.event is Event.UNKNOWN for line in lines)


def duplicates(connection: Connection, company_id: str) -> list[Duplicate]:
    """First sends of a number that met somebody else's."""
    codes = {code for modelo in foreign.SERVICES for kind in _DUPLICATES for code in codes_of(modelo, kind)}
    before = attempt.alias("before")
    first = ~exists().where(
        before.c.document_id == attempt.c.document_id, before.c.service == RECEPCAO.name, before.c.id < attempt.c.id
    )
    own = (
        select(attempt)
        .join(document, document.c.id == attempt.c.document_id)
        .where(document.c.company_id == company_id, attempt.c.cstat.in_(codes))
        .where(attempt.c.service == RECEPCAO.name, first)
        .order_by(attempt.c.id.desc())
        .limit(MOST)
    )
    told = (
        select(asked)
        .where(asked.c.company_id == company_id, asked.c.meaning == Meaning.DUPLICATE.value)
        .order_by(asked.c.settled_at.desc())
        .limit(MOST)
    )
    found = [
        Duplicate(row.finished_at, row.cstat, hide_inside(row.motivo or ""), row.chave, own=True)
        for row in connection.execute(own)
        if row.finished_at
    ]
    found += [
        Duplicate(row.settled_at, row.outcome, row.motivo, row.subject, own=False)
        for row in connection.execute(told)
        if _is_first(connection, row)
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


_DUPLICATES: Final = (Classe.DUP_SAME_KEY, Classe.DUP_OTHER_KEY)


def _is_first(connection: Connection, row: Row[Any]) -> bool:
    """Whether the number had never been sent from here before."""
    lines = guard.entries(connection, row.key)
    admitted = [line for line in lines if line.event is Event.ADMITTED and line.at <= row.asked_at]
    return len(admitted) <= 1


def _askers(connection: Connection, company_id: str) -> list[Asker]:
    query = (
        select(asked.c.transmitter, asked.c.cnpj, func.count().label("sends"), func.max(asked.c.asked_at).label("last"))
        .where(asked.c.company_id == company_id)
        .group_by(asked.c.transmitter, asked.c.cnpj)
        .order_by(func.max(asked.c.asked_at).desc())
        .limit(MOST)
    )
    return [Asker(row.transmitter or row.cnpj, row.cnpj, row.sends, row.last) for row in connection.execute(query)]


def named_by(found: Sequence[Block], ambiente: Ambiente, cnpj_base: str) -> list[Foreign]:
    """The numbers of the company that blocks are about: what was blamed, and what was being sent; each once."""
    names = dict.fromkeys(name for one in found for name in (one.culprit, one.subject) if name)
    read = (foreign.of_text(name, ambiente) for name in names)
    sends = {send.key: send for send in read if not isinstance(send, Fault) and base(send.cnpj) == cnpj_base}
    return list(sends.values())
