"""A halted authorizer is asked for its status, no more often than allowed; when it runs again, so does the work."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from zelo.engine.schema.access import establishment
from zelo.facts.authorizer import ufs_of
from zelo.facts.cstat import Classe, classe
from zelo.facts.limit import limit
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.retorno import Retorno
from zelo.flow.call import post
from zelo.flow.tools import Tools
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.guard.window import Budget
from zelo.models.nfcom import services
from zelo.models.nfcom.document import MODELO
from zelo.monitor import shell as monitor
from zelo.transmit.contract import Transport


def probe(tools: Tools, transport: Transport, now: datetime) -> int:
    """Ask every authorizer whose rest is over; how many were asked."""
    asked = 0
    with tools.engine.read() as connection:
        due = guard.expired_halts(connection, now, halt.AUTHORIZER)
    for row in due:
        _, autorizador, _ = halt.parts(row.scope)
        certificate_id = _prepare(tools, row, autorizador, now)
        if certificate_id is not None:
            _, answer = post(
                tools,
                transport,
                autorizador=autorizador,
                modelo=MODELO,
                service=services.STATUS,
                message=services.status(tools.ambiente),
                certificate_id=certificate_id,
                now=now,
            )
            _conclude(tools, row, autorizador, answer, now, tools.clock())
            asked += 1
    return asked


def _prepare(tools: Tools, row: Row[Any], autorizador: str, now: datetime) -> str | None:
    """Spend a status call and keep others from asking too; the certificate to ask with, or None."""
    interval = limit("intervalo_status", autorizador=autorizador, modelo=MODELO, ambiente=tools.ambiente, on=now.date())
    budget = Budget(1, timedelta(seconds=interval.valor))
    with tools.engine.begin() as connection:
        spent = guard.take(connection, f"status:{autorizador}:{tools.ambiente.value}", budget, now)
        certificate_id = _certificate_for(connection, autorizador, tools.ambiente, now)
        wait = now + tools.pause if spent.allowed else spent.free_at
        if certificate_id is None:
            guard.clear(connection, row.scope)
        else:
            _extend(connection, row, wait, cstat=row.cstat, motivo=row.detail)
    return certificate_id if spent.allowed else None


def _extend(connection: Connection, row: Row[Any], until: datetime, *, cstat: str, motivo: str) -> None:
    guard.stop(
        connection, scope=row.scope, reason=row.reason, now=row.since, until=until, cstat=cstat, detail=motivo,
        document_id=row.document_id,
    )  # fmt: skip


def _conclude(tools: Tools, row: Row[Any], autorizador: str, answer: object, started: datetime, now: datetime) -> None:
    answered = isinstance(answer, Retorno)
    cstat = answer.cstat if isinstance(answer, Retorno) else ""
    motivo = answer.motivo if isinstance(answer, Retorno) else str(getattr(answer, "detail", ""))
    with tools.engine.begin() as connection:
        if cstat and classe(MODELO, cstat) is Classe.SERVICE_OK:
            guard.clear(connection, row.scope)
            guard.forget_failures(connection, row.scope)
        else:
            _extend(connection, row, now + tools.pause, cstat=cstat, motivo=motivo)
        monitor.note_health(
            connection,
            autorizador=autorizador,
            ambiente=tools.ambiente,
            at=now,
            answered=answered,
            cstat=cstat,
            motivo=motivo,
            latency_millis=int((now - started).total_seconds() * 1000),
            drift_millis=None,
        )
        tools.engine.wake(connection)


def _certificate_for(connection: Connection, autorizador: str, ambiente: Ambiente, now: datetime) -> str | None:
    """Any certificate that some establishment of this authorizer transmits with."""
    ufs = [uf.value for uf in ufs_of(MODELO, autorizador, now.date())]
    query = select(establishment.c.transmitter_id, establishment.c.certificate_id).where(
        establishment.c.uf.in_(ufs),
        establishment.c.ambiente == ambiente.value,
        establishment.c.certificate_id.is_not(None),
        establishment.c.disabled_at.is_(None),
    )
    row = connection.execute(query.order_by(establishment.c.id).limit(1)).first()
    return (row.transmitter_id or row.certificate_id) if row else None
