"""A restored database is dangerous: it has forgotten numbers used and rejections suffered since the backup (design §2).

So every emitter is halted in the very transaction of the restore; documents with a number are asked after; the numbers
that follow are asked for one by one, under chaves made up for the purpose: "differs" means used, "not found" free. Only
an emitter of whom the authority knows nothing that we do not know is let go; otherwise a person decides.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, select, update

from zelo.access.shell.companies import find_establishment
from zelo.assemble import shell as numbers
from zelo.assemble.nfcom import Numbering, chave_of
from zelo.engine.schema.access import company, establishment
from zelo.engine.schema.flow import document, event, probe
from zelo.engine.statement import put
from zelo.facts import authorizer, place
from zelo.facts.cstat import Classe, classe
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.instant import local_date
from zelo.fiscal.retorno import NoAnswer, Retorno
from zelo.fiscal.uf import Uf
from zelo.flow import limits, record
from zelo.flow.call import post
from zelo.flow.emitter import Emitter, Keyring, establishment_of
from zelo.flow.event import clock
from zelo.flow.event import record as events
from zelo.flow.event.lifecycle import Happening
from zelo.flow.event.lifecycle import State as EventState
from zelo.flow.event.lifecycle import accepts as event_accepts
from zelo.flow.lifecycle import Event, State, accepts
from zelo.flow.prepare import PROGRAM, draw_cnf
from zelo.flow.tools import Tools
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.guard.core import Event as GuardEvent
from zelo.guard.core import Release, Stop
from zelo.models.nfcom import services
from zelo.models.nfcom.document import MODELO
from zelo.models.nfcom.services import EVENTO
from zelo.transmit.contract import Transport

MISSES: Final = 10
"""So many free numbers in a row end the search: a série is gapless, and this leaves room for notes in the air."""
ALLOWANCE: Final = 3
"""Sends left to a number after a restore: what it suffered since the backup is not known."""
FORGOTTEN: Final = timedelta(hours=1)
"""No official window and no block lasts longer (NT 2018.002; MOC NFCom 8.2; NT 2014.002): then forgetting is over."""


def begin(connection: Connection, tools: Tools, now: datetime) -> int:
    """Halt every emitter and ask after every numbered document; how many documents."""
    for row in connection.execute(select(establishment)).fetchall():
        guard.stop(
            connection,
            scope=halt.of_establishment(row.id),
            reason=halt.QUARANTINE,
            now=now,
            until=None,
            detail="Banco restaurado: conferindo na SEFAZ o que aconteceu depois do backup.",
        )
        for serie in numbers.series(connection, row.id):
            key = {"establishment_id": row.id, "serie": serie.serie}
            put(connection, probe, key, {"next_nnf": serie.next_nnf, "misses": 0, "found": []})
    for company_id in connection.execute(select(company.c.id)).scalars().all():
        _halt_others(connection, tools, company_id, now)
    numbered = connection.execute(select(document).where(document.c.nnf.is_not(None))).fetchall()
    asked = [row for row in numbered if accepts(State(row.state), Event.RESTORED)]
    known = [row for row in asked if State(row.state) is State.AUTHORISED]
    for row in known:
        # Cancelled since, by an event that this database has forgotten: possible only while the deadline lasts.
        until = clock.deadline(row, None)
        if until is not None and now <= until.official:
            record.move(connection, row, Event.RESTORED, now=now, due_at=now + tools.horizon)
    asked = [row for row in asked if row not in known]
    _ask_events(connection, tools, now)
    for row in asked:
        _charge(connection, tools, row, now)
        record.move(connection, row, Event.RESTORED, now=now, due_at=now + tools.horizon, sent_at=now)
    return len(asked)


def _halt_others(connection: Connection, tools: Tools, company_id: str, now: datetime) -> None:
    """Other programs wait until no window and no block that was forgotten can still run; no time mends the counts of
    their numbers, so each keeps only an allowance when it is next asked about (`charge_foreign`).
    """
    guard.mark_restored(connection, company_id, now)
    guard.stop(
        connection,
        scope=halt.of_others(company_id),
        reason=halt.QUARANTINE,
        now=now,
        until=now + FORGOTTEN + timedelta(minutes=tools.settings.block_margin_minutes),
        detail="Banco restaurado: consultas, recusas e bloqueios de outros programas depois do backup não são "
        "conhecidos.",
    )


def charge_foreign(
    connection: Connection, *, key: str, subject: str, ceiling: int, restored: datetime, now: datetime
) -> None:
    """Leave a number of another program that has not moved since the restore the same small allowance."""
    if guard.moved_since(connection, key, restored):
        return
    more = ceiling - ALLOWANCE - guard.state_of(connection, key).spent
    if more > 0:
        guard.tell(connection, natural_key=key, chave=subject, event=GuardEvent.CHARGED, now=now, detail=str(more))
    allowance = Release(Stop.MAXIMUM, ALLOWANCE, record.SYSTEM, "o banco foi restaurado")
    guard.release(connection, natural_key=key, chave=subject, now=now, what=allowance)


def _ask_events(connection: Connection, tools: Tools, now: datetime) -> None:
    """What has bytes may have been sent since the backup: asked after, and left a small allowance of sends."""
    for row in connection.execute(select(event)).fetchall():
        if not event_accepts(EventState(row.state), Happening.RESTORED):
            continue
        _allow(connection, events.guard_key(row), row.chave, limits.ceiling(tools, row, now, EVENTO), now)
        events.move(connection, row, Happening.RESTORED, now=now, due_at=now + tools.horizon, sent_at=now)


def _charge(connection: Connection, tools: Tools, row: Row[Any], now: datetime) -> None:
    """Leave the number a small allowance, whatever it has spent."""
    issuer = establishment_of(connection, row)
    _allow(connection, limits.number_of(row, issuer.cnpj), row.chave, limits.ceiling(tools, row, now), now)


def _allow(connection: Connection, key: str, chave: str, ceiling: int, now: datetime) -> None:
    state = guard.state_of(connection, key)
    if state.token is not None:
        guard.tell(connection, natural_key=key, chave=chave, event=GuardEvent.UNKNOWN, now=now)
        state = guard.state_of(connection, key)
    more = ceiling - ALLOWANCE - state.spent
    if more > 0:
        guard.tell(connection, natural_key=key, chave=chave, event=GuardEvent.CHARGED, now=now, detail=str(more))
    allowance = Release(Stop.MAXIMUM, ALLOWANCE, record.SYSTEM, "o banco foi restaurado")
    guard.release(connection, natural_key=key, chave=chave, now=now, what=allowance)


def search(tools: Tools, transport: Transport, keyring: Keyring, now: datetime) -> int:
    """Ask for one number of each quarantined série, and let emitters go that are clear; how many were asked."""
    with tools.engine.read() as connection:
        standing = [row for row in guard.halts(connection, now) if row.reason == halt.QUARANTINE]
        halted = [row for row in standing if halt.parts(row.scope)[0] == halt.ESTABLISHMENT]
        if not halted:
            return 0
        ids = [halt.parts(row.scope)[1] for row in halted]
        due = connection.execute(select(probe).where(probe.c.establishment_id.in_(ids), probe.c.misses < MISSES)).all()
        emitters = {row.establishment_id: _emitter(connection, keyring, row.establishment_id, now) for row in due}
    for row in due:
        emitter = emitters[row.establishment_id]
        if emitter is not None:
            _ask(tools, transport, emitter, row, now)
    with tools.engine.begin() as connection:
        for row in halted:
            _conclude(connection, tools, row, now)
    return len(due)


def _emitter(connection: Connection, keyring: Keyring, establishment_id: str, now: datetime) -> Emitter | None:
    row = find_establishment(connection, establishment_id)
    found = keyring.emitter(connection, row, now) if row is not None else []
    return found if isinstance(found, Emitter) else None


def _ask(tools: Tools, transport: Transport, emitter: Emitter, row: Row[Any], now: datetime) -> None:
    """Whether the next number of the série is used, under a chave that nobody has."""
    uf = Uf(emitter.row.uf)
    numbering = Numbering(
        ambiente=tools.ambiente,
        serie=row.serie,
        nnf=row.next_nnf,
        cnf=draw_cnf(tools),
        emitted_at=now,
        program=PROGRAM,
    )
    chave = str(chave_of(emitter.emit, numbering))
    _, answer = post(
        tools,
        transport,
        autorizador=authorizer.autorizador(MODELO, uf, local_date(now, place.zone(uf))),
        modelo=MODELO,
        service=services.CONSULTA,
        message=services.consulta(chave, Ambiente(emitter.row.ambiente)),
        certificate_id=emitter.transmitter_id,
        now=now,
    )
    used = _used(answer)
    if used is None:
        return
    with tools.engine.begin() as connection:
        connection.execute(
            update(probe)
            .where(
                probe.c.establishment_id == row.establishment_id,
                probe.c.serie == row.serie,
                probe.c.next_nnf == row.next_nnf,
            )
            .values(
                next_nnf=row.next_nnf + 1,
                misses=0 if used else row.misses + 1,
                found=[*row.found, row.next_nnf] if used else row.found,
            )
        )


def _used(answer: Retorno | NoAnswer) -> bool | None:
    """Whether the authority has that number, or None when it did not say."""
    if isinstance(answer, NoAnswer):
        return None
    return {Classe.DUP_OTHER_KEY: True, Classe.NOT_FOUND: False}.get(classe(MODELO, answer.cstat) or Classe.DATA)


def _conclude(connection: Connection, tools: Tools, halted: Row[Any], now: datetime) -> None:
    """Let an emitter go when all is known and nothing was lost; otherwise say, once, what was found."""
    establishment_id = halt.parts(halted.scope)[1]
    probes = connection.execute(select(probe).where(probe.c.establishment_id == establishment_id)).fetchall()
    asking = connection.execute(
        select(func.count())
        .select_from(document)
        .where(document.c.establishment_id == establishment_id, document.c.state == State.UNKNOWN.value)
    ).scalar_one()
    if asking or any(row.misses < MISSES for row in probes):
        return
    lost = [(row.serie, nnf) for row in probes for nnf in row.found]
    if not lost:
        end(connection, establishment_id)
        tools.engine.wake(connection)
    elif halted.detail != _told(lost):
        for serie in {serie for serie, _ in lost}:
            _skip_to(connection, establishment_id, serie, max(nnf for s, nnf in lost if s == serie) + 1)
        guard.stop(connection, scope=halted.scope, reason=halt.QUARANTINE, now=now, until=None, detail=_told(lost))


def end(connection: Connection, establishment_id: str) -> None:
    """The emitter goes on, because nothing was lost or because a person has decided."""
    connection.execute(delete(probe).where(probe.c.establishment_id == establishment_id))
    guard.clear(connection, halt.of_establishment(establishment_id))


def _skip_to(connection: Connection, establishment_id: str, serie: int, next_nnf: int) -> None:
    numbers.set_up(
        connection,
        establishment_id=establishment_id,
        modelo=MODELO,
        serie=serie,
        next_nnf=next_nnf,
        evidence="números encontrados na SEFAZ depois de restaurar um backup",
        evidence_chave=None,
    )


def _told(lost: Sequence[tuple[int, int]]) -> str:
    named = ", ".join(f"{nnf} (série {serie})" for serie, nnf in lost[:20])
    return (
        f"A SEFAZ tem {len(lost)} notas que este banco perdeu: {named}. "
        "Confira no ERP a que faturas pertencem, para não emiti-las outra vez, e libere."
    )
