"""What a till asks: one call of the device interface, with an identity that survives a repetition."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final

from zelo.models.cfe.functions import CODE, SESSION, Function, Kind

MOST_ID_CHARACTERS: Final = 64


@dataclass(frozen=True)
class Request:
    """A call as a till made it.

    `id`: the same id is the same asking, whichever door or gateway it came through; at most 64 characters.
    `till`: three digits. `arguments`: of the interface in their order, the till's own session number first.
    `elsewhere`: another gateway may have taken the same asking and not answered. `shared`: it took it and did nothing,
    and must hear what is done here. `lost`: how many answers its till says that it has not had: of two gateways the one
    with the greater number was asked last.
    """

    id: str
    till: str
    function: Function
    arguments: tuple[int | str, ...]
    elsewhere: bool = False
    shared: bool = False
    lost: int = 0

    @property
    def session(self) -> int:
        """The till's own session number, 0 where the function takes none."""
        return int(self.argument(SESSION)) if self.function.takes_session else 0

    @property
    def code(self) -> str:
        """The activation code that the till gave, "" where the function takes none."""
        return str(self.argument(CODE)) if self.function.takes_code else ""

    @cached_property
    def matter(self) -> str:
        """A digest of what is asked: two askings of one id must have the same, also at two gateways.

        Without the session number, and without the code where it only opens the device: each gateway has its own.
        """
        own = {SESSION} if self.function.kind is Kind.KEEP else {SESSION, CODE}
        given = zip(self.function.parameters, self.arguments, strict=True)
        return _digest(self.function.name, *(value for (name, _), value in given if name not in own))

    def argument(self, name: str) -> int | str:
        """An argument by its name in the table of functions."""
        return self.arguments[self.function.places[name]]

    def devised(self, session: int, code: str) -> tuple[int | str, ...]:
        """The arguments for a device: its session number and its code in the place of the till's."""
        own: dict[str, int | str] = {SESSION: session, CODE: code}
        return tuple(
            own.get(name, given) for (name, _), given in zip(self.function.parameters, self.arguments, strict=True)
        )


class Unable(str):
    """A reply by which nothing was done here; where the shop has another gateway, that one may do it."""

    __slots__ = ()


class RefusedBefore(str):
    """A reply that was given before, by which nothing was done here; the other gateway may have done it since."""

    __slots__ = ()


def identity(till: str, function: str, arguments: tuple[int | str, ...]) -> str:
    """The id of an asking of a till that gives none: its session number and what it asked make it.

    Sessions must not return within the last hundred calls (ER SAT), so a till that asks the very same is repeating.
    """
    return _digest(till, function, *arguments)


def _digest(*parts: int | str) -> str:
    return sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()
