"""UNKNOWN → AUTHORISED, SIGNED again, or CONFLICT: the authorizer is asked, within the budget of the chave."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.facts.cstat import Classe, Classify, classe
from zelo.facts.limit import limit
from zelo.facts.place import today
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.fiscal.retorno import NoAnswer, Retorno
from zelo.flow import block, limits, record, send
from zelo.flow import call as calling
from zelo.flow.call import Call, Echo
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
    establishment = establishment_of(connection, row)
    transmitter_id = establishment.transmitter_id or establishment.certificate_id
    transmitter = keyring.certificate(connection, transmitter_id)
    if isinstance(transmitter, Fault):
        record.postpone(connection, row, now + tools.pause)
        return None
    spent = guard.take(connection, f"consulta:{row.chave}", budget(tools, row, now), now)
    if not spent.allowed:
        record.postpone(connection, row, spent.free_at)
        return None
    call = Call(
        row=row,
        service=services.CONSULTA,
        attempt_id=tools.new_id(now),
        message=services.consulta(row.chave, Ambiente(row.ambiente)),
        certificate_id=transmitter_id,
        transmitter_cnpj=transmitter.cnpj,
        started=now,
        deadline=now + tools.lease - timedelta(seconds=tools.settings.http_timeout_seconds),
    )
    calling.write_down(connection, call)
    return call


def settle(
    connection: Connection, tools: Tools, call: Call, raw: bytes, answer: Retorno | NoAnswer, now: datetime
) -> Echo:
    """Write down what the authorizer says and move the document."""
    row = record.locked(connection, call.row.id)
    if State(row.state) is not State.UNKNOWN or row.version != call.row.version:
        raise record.StaleDocumentError(row.id)
    classify = guard.classify(connection, today(now))
    asked = Asked(row.modelo, row.digest, row.sent_at or row.updated_at, unrecognised=_unrecognised(row, classify))
    verdict = of_consulta(answer, asked, now=now, horizon=tools.horizon, classify=classify)
    calling.close(connection, call, raw, verdict, now)
    calling.note_answer(connection, tools, call, answer, now)
    _conclude(connection, tools, row, verdict, now)
    if isinstance(answer, Retorno):
        _halt(connection, tools, call, answer, now)
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
        case Event.FOUND_ANOTHER:
            send.halt_serie(connection, row, verdict, now)
            changes |= {"cstat": verdict.cstat, "motivo": verdict.motivo}
        case Event.STILL_UNKNOWN:
            wait = tools.settings.consulta_wait_seconds * WAITS[min(row.consultas, len(WAITS) - 1)]
            due_at = now + timedelta(seconds=wait)
            if row.sent_at and now < row.sent_at + tools.horizon:
                due_at = min(due_at, row.sent_at + tools.horizon)
    detail = f"{verdict.cstat} {verdict.motivo}".strip()[:1000]
    record.move(connection, row, verdict.event, now=now, due_at=due_at, detail=detail, **changes)


def _halt(connection: Connection, tools: Tools, call: Call, answer: Retorno, now: datetime) -> None:
    kind = classe(call.row.modelo, answer.cstat)
    if kind is Classe.PAUSED:
        calling.pause_authorizer(connection, tools, call, now, cstat=answer.cstat, motivo=answer.motivo)
    elif kind is Classe.BLOCKED:
        block.halt_transmitter(connection, tools, call, cstat=answer.cstat, motivo=answer.motivo, now=now)
