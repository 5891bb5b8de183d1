"""Tells the journal of a number in words: each line with what it made the number spend, so that every stop explains
itself. It decides nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from zelo.guard.core import SOME, Entry, Event, State, Stop, Verdict, apply, read_release

_TOLD: Final = {
    Event.ADMITTED: "Admitida: um envio reservado antes do primeiro byte",
    Event.NOT_SENT: "Não saiu: a reserva foi devolvida",
    Event.UNKNOWN: "Sem resposta: conta como recusa, pois pode ter sido",
    Event.ANSWERED: "Respondida sem recusa da nota",
    Event.AUTHORISED: "Autorizada",
}
_OF_STOP: Final = {Stop.SAFETY: "limite de segurança", Stop.MAXIMUM: "limite máximo", Stop.CEILING: "limite da SEFAZ"}
HELD: Final = {
    Stop.SAFETY: "O limite de segurança foi alcançado: qualquer usuário da empresa pode liberar mais envios.",
    Stop.MAXIMUM: "O limite máximo foi alcançado: só um administrador da empresa pode liberar mais envios.",
    Stop.CEILING: (
        "O limite da própria SEFAZ, com a folga, foi alcançado: mais um envio poderia bloquear a empresa inteira. "
        "Ninguém libera."
    ),
}
"""Why a number is held, and who may let it go."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line: when, which chave of the number, what happened, and what the number had spent afterwards."""

    at: datetime
    chave: str
    text: str
    spent: int


def story(natural_key: str, entries: Iterable[Entry]) -> Sequence[Told]:
    """The whole past of a number, oldest first. Raises ValueError for a line that cannot follow the one before."""
    state, lines = State(natural_key), []
    for entry in entries:
        state, _ = apply(
            state, entry.event, at=entry.at, chave=entry.chave, cstat=entry.cstat, token=SOME, detail=entry.detail
        )
        lines.append(Told(entry.at, entry.chave, _text(entry), state.spent))
    return lines


def _text(entry: Entry) -> str:
    if entry.event is Event.ADMITTED and entry.detail:
        return f"Enviada em sombra por outro programa: {entry.detail}"
    if entry.event is Event.REJECTED:
        return f"Recusada: {entry.cstat}"
    if entry.event is Event.CHARGED:
        return f"Somados {entry.detail} envios que este banco não viu"
    if entry.event is Event.RELEASED:
        release = read_release(entry.detail)
        sends = "1 envio" if release.sends == 1 else f"{release.sends} envios"
        return f"Liberada por {release.by} ({_OF_STOP[release.stop]}, {sends}): {release.why}"
    if entry.event is Event.WITHDRAWN:
        return f"Desistência: {entry.detail}"
    return _TOLD[entry.event]


def now_told(verdict: Verdict) -> str:
    """What the guard would say to one more send."""
    if verdict.stop is not None:
        return f"{verdict.spent} de {verdict.most}. {HELD[verdict.stop]}"
    if verdict.until is not None:
        return f"{verdict.spent} de {verdict.most}. Espera o intervalo da faixa."
    return f"{verdict.spent} de {verdict.most}. Pode ser enviada."
