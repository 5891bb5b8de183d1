"""From what came back for an event (or did not) to what happened to it. Pure: the classes of codes are facts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from zelo.facts.cstat import Classe, classe
from zelo.fiscal.retorno import Evento, NoAnswer, Retorno, Silence
from zelo.flow.event.lifecycle import Happening

_RECEPCAO: Final = {
    Classe.PAUSED: Happening.SERVICE_PAUSED,
    Classe.LCR: Happening.SERVICE_PAUSED,
    Classe.BLOCKED: Happening.BLOCKED,
    Classe.ISSUER: Happening.ISSUER_REFUSED,
    Classe.CERT: Happening.ISSUER_REFUSED,
    Classe.CONFIG: Happening.ISSUER_REFUSED,
    Classe.EVENT_DUP: Happening.DUPLICATE,
    Classe.DUP_STATE: Happening.DUPLICATE,
    Classe.DUP_OTHER_KEY: Happening.REJECTED,
    Classe.NOT_FOUND: Happening.REJECTED,
    Classe.DATA: Happening.REJECTED,
    Classe.SCHEMA: Happening.REJECTED,
    Classe.SIGN: Happening.REJECTED,
    Classe.CLOCK: Happening.REJECTED,
    Classe.LATE: Happening.REJECTED,
}


def is_refusal(modelo: str, cstat: str) -> bool:
    """Whether that code refuses an event for what it is."""
    kind = classe(modelo, cstat)
    return kind is not None and _RECEPCAO.get(kind) is Happening.REJECTED


LINKED: Final = frozenset({"135"})
"""Only this code says that the note itself ended; 134 (alert) and 136 (not linked) leave it to be asked after."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened, the code and text to show, and what the authorizer recorded where it did.

    `cancelled`: the note itself is cancelled at the authorizer, by this event or another.
    """

    event: Happening
    cstat: str = ""
    motivo: str = ""
    evento: Evento | None = None
    cancelled: bool = False


def of_recepcao(answer: Retorno | NoAnswer, *, modelo: str, chave: str, tipo: str, seq: int) -> Verdict:
    """What the answer to an event means."""
    if isinstance(answer, NoAnswer):
        unsent = answer.why is Silence.NOT_SENT
        return Verdict(Happening.NOT_SENT if unsent else Happening.UNANSWERED, motivo=answer.detail)
    said = (answer.cstat, answer.motivo)
    kind = classe(modelo, answer.cstat)
    if kind is Classe.EVENT_OK:
        evento = next((e for e in answer.eventos if (e.chave, e.tipo, e.seq) == (chave, tipo, seq) and e.nprot), None)
        if evento is None:
            return Verdict(Happening.UNANSWERED, answer.cstat, f"{answer.motivo} (sem protocolo deste evento)")
        return Verdict(Happening.REGISTERED, *said, evento, answer.cstat in LINKED)
    return Verdict(_RECEPCAO.get(kind, Happening.UNRECOGNISED) if kind else Happening.UNRECOGNISED, *said)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a consulta asks after: our event, when it last left, what its last answer makes of "not found".

    `strange`: it said that there is one. `refused`: it refused these bytes, which are not to leave again by themselves.
    """

    modelo: str
    tipo: str
    seq: int
    digest: str
    sent_at: datetime
    strange: bool
    refused: bool = False


def of_consulta(answer: Retorno | NoAnswer, asked: Asked, *, now: datetime, horizon: timedelta) -> Verdict:
    """What the standing of the note means for the event.

    Ours is registered only where the authorizer hands back the very event that we signed. That it has none counts only
    once `horizon` has passed since the last send.
    """
    if isinstance(answer, NoAnswer):
        return Verdict(Happening.STILL_UNKNOWN, motivo=answer.detail)
    said, kind = (answer.cstat, answer.motivo), classe(asked.modelo, answer.cstat)
    same = [one for one in answer.eventos if (one.tipo, one.seq) == (asked.tipo, asked.seq)]
    ours = next((one for one in same if one.digest == asked.digest), None)
    ended = kind is Classe.CANCELLED
    if ours is not None:
        return Verdict(Happening.FOUND, *said, ours, ended)
    if ended or kind is Classe.SUBSTITUTED:
        return Verdict(Happening.OVERTAKEN, *said, same[0] if same else None, ended)
    if kind in (Classe.OK, Classe.OK_LATE):
        if now - asked.sent_at < horizon:
            return Verdict(Happening.STILL_UNKNOWN, *said)
        if asked.refused:
            return Verdict(Happening.NOT_FOUND_REFUSED, *said)
        return Verdict(Happening.NOT_FOUND_UNRECOGNISED if asked.strange else Happening.NOT_FOUND, *said)
    return Verdict(Happening.STILL_UNKNOWN, *said)
