"""What another program is told: one of four words, the figures, and a sentence with its remedy. It decides nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from zelo.guard import halt
from zelo.guard.core import Answer, Stop, Verdict
from zelo.guard.foreign import Meaning
from zelo.guard.story import HELD

_BECAUSE: Final = re.compile(r"\[((?:ID)?[0-9A-Z]{15,55})\]\Z")


class Word(StrEnum):
    """The answer to a program: send now, later, not before a person has looked, or not while SEFAZ blocks."""

    ADMIT = "admit"
    WAIT = "wait"
    HELD = "held"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Said:
    """The answer. `until`: when to ask again, None where no time helps; `because`: the note that stopped the emitter.

    `reason` of the halt, if one is why.
    `spent` of `most`: sends that count for the number, or calls; 0 of 0 where it was not looked at.
    """

    word: Word
    sentence: str
    spent: int = 0
    most: int = 0
    stop: Stop | None = None
    until: datetime | None = None
    because: str = ""
    reason: str = ""


_OF_HALT: Final[Mapping[str, str]] = {
    halt.CONSUMPTION: (
        "A SEFAZ bloqueou o emitente por consumo indevido. Não envie nada até a hora indicada: cada envio recomeça a "
        "contagem. Corrija a nota apontada."
    ),
    halt.PERMANENT: (
        "A SEFAZ pode ter bloqueado o emitente para sempre. Não envie nada; peça o desbloqueio à SEFAZ e depois um "
        "administrador libera no zelo."
    ),
    halt.ISSUER: (
        "A SEFAZ recusou o emitente, o certificado ou a configuração: qualquer outra nota seria recusada também. "
        "Corrija o cadastro e pergunte de novo na hora indicada."
    ),
    halt.QUARANTINE: (
        "O zelo foi restaurado de um backup e pode ter esquecido recusas, consultas e bloqueios. Espere a hora "
        "indicada, ou um administrador libera na página Guarda."
    ),
    halt.CONFLICT: "A série tem um conflito de numeração. Resolva a nota em conflito, no zelo, antes de seguir.",
    halt.AUTHORIZER: "A SEFAZ está parada ou não responde. Pergunte de novo na hora indicada.",
}


def of_halt(reason: str, until: datetime | None, because: str) -> Said:
    """A halt in force; one of the authorizer and one of a restore pass by themselves."""
    word = Word.WAIT if reason in (halt.AUTHORIZER, halt.QUARANTINE) else Word.BLOCKED
    return Said(word, _OF_HALT[reason], until=until, because=because, reason=reason)


def of_pause(until: datetime) -> Said:
    """The authorizer said 108 or 109 a moment ago."""
    sentence = "A SEFAZ disse que está parada. Pergunte de novo na hora indicada."
    return Said(Word.WAIT, sentence, until=until, reason=halt.AUTHORIZER)


def of_budget(spent: int, most: int, free_at: datetime) -> Said:
    """The budget of a service is spent."""
    sentence = "O limite de consultas por tempo foi alcançado. Espere a hora indicada e use a última resposta até lá."
    return Said(Word.WAIT, sentence, spent, most, until=free_at)


def of_hold(verdict: Verdict, outcome: str) -> Said:
    """The last answer wants a person, however little was spent."""
    sentence = (
        f"A última resposta foi {outcome}: este número já foi usado, ou o código não é conhecido. Consulte a chave na "
        "SEFAZ em vez de reenviar; se o envio fizer sentido, um usuário da empresa libera."
    )
    return Said(Word.HELD, sentence, verdict.spent, verdict.most, verdict.stop or Stop.SAFETY)


def of_verdict(verdict: Verdict, busy_until: datetime) -> Said:
    """What the guard of the number says; `busy_until`: when the other reservation ends."""
    spent, most = verdict.spent, verdict.most
    if verdict.stop is not None:
        sentence = f"{HELD[verdict.stop]} Corrija o que a SEFAZ recusou antes de enviar de novo."
        return Said(Word.HELD, sentence, spent, most, verdict.stop)
    if verdict.answer is Answer.BUSY:
        sentence = "Outro envio deste número ainda não teve resposta. Espere por ela ou até a hora indicada."
        return Said(Word.WAIT, sentence, spent, most, until=busy_until)
    if verdict.until is not None:
        sentence = "O intervalo entre envios deste número ainda não passou. Espere a hora indicada."
        return Said(Word.WAIT, sentence, spent, most, until=verdict.until)
    return Said(Word.ADMIT, "Pode enviar, uma vez. Depois informe o que a SEFAZ respondeu.", spent, most)


SENTENCES: Final[Mapping[Meaning, str]] = {
    Meaning.AUTHORISED: "Aceito pela SEFAZ. Guarde o protocolo; não envie de novo.",
    Meaning.ANSWERED: "Respondido. Nada foi contado.",
    Meaning.PENDING: "A SEFAZ ainda processa. Consulte o recibo e informe o resultado neste mesmo envio.",
    Meaning.REJECTED: "Recusado e contado. Corrija antes de enviar de novo.",
    Meaning.TRANSIENT: "Recusado por uma causa passageira, e contado. Espere antes de enviar de novo.",
    Meaning.DUPLICATE: "O número ou evento já existe na SEFAZ. Consulte a chave; não envie de novo.",
    Meaning.ISSUER: "O emitente foi recusado: todos os envios dele param. Corrija o cadastro ou o certificado.",
    Meaning.UNRECOGNISED: "Código desconhecido: nem aceito nem recusado. Consulte a chave antes de qualquer envio.",
    Meaning.PAUSED: "A SEFAZ está parada; nada foi contado. Espere a hora indicada.",
    Meaning.BLOCKED: "Consumo indevido: todos os envios do emitente param. Não envie nada até a hora indicada.",
    Meaning.NOT_SENT: "Nada saiu: a reserva foi devolvida. Pode perguntar de novo.",
    Meaning.UNANSWERED: "Sem resposta conta como recusa, pois pode ter sido. Consulte a chave antes de reenviar.",
}
"""What a program is told about what it reported."""


_TILL_STOPS: Final = frozenset({halt.CONSUMPTION, halt.PERMANENT, halt.AUTHORIZER, halt.QUARANTINE})
"""While these last a till may go on offline; a refused certificate would be refused afterwards too."""


def stops_a_till(said: Said) -> bool:
    """Whether what was said is no fault of the emitter's papers, so that offline contingency is the way on."""
    return said.word is not Word.ADMIT and said.reason in _TILL_STOPS


def because(detail: str) -> str:
    """The chave or Id with which the text of a halt ends; "" where it names none."""
    found = _BECAUSE.search(detail)
    return found.group(1) if found else ""
