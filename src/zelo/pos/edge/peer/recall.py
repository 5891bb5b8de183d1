"""What a till asked before, as each of two gateways knows it, and which of the two words is the till's.

A till that was cut off asks for its session at whichever gateway answers, and sells again when it hears "never". So
that is said only where both say it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from zelo.fiscal.instant import from_micros, to_micros
from zelo.models.cfe.functions import ASK_LAST, FUNCTIONS, Function, Kind
from zelo.pos.edge.peer.word import (
    MOST_NAME_CHARACTERS,
    MOST_REPLY_CHARACTERS,
    WEIGHTS,
    BadWordError,
    State,
    members,
    session,
    text,
)


@dataclass(frozen=True, slots=True)
class Recall:
    """Which asking: of a till, under its session, or the last that issues something (session 0)."""

    till: str
    function: Function
    session: int


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a gateway knows of it: how it ended, the answer as the till got it, when and what was asked.

    `at` is None for what is at work, and for what is not known. `session` and `matter` (a digest) tell a sale.
    """

    state: State
    reply: str = ""
    at: datetime | None = None
    session: int = 0
    matter: str = ""


NEVER: Final = Recalled(State.UNKNOWN)
AT_WORK: Final = Recalled(State.OPEN)


def recalled_of_both(function: Function, own: Recalled, other: Recalled | None) -> Recalled | None:
    """The word for the till, None where nobody can say. `other` None: the other gateway does not answer.

    It may have what is not here or was refused here, and anything that is later than the last here. The later of two
    askings counts, and of two words about one that which knows more.
    """
    if AT_WORK in (own, other):
        return AT_WORK
    if other is None:
        return None if own.state in (State.UNKNOWN, State.REFUSED) or function is ASK_LAST else own
    words = sorted((each for each in (own, other) if each.at is not None), key=_at)
    if len(words) < len((own, other)):
        return words[0] if words else NEVER
    if (own.session, own.matter) == (other.session, other.matter):
        return max(words, key=lambda each: WEIGHTS[each.state])
    return words[-1]


def _at(recalled: Recalled) -> datetime:
    assert recalled.at is not None
    return recalled.at


def recall_json(recall: Recall) -> dict[str, Any]:
    """As it travels."""
    return {"caixa": recall.till, "funcao": recall.function.name, "sessao": recall.session}


def read_recall(told: object) -> Recall:
    """As it came. Raises BadWordError."""
    fields = members(told)
    function = FUNCTIONS.get(text(fields, "funcao", MOST_NAME_CHARACTERS))
    if function is None or function.kind is not Kind.RECALL:
        raise BadWordError("A função não é uma que pergunta por outra.")
    return Recall(text(fields, "caixa", MOST_NAME_CHARACTERS), function, session(fields, "sessao"))


def recalled_json(recalled: Recalled) -> dict[str, Any]:
    """As it travels."""
    at = None if recalled.at is None else to_micros(recalled.at)
    asked = {"em": at, "sessao": recalled.session, "conteudo": recalled.matter}
    return {"estado": recalled.state.value, "retorno": recalled.reply, **asked}


def read_recalled(told: object) -> Recalled:
    """As it came. Raises BadWordError."""
    fields = members(told)
    try:
        state = State(text(fields, "estado", MOST_NAME_CHARACTERS))
        at = None if fields.get("em") is None else from_micros(fields["em"])
    except (ValueError, OverflowError, TypeError) as error:
        raise BadWordError("O estado ou o instante não é dos conhecidos.") from error
    if (at is None) is not (state in (State.UNKNOWN, State.OPEN)):
        raise BadWordError("Falta o instante, ou sobra.")
    return Recalled(
        state=state,
        reply=text(fields, "retorno", MOST_REPLY_CHARACTERS),
        at=at,
        session=session(fields, "sessao"),
        matter=text(fields, "conteudo", MOST_NAME_CHARACTERS),
    )
