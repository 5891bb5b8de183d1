"""What stops the sends of other programs: halts and pauses in force, those that a reported answer begins, and who sees
and lifts them. Part of a transaction of the caller.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.facts import cstat as codes
from zelo.facts import place
from zelo.facts.offline import deadline, offline
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.cnpj import base, hide_inside
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import local_date, show
from zelo.fiscal.uf import Uf
from zelo.flow import alarm, block, halts, record
from zelo.flow.tools import Tools
from zelo.guard import advice, foreign, halt
from zelo.guard import scopes as scope_of
from zelo.guard import shell as guard
from zelo.guard.advice import Said
from zelo.guard.core import Event
from zelo.guard.foreign import Foreign, Margins, Meaning, Servico
from zelo.guard.xmotivo import Blamed
from zelo.guard.xmotivo import blamed as blamed_by
from zelo.notify.causes import Block

_ASKING_TOO: Final = frozenset({halt.CONSUMPTION, halt.PERMANENT})
"""These stop questions as well; the others only sends."""
_DETAIL_CHARS: Final = 800


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the company, and with what its sends are judged."""

    tools: Tools
    company_id: str
    cnpj_base: str
    now: datetime

    @property
    def margins(self) -> Margins:
        """As the installation has them."""
        own = self.tools.settings
        return Margins(own.guard_margin, own.guard_consulta_margin, own.block_margin_minutes)

    def owns(self, send: Foreign) -> bool:
        """Whether it is the company's own to send."""
        return base(send.cnpj) == self.cnpj_base


def standing(connection: Connection, asker: Asker, send: Foreign, transmitter: str) -> Said | None:
    """The halt in force that lasts longest, else a pause of the authorizer."""
    rows = [row for row in _halts(connection, asker, send, transmitter) if send.counted or _stops_questions(row)]
    if not rows:
        return _paused(connection, asker, send)
    row = max(rows, key=lambda row: (row.until is None, row.until or row.since))
    until = row.until or (asker.now + asker.tools.pause if row.reason == halt.QUARANTINE else None)
    return advice.of_halt(row.reason, until, _cause(connection, asker, row))


def _stops_questions(row: Row[Any]) -> bool:
    return row.reason in _ASKING_TOO or row.scope.startswith(halt.of_others(""))


def _halts(connection: Connection, asker: Asker, send: Foreign, transmitter: str) -> list[Row[Any]]:
    on = asker.now.date()
    name = foreign.authorizer(send, on)
    scopes = [scope_of.emitter(send, name), halt.of_others(asker.company_id)]
    if transmitter:
        scopes.append(scope_of.certificate(send, name, asker.company_id, transmitter))
    if transmitter and send.modelo == foreign.NFCOM:
        scopes.append(halt.of_transmitter(name, send.ambiente, transmitter))
    rows = list(guard.halts(connection, asker.now, scopes))
    for house in halts.houses(connection, asker.company_id, asker.now):
        if house.row.cnpj == send.cnpj and house.row.ambiente == send.ambiente:
            rows += [
                row
                for row in halts.standing(connection, [house], asker.now)
                if row.reason == halt.QUARANTINE or (send.modelo == foreign.NFCOM and _of_serie(row, send))
            ]
    return rows


def _of_serie(row: Row[Any], send: Foreign) -> bool:
    serie = halts.serie_of(row)
    return not serie or serie == str(send.serie)


def _cause(connection: Connection, asker: Asker, row: Row[Any]) -> str:
    """The note of the company because of which a halt stands; another company's is not ours to show."""
    owner = record.find(connection, row.document_id) if row.document_id else None
    if owner is not None:
        return str(owner.chave or "") if owner.company_id == asker.company_id else ""
    return advice.because(row.detail)


def _paused(connection: Connection, asker: Asker, send: Foreign) -> Said | None:
    if send.servico is Servico.STATUS:
        return None
    pause = asker.tools.pause
    at = guard.paused_since(
        connection,
        company_id=asker.company_id,
        modelo=send.modelo,
        autorizador=foreign.authorizer(send, asker.now.date()),
        meaning=Meaning.PAUSED.value,
        since=asker.now - pause,
    )
    return None if at is None else advice.of_pause(at + pause)


@dataclass(frozen=True, slots=True)
class Why:
    """The answer that begins a halt."""

    cstat: str
    motivo: str


