"""The meaning of a frame: a call of the interface, or a sentence about what is wrong with it."""

import re
from collections.abc import Sequence
from hmac import compare_digest
from typing import Final

from zelo.models.cfe.functions import FUNCTIONS, Function
from zelo.pos.edge.door.line.frame import MOST_FRAME_BYTES, pack
from zelo.pos.edge.request import MOST_ID_CHARACTERS, Request

PROTOCOL: Final = b"zelo1"
_BEFORE_ARGUMENTS: Final = 6
_ID: Final = re.compile(rb"[0-9A-Za-z_-]{1,%d}" % MOST_ID_CHARACTERS)
_TILL: Final = re.compile(rb"[0-9]{3}")
_NUMBER: Final = re.compile(rb"-?[0-9]{1,10}")
_MOST_NUMBER: Final = 2**31
_NONE: Final = b"0"
_LOST: Final = frozenset(b"%d" % number for number in range(10))
"""How many answers a till has not had, none where no other gateway can hold its call."""
MOST_REPLY_BYTES: Final = MOST_FRAME_BYTES - 64
"""Of a reply, with some room for what stands around it."""


class BadCallError(ValueError):
    """A frame that is no call; nothing was done. The sentence is pt-BR."""


def read_call(fields: Sequence[bytes], token: str = "") -> Request:
    """The call that the fields of a frame make; `token`: the gateway's, "" where it asks none. Raises BadCallError."""
    if len(fields) < _BEFORE_ARGUMENTS or fields[0] != PROTOCOL:
        raise BadCallError("Isto não é um pedido da biblioteca do zelo, versão 1. Use a mesma versão nos dois lados.")
    _, given, id_, till, lost, name = fields[:_BEFORE_ARGUMENTS]
    if token and not compare_digest(given, token.encode()):
        raise BadCallError(
            "O token do caixa não é o deste gateway. Copie o token de [linha] em edge.toml para o zelo-sat.conf."
        )
    if not (_ID.fullmatch(id_) and _TILL.fullmatch(till) and lost in _LOST):
        raise BadCallError("O pedido não tem identificação, caixa ou marca de repetição como manda o protocolo.")
    function = FUNCTIONS.get(name.decode("ascii", "replace"))
    if function is None:
        raise BadCallError("O zelo não conhece a função pedida.")
    arguments = _arguments(function, fields[_BEFORE_ARGUMENTS:])
    return Request(id_.decode(), till.decode(), function, arguments, elsewhere=lost != _NONE, lost=int(lost))


def _arguments(function: Function, given: Sequence[bytes]) -> tuple[int | str, ...]:
    if len(given) != len(function.parameters):
        raise BadCallError(f"{function.name} leva {len(function.parameters)} argumentos e vieram {len(given)}.")
    return tuple(
        _number(name, value) if kind is int else _text(name, value)
        for (name, kind), value in zip(function.parameters, given, strict=True)
    )


def _number(name: str, value: bytes) -> int:
    number = int(value) if _NUMBER.fullmatch(value) else _MOST_NUMBER
    if not -_MOST_NUMBER <= number < _MOST_NUMBER:
        raise BadCallError(f"O argumento {name} não é um inteiro de 32 bits.")
    return number


def _text(name: str, value: bytes) -> str:
    """As the till gave it. What is no UTF-8 could not reach a device unchanged, so it is told and not guessed."""
    if b"\0" in value:
        raise BadCallError(f"O argumento {name} tem um byte nulo.")
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        place = error.start + 1
        raise BadCallError(f"O argumento {name} não está em UTF-8 (byte {place}). Grave o XML em UTF-8.") from error


def answered(reply: str) -> bytes | None:
    """The frame of a reply; None for one that cannot go over the line: what became of the call stays unknown."""
    body = reply.encode()
    fits = 0 < len(body) <= MOST_REPLY_BYTES and b"\0" not in body
    return pack((b"ok", body)) if fits else None


def refused(sentence: str) -> bytes:
    """The frame of a refusal: the gateway did not take the call."""
    return pack((b"erro", sentence.encode()))
