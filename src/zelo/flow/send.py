"""SIGNED → RESERVED → what the answer says. Reservation and intent are one transaction, the outcome another;
between them the bytes travel, once.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from zelo.archive import shell as archive
from zelo.engine.schema.archive import xml as archived
from zelo.facts.place import today
from zelo.fiscal.chave import Chave
from zelo.fiscal.retorno import NoAnswer, Retorno
from zelo.flow import admission, block, breaker, limits, record
from zelo.flow import call as calling
from zelo.flow.call import Call, Echo
from zelo.flow.emitter import Emitter, Keyring, establishment_of
from zelo.flow.lifecycle import Event, State
from zelo.flow.tools import Tools
from zelo.flow.verdict import Verdict, is_of_the_note, of_recepcao
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.guard.core import Event as GuardEvent
from zelo.models.nfcom.document import ROOT
from zelo.models.nfcom.proc import PROC, nfcom_proc
from zelo.models.nfcom.services import RECEPCAO

_GUARD: Final = {
    Event.AUTHORISED: GuardEvent.AUTHORISED,
    Event.REJECTED: GuardEvent.REJECTED,
    Event.ISSUER_REFUSED: GuardEvent.REJECTED,
    Event.DUPLICATE: GuardEvent.REJECTED,
    Event.FOUND_ANOTHER: GuardEvent.REJECTED,
    Event.UNRECOGNISED: GuardEvent.REJECTED,
    Event.SERVICE_PAUSED: GuardEvent.ANSWERED,
    Event.BLOCKED: GuardEvent.UNKNOWN,
    Event.UNANSWERED: GuardEvent.UNKNOWN,
    Event.LEASE_EXPIRED: GuardEvent.UNKNOWN,
    Event.NOT_SENT: GuardEvent.NOT_SENT,
}
"""What the guard writes for each outcome: a block and a silence are charged like a rejection of every kind."""


def reserve(connection: Connection, tools: Tools, keyring: Keyring, row: Row[Any], now: datetime) -> Call | None:
    """Ask the guard; if it admits, write the intent down. None when nothing may be sent now."""
    establishment = establishment_of(connection, row)
    if breaker.must_wait(connection, row):
        record.postpone(connection, row, now + timedelta(seconds=tools.settings.retry_seconds))
        return None
    emitter = keyring.emitter(connection, establishment, now)
    if isinstance(emitter, list):
        breaker.open_(connection, row.establishment_id, row.id, emitter[0], now)
        return None
    attempt_id = tools.new_id(now)
    number = limits.number_of(row, establishment.cnpj)
    match admission.ask(
        connection, tools, row, key=number, uf=establishment.uf, service=RECEPCAO, attempt_id=attempt_id, now=now
    ):
        case datetime() as again:
            record.postpone(connection, row, again)
            return None
        case str() as held:
            record.move(connection, row, Event.HELD_BACK, now=now, detail=held)
            return None
    return _write_down(connection, tools, row, emitter, attempt_id, now)


def _write_down(
    connection: Connection, tools: Tools, row: Row[Any], emitter: Emitter, attempt_id: str, now: datetime
) -> Call:
    message = archive.read(connection, row.chave, ROOT)
    if message is None:
        raise LookupError(f"signed bytes of {row.chave} are not in the archive")
    call = calling.intend(
        connection,
        tools,
        row,
        document_id=row.id,
        settle=settle,
        service=RECEPCAO,
        attempt_id=attempt_id,
        message=message,
        certificate_id=emitter.transmitter_id,
        transmitter_cnpj=emitter.transmitter_cnpj,
        now=now,
    )
    record.move(connection, row, Event.ADMITTED, now=now, due_at=now + tools.lease, sent_at=now)
    return call


def settle(
    connection: Connection, tools: Tools, call: Call, raw: bytes, answer: Retorno | NoAnswer, now: datetime
) -> Echo:
    """Write the outcome down and move the document. Raises StaleDocumentError when the lease had run out."""
    row = record.locked(connection, call.row.id)
    if State(row.state) is not State.RESERVED or row.version != call.row.version + 1:
        raise record.StaleDocumentError(row.id)
    verdict = of_recepcao(
        answer,
        modelo=row.modelo,
        chave=row.chave,
        digest=row.digest,
        is_ours=lambda chave: _was_ours(connection, row, chave),
        classify=guard.classify(connection, today(now)),
    )
    said = {"cstat": verdict.cstat, "motivo": verdict.motivo}
    calling.close(connection, call, raw, now, outcome=verdict.event.value, **said)
    calling.note_answer(connection, tools, call, answer, now)
    conclude(connection, tools, row, verdict, now, call=call)
    stamped = verdict.protocolo.recebido if verdict.protocolo else None
    return calling.echo(call, answer, stamped, now)


def expire(connection: Connection, tools: Tools, row: Row[Any], now: datetime) -> None:
    """A lease ran out: whoever had it may have sent. Charged, and asked after."""
    verdict = Verdict(Event.LEASE_EXPIRED, motivo="o processo que enviava parou antes da resposta")
    conclude(connection, tools, row, verdict, now, call=None)


def conclude(
    connection: Connection, tools: Tools, row: Row[Any], verdict: Verdict, now: datetime, *, call: Call | None
) -> None:
    """Tell the guard, archive what was authorised, halt what must be halted, move the document."""
    of_the_note = is_of_the_note(row.modelo, verdict)
    guard.tell(
        connection,
        natural_key=limits.number_of(row, Chave.parse(row.chave).cnpj),
        chave=row.chave,
        event=GuardEvent.REJECTED if of_the_note else _GUARD[verdict.event],
        now=now,
        cstat=verdict.cstat,
    )
    changes: dict[str, Any] = {"cstat": verdict.cstat, "motivo": verdict.motivo}
    due_at = None
    match verdict.event:
        case Event.AUTHORISED:
            changes |= adopt(connection, tools, row, verdict, now, message=call.message if call else None)
        case Event.UNANSWERED | Event.UNRECOGNISED:
            due_at = row.sent_at + tools.horizon
        case Event.LEASE_EXPIRED:
            due_at, changes["sent_at"] = now + tools.horizon, now
        case Event.NOT_SENT:
            due_at = now + timedelta(seconds=tools.settings.retry_seconds)
            changes["sent_at"] = call.row.sent_at if call is not None else row.sent_at
        case Event.SERVICE_PAUSED if call is not None:
            due_at = now + tools.pause
            if not of_the_note:
                said = {"cstat": verdict.cstat, "motivo": verdict.motivo}
                calling.pause_authorizer(connection, tools, call, now, **said)
        case Event.ISSUER_REFUSED:
            due_at = now
        case Event.FOUND_ANOTHER:
            halt_serie(connection, row, verdict, now)
        case Event.BLOCKED if call is not None:
            said = {"cstat": verdict.cstat, "motivo": verdict.motivo}
            due_at = block.halt_transmitter(connection, tools, call, **said, now=now)
    breaker.hear(connection, row, verdict, now)
    record.move(connection, row, verdict.event, now=now, due_at=due_at, detail=_said(verdict), **changes)
    if verdict.event is Event.BLOCKED:
        block.blame(connection, verdict.motivo, now)


def _said(verdict: Verdict) -> str:
    return f"{verdict.cstat} {verdict.motivo}".strip()[:1000]


def adopt(
    connection: Connection,
    tools: Tools,
    row: Row[Any],
    verdict: Verdict,
    now: datetime,
    *,
    message: bytes | None = None,
) -> dict[str, Any]:
    """Keep the authorised file around the signed bytes, given or read, and return the columns that say so."""
    protocolo = verdict.protocolo
    message = message or archive.read(connection, row.chave, ROOT)
    if protocolo is None or message is None:
        raise LookupError(f"protocol or signed bytes of {row.chave} are missing")
    archive.keep(
        connection,
        row_id=tools.new_id(now),
        now=now,
        company_id=row.company_id,
        establishment_id=row.establishment_id,
        modelo=row.modelo,
        chave=row.chave,
        kind=PROC,
        content=nfcom_proc(message, protocolo.xml),
    )
    return {
        "nprot": protocolo.nprot,
        "situacao": verdict.situacao.value if verdict.situacao else None,
        "authorised_at": protocolo.recebido or now,
    }


def halt_serie(connection: Connection, row: Row[Any], verdict: Verdict, now: datetime) -> None:
    """The number belongs to another document: the série stops until a person has decided."""
    guard.stop(
        connection,
        scope=halt.of_serie(row.establishment_id, row.serie),
        reason=halt.CONFLICT,
        now=now,
        until=None,
        cstat=verdict.cstat,
        detail=verdict.motivo,
        document_id=row.id,
    )


def _was_ours(connection: Connection, row: Row[Any], chave: str) -> bool:
    """Whether an earlier chave of the same number of the same emitter was signed by us for this document."""
    query = select(archived.c.id).where(
        archived.c.chave == chave, archived.c.kind == ROOT, archived.c.establishment_id == row.establishment_id
    )
    return chave != row.chave and connection.execute(query).first() is not None
