"""Sends of other programs: asked about before, reported after. Each function is part of one transaction of the caller.

`guard/foreign` says what a message and an answer are, `guard/core` decides, `guard/shell` writes; here they are joined.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.facts import cstat as codes
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.cnpj import base, hide_inside
from zelo.fiscal.fault import Fault
from zelo.fiscal.uf import Uf
from zelo.flow import halts, limits, record
from zelo.flow.tools import Tools
from zelo.guard import advice, bounds, core, foreign, halt
from zelo.guard import shell as guard
from zelo.guard.advice import Said, Word
from zelo.guard.core import Answer, Event, Policy, Release, State, Stop
from zelo.guard.foreign import Foreign, Margins, Meaning, Servico

_ASKING_TOO: Final = frozenset({halt.CONSUMPTION, halt.PERMANENT})
"""These stop questions as well; the others only sends."""
_DETAIL_CHARS: Final = 800


class NotPossibleError(RuntimeError):
    """What was asked contradicts what is known; the message says so in pt-BR."""


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
        return Margins(self.tools.settings.guard_margin, self.tools.settings.guard_consulta_margin)

    def owns(self, send: Foreign) -> bool:
        """Whether it is the company's own to send."""
        return base(send.cnpj) == self.cnpj_base


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer, the token where the program may send, and in shadow what would have been said."""

    said: Said
    token: str | None
    would: Said | None = None


def ask(
    connection: Connection, asker: Asker, send: Foreign, *, transmitter: str, shadow: bool, token: str = ""
) -> Admission:
    """May this be sent now? If so, one send is reserved, or one call spent, under `token` where one was chosen."""
    stopped = _stopped(connection, asker, send, transmitter) or _paused(connection, asker, send)
    token = token or asker.tools.new_id(asker.now)
    said = stopped or (_reserve if send.counted else _spend)(connection, asker, send, token)
    if said.word is not Word.ADMIT and not shadow:
        return Admission(said, None)
    if said.word is not Word.ADMIT and send.counted:
        told = f"{said.word} ({said.spent}/{said.most})"
        guard.admit_regardless(
            connection, natural_key=send.key, chave=send.subject, token=token, now=asker.now, said=told
        )
    _keep(connection, asker, send, token, transmitter, said)
    if not shadow:
        return Admission(said, token)
    free = "Em sombra: envie como sempre e informe a resposta. O que seria dito está em would."
    return Admission(Said(Word.ADMIT, free, said.spent, said.most), token, said)


def _reserve(connection: Connection, asker: Asker, send: Foreign, token: str) -> Said:
    held = _held(connection, asker, send)
    if held is not None:
        return held
    policy = _policy(connection, asker, send)
    verdict = guard.admit(
        connection, natural_key=send.key, chave=send.subject, token=token, now=asker.now, policy=policy
    )
    return advice.of_verdict(verdict, _busy_until(connection, asker, send))


def _spend(connection: Connection, asker: Asker, send: Foreign, _token: str) -> Said:
    budget = foreign.budget(send, asker.margins, asker.now.date())
    spent = guard.take(connection, send.key, budget, asker.now)
    if not spent.allowed:
        return advice.of_budget(budget.limit, budget.limit, spent.free_at)
    return Said(Word.ADMIT, "Pode consultar, uma vez.", len(spent.times), budget.limit)


def _keep(connection: Connection, asker: Asker, send: Foreign, token: str, transmitter: str, said: Said) -> None:
    guard.keep_foreign(
        connection,
        token=token,
        company_id=asker.company_id,
        key=send.key,
        subject=send.subject,
        modelo=send.modelo,
        servico=send.servico.value,
        ambiente=send.ambiente.value,
        uf=send.uf.value,
        autorizador=foreign.authorizer(send, asker.now.date()),
        cnpj=send.cnpj,
        transmitter=transmitter,
        said=said.word.value,
        asked_at=asker.now,
        lease_until=asker.now + asker.tools.lease,
    )


def _policy(connection: Connection, asker: Asker, send: Foreign) -> Policy:
    own = limits.parameters(connection, asker.tools, asker.company_id)
    return bounds.policy(own, send.uf, foreign.ceiling(send, asker.margins, asker.now.date()))


def _busy_until(connection: Connection, asker: Asker, send: Foreign) -> datetime:
    """When the reservation that stands ends; one of our own worker does not tell."""
    token = guard.state_of(connection, send.key).token
    row = guard.foreign_of(connection, token) if token else None
    return row.lease_until if row else asker.now + timedelta(seconds=asker.tools.settings.retry_seconds)


def _held(connection: Connection, asker: Asker, send: Foreign) -> Said | None:
    """What stands because a person must look at the last answer."""
    row = guard.held_by(connection, send.key)
    if row is None:
        return None
    verdict = core.decide(_state(connection, asker, send), _policy(connection, asker, send), asker.now)
    return advice.of_hold(verdict, row.outcome)


def _state(connection: Connection, asker: Asker, send: Foreign) -> State:
    """The number as it is once an overdue reservation has been charged."""
    state = guard.state_of(connection, send.key)
    if guard.overdue(connection, state, asker.now) is None:
        return state
    return core.apply(state, Event.UNKNOWN, at=asker.now, chave=send.subject)[0]


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


def _stopped(connection: Connection, asker: Asker, send: Foreign, transmitter: str) -> Said | None:
    """The halt in force that lasts longest."""
    rows = [row for row in _halts(connection, asker, send, transmitter) if send.counted or row.reason in _ASKING_TOO]
    if not rows:
        return None
    row = max(rows, key=lambda row: (row.until is None, row.until or row.since))
    return advice.of_halt(row.reason, row.until, _cause(connection, asker, row))


def _halts(connection: Connection, asker: Asker, send: Foreign, transmitter: str) -> list[Row[Any]]:
    on = asker.now.date()
    name = foreign.authorizer(send, on)
    scopes = [foreign.emitter_scope(send, name)]
    if transmitter:
        scopes.append(foreign.certificate_scope(send, name, asker.company_id, transmitter))
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


@dataclass(frozen=True, slots=True)
class Reported:
    """What a reported outcome meant, where the number stands, and what stopped because of it."""

    meaning: Meaning
    sentence: str
    spent: int
    until: datetime | None
    because: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back: a code with its text, or a silence."""

    cstat: str = ""
    motivo: str = ""
    silence: Meaning | None = None

    @property
    def word(self) -> str:
        """What makes two reports the same."""
        return self.silence.value if self.silence else self.cstat


