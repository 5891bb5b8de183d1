"""Sends of other programs: asked about before, reported after. Each function is part of one transaction of the caller.

`guard/foreign` says what a message and an answer are, `guard/core` decides, `guard/shell` writes; here they are joined.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from zelo.facts.place import today
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.cnpj import hide_inside
from zelo.fiscal.fault import Fault
from zelo.fiscal.uf import Uf
from zelo.flow import foreign_stops as stops
from zelo.flow import limits, quarantine
from zelo.flow.foreign_stops import Asker
from zelo.guard import advice, bounds, core, foreign
from zelo.guard import shell as guard
from zelo.guard.advice import Said, Word
from zelo.guard.core import Answer, Event, Policy, Release, State, Stop
from zelo.guard.foreign import Foreign, Meaning, Servico


class NotPossibleError(RuntimeError):
    """What was asked contradicts what is known; the message says so in pt-BR."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer, the token where the program may send, and in shadow what would have been said."""

    said: Said
    token: str | None
    would: Said | None = None
    offline_until: datetime | None = None


def ask(
    connection: Connection, asker: Asker, send: Foreign, *, transmitter: str, shadow: bool, token: str = ""
) -> Admission:
    """May this be sent now? If so, one send is reserved, or one call spent, under `token` where one was chosen."""
    _charge(connection, asker, send)
    stopped = stops.standing(connection, asker, send, transmitter)
    token = token or asker.tools.new_id(asker.now)
    said = stopped or (_reserve if send.counted else _spend)(connection, asker, send, token)
    if said.word is not Word.ADMIT and not shadow:
        offline_until = _offline_until(asker, send, said)
        return Admission(stops.with_offline(said, send.uf, offline_until), None, offline_until=offline_until)
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


def _charge(connection: Connection, asker: Asker, send: Foreign) -> None:
    """After a restore a number that may have been refused meanwhile keeps only a small allowance."""
    restored = guard.restored_at(connection, asker.company_id) if send.counted else None
    if restored is not None and not foreign.is_issued_after(send, restored):
        most = foreign.ceiling(send, asker.margins, asker.now.date())
        quarantine.charge_foreign(
            connection, key=send.key, subject=send.subject, ceiling=most, restored=restored, now=asker.now
        )


def _offline_until(asker: Asker, send: Foreign, said: Said) -> datetime | None:
    """By when a coupon that is issued offline now must be sent; None where that is not the way on."""
    online = send.modelo == foreign.NFCE and send.servico is Servico.AUTORIZACAO and not foreign.is_offline(send)
    return stops.offline_until(asker, send.uf) if online and advice.stops_a_till(said) else None


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
    spent = guard.take(connection, foreign.budget_key(send, asker.now.date()), budget, asker.now)
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
    """What came back: a code with its text, or a silence. `more`: a distribution has documents left to fetch."""

    cstat: str = ""
    motivo: str = ""
    silence: Meaning | None = None
    more: bool = False

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
    meaning = outcome.silence or _meaning(connection, asker, send, outcome.cstat)
    if isinstance(meaning, Fault):
        return meaning
    if meaning is Meaning.PENDING:
        guard.extend_foreign(connection, token, asker.now + asker.tools.lease)
    else:
        _settle(connection, asker, send, row, outcome, meaning)
    return _reported(connection, asker, send, row, meaning)


def _meaning(connection: Connection, asker: Asker, send: Foreign, cstat: str) -> Meaning | Fault:
    return foreign.meaning(send.modelo, send.servico, cstat, guard.classify(connection, today(asker.now)))


def _settle(
    connection: Connection, asker: Asker, send: Foreign, row: Row[Any], outcome: Outcome, meaning: Meaning
) -> None:
    _charge(connection, asker, send)
    if send.counted:
        _tell(connection, asker, send, row.token, outcome.cstat, meaning)
    guard.settle_foreign(
        connection,
        row.token,
        outcome=outcome.word,
        motivo=hide_inside(outcome.motivo).strip(),
        meaning=meaning.value,
        holds=send.counted and meaning in foreign.HOLDS,
        now=asker.now,
    )
    if send.servico is Servico.DISTRIBUICAO and (outcome.more or meaning is Meaning.NOT_SENT):
        guard.give_back(connection, send.key)
    if meaning in (Meaning.BLOCKED, Meaning.ISSUER):
        why = stops.Why(outcome.cstat, outcome.motivo)
        stops.stop(connection, asker, send, row, why, blocked=meaning is Meaning.BLOCKED)


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


def _sent(row: Row[Any]) -> Foreign:
    return Foreign(row.modelo, Servico(row.servico), Ambiente(row.ambiente), Uf(row.uf), row.cnpj, row.subject, row.key)


def _reported(connection: Connection, asker: Asker, send: Foreign, row: Row[Any], meaning: Meaning) -> Reported:
    stopped = stops.standing(connection, asker, send, row.transmitter)
    spent = guard.state_of(connection, send.key).spent if send.counted else 0
    until, because = (stopped.until, stopped.because) if stopped else (None, "")
    return Reported(meaning, advice.SENTENCES[meaning], spent, until, because)


def standing(connection: Connection, asker: Asker, send: Foreign) -> Said:
    """What would be answered now about a number, an event or an inutilização. Writes nothing."""
    stopped = stops.standing(connection, asker, send, "")
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
    _charge(connection, asker, send)
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
