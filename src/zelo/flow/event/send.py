"""SIGNED → RESERVED → what the answer says; UNKNOWN → what the standing of the note says. Intent before act."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.archive import shell as archive
from zelo.facts.cstat import Classe, classe
from zelo.fiscal.fault import Fault
from zelo.fiscal.retorno import Evento, NoAnswer, Retorno
from zelo.fiscal.situacao import Situacao
from zelo.flow import admission, block, breaker, cancelled, consult, record
from zelo.flow import call as calling
from zelo.flow.call import Call, Echo
from zelo.flow.emitter import Emitter, Keyring, establishment_of
from zelo.flow.event import record as events
from zelo.flow.event.lifecycle import Happening, State, accepts
from zelo.flow.event.prepare import OVERTAKEN
from zelo.flow.event.verdict import Asked, Verdict, is_refusal, of_consulta, of_recepcao
from zelo.flow.lifecycle import Event
from zelo.flow.lifecycle import State as DocumentState
from zelo.flow.tools import Tools
from zelo.guard import shell as guard
from zelo.guard.core import Event as GuardEvent
from zelo.guard.xmotivo import blamed
from zelo.models.nfcom.event import PROC, proc_evento
from zelo.models.nfcom.services import EVENTO

_GUARD: Final = {
    Happening.REGISTERED: GuardEvent.AUTHORISED,
    Happening.REJECTED: GuardEvent.REJECTED,
    Happening.ISSUER_REFUSED: GuardEvent.REJECTED,
    Happening.DUPLICATE: GuardEvent.REJECTED,
    Happening.UNRECOGNISED: GuardEvent.REJECTED,
    Happening.SERVICE_PAUSED: GuardEvent.ANSWERED,
    Happening.BLOCKED: GuardEvent.UNKNOWN,
    Happening.UNANSWERED: GuardEvent.UNKNOWN,
    Happening.LEASE_EXPIRED: GuardEvent.UNKNOWN,
    Happening.NOT_SENT: GuardEvent.NOT_SENT,
}
"""What the guard writes for each outcome, as for notes."""


def reserve(connection: Connection, tools: Tools, keyring: Keyring, row: Row[Any], now: datetime) -> Call | None:
    """Ask the guard; if it admits, write the intent down. None when nothing may be sent now."""
    note = record.find(connection, row.document_id)
    if note is None or DocumentState(note.state) is not DocumentState.AUTHORISED:
        events.move(connection, row, Happening.OVERTAKEN, now=now, detail=OVERTAKEN)
        return None
    establishment = establishment_of(connection, row)
    emitter = keyring.emitter(connection, establishment, now)
    if isinstance(emitter, list):
        breaker.open_(connection, row.establishment_id, row.document_id, emitter[0], now)
        return None
    attempt_id = tools.new_id(now)
    key = events.guard_key(row)
    match admission.ask(
        connection, tools, row, key=key, uf=establishment.uf, service=EVENTO, attempt_id=attempt_id, now=now
    ):
        case datetime() as again:
            events.postpone(connection, row, again)
            return None
        case str() as held:
            events.move(connection, row, Happening.HELD_BACK, now=now, detail=held)
            return None
    return _write_down(connection, tools, row, emitter, attempt_id, now)


def _write_down(
    connection: Connection, tools: Tools, row: Row[Any], emitter: Emitter, attempt_id: str, now: datetime
) -> Call:
    call = calling.intend(
        connection,
        tools,
        row,
        document_id=row.document_id,
        settle=settle,
        service=EVENTO,
        attempt_id=attempt_id,
        message=_signed(connection, row),
        certificate_id=emitter.transmitter_id,
        transmitter_cnpj=emitter.transmitter_cnpj,
        now=now,
    )
    events.move(connection, row, Happening.ADMITTED, now=now, due_at=now + tools.lease, sent_at=now)
    return call


def _signed(connection: Connection, row: Row[Any]) -> bytes:
    """The frozen bytes."""
    content = archive.read_by_digest(connection, row.chave, row.sha256)
    if content is None:
        raise LookupError(f"signed event of {row.chave} is not in the archive")
    return content


def settle(
    connection: Connection, tools: Tools, call: Call, raw: bytes, answer: Retorno | NoAnswer, now: datetime
) -> Echo:
    """Write the outcome down and move the event and its note. Raises StaleDocumentError when the lease had run out."""
    note, row = events.locked(connection, call.row)
    if State(row.state) is not State.RESERVED or row.version != call.row.version + 1:
        raise record.StaleDocumentError(row.id)
    verdict = of_recepcao(answer, modelo=row.modelo, chave=row.chave, tipo=row.tipo, seq=row.seq)
    _close(connection, call, raw, verdict, now)
    calling.note_answer(connection, tools, call, answer, now)
    conclude(connection, tools, row, note, verdict, now, call=call)
    stamped = verdict.evento.registrado if verdict.evento else None
    return calling.echo(call, answer, stamped, now)


def _close(connection: Connection, call: Call, raw: bytes, verdict: Verdict, now: datetime) -> None:
    said = {"cstat": verdict.cstat, "motivo": verdict.motivo}
    calling.close(connection, call, raw, now, outcome=verdict.event.value, **said)


def expire(connection: Connection, tools: Tools, row: Row[Any], now: datetime) -> None:
    """A lease ran out: whoever had it may have sent. Charged, and asked after."""
    verdict = Verdict(Happening.LEASE_EXPIRED, motivo="o processo que enviava parou antes da resposta")
    conclude(connection, tools, row, None, verdict, now, call=None)


def conclude(
    connection: Connection,
    tools: Tools,
    row: Row[Any],
    note: Row[Any] | None,
    verdict: Verdict,
    now: datetime,
    *,
    call: Call | None,
) -> None:
    """Tell the guard, keep what was registered, halt what must be halted, move event and note."""
    told = {"natural_key": events.guard_key(row), "chave": row.chave, "now": now}
    guard.tell(connection, **told, event=_GUARD[verdict.event], cstat=verdict.cstat)
    changes: dict[str, Any] = {"cstat": verdict.cstat, "motivo": verdict.motivo}
    due_at = None
    match verdict.event:
        case Happening.REGISTERED if note is not None and verdict.evento is not None:
            changes |= adopt(connection, tools, row, verdict.evento, now)
            _end_note(connection, note, verdict, now)
        case Happening.UNANSWERED | Happening.UNRECOGNISED:
            due_at = row.sent_at + tools.horizon
        case Happening.LEASE_EXPIRED:
            due_at, changes["sent_at"] = now + tools.horizon, now
        case Happening.NOT_SENT:
            due_at = now + timedelta(seconds=tools.settings.retry_seconds)
        case Happening.SERVICE_PAUSED if call is not None:
            due_at = now + tools.pause
            calling.pause_authorizer(connection, tools, call, now, cstat=verdict.cstat, motivo=verdict.motivo)
        case Happening.ISSUER_REFUSED:
            due_at = now
            fault = Fault(verdict.cstat, verdict.motivo, "", cstat=verdict.cstat)
            breaker.open_(connection, row.establishment_id, row.document_id, fault, now)
        case Happening.BLOCKED if call is not None:
            said = {"cstat": verdict.cstat, "motivo": verdict.motivo}
            due_at = block.halt_transmitter(connection, tools, call, **said, now=now)
    events.move(connection, row, verdict.event, now=now, due_at=due_at, detail=_said(verdict), **changes)
    if verdict.event is Happening.BLOCKED:
        _blame(connection, verdict.motivo, now)


def _blame(connection: Connection, motivo: str, now: datetime) -> None:
    """The event that SEFAZ names by its Id is held; the others only wait."""
    named = blamed(motivo).subject or ""
    found = events.of_id(connection, named)
    if found is not None and accepts(State(found.state), Happening.BLAMED):
        events.move(connection, found, Happening.BLAMED, now=now, detail=motivo[:1000])


def _said(verdict: Verdict) -> str:
    return f"{verdict.cstat} {verdict.motivo}".strip()[:1000]


def adopt(connection: Connection, tools: Tools, row: Row[Any], evento: Evento, now: datetime) -> dict[str, Any]:
    """Keep procEventoNFCom around our very bytes and return the columns that say so."""
    cancelled.keep(connection, tools, row, PROC, proc_evento(_signed(connection, row), evento.xml), now)
    return {"nprot": evento.nprot, "registered_at": evento.registrado or now}


def _end_note(connection: Connection, note: Row[Any], verdict: Verdict, now: datetime) -> None:
    """The note is cancelled where the code says so; else the authorizer is asked what became of it."""
    if DocumentState(note.state) is not DocumentState.AUTHORISED:
        return
    if verdict.cancelled:
        cancelada = Situacao.CANCELADA.value
        record.move(connection, note, Event.CANCELLED, now=now, detail=_said(verdict), situacao=cancelada)
    else:
        record.move(connection, note, Event.ASKED_AGAIN, now=now, detail=_said(verdict))


def ask(connection: Connection, tools: Tools, keyring: Keyring, row: Row[Any], now: datetime) -> Call | None:
    """Spend one consulta of the chave of the note, or put it off until the budget allows."""
    call = consult.prepare(connection, tools, keyring, row, row.document_id, settle_consulta, now)
    if isinstance(call, datetime):
        events.postpone(connection, row, call)
        return None
    return call


def settle_consulta(
    connection: Connection, tools: Tools, call: Call, raw: bytes, answer: Retorno | NoAnswer, now: datetime
) -> Echo:
    """Write down what the authorizer says of the note, and what that means for the event."""
    note, row = events.locked(connection, call.row)
    if State(row.state) is not State.UNKNOWN or row.version != call.row.version:
        raise record.StaleDocumentError(row.id)
    refused = bool(row.cstat) and is_refusal(row.modelo, row.cstat)
    sent_at = row.sent_at or row.updated_at
    asked = Asked(row.modelo, row.tipo, row.seq, row.digest, sent_at, strange=_strange(row), refused=refused)
    verdict = of_consulta(answer, asked, now=now, horizon=tools.horizon)
    _close(connection, call, raw, verdict, now)
    calling.note_answer(connection, tools, call, answer, now)
    changes: dict[str, Any] = {"consultas": row.consultas + 1}
    due_at = None
    if verdict.event is Happening.FOUND and verdict.evento is not None:
        told = {"natural_key": events.guard_key(row), "chave": row.chave, "now": now}
        guard.tell(connection, **told, event=GuardEvent.AUTHORISED)
        changes |= {"cstat": verdict.evento.cstat, "motivo": verdict.motivo}
        changes |= adopt(connection, tools, row, verdict.evento, now)
    elif verdict.event is Happening.OVERTAKEN:
        changes |= {"cstat": verdict.cstat, "motivo": verdict.motivo}
        if verdict.evento is not None:
            cancelled.keep_found(connection, tools, row, (verdict.evento,), now)
    elif verdict.event is Happening.STILL_UNKNOWN:
        due_at = consult.next_time(tools, row, now)
    if verdict.event in (Happening.FOUND, Happening.OVERTAKEN):
        _end_note(connection, note, verdict, now)
    events.move(connection, row, verdict.event, now=now, due_at=due_at, detail=_said(verdict), **changes)
    if isinstance(answer, Retorno):
        consult.halt_what_must(connection, tools, call, answer, now)
    return calling.echo(call, answer, None, now)


def _strange(row: Row[Any]) -> bool:
    """Whether the last answer makes it strange that the authorizer has nothing: it called it a duplicate, or we do not
    know what it said.
    """
    kind = classe(row.modelo, row.cstat) if row.cstat else None
    return bool(row.cstat) and kind in (None, Classe.EVENT_DUP, Classe.DUP_STATE)
