"""Tills that know two gateways: they ask one, and the other under the same id when the first may have taken it.

By the line, as the library does, or by the API; and one by SATHub, which knows one gateway. Who had no answer goes once
more to those that may hold the call, and says how many answers were lost.
"""

import http.client
import json
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar
from urllib.parse import urlencode

from tests.sim.sat import sales
from zelo.pos.edge.door.line.frame import pack, unpack

Told = Mapping[str, Any]
Answer = TypeVar("Answer")
SILENCE_SECONDS = 10.0
RETURN_SECONDS = 5.0
"""How long a gateway that may hold a call is given to come back."""
PAUSE_SECONDS = 0.2
_LENGTH_BYTES = 4


@dataclass
class Caller:
    """A till. `gateways`: ports, the one to ask first in front."""

    till: str
    gateways: Sequence[int]
    sessions: "count[int]" = field(default_factory=lambda: count(1))

    def call(self, id_: str, function: str, *arguments: int | str) -> str | None:
        """The reply, None when nobody gave one."""

        def ask(port: int, lost: str) -> str:
            fields = ("zelo1", "", id_, self.till, lost, function, *map(str, arguments))
            return _exchange(port, pack(field.encode() for field in fields))

        return _of_any(self.gateways, ask)

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
        body = json.dumps({"caixa": self.till, "xml": _sale(cents)})

        def ask(port: int, lost: str) -> Told:
            told = self._exchange(port, "POST", "/v1/vendas", body, key, lost)
            while told.get("estado") == "em_andamento":
                time.sleep(PAUSE_SECONDS)
                told = self._exchange(port, "GET", f"/v1/vendas/{key}")
            return told

        return key, _of_any(self.gateways, ask)

    def find(self, port: int, key: str) -> Told | None:
        """What stands under a key at a gateway, None where it knows of none."""
        told = self._exchange(port, "GET", f"/v1/vendas/{key}")
        return told if "estado" in told else None

    def _exchange(self, port: int, verb: str, path: str, body: str = "", key: str = "", lost: str = "0") -> Told:
        """One call over a connection of its own. Raises OSError, HTTPException and, for half an answer, ValueError."""
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=SILENCE_SECONDS)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key, "Idempotency-Elsewhere": lost} if key else {}
        try:
            line.request(verb, path, body, headers)
            told: Told = json.loads(line.getresponse().read())
        finally:
            line.close()
        return told


@dataclass
class Hub:
    """A till that speaks SATHub, by which it gives no identity, and knows one gateway."""

    till: str
    gateway: int

    def sell(self, cents: int) -> str | None:
        """A sale of one item of this price: the reply, None when nobody gave one."""
        line = http.client.HTTPConnection("127.0.0.1", self.gateway, timeout=SILENCE_SECONDS)
        form = urlencode({"numero_caixa": self.till, "dados_venda": _sale(cents)})
        try:
            line.request(
                "POST", "/hub/v1/enviardadosvenda", form, {"Content-Type": "application/x-www-form-urlencoded"}
            )
            told: Told = json.loads(line.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            line.close()
        return told.get("retorno")


def _of_any(gateways: Sequence[int], ask: Callable[[int, str], Answer]) -> Answer | None:
    """The answer of the first that gives one, in two rounds; None for none."""
    holders: list[int] = []
    for turn in range(2):
        for port in gateways:
            if turn and not (port in holders and _comes_back(port)):
                continue
            lost = len(holders) if any(each != port for each in holders) else 0
            try:
                return ask(port, str(lost))
            except ConnectionRefusedError:
                continue
            except (OSError, http.client.HTTPException, ValueError):
                holders.append(port)
    return None


def _comes_back(port: int) -> bool:
    until = time.monotonic() + RETURN_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), SILENCE_SECONDS).close()
        except OSError:
            time.sleep(PAUSE_SECONDS)
        else:
            return True
    return False


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
