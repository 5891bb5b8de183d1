"""Reads where documents stand; writes how authorizers answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from zelo.engine.schema.flow import document
from zelo.engine.schema.monitor import health
from zelo.engine.statement import put
from zelo.fiscal.ambiente import Ambiente


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
) -> None:
    """The last thing heard of an authorizer, or that nothing was."""
    values: dict[str, Any] = {"cstat": cstat, "motivo": motivo}
    if answered:
        values |= {"answered_at": at, "latency_millis": latency_millis}
    else:
        values["silent_at"] = at
    if drift_millis is not None:
        values["drift_millis"] = drift_millis
    put(connection, health, {"autorizador": autorizador, "ambiente": ambiente.value}, values)


def healths(connection: Connection) -> Sequence[Row[Any]]:
    """Every authorizer that was ever asked."""
    return connection.execute(select(health).order_by(health.c.autorizador)).fetchall()


def counts(connection: Connection, company_id: str | None = None) -> dict[str, int]:
    """How many documents stand in each state, of one company or of all."""
    query = select(document.c.state, func.count().label("documents")).group_by(document.c.state)
    if company_id is not None:
        query = query.where(document.c.company_id == company_id)
    return {row.state: row.documents for row in connection.execute(query)}
