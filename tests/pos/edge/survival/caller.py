"""A till that knows two gateways: asks one, and the other under the same id when the first may have taken it."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from tests.sim.sat import sales
from zelo.pos.edge.door.line.frame import pack, unpack

SILENCE_SECONDS = 10.0
_LENGTH_BYTES = 4


@dataclass
class Caller:
    """A till. `gateways`: ports, the one to ask first in front."""

    till: str
    gateways: Sequence[int]
    sessions: "count[int]" = field(default_factory=lambda: count(1))

    def call(self, id_: str, function: str, *arguments: int | str) -> str | None:
        """The reply, None when nobody gave one."""
        taken = "0"
        for port in self.gateways:
            fields = ("zelo1", "", id_, self.till, taken, function, *map(str, arguments))
            try:
                return _exchange(port, pack(field.encode() for field in fields))
            except ConnectionRefusedError:
                continue
            except OSError:
                taken = "1"
        return None

    def sell(self, cents: int) -> tuple[int, str | None]:
        """A sale of one item of this price: the till's session, and the reply."""
        session = next(self.sessions)
        xml = sales.sale(sales.item(price=f"{cents / 100:.2f}"), paid=("1000.00",))
        return session, self.call(f"{self.till}-{session}", "EnviarDadosVenda", session, sales.CODE, xml)


def _exchange(port: int, frame: bytes) -> str:
    """One call over a connection of its own. Raises OSError."""
    with socket.create_connection(("127.0.0.1", port), SILENCE_SECONDS) as line:
        line.sendall(frame)
        while True:
            length = int.from_bytes(_exactly(line, _LENGTH_BYTES), "big")
            if not length:
                continue
            kind, text = unpack(_exactly(line, length))
            if kind != b"ok":
                raise ConnectionAbortedError(text.decode())
            return text.decode()


def _exactly(line: socket.socket, size: int) -> bytes:
    held = b""
    while len(held) < size:
        part = line.recv(size - len(held))
        if not part:
            raise ConnectionResetError("the gateway hung up")
        held += part
    return held
