"""One call to an authorizer: written down before its first byte leaves, and what became of it afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import zstandard
from sqlalchemy import Connection, Row

from zelo.engine.schema.flow import attempt
from zelo.engine.statement import add, change
from zelo.facts import authorizer
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.retorno import NoAnswer, Retorno, Silence
from zelo.flow.tools import Tools
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.models.nfcom.services import Service
from zelo.transmit.answer import parse
from zelo.transmit.contract import Transport
from zelo.transmit.envelope import envelope, headers

MOST_KEPT_BYTES: Final = 200_000
"""Of an answer, as evidence; the protocol itself is archived whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that may be made until `deadline`; after it somebody else may have taken over.

    `row` is the document or the event that it is about, `settle` writes down what became of it.
    """

    row: Row[Any]
    document_id: str
    settle: "Settle"
    service: Service
    attempt_id: str
    message: bytes
    certificate_id: str
    transmitter_cnpj: str
    started: datetime
    deadline: datetime


Settle = Callable[[Connection, Tools, Call, bytes, Retorno | NoAnswer, datetime], "Echo"]
"""Writes the outcome of a call down. Raises StaleDocumentError when it came too late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """What a call tells of the authorizer's health."""

    autorizador: str
    at: datetime
    answered: bool
    cstat: str
    motivo: str
    latency_millis: int
    drift_millis: int | None


def url(tools: Tools, autorizador: str, service: Service, modelo: str, now: datetime) -> str:
    """Where a service is: the simulator's place when the installation uses one, else the official address."""
    if tools.settings.simulator_url:
        return f"{tools.settings.simulator_url.rstrip('/')}/{autorizador}/{service.name}"
    return authorizer.endereco(modelo, autorizador, tools.ambiente, service.name, now.date())


def intend(
    connection: Connection,
    tools: Tools,
    row: Row[Any],
    *,
    document_id: str,
    settle: "Settle",
    service: Service,
    attempt_id: str,
    message: bytes,
    certificate_id: str,
    transmitter_cnpj: str,
    now: datetime,
) -> Call:
    """Write a call down, before the act. It may be made while an answer can still come within the lease."""
    values = {
        "id": attempt_id,
        "document_id": document_id,
        "service": service.name,
        "chave": row.chave,
        "certificate": transmitter_cnpj,
        "started_at": now,
    }
    add(connection, attempt, values)
    return Call(
        row=row,
        document_id=document_id,
        settle=settle,
        service=service,
        attempt_id=attempt_id,
        message=message,
        certificate_id=certificate_id,
        transmitter_cnpj=transmitter_cnpj,
        started=now,
        deadline=now + tools.lease - timedelta(seconds=tools.settings.http_timeout_seconds),
    )


def make(tools: Tools, transport: Transport, call: Call) -> tuple[bytes, Retorno | NoAnswer]:
    """Send it, once; the raw answer and what it says. A call whose time has run out is not made."""
    if tools.clock() >= call.deadline:
        return b"", NoAnswer(Silence.NOT_SENT, "o prazo deste processo acabou antes do envio")
    return post(
        tools, transport, autorizador=call.row.autorizador, modelo=call.row.modelo, service=call.service,
        message=call.message, certificate_id=call.certificate_id, now=call.started,
    )  # fmt: skip


def post(
    tools: Tools,
    transport: Transport,
    *,
    autorizador: str,
    modelo: str,
    service: Service,
    message: bytes,
    certificate_id: str,
    now: datetime,
) -> tuple[bytes, Retorno | NoAnswer]:
    """Put a message in its envelope, send it, read the answer."""
    body = envelope(
        wrapper=service.wrapper, namespace=service.namespace, message=message, compressed=service.compressed
    )
    raw = transport.post(
        url=url(tools, autorizador, service, modelo, now),
        headers=headers(service.action),
        body=body,
        certificate_id=certificate_id,
    )
    return (b"", raw) if isinstance(raw, NoAnswer) else (raw, parse(raw))


def close(
    connection: Connection, call: Call, raw: bytes, now: datetime, *, outcome: str, cstat: str, motivo: str
) -> None:
    """The outcome, after the act."""
    values = {
        "finished_at": now,
        "outcome": outcome,
        "cstat": cstat,
        "motivo": motivo,
        "answer": zstandard.compress(raw[:MOST_KEPT_BYTES]) if raw else None,
    }
    change(connection, attempt, {"id": call.attempt_id}, values)


def echo(call: Call, answer: Retorno | NoAnswer, stamped: datetime | None, now: datetime) -> Echo:
    """How the authorizer did: how long it took and, where it stamped this very call, how far its clock is from ours."""
    millis = int((now - call.started).total_seconds() * 1000)
    said = ("", answer.detail) if isinstance(answer, NoAnswer) else (answer.cstat, answer.motivo)
    middle = call.started + (now - call.started) / 2
    return Echo(
        autorizador=call.row.autorizador,
        at=now,
        answered=isinstance(answer, Retorno),
        cstat=said[0],
        motivo=said[1],
        latency_millis=millis,
        drift_millis=int((stamped - middle).total_seconds() * 1000) if stamped else None,
    )


def note_answer(connection: Connection, tools: Tools, call: Call, answer: Retorno | NoAnswer, now: datetime) -> None:
    """Count silences in a row: enough of them halt the authorizer until its status service answers."""
    scope = halt.of_authorizer(call.row.autorizador, Ambiente(call.row.ambiente))
    if isinstance(answer, Retorno):
        guard.forget_failures(connection, scope)
    elif guard.count_failure(connection, scope) >= tools.settings.breaker_failures:
        pause_authorizer(connection, tools, call, now, cstat="", motivo=answer.detail)


def pause_authorizer(
    connection: Connection, tools: Tools, call: Call, now: datetime, *, cstat: str, motivo: str
) -> None:
    """Halt everything that this authorizer answers, for a while."""
    guard.stop(
        connection,
        scope=halt.of_authorizer(call.row.autorizador, Ambiente(call.row.ambiente)),
        reason=halt.AUTHORIZER,
        now=now,
        until=now + tools.pause,
        cstat=cstat,
        detail=motivo,
        document_id=call.document_id,
    )
