"""Reads where documents stand; writes how authorizers answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from zelo.engine.schema.access import establishment
from zelo.engine.schema.flow import attempt, document, event, worker
from zelo.engine.schema.guard import halt
from zelo.engine.schema.isp import importing, reading
from zelo.engine.schema.monitor import health
from zelo.engine.statement import put
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.chave import SHAPE

PULSE_DOCUMENTS: Final = 200
"""Newest changes of a company that its pulse covers: more than any page shows."""
_NUMBER_DIGITS: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which documents of a company are asked for; an empty field asks for all.

    `text` is a number, a chave (blanks forgiven), a reference or a part of a name; `reference` is exact.
    """

    states: tuple[str, ...] = ()
    text: str = ""
    reference: str = ""
    period: str = ""
    establishment_id: str = ""
    batch_id: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Documents in a state: how many, and their amounts together."""

    documents: int
    total: Decimal


def note_health(
    connection: Connection,
    *,
    autorizador: str,
    ambiente: Ambiente,
    at: datetime,
    answered: bool,
    cstat: str,
    motivo: str,
    latency_millis: int,
    drift_millis: int | None,
    recent: Sequence[tuple[int, int]] | None = None,
) -> None:
    """The last thing heard of an authorizer, or that nothing was.

    `recent`: the last answers, when (microseconds) and how long they took (milliseconds).
    """
    values: dict[str, Any] = {"cstat": cstat, "motivo": motivo}
    if answered:
        values |= {"answered_at": at, "latency_millis": latency_millis}
    else:
        values["silent_at"] = at
    if drift_millis is not None:
        values["drift_millis"] = drift_millis
    if recent is not None:
        values["recent"] = recent
    put(connection, health, {"autorizador": autorizador, "ambiente": ambiente.value}, values)


def recent_answers(connection: Connection, ambiente: Ambiente) -> dict[str, list[list[int]]]:
    """The last answers of each authorizer of which any is remembered."""
    query = select(health.c.autorizador, health.c.recent).where(health.c.ambiente == ambiente.value)
    return {row.autorizador: row.recent for row in connection.execute(query) if row.recent}


def healths(connection: Connection) -> Sequence[Row[Any]]:
    """Every authorizer that was ever asked."""
    return connection.execute(select(health).order_by(health.c.autorizador)).fetchall()


def counts(connection: Connection, company_id: str | None = None) -> dict[str, int]:
    """How many documents stand in each state, of one company or of all."""
    query = select(document.c.state, func.count().label("documents")).group_by(document.c.state)
    if company_id is not None:
        query = query.where(document.c.company_id == company_id)
    return {row.state: row.documents for row in connection.execute(query)}


def standing(connection: Connection, company_id: str, wanted: Wanted) -> dict[str, Standing]:
    """The documents asked for, counted and summed by state; the states that `wanted` names play no part."""
    query = (
        select(document.c.state, func.count().label("documents"), func.sum(document.c.total).label("total"))
        .where(*_conditions(company_id, wanted))
        .group_by(document.c.state)
    )
    return {row.state: Standing(row.documents, row.total) for row in connection.execute(query)}


def documents(
    connection: Connection, company_id: str, wanted: Wanted, *, limit: int, before: str | None = None
) -> Sequence[Row[Any]]:
    """The documents asked for, newest first, each with `cnpj` and `uf` of its emitter; `before` is the id to go on
    from, the last one of the page before.
    """
    conditions = _conditions(company_id, wanted)
    if wanted.states:
        conditions.append(document.c.state.in_(wanted.states))
    if before is not None:
        conditions.append(document.c.id < before)
    query = (
        select(document, establishment.c.cnpj, establishment.c.uf)
        .join(establishment, establishment.c.id == document.c.establishment_id)
        .where(*conditions)
        .order_by(document.c.id.desc())
        .limit(limit)
    )
    return connection.execute(query).fetchall()


def _conditions(company_id: str, wanted: Wanted) -> list[ColumnElement[bool]]:
    exact = {
        document.c.reference: wanted.reference,
        document.c.period: wanted.period,
        document.c.establishment_id: wanted.establishment_id,
        document.c.batch_id: wanted.batch_id,
    }
    found: list[ColumnElement[bool]] = [document.c.company_id == company_id]
    found += [column == value for column, value in exact.items() if value]
    if wanted.text:
        found.append(_matches(wanted.text))
    return found


def _matches(text: str) -> ColumnElement[bool]:
    """What a person types into the one search field."""
    packed = "".join(text.split()).upper()
    if SHAPE.fullmatch(packed):
        return document.c.chave == packed
    either = [document.c.reference.icontains(text, autoescape=True)]
    if text.isascii() and text.isdecimal() and len(text) <= _NUMBER_DIGITS:
        either.append(document.c.nnf == int(text))
    else:
        either.append(document.c.recipient.icontains(text, autoescape=True))
    return or_(*either)


def attempts(connection: Connection, document_id: str) -> Sequence[Row[Any]]:
    """The calls made about a document, oldest first, without the raw answers."""
    columns = [column for column in attempt.c if column is not attempt.c.answer]
    query = select(*columns).where(attempt.c.document_id == document_id).order_by(attempt.c.id)
    return connection.execute(query).fetchall()


def pulse(connection: Connection, company_id: str) -> str:
    """A text that differs whenever something of the company has changed: its newest documents, events, files that are
    read or come in, any halt.
    """
    newest = (
        select(document.c.id, document.c.version)
        .where(document.c.company_id == company_id)
        .order_by(document.c.updated_at.desc())
        .limit(PULSE_DOCUMENTS)
    )
    halted = select(halt.c.scope, halt.c.since, halt.c.until).order_by(halt.c.scope)
    events = (
        select(event.c.id, event.c.version)
        .where(event.c.company_id == company_id)
        .order_by(event.c.updated_at.desc())
        .limit(PULSE_DOCUMENTS)
    )
    orders = (
        select(table.c.id, table.c.version, table.c.due_at)
        .where(table.c.company_id == company_id, table.c.due_at.is_not(None))
        .order_by(table.c.id)
        for table in (reading, importing)
    )
    seen = [tuple(row) for query in (newest, events, *orders, halted) for row in connection.execute(query)]
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def workers(connection: Connection) -> Sequence[Row[Any]]:
    """The processes that take documents along, the one seen last first."""
    return connection.execute(select(worker).order_by(worker.c.seen_at.desc())).fetchall()


@dataclass(frozen=True, slots=True)
class Backlog:
    """Steps that are due and not yet taken: how many, and since when the oldest waits."""

    documents: int
    oldest: datetime | None


def backlog(connection: Connection, now: datetime) -> Backlog:
    """What is due, of all companies together."""
    query = select(func.count(), func.min(document.c.due_at)).where(document.c.due_at <= now)
    count, oldest = connection.execute(query).one()
    return Backlog(count, oldest)