def stop(connection: Connection, asker: Asker, send: Foreign, row: Row[Any], why: Why, *, blocked: bool) -> None:
    """Stop the emitter, and the certificate where it is another's; believe whom the authorizer names."""
    minutes = foreign.block_minutes(send, asker.now.date()) + asker.tools.settings.block_margin_minutes
    until = asker.now + timedelta(minutes=minutes)
    blamed = blamed_by(why.motivo) if blocked else Blamed(None, None)
    said = (hide_inside(why.motivo).strip() or codes.texto(send.modelo, why.cstat))[:_DETAIL_CHARS]
    cause = blamed.subject or send.subject or row.token
    scopes = [scope_of.emitter(send, row.autorizador)]
    if row.transmitter:
        scopes.append(scope_of.certificate(send, row.autorizador, asker.company_id, row.transmitter))
    if blocked and not guard.halts(connection, asker.now, scopes[:1]):
        told = Block(autorizador=row.autorizador, cnpj=send.cnpj, cstat=why.cstat, motivo=said, until=until)
        subject = blamed.subject or send.subject
        alarm.blocked_elsewhere(connection, asker.company_id, told, send.uf, subject, key=row.token, now=asker.now)
    for scope in scopes:
        if blocked:
            _block(connection, asker, send, scope, why.cstat, said, cause, until)
        elif not any(_outranks(one, halt.ISSUER, until) for one in guard.halts(connection, asker.now, [scope])):
            _halt(connection, asker, scope, halt.ISSUER, until, why.cstat, f"{said} [{cause}]")
    if blamed.subject and blamed.count:
        _believe(connection, asker, blamed.subject, blamed.count, send.ambiente)


def _block(
    connection: Connection, asker: Asker, send: Foreign, scope: str, cstat: str, said: str, cause: str, until: datetime
) -> None:
    """One more block, counted for ever as ours are: from the fiftieth on nothing passes by itself."""
    blocks = guard.count_failure(connection, halt.blocks_of(scope))
    most = foreign.tolerated_blocks(send, asker.now.date())
    forever = blocks >= most
    reason, ends = (halt.PERMANENT, None) if forever else (halt.CONSUMPTION, until)
    if not any(_outranks(one, reason, until) for one in guard.halts(connection, asker.now, [scope])):
        _halt(connection, asker, scope, reason, ends, cstat, f"{said} {block.counted(blocks, most)} [{cause}]")


def _halt(
    connection: Connection, asker: Asker, scope: str, reason: str, until: datetime | None, cstat: str, detail: str
) -> None:
    guard.stop(connection, scope=scope, reason=reason, now=asker.now, until=until, cstat=cstat, detail=detail)


def _outranks(row: Row[Any], reason: str, until: datetime) -> bool:
    """Whether a halt in force must stay as it is: it lasts longer, or it is a block and the new one is none."""
    if reason == halt.ISSUER and row.reason != halt.ISSUER:
        return True
    if reason == halt.PERMANENT:
        return bool(row.reason == halt.PERMANENT)
    return (row.until is None or row.until >= until) and row.reason in (reason, halt.PERMANENT)


def _believe(connection: Connection, asker: Asker, subject: str, count: int, ambiente: Ambiente) -> None:
    """Where the authorizer has counted more than we have, its count is the one that matters."""
    named = foreign.of_text(subject, ambiente)
    if isinstance(named, Fault) or not asker.owns(named):
        return
    more = count - guard.state_of(connection, named.key).spent
    if more > 0:
        guard.tell(
            connection, natural_key=named.key, chave=subject, event=Event.CHARGED, now=asker.now, detail=str(more)
        )


def offline_until(asker: Asker, uf: Uf) -> datetime | None:
    """By when an NFC-e that is issued offline now must be sent; None where the UF does not allow it."""
    zone = place.zone(uf)
    row = offline(foreign.NFCE, uf, local_date(asker.now, zone))
    return deadline(row, asker.now, zone) if row else None


def with_offline(said: Said, uf: Uf, until: datetime | None) -> Said:
    """The answer, and that the till may go on."""
    if until is None:
        return said
    offer = (
        f"{said.sentence} A loja não precisa parar: ofereça contingência off-line (tpEmis 9), com número novo, que "
        f"um já enviado não se reaproveita; prazo para transmitir: {show(until, place.zone(uf))}."
    )
    return replace(said, sentence=offer)


def of_company(connection: Connection, company_id: str, cnpj_base: str, now: datetime) -> list[Row[Any]]:
    """The halts in force of what other programs of a company send, oldest first."""
    return [row for row in guard.halts(connection, now) if scope_of.is_of(row.scope, company_id, cnpj_base)]
