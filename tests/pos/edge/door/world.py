"""A gateway small enough to read: it forwards each asking to one emulated device and remembers what it was told."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count

from tests.sim.sat import sales
from zelo.models.cfe.reply import refusal
from zelo.pos.edge.door.api.telling import Device, Found
from zelo.pos.edge.door.shell.gateway import First, Gateway, Terms
from zelo.pos.edge.request import Request
from zelo.sim.sat.shell.client import Client, LostReplyError, RefusedError

TOKEN = "a-token-for-the-tests"
TERMS = Terms(token=TOKEN, wait_seconds=10)
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@dataclass
class World:
    """`sessions` never return, also for a device that has lived through other tests."""

    port: int
    sessions: "count[int]"
    asked: list[Request] = field(default_factory=list)
    arrived: list[Request] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    devices: Sequence[Device] = ()
    held: "dict[str, Future[str]]" = field(default_factory=dict)
    ids: "count[int]" = field(default_factory=lambda: count(1))
    doubts: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    one_at_a_time: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    @property
    def gateway(self) -> Gateway:
        return Gateway(
            answer=self.answer,
            arrived=lambda request, _: self.arrived.append(request),
            read=lambda identity, _: self.read.append(identity),
            code=lambda: sales.CODE,
            new_id=lambda: f"fresh-{next(self.ids)}",
            next_session=lambda _: next(self.sessions),
            first=self.first,
            find=self.find,
            now=lambda request, retorno: Found(retorno, request.id in self.doubts),
            devices=lambda: self.devices,
        )

    def answer(self, request: Request) -> "Future[str]":
        """The same id is the same asking."""
        with self.lock:
            self.asked.append(request)
            if request.id not in self.held:
                self.held[request.id] = self.one_at_a_time.submit(self._forward, request)
            return self.held[request.id]

    def first(self, identity: str) -> First | None:
        with self.lock:
            came = next((each for each in self.asked if each.id == identity), None)
        return None if came is None else First(came.till, came.session, came.matter)

    def find(self, identity: str) -> Found | None:
        held = self.held.get(identity)
        return None if held is None else Found(held.result() if held.done() else None, identity in self.doubts)

    def _forward(self, request: Request) -> str:
        try:
            with Client(self.port) as client:
                return client.call(request.function.name, *request.arguments)
        except RefusedError as error:
            return refusal(request.function, "099", str(error)).worded(request.session)
        except LostReplyError:
            self.doubts.add(request.id)
            return refusal(request.function, "099", "Sem resposta.").worded(request.session)

    def forget(self) -> None:
        """Begin anew; numbers go on."""
        self.devices = ()
        for held in (self.asked, self.held, self.doubts):
            held.clear()

    def sold(self) -> list[str]:
        """Every chave in the device's memory, the oracle."""
        with Client(self.port) as client:
            return [each["chave"] for each in client.command("memory")["coupons"]]

    def close(self) -> None:
        self.one_at_a_time.shutdown()
