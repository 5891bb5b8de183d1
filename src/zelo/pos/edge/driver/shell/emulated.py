"""An emulated device over its wire, on a connection that is kept."""

import socket
from typing import Final

from zelo.models.cfe.functions import Function
from zelo.pos.edge.driver.contract import LostError, NotTakenError
from zelo.pos.edge.driver.shell.wire import is_dead, packed, receive

CONNECT_SECONDS: Final = 2.0


class Emulated:
    """A device at an address; a connection that broke is made anew by the next call."""

    def __init__(self, host: str, port: int) -> None:
        """Nothing is connected before the first call."""
        self._address = (host, port)
        self._connection: socket.socket | None = None

    def call(self, function: Function, arguments: tuple[int | str, ...], seconds: float) -> str:
        """What the device answers. Raises NotTakenError and LostError."""
        try:
            frame = packed({"function": function.name, "arguments": arguments})
        except ValueError as error:
            raise NotTakenError(str(error)) from error
        connection = self._open()
        try:
            connection.settimeout(seconds)
            connection.sendall(frame)
            answer = receive(connection)
        except OSError as error:
            self.close()
            raise LostError(str(error)) from error
        if "error" in answer:
            raise NotTakenError(str(answer["error"]))
        return str(answer.get("reply", ""))

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> socket.socket:
        """A connection of which it is known that the other side has not hung up. Raises NotTakenError."""
        if self._connection is not None and is_dead(self._connection):
            self.close()
        if self._connection is None:
            try:
                self._connection = socket.create_connection(self._address, CONNECT_SECONDS)
            except OSError as error:
                raise NotTakenError(str(error)) from error
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._connection