def report(connection: Connection, asker: Asker, token: str, outcome: Outcome) -> Reported | Fault | None:
    """Write down what became of a send, once. None: no such token. Raises NotPossibleError for another outcome."""
    row = guard.foreign_of(connection, token, lock=True)
    if row is None or row.company_id != asker.company_id:
        return None
    send = _sent(row)
    if row.settled_at is not None:
        if row.outcome != outcome.word:
            raise NotPossibleError(f"O resultado deste envio já foi informado: {row.outcome}. Não muda mais.")
        return _reported(connection, asker, send, row, Meaning(row.meaning))
    meaning = outcome.silence or foreign.meaning(send.modelo, send.servico, outcome.cstat)
    if isinstance(meaning, Fault):
        return meaning
    if meaning is Meaning.PENDING:
        guard.extend_foreign(connection, token, asker.now + asker.tools.lease)
    else:
        _settle(connection, asker, send, row, outcome, meaning)
    return _reported(connection, asker, send, row, meaning)


def _settle(
    connection: Connection, asker: Asker, send: Foreign, row: Row[Any], outcome: Outcome, meaning: Meaning
) -> None:
    if send.counted:
        _tell(connection, asker, send, row.token, outcome.cstat, meaning)
    guard.settle_foreign(
        connection,
        row.token,
        outcome=outcome.word,
        meaning=meaning.value,
        holds=send.counted and meaning in foreign.HOLDS,
        now=asker.now,
    )
    if meaning in (Meaning.BLOCKED, Meaning.ISSUER):
        _stop(connection, asker, send, row, outcome, meaning)


def _tell(connection: Connection, asker: Asker, send: Foreign, token: str, cstat: str, meaning: Meaning) -> None:
    """The guard's event. Where the reservation is no longer this one it was charged: nothing is taken back."""
    holder = guard.state_of(connection, send.key).token
    if holder == token or (holder is None and meaning is Meaning.AUTHORISED):
        guard.tell(
            connection,
            natural_key=send.key,
            chave=send.subject,
            event=foreign.TOLD[meaning],
            now=asker.now,
            cstat=cstat,
        )


