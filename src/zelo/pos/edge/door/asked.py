"""What came in through a door, before it has an identity: a till, a function and what was given for its parameters."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from zelo.models.cfe.functions import CODE, SESSION, Function
from zelo.models.cfe.reply import refusal
from zelo.pos.edge.door.refused import RefusedError, refused
from zelo.pos.edge.request import Request

BAD_FIELD: Final = "PORTA-CAMPO"
BAD_TILL: Final = "PORTA-CAIXA"
_WHOLE: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_TILL: Final = re.compile(r"[0-9]{1,3}", re.ASCII)

Names = Mapping[str, tuple[str, ...]]
"""Parameter of the interface → what a door calls it, the usual name first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`given`: by parameter. Session and code stand in it only where the door takes them from the till."""

    till: str
    function: Function
    given: Mapping[str, int | str]

    def request(self, identity: str, session: int = 0, code: str = "", *, lost: int = 0) -> Request:
        """The asking, with a session and a code where the till gave none. `lost`: as of a Request."""
        own: dict[str, int | str] = {SESSION: session, CODE: code, **self.given}
        arguments = tuple(own[name] for name, _ in self.function.parameters)
        return Request(identity, self.till, self.function, arguments, elsewhere=lost > 0, lost=lost)


def gather(
    function: Function, names: Names, find: Callable[[str], str | None], own: frozenset[str]
) -> dict[str, int | str]:
    """The arguments of a function but those that are the gateway's own; `find` looks a name up. Raises RefusedError."""
    return {
        parameter: _argument(kind, names[parameter], find)
        for parameter, kind in function.parameters
        if parameter not in own
    }


def _argument(kind: type, names: tuple[str, ...], find: Callable[[str], str | None]) -> int | str:
    found = next((value for value in map(find, names) if value is not None), None)
    if found is None:
        raise refused(BAD_FIELD, f"Falta o campo {names[0]}.", "Envie o campo.", names[0])
    if kind is str:
        return plain(found, names[0])
    if _WHOLE.fullmatch(found.strip()) is None:
        raise refused(BAD_FIELD, f"O campo {names[0]} não é um número inteiro.", "Envie só algarismos.", names[0])
    return int(found)


def plain(text: str, where: str) -> str:
    """A text that a library in C can be given. Raises RefusedError for NUL and for halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _bad_text(where) from error
    if "\0" in text:
        raise _bad_text(where)
    return text


def _bad_text(where: str) -> RefusedError:
    return refused(BAD_FIELD, f"O campo {where} traz NUL ou não é texto UTF-8.", "Envie texto em UTF-8.", where)


def till_number(text: str | None, where: str) -> str:
    """Three digits from what a till calls itself, 0 to 999. Raises RefusedError."""
    if text is None or _TILL.fullmatch(text.strip()) is None:
        raise refused(BAD_TILL, "O número do caixa vai de 0 a 999.", f"Envie {where} com até três algarismos.", where)
    return f"{int(text):03d}"


def late(request: Request) -> str:
    """The answer where none came in time: xx099, for what became of the call is not known."""
    detail = "O gateway não respondeu a tempo; consulte a sessão ou o gateway antes de repetir."
    return refusal(request.function, "099", detail).worded(request.session)
