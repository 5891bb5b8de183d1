"""From what came back (or did not) to the event that it is. Pure: the classes of codes are facts.

A code that no table knows is neither a rejection nor an authorisation: it is asked after (users §3).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from zelo.facts.cstat import Classe, Classify, classe
from zelo.fiscal.retorno import Evento, NoAnswer, Protocolo, Retorno, Silence
from zelo.fiscal.situacao import Situacao
from zelo.flow.lifecycle import Event

_OTHER_CHAVE: Final = re.compile(r"\[ch[A-Za-z]*: ?([0-9]{6}[A-Z0-9]{12}[0-9]{26})\]")
_MOTIVO_CHARS: Final = 2_000

_RECEPCAO: Final = {
    Classe.PAUSED: Event.SERVICE_PAUSED,
    Classe.LCR: Event.SERVICE_PAUSED,
    Classe.BLOCKED: Event.BLOCKED,
    Classe.ISSUER: Event.ISSUER_REFUSED,
    Classe.CERT: Event.ISSUER_REFUSED,
    Classe.CONFIG: Event.ISSUER_REFUSED,
    Classe.DUP_SAME_KEY: Event.DUPLICATE,
    Classe.DUP_STATE: Event.DUPLICATE,
    Classe.DUP_OTHER_KEY: Event.FOUND_ANOTHER,
    Classe.DATA: Event.REJECTED,
    Classe.SCHEMA: Event.REJECTED,
    Classe.SIGN: Event.REJECTED,
    Classe.CLOCK: Event.REJECTED,
    Classe.LATE: Event.REJECTED,
}
_SITUACAO: Final = {
    Classe.OK: Situacao.AUTORIZADA,
    Classe.OK_LATE: Situacao.AUTORIZADA_FORA_DO_PRAZO,
    Classe.CANCELLED: Situacao.CANCELADA,
    Classe.SUBSTITUTED: Situacao.SUBSTITUIDA,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The event, the code and text to show, and the protocol and standing where the document was found."""

    event: Event
    cstat: str = ""
    motivo: str = ""
    protocolo: Protocolo | None = None
    situacao: Situacao | None = None
    eventos: tuple[Evento, ...] = ()


def of_recepcao(
    answer: Retorno | NoAnswer,
    *,
    modelo: str,
    chave: str,
    digest: str,
    is_ours: Callable[[str], bool],
    classify: Classify = classe,
) -> Verdict:
    """What the answer to an emission means. `is_ours(chave)`: whether an earlier chave of this very document."""
    if isinstance(answer, NoAnswer):
        event = Event.NOT_SENT if answer.why is Silence.NOT_SENT else Event.UNANSWERED
        return Verdict(event, motivo=answer.detail)
    protocolo = answer.protocolo
    cstat, motivo = answer.cstat, answer.motivo
    if protocolo is not None and protocolo.cstat:
        cstat, motivo = protocolo.cstat, protocolo.motivo
    kind = classify(modelo, cstat)
    if kind in (Classe.OK, Classe.OK_LATE):
        # A protocol handed back with a duplicate is an old one: it is ours only if the digest proves it.
        proofs = (digest,) if classify(modelo, answer.cstat) is Classe.DUP_SAME_KEY else (digest, "")
        if protocolo is None or protocolo.chave != chave or protocolo.digest not in proofs:
            return Verdict(Event.UNANSWERED, cstat, f"{motivo} (sem protocolo desta nota)")
        return Verdict(Event.AUTHORISED, cstat, motivo, protocolo, _SITUACAO[kind])
    event = _RECEPCAO.get(kind, Event.UNRECOGNISED) if kind else Event.UNRECOGNISED
    if event is Event.FOUND_ANOTHER and (other := other_chave(motivo)) and is_ours(other):
        event = Event.DUPLICATE
    return Verdict(event, cstat, motivo)


def is_of_the_note(modelo: str, verdict: Verdict) -> bool:
    """Whether only a reviewer reads the code as passing: it stays a rejection that counts, and pauses nobody else."""
    return verdict.event is Event.SERVICE_PAUSED and classe(modelo, verdict.cstat) not in (Classe.PAUSED, Classe.LCR)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a consulta asks after: our digest, when the document last left, whether its answer was not understood."""

    modelo: str
    digest: str
    sent_at: datetime
    unrecognised: bool


def of_consulta(
    answer: Retorno | NoAnswer, asked: Asked, *, now: datetime, horizon: timedelta, classify: Classify = classe
) -> Verdict:
    """What the answer to a consulta means. "Not found" counts only once `horizon` has passed since the last send."""
    if isinstance(answer, NoAnswer):
        return Verdict(Event.STILL_UNKNOWN, motivo=answer.detail)
    kind = classify(asked.modelo, answer.cstat)
    said = (answer.cstat, answer.motivo)
    if kind in _SITUACAO:
        protocolo = answer.protocolo
        if protocolo is None or not protocolo.digest:
            return Verdict(Event.STILL_UNKNOWN, *said)
        if protocolo.digest != asked.digest:
            return Verdict(Event.FOUND_ANOTHER, *said)
        found = Event.FOUND_CANCELLED if kind is Classe.CANCELLED else Event.FOUND
        return Verdict(found, *said, protocolo, _SITUACAO[kind], answer.eventos)
    if kind is Classe.NOT_FOUND:
        if now - asked.sent_at < horizon:
            return Verdict(Event.STILL_UNKNOWN, *said)
        return Verdict(Event.NOT_FOUND_UNRECOGNISED if asked.unrecognised else Event.NOT_FOUND, *said)
    if kind is Classe.DUP_OTHER_KEY:
        return Verdict(Event.FOUND_ANOTHER, *said)
    return Verdict(Event.STILL_UNKNOWN, *said)


def other_chave(motivo: str) -> str | None:
    """The chave that a duplicate names in its text."""
    found = _OTHER_CHAVE.search(motivo[:_MOTIVO_CHARS])
    return found.group(1) if found else None
