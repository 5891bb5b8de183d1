"""How an authorizer may read the text on consumo indevido, by name; and the rule each service gets from a reading.

Nobody outside knows which reading a UF applies, so tests go through all of them. Official numbers come from dated rows;
a reading overrides only what it is about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Final

from zelo.sim.authority import official
from zelo.sim.consumption import Block, Counting, Rule
from zelo.sim.journal import CONSULTA, EVENTO, RECEPCAO, STATUS
from zelo.sim.verdict import Details

_SECONDS_PER_MINUTE: Final = 60
_HOUR_SECONDS: Final = 3600
_CALLS_WINDOW_SECONDS: Final = 300


class CountedBy(StrEnum):
    """What makes two rejections those of the same note."""

    CHAVE = "chave"
    NATURAL_KEY = "natural key"


class Punished(StrEnum):
    """Who is blocked: the certificate that transmits from an address, or the emitter of the note."""

    TRANSMITTER = "transmitter"
    EMITTER = "emitter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading. `rejections` and `block_seconds` None: the official rows; `window_seconds` None: no expiry."""

    name: str
    meaning: str
    counting: Counting = Counting.CUMULATIVE
    counted_by: CountedBy = CountedBy.CHAVE
    punished: Punished = Punished.TRANSMITTER
    window_seconds: int | None = None
    rejections: int | None = None
    block_seconds: int | None = None
    restarts_on_touch: bool = False
    becomes_permanent: bool = True


READINGS: Final[Mapping[str, Reading]] = {
    reading.name: reading
    for reading in (
        Reading(name="official", meaning="The words of the manual, counted without expiry and by chave."),
        Reading(
            name="consecutive",
            meaning="Only equal rejections in a row count; another outcome begins anew.",
            counting=Counting.CONSECUTIVE,
        ),
        Reading(
            name="natural-key",
            meaning="Another month or another cNF of the same number goes on counting.",
            counted_by=CountedBy.NATURAL_KEY,
        ),
        Reading(
            name="emitter",
            meaning="The emitter is blocked, whoever transmits for it and from wherever.",
            punished=Punished.EMITTER,
        ),
        Reading(
            name="restart",
            meaning="Any request during the block begins its hour anew.",
            restarts_on_touch=True,
        ),
        Reading(
            name="window-hour",
            meaning="Rejections expire after an hour.",
            window_seconds=_HOUR_SECONDS,
        ),
        Reading(name="pr-25", meaning="Blocks beyond 25, as is told of PR (unconfirmed).", rejections=25),
        Reading(
            name="mg-200",
            meaning="Blocks beyond 200 within an hour, as is told of MG (unconfirmed).",
            rejections=200,
            window_seconds=_HOUR_SECONDS,
        ),
        Reading(
            name="mt-consecutive",
            meaning="30 in a row block the emitter, as is told of MT (unconfirmed).",
            counting=Counting.CONSECUTIVE,
            punished=Punished.EMITTER,
        ),
        Reading(
            name="lenient",
            meaning="In a row, within an hour, and never for good.",
            counting=Counting.CONSECUTIVE,
            window_seconds=_HOUR_SECONDS,
            becomes_permanent=False,
        ),
        Reading(
            name="strictest",
            meaning="The lowest number told of, by natural key, the emitter blocked, each touch beginning anew.",
            rejections=25,
            counted_by=CountedBy.NATURAL_KEY,
            punished=Punished.EMITTER,
            restarts_on_touch=True,
        ),
    )
}
OFFICIAL: Final = READINGS["official"]


@cache
def rules(reading: Reading, autorizador: str, on: date) -> Mapping[str, Rule]:
    """Service → its rule: equal rejections at reception, calls about one chave, calls of any other kind."""
    seconds = reading.block_seconds or official("bloqueio", autorizador, on) * _SECONDS_PER_MINUTE
    permanent = official("bloqueios_permanente", autorizador, on) if reading.becomes_permanent else None

    def calls(limit_name: str, window_seconds: int) -> Rule:
        return Rule(
            limit=official(limit_name, autorizador, on),
            equal=False,
            counting=Counting.CUMULATIVE,
            window_seconds=window_seconds,
            block_seconds=seconds,
            restarts_on_touch=reading.restarts_on_touch,
            permanent_after=None,
        )

    def rejections(service: str) -> Rule:
        told = official("rejeicoes_iguais", autorizador, on, service)
        return Rule(
            limit=min(reading.rejections or told, told) if service == EVENTO else reading.rejections or told,
            equal=True,
            counting=reading.counting,
            window_seconds=reading.window_seconds,
            block_seconds=seconds,
            restarts_on_touch=reading.restarts_on_touch,
            permanent_after=permanent,
        )

    return {
        RECEPCAO: rejections(RECEPCAO),
        EVENTO: rejections(EVENTO),
        CONSULTA: calls("consultas_por_chave_hora", _HOUR_SECONDS),
        STATUS: calls("repeticoes_5min", _CALLS_WINDOW_SECONDS),
    }


def details(servico: str, block: Block, rule: Rule) -> Details:
    """The bracket that a 678 carries, in the form of the manual (item 8.2)."""
    culprit = f", NFCom: {block.label}" if block.label else ""
    sentence = {
        RECEPCAO: f"Quantidade de rejeições encontradas: {block.found}{culprit}",
        EVENTO: f"Quantidade de rejeições encontradas: {block.found}{culprit}",
        CONSULTA: f"Número máximo de consultas excedido ({rule.limit}) para a NFCom: {block.label}",
        STATUS: f"Mais de {rule.limit} chamadas em {_CALLS_WINDOW_SECONDS // _SECONDS_PER_MINUTE} minutos",
    }
    return {"det": sentence[servico]}
