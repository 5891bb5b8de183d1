"""Talks to an emulated device over its protocol, as a maker's library would over USB."""

import socket
from types import TracebackType
from typing import Any, Final, Self

from zelo.sim.sat.shell.frame import BadFrameError, pack, receive

HOST: Final = "127.0.0.1"
SECONDS: Final = 30.0


class LostReplyError(OSError):
    """The connection closed, or nothing came in time: whether the call was executed is unknown."""


class RefusedError(ValueError):
    """The device says that this is no question; the sentence tells why."""


class Client:
    """One connection. A lost reply closes it for good."""

    def __init__(self, port: int, timeout_seconds: float = SECONDS) -> None:
        """Connect. Raises OSError where nobody listens."""
        self._connection = socket.create_connection((HOST, port), timeout_seconds)

    def call(self, function: str, *arguments: int | str) -> str:
        """The reply to a function of the device. Raises LostReplyError and RefusedError."""
        return str(self._ask({"function": function, "arguments": list(arguments)})["reply"])

    def command(self, name: str, **details: Any) -> dict[str, Any]:
        """What a command of the management answers. Raises LostReplyError and RefusedError."""
        result: dict[str, Any] = self._ask({"command": name, **details})["result"]
        return result

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            self._connection.sendall(pack(message))
            answer = receive(self._connection)
        except (BadFrameError, OSError) as error:
            raise LostReplyError(str(error)) from error
        if answer is None:
            raise LostReplyError("the connection closed without an answer")
        if "error" in answer:
            raise RefusedError(str(answer["error"]))
        return answer

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        self.close()
