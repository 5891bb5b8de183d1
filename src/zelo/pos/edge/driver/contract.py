"""What every driver keeps, whatever stands behind it: one test runs on all of them."""

from typing import Protocol

from zelo.models.cfe.functions import Function


class NotTakenError(OSError):
    """The device surely never took the call."""


class NotLoadedError(NotTakenError):
    """What leads to the device does not start on this machine. The text is pt-BR, for people."""


class MissingError(NotTakenError):
    """The device is well, and has no such function: those that the ER brought later, older libraries lack."""


class LostError(OSError):
    """The device may have taken the call, and no answer came: what became of it is unknown."""


class Driver(Protocol):
    """A device. One call at a time."""

    def call(self, function: Function, arguments: tuple[int | str, ...], seconds: float) -> str:
        """What the device answers within so many seconds. Raises NotTakenError and LostError."""

    def close(self) -> None:
        """Let go of the device; a call under way is lost."""
