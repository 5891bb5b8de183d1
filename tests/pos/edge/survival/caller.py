"""A till that knows two gateways: asks one, and the other under the same id when the first may have taken it.

By the line, as the library does, or by the API.
"""

import http.client
import json
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.sim.sat import sales
from zelo.pos.edge.door.api.telling import MISDIRECTED
from zelo.pos.edge.door.line.frame import pack, unpack

Told = Mapping[str, Any]
SILENCE_SECONDS = 10.0
PAUSE_SECONDS = 0.2
_LENGTH_BYTES = 4


class NotTakenError(Exception):
    """A gateway's word that it did not take a call."""


class MisdirectedError(Exception):
    """What a gateway says that can do nothing, and sends the program to the other."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.told = told


@dataclass
class Caller:
    """A till. `gateways`: ports, the one to ask first in front."""

    till: str
    gateways: Sequence[int]
    sessions: "count[int]" = field(default_factory=lambda: count(1))

    def call(self, id_: str, function: str, *arguments: int | str) -> str | None:
        """The reply, None when nobody gave one."""
        taken, refused = "0", ""
        for port in self.gateways:
            fields = ("zelo1", "", id_, self.till, taken, function, *map(str, arguments))
            try:
                return _exchange(port, pack(field.encode() for field in fields))
            except ConnectionRefusedError:
                continue
            except NotTakenError as error:
                refused = str(error)
            except OSError:
                taken = "1"
        return f"{arguments[0]:06d}|06099|0000|{refused}||" if refused and taken == "0" else None

    def sell(self, cents: int) -> tuple[int, str | None]:
        """A sale of one item of this price: the till's session, and the reply."""
        session = next(self.sessions)
        return session, self.call(f"{self.till}-{session}", "EnviarDadosVenda", session, sales.CODE, _sale(cents))


@dataclass
class Program:
    """A till that speaks to the API. `gateways`: ports, the one to ask first in front."""

    till: str
    gateways: Sequence[int]
    token: str
    keys: "count[int]" = field(default_factory=lambda: count(1))

    def sell(self, cents: int) -> tuple[str, Told | None]:
        """A sale of one item of this price: its key, and what came of it, None where nobody said."""
        key = f"{self.till}-key-{next(self.keys)}"
        taken, body = "0", json.dumps({"caixa": self.till, "xml": _sale(cents)})
        refused: Told | None = None
        for port in self.gateways:
            try:
                told = self._exchange(port, "POST", "/v1/vendas", body, key, taken)
                while told.get("estado") == "em_andamento":
                    time.sleep(PAUSE_SECONDS)
                    told = self._exchange(port, "GET", f"/v1/vendas/{key}")
            except ConnectionRefusedError:
                continue
            except MisdirectedError as error:
                taken, refused = "1", error.told
            except (OSError, http.client.HTTPException, ValueError):
                taken, refused = "1", None
            else:
                return key, told
        return key, refused

    def find(self, port: int, key: str) -> Told | None:
        """What stands under a key at a gateway, None where it knows of none."""
        told = self._exchange(port, "GET", f"/v1/vendas/{key}")
        return told if "estado" in told else None

    def _exchange(self, port: int, verb: str, path: str, body: str = "", key: str = "", taken: str = "0") -> Told:
        """One call over a connection of its own. Raises OSError, HTTPException and, for half an answer, ValueError."""
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=SILENCE_SECONDS)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key, "Idempotency-Elsewhere": taken} if key else {}
        try:
            line.request(verb, path, body, headers)
            answer = line.getresponse()
            told: Told = json.loads(answer.read())
        finally:
            line.close()
        if answer.status == MISDIRECTED:
            raise MisdirectedError(told)
        return told


def _sale(cents: int) -> str:
    return sales.sale(sales.item(price=f"{cents / 100:.2f}"), paid=("1000.00",))


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
                raise NotTakenError(text.decode())
            return text.decode()


def _exactly(line: socket.socket, size: int) -> bytes:
    held = b""
    while len(held) < size:
        part = line.recv(size - len(held))
        if not part:
            raise ConnectionResetError("the gateway hung up")
        held += part
    return held
