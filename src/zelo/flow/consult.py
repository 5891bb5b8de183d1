"""UNKNOWN → AUTHORISED, SIGNED again, or CONFLICT: the authorizer is asked, within the budget of the chave."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.facts.cstat import Classe, Classify, classe
from zelo.facts.limit import limit
from zelo.facts.place import today
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.fiscal.retorno import NoAnswer, Retorno
from zelo.flow import block, cancelled, limits, record, send
from zelo.flow import call as calling
from zelo.flow.call import Call, Echo, Settle
from zelo.flow.emitter import Keyring, establishment_of
from zelo.flow.lifecycle import Event, State
from zelo.flow.tools import Tools
from zelo.flow.verdict import Asked, Verdict, of_consulta
from zelo.guard import shell as guard
from zelo.guard.core import Event as GuardEvent
from zelo.guard.window import Budget
from zelo.models.nfcom import services

WAITS: Final = (1, 2.5, 5, 10, 15, 30)
"""Times the first wait: how long between one consulta of a chave and the next. With two minutes as the first, six in
any hour at most, below the budget that people share."""


ASKED: Final = (State.UNKNOWN, State.AUTHORISED)
"""States in which a consulta may be under way."""


def budget(tools: Tools, row: Row[Any], now: datetime) -> Budget:
    """How often one chave may be asked after in an hour, by us and by people together."""
    official = limit(
        "consultas_por_chave_hora",
        autorizador=row.autorizador,
        modelo=row.modelo,
        ambiente=Ambiente(row.ambiente),
        on=now.date(),
    )
    return Budget(max(1, official.valor - tools.settings.guard_consulta_margin), timedelta(hours=1))


def ask(connection: Connection, tools: Tools, keyring: Keyring, row: Row[Any], now: datetime) -> Call | None:
    """Spend one consulta and write the intent down, or put it off until the budget allows."""
    call = prepare(connection, tools, keyring, row, row.id, settle, now)
    if isinstance(call, datetime):
        record.postpone(connection, row, call)
        return None
    return call


def prepare(
    connection: Connection,
    tools: Tools,
    keyring: Keyring,
    row: Row[Any],
    document_id: str,
    settle: Settle,
    now: datetime,
) -> Call | datetime:
    """A consulta of the chave of a document or an event, spent and written down; or when to try again."""
    establishment = establishment_of(connection, row)
    transmitter_id = establishment.transmitter_id or establishment.certificate_id
    transmitter = keyring.certificate(connection, transmitter_id)
    if isinstance(transmitter, Fault):
        return now + tools.pause
    spent = guard.take(connection, f"consulta:{row.chave}", budget(tools, row, now), now)
    if not spent.allowed:
        return spent.free_at
    return calling.intend(
        connection,
        tools,
        row,
        document_id=document_id,
        settle=settle,
        service=services.CONSULTA,
        attempt_id=tools.new_id(now),
        message=services.consulta(row.chave, Ambiente(row.ambiente)),
        certificate_id=transmitter_id,
        transmitter_cnpj=transmitter.cnpj,
        now=now,
    )


def settle(
    connection: Connection, tools: Tools, call: Call, raw: bytes, answer: Retorno | NoAnswer, now: datetime
) -> Echo:
    """Write down what the authorizer says and move the document."""
    row = record.locked(connection, call.row.id)
    if State(row.state) not in ASKED or row.version != call.row.version:
        raise record.StaleDocumentError(row.id)
    classify = guard.classify(connection, today(now))
    asked = Asked(row.modelo, row.digest, row.sent_at or row.updated_at, unrecognised=_unrecognised(row, classify))
    verdict = of_consulta(answer, asked, now=now, horizon=tools.horizon, classify=classify)
    verdict = _of_this(row, verdict, answer)
    said = {"cstat": verdict.cstat, "motivo": verdict.motivo}
    calling.close(connection, call, raw, now, outcome=verdict.event.value, **said)
    calling.note_answer(connection, tools, call, answer, now)
    _conclude(connection, tools, row, verdict, now)
    if isinstance(answer, Retorno):
        halt_what_must(connection, tools, call, answer, now)
    return calling.echo(call, answer, None, now)


def _unrecognised(row: Row[Any], classify: Classify) -> bool:
    return bool(row.cstat) and classify(row.modelo, row.cstat) is None


def _conclude(connection: Connection, tools: Tools, row: Row[Any], verdict: Verdict, now: datetime) -> None:
    changes: dict[str, Any] = {"consultas": row.consultas + 1}
    due_at = None
    match verdict.event:
        case Event.FOUND:
            establishment = establishment_of(connection, row)
            key = limits.number_of(row, establishment.cnpj)
            guard.tell(connection, natural_key=key, chave=row.chave, event=GuardEvent.AUTHORISED, now=now)
            changes |= send.adopt(connection, tools, row, verdict, now)
            changes |= {"cstat": verdict.cstat, "motivo": verdict.motivo}
        case Event.FOUND_CANCELLED:
            if State(row.state) is State.UNKNOWN:
                establishment = establishment_of(connection, row)
                key = limits.number_of(row, establishment.cnpj)
                guard.tell(connection, natural_key=key, chave=row.chave, event=GuardEvent.AUTHORISED, now=now)
                changes |= send.adopt(connection, tools, row, verdict, now)
            changes |= cancelled.keep_found(connection, tools, row, verdict.eventos, now)
            changes |= {"cstat": verdict.cstat, "motivo": verdict.motivo}
        case Event.FOUND_ANOTHER:
            send.halt_serie(connection, row, verdict, now)
            changes |= {"cstat": verdict.cstat, "motivo": verdict.motivo}
        case Event.STILL_UNKNOWN:
            due_at = next_time(tools, row, now)
    detail = f"{verdict.cstat} {verdict.motivo}".strip()[:1000]
    record.move(connection, row, verdict.event, now=now, due_at=due_at, detail=detail, **changes)


def next_time(tools: Tools, row: Row[Any], now: datetime) -> datetime:
    """When to ask again about something that is still unknown."""
    wait = tools.settings.consulta_wait_seconds * WAITS[min(row.consultas, len(WAITS) - 1)]
    due_at = now + timedelta(seconds=wait)
    if row.sent_at and now < row.sent_at + tools.horizon:
        due_at = min(due_at, row.sent_at + tools.horizon)
    return due_at


def _of_this(row: Row[Any], verdict: Verdict, answer: Retorno | NoAnswer) -> Verdict:
    """What it means for a document that was known as authorised, or whose number was left to another note."""
    if State(row.state) is State.AUTHORISED:
        if verdict.event is Event.FOUND_CANCELLED or isinstance(answer, NoAnswer):
            return verdict
        paused = classe(row.modelo, answer.cstat) in (Classe.PAUSED, Classe.BLOCKED)
        return replace(verdict, event=Event.STILL_UNKNOWN if paused else Event.CONFIRMED)
    left = row.successor_id is not None
    if left and verdict.event in (Event.NOT_FOUND, Event.NOT_FOUND_UNRECOGNISED, Event.FOUND_ANOTHER):
        return replace(verdict, event=Event.LEFT_UNUSED)
    return verdict


def halt_what_must(connection: Connection, tools: Tools, call: Call, answer: Retorno, now: datetime) -> None:
    """A pause or a block that a consulta tells of."""
    kind = classe(call.row.modelo, answer.cstat)
    if kind is Classe.PAUSED:
        calling.pause_authorizer(connection, tools, call, now, cstat=answer.cstat, motivo=answer.motivo)
    elif kind is Classe.BLOCKED:
        block.halt_transmitter(connection, tools, call, cstat=answer.cstat, motivo=answer.motivo, now=now)