def _stop(
    connection: Connection, asker: Asker, send: Foreign, row: Row[Any], outcome: Outcome, meaning: Meaning
) -> None:
    """Stop the emitter, and the certificate where it is another's; believe whom the authorizer names."""
    minutes = foreign.block_minutes(send, asker.now.date()) + asker.tools.settings.block_margin_minutes
    until = asker.now + timedelta(minutes=minutes)
    reason = halt.CONSUMPTION if meaning is Meaning.BLOCKED else halt.ISSUER
    blamed = foreign.blamed(outcome.motivo) if meaning is Meaning.BLOCKED else foreign.Blamed(None, None)
    said = hide_inside(outcome.motivo).strip() or codes.texto(send.modelo, outcome.cstat)
    scopes = [foreign.emitter_scope(send, row.autorizador)]
    if row.transmitter:
        scopes.append(foreign.certificate_scope(send, row.autorizador, asker.company_id, row.transmitter))
    for scope in scopes:
        if any(_outranks(one, reason, until) for one in guard.halts(connection, asker.now, [scope])):
            continue
        guard.stop(
            connection,
            scope=scope,
            reason=reason,
            now=asker.now,
            until=until,
            cstat=outcome.cstat,
            detail=f"{said[:_DETAIL_CHARS]} [{blamed.subject or send.subject or row.token}]",
        )
    if blamed.subject and blamed.count:
        _believe(connection, asker, blamed.subject, blamed.count, send.ambiente)


def _outranks(row: Row[Any], reason: str, until: datetime) -> bool:
    """Whether a halt in force must stay as it is: it lasts longer, or it is a block and the new one is none."""
    if reason == halt.ISSUER and row.reason != halt.ISSUER:
        return True
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


def _sent(row: Row[Any]) -> Foreign:
    return Foreign(row.modelo, Servico(row.servico), Ambiente(row.ambiente), Uf(row.uf), row.cnpj, row.subject, row.key)


def _reported(connection: Connection, asker: Asker, send: Foreign, row: Row[Any], meaning: Meaning) -> Reported:
    stopped = _stopped(connection, asker, send, row.transmitter) or _paused(connection, asker, send)
    spent = guard.state_of(connection, send.key).spent if send.counted else 0
    until, because = (stopped.until, stopped.because) if stopped else (None, "")
    return Reported(meaning, advice.SENTENCES[meaning], spent, until, because)


def standing(connection: Connection, asker: Asker, send: Foreign) -> Said:
    """What would be answered now about a number, an event or an inutilização. Writes nothing."""
    stopped = _stopped(connection, asker, send, "") or _paused(connection, asker, send)
    return stopped or _number(connection, asker, send)


def _number(connection: Connection, asker: Asker, send: Foreign) -> Said:
    """What the number by itself has to say, whatever stops the emitter."""
    held = _held(connection, asker, send)
    if held is not None:
        return held
    verdict = core.decide(_state(connection, asker, send), _policy(connection, asker, send), asker.now)
    busy = _busy_until(connection, asker, send) if verdict.answer is Answer.BUSY else asker.now
    return advice.of_verdict(verdict, busy)


def release(
    connection: Connection, asker: Asker, send: Foreign, *, sends: int, actor: str, why: str, administrator: bool
) -> Said:
    """Let a held number be sent so many times more; nothing is forgotten. What is said afterwards.

    Raises NotPossibleError: not held, without reason, beyond an administrator's word or beyond the ceiling.
    """
    if not why.strip():
        raise NotPossibleError("Diga por que o número pode ser enviado de novo: o motivo fica guardado.")
    said = _number(connection, asker, send)
    if said.stop is None:
        raise NotPossibleError("Só se libera um número parado.")
    if said.stop is Stop.CEILING:
        raise NotPossibleError(
            f"Este número já gastou {said.spent} de {said.most} envios: mais um poderia bloquear a empresa inteira. "
            "Consulte a chave ou emita com outro número."
        )
    if said.stop is Stop.MAXIMUM and not administrator:
        raise NotPossibleError("O número chegou ao limite máximo: só uma chave de administrador libera.")
    what = Release(said.stop, sends, actor, why.strip())
    guard.release(connection, natural_key=send.key, chave=send.subject, now=asker.now, what=what)
    guard.let_go(connection, send.key)
    return standing(connection, asker, send)
