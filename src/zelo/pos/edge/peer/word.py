"""The words between two gateways, and what follows from them. JSON in both directions, bounded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from zelo.models.cfe.functions import FUNCTIONS, MOST_SESSION, Function
from zelo.pos.edge.request import MOST_ID_CHARACTERS

MOST_NAME_CHARACTERS: Final = 100
MOST_REPLY_CHARACTERS: Final = 6_000_000
MOST_READ: Final = 64
"""Coupons in one word about what was read."""


class BadWordError(ValueError):
    """What came is no word of another gateway. The sentence is pt-BR."""


class State(StrEnum):
    """What the other gateway knows of an asking."""

    UNKNOWN = "desconhecido"
    """It never took it, and from now on it will not."""
    OPEN = "aberto"
    DONE = "vendido"
    REFUSED = "recusado"
    """It did nothing, and from now on it will not."""
    DOUBT = "em_duvida"


@dataclass(frozen=True, slots=True)
class Word:
    """What the other gateway says of an asking; `reply` as it told the till, under the till's session.

    `matter`: the digest of what it was asked there, "" where it does not say. `lost`: as of a Request.
    """

    state: State
    reply: str = ""
    matter: str = ""
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Intent:
    """What the other gateway is going to call: the device by its serial number, under which session.

    `witness`: a session that the device had executed for it before, 0 for none.
    """

    id: str
    nserie: str
    session: int
    witness: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """What this gateway sold though the other may have taken it too: all that is needed to know the asking again.

    `lost`: as of a Request, when its till last asked for it.
    """

    id: str
    till: str
    session: int
    function: Function
    matter: str
    reply: str
    lost: int = 0


WEIGHTS: Final = {
    State.DONE: 4,
    State.OPEN: 3,
    State.DOUBT: 2,
    State.REFUSED: 1,
    State.UNKNOWN: 0,
}
"""The greater, the more is known."""


class Way(StrEnum):
    """What to do about an asking that the other gateway may have taken."""

    ANSWER = "answer"
    """The other did it, and its reply is the till's."""
    WAIT = "wait"
    """The other is at it."""
    FRESH = "fresh"
    """The other did nothing."""
    LOOK = "look"
    """The device that the other was going to call is ours as well: it is asked."""
    DOUBT = "doubt"
    """Nobody can say."""


def way(word: Word | None, intent: Intent | None, ours: frozenset[str]) -> Way:
    """What follows. `word` None: the other does not answer. `ours`: serial numbers of our own devices."""
    if word is None or word.state is State.DOUBT:
        return Way.LOOK if intent is not None and intent.nserie in ours else Way.DOUBT
    return {
        State.DONE: Way.ANSWER,
        State.OPEN: Way.WAIT,
        State.REFUSED: Way.FRESH,
        State.UNKNOWN: Way.FRESH,
    }[word.state]


def outlasts(lost: int, side: int, lost_there: int) -> bool:
    """Whether our coupon of an asking stands, and not the other gateway's: its till was answered here last.

    Where it does not say, as a program that never counts, the side decides, so that both gateways say the same; a till
    that never asked here again has the other's.
    """
    return lost > 0 and (lost, side) > (lost_there, 1 - side)


def of_both(own: Word, other: Word | None) -> Word | None:
    """Of two words about one asking that which knows more; None where nobody can say. `other` None: no answer.

    What was refused here the other may have done.
    """
    if other is None:
        return None if own.state in (State.UNKNOWN, State.REFUSED) else own
    return max(own, other, key=lambda each: WEIGHTS[each.state])


def word_json(word: Word) -> dict[str, Any]:
    """A word as it travels."""
    return {"estado": word.state.value, "retorno": word.reply, "conteudo": word.matter, "perdidas": word.lost}


def read_word(told: object) -> Word:
    """A word as it came. Raises BadWordError."""
    fields = members(told)
    try:
        return Word(
            State(text(fields, "estado", MOST_NAME_CHARACTERS)),
            text(fields, "retorno", MOST_REPLY_CHARACTERS),
            text({"conteudo": "", **fields}, "conteudo", MOST_NAME_CHARACTERS),
            lost(fields),
        )
    except ValueError as error:
        raise BadWordError("O estado não é um dos conhecidos.") from error


def intent_json(intent: Intent) -> dict[str, Any]:
    """An intent as it travels."""
    return {"id": intent.id, "nserie": intent.nserie, "sessao": intent.session, "testemunha": intent.witness}


def read_intent(told: object) -> Intent:
    """An intent as it came. Raises BadWordError."""
    fields = members(told)
    nserie = text(fields, "nserie", MOST_NAME_CHARACTERS)
    witness = session({"testemunha": 0, **fields}, "testemunha")
    return Intent(text(fields, "id", MOST_ID_CHARACTERS), nserie, session(fields, "sessao"), witness)


def claim_json(claim: Claim) -> dict[str, Any]:
    """A claim as it travels."""
    return {
        "id": claim.id,
        "caixa": claim.till,
        "sessao": claim.session,
        "funcao": claim.function.name,
        "conteudo": claim.matter,
        "retorno": claim.reply,
        "perdidas": claim.lost,
    }


def read_claim(told: object) -> Claim:
    """A claim as it came. Raises BadWordError."""
    fields = members(told)
    function = FUNCTIONS.get(text(fields, "funcao", MOST_NAME_CHARACTERS))
    if function is None:
        raise BadWordError("A função não existe.")
    return Claim(
        id=text(fields, "id", MOST_ID_CHARACTERS),
        till=text(fields, "caixa", MOST_NAME_CHARACTERS),
        session=session(fields, "sessao"),
        function=function,
        matter=text(fields, "conteudo", MOST_NAME_CHARACTERS),
        reply=text(fields, "retorno", MOST_REPLY_CHARACTERS),
        lost=lost(fields),
    )


def chaves_json(chaves: Sequence[str]) -> dict[str, Any]:
    """Some coupons, as they travel: those that were read, or of which it is asked who had them issued."""
    return {"cupons": list(chaves)}


def read_chaves(told: object) -> list[str]:
    """Some coupons, as they came. Raises BadWordError."""
    chaves = members(told).get("cupons")
    if not isinstance(chaves, list) or len(chaves) > MOST_READ or not all(map(_is_name, chaves)):
        raise BadWordError(f"O campo cupons é uma lista de até {MOST_READ} chaves.")
    return chaves


def _is_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MOST_NAME_CHARACTERS


def members(told: object) -> Mapping[str, Any]:
    """The fields of a JSON object. Raises BadWordError."""
    if not isinstance(told, dict):
        raise BadWordError("Não é um objeto JSON.")
    return told


def text(fields: Mapping[str, Any], name: str, most: int) -> str:
    """A field that is a text, which a device and a file can be given. Raises BadWordError."""
    value = fields.get(name)
    if not isinstance(value, str) or len(value) > most:
        raise BadWordError(f"O campo {name} é um texto de até {most} caracteres.")
    if "\0" in value or not _is_whole(value):
        raise BadWordError(f"O campo {name} traz NUL ou metade de um caractere.")
    return value


def _is_whole(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def lost(fields: Mapping[str, Any]) -> int:
    """How many answers a till has not had; an earlier version does not say. Raises BadWordError."""
    return session({"perdidas": 0, **fields}, "perdidas")


def session(fields: Mapping[str, Any], name: str) -> int:
    """A field that is a session number, 0 for none. Raises BadWordError."""
    value = fields.get(name)
    if type(value) is not int or not 0 <= value <= MOST_SESSION:
        raise BadWordError(f"O campo {name} é um número de sessão.")
    return value
