"""A gateway of nothing but its door: in a thread, with an `Answer` that hands each call to an emulated device."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from zelo.pos.edge.door.line.shell import Bounds, Line, Setup
from zelo.pos.edge.door.shell.gateway import Answer
from zelo.pos.edge.request import Request
from zelo.sim.sat.shell.client import Client

QUICK = Bounds(silent_seconds=0.5, frame_seconds=0.5, idle_seconds=30.0)


@contextmanager
def running(answer: Answer, bounds: Bounds = QUICK, port: int = 0, **setup: Any) -> Iterator[int]:
    """The door, open inside the block: its port."""
    line = Line(answer, Setup(port=port, bounds=bounds, **setup))
    try:
        yield line.open()
    finally:
        line.close()


@dataclass
class Forward:
    """An `Answer` that asks a device as the till asked it, one call at a time; the same id gets the same answer."""

    device: int
    asked: list[Request] = field(default_factory=list)
    _answers: "dict[str, Future[str]]" = field(default_factory=dict)
    _one: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _client: Client | None = None

    def __call__(self, request: Request) -> "Future[str]":
        self.asked.append(request)
        if request.id not in self._answers:
            self._answers[request.id] = self._one.submit(self.forward, request)
        return self._answers[request.id]

    def forward(self, request: Request) -> str:
        """The device's reply."""
        return self.call(request.function.name, request.arguments)

    def call(self, function: str, arguments: Sequence[int | str]) -> str:
        """One call to the device, over the connection of this gateway."""
        self._client = self._client or Client(self.device)
        return self._client.call(function, *arguments)

    def close(self) -> None:
        """Hang up on the device."""
        self._one.shutdown()
        if self._client:
            self._client.close()


@contextmanager
def forwarding(device: int, kind: type[Forward] = Forward, **setup: Any) -> Iterator[tuple[int, Forward]]:
    """A door to a device: its port and what it was asked."""
    forward = kind(device)
    try:
        with running(forward, **setup) as port:
            yield port, forward
    finally:
        forward.close()


def saying(text: str) -> "Future[str]":
    """An answer that is there already."""
    answer: Future[str] = Future()
    answer.set_result(text)
    return answer
