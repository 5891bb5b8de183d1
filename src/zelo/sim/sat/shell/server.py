"""Runs an emulated device: a loopback port, a thread per connection, coupons to SEFAZ every so often."""

import json
import os
import socket
import socketserver
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from zelo.sim.sat.profile import BY_THE_BOOK
from zelo.sim.sat.shell.device import Device, Outcome
from zelo.sim.sat.shell.folder import Plate, open_memory, open_unit, ready
from zelo.sim.sat.shell.frame import BadFrameError, pack, receive
from zelo.sim.sat.shell.management import Desk, command
from zelo.sim.sat.state import State
from zelo.sim.shell.child import STOP_SECONDS, child
from zelo.sim.shell.management import Clock

HOST: Final = "127.0.0.1"
MOST_CONNECTIONS: Final = 64
IDLE_SECONDS: Final = 600.0
CRASH_STATUS: Final = 70
_LOG: Final = "sat.log"
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a person may choose; port 0 is a free one. Plain values only: it goes to a child.

    `rates`: trouble → per mille. `slow_seconds`: how late a slow reply is. `transmit_seconds`: between two lots.
    `starts_at`: ISO instant at which the device's clock starts, "" for the real time. `factory`: not activated yet.
    """

    port: int = 0
    profile: str = BY_THE_BOOK
    seed: int = 0
    rates: Mapping[str, int] = field(default_factory=dict)
    slow_seconds: float = 5.0
    transmit_seconds: float = 2.0
    starts_at: str = ""
    factory: bool = False
    plate: Plate = field(default_factory=Plate)


def run(folder: Path, setup: Setup, listening: Callable[[int, Device], None] = lambda *_: None) -> None:
    """Serve until interrupted; `listening` is called with the port once it answers.

    Raises OSError when the port is taken and ValueError, in pt-BR, when the setup or the folder cannot be used.
    """
    real_now = datetime.now(UTC)  # noqa: TID251 a process has one clock
    clock = Clock(_offset_seconds(setup.starts_at, real_now))
    unit = open_unit(folder, setup.plate, setup.profile, real_now)
    first = State() if setup.factory else ready(unit, clock.now())
    memory = open_memory(folder)
    device = Device(unit, memory, clock.now, seed=setup.seed, rates=setup.rates, first=first)
    stop = threading.Event()
    with _Server((HOST, setup.port), Desk(device, clock), setup.slow_seconds) as server:
        sender = threading.Thread(target=_send, args=(device, stop, setup.transmit_seconds), daemon=True)
        sender.start()
        listening(server.server_address[1], device)
        try:
            server.serve_forever(poll_interval=0.1)
        finally:
            stop.set()
            sender.join(STOP_SECONDS)
            memory.close()


def _offset_seconds(starts_at: str, real_now: datetime) -> float:
    if not starts_at:
        return 0.0
    try:
        start = datetime.fromisoformat(starts_at)
    except ValueError as error:
        raise ValueError(f"O relógio começa num instante como 2026-11-20T10:00:00-03:00, não {starts_at}.") from error
    if start.tzinfo is None:
        raise ValueError("O instante do relógio precisa do fuso, como em 2026-11-20T10:00:00-03:00.")
    return (start - real_now).total_seconds()


def _send(device: Device, stop: threading.Event, every_seconds: float) -> None:
    """Contact with SEFAZ every so often, with a lot where there is one."""
    while not stop.wait(every_seconds):
        if device.transmit() is None:
            device.touch()


class _Handler(socketserver.BaseRequestHandler):
    """One connection: a question, its answer, the next question."""

    server: "_Server"

    def handle(self) -> None:
        """Until the other side hangs up, falls silent or sends what is no frame."""
        if not self.server.places.acquire(blocking=False):
            return
        try:
            self._serve()
        except (TimeoutError, ConnectionError):
            return
        finally:
            self.server.places.release()

    def _serve(self) -> None:
        connection: socket.socket = self.request
        connection.settimeout(IDLE_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            try:
                message = receive(connection)
            except BadFrameError as error:
                connection.sendall(pack({"error": str(error)}))
                return
            answer = None if message is None else self.server.answer(message)
            if answer is None:
                return
            connection.sendall(pack(answer))


class _Server(socketserver.ThreadingTCPServer):
    """The port."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], desk: Desk, slow_seconds: float) -> None:
        super().__init__(address, _Handler)
        self.desk, self.slow_seconds = desk, slow_seconds
        self.places = threading.BoundedSemaphore(MOST_CONNECTIONS)

    def answer(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """What is answered; None hangs up without an answer."""
        try:
            if "command" in message:
                return {"result": dict(command(self.desk, message))}
            outcome = self.desk.device.call(message.get("function"), message.get("arguments"), wait=self._wait)
        except ValueError as error:
            return {"error": str(error)}
        return self._deliver(outcome)

    def _wait(self, _: object) -> None:
        threading.Event().wait(self.slow_seconds)

    def _deliver(self, outcome: Outcome) -> dict[str, Any] | None:
        if outcome.trouble.crashes:
            os._exit(CRASH_STATUS)
        while outcome.trouble.stays_busy and self.desk.device.hung:
            threading.Event().wait(_POLL_SECONDS)
        return None if outcome.reply is None else {"reply": outcome.reply}


@contextmanager
def started(folder: Path, setup: Setup | None = None) -> Iterator["tuple[int, subprocess.Popen[str]]"]:
    """A device as a child process, ready inside the block: its port and the process. Raises RuntimeError."""
    arguments = [str(folder), json.dumps(asdict(setup or Setup()))]
    with child("zelo.sim.sat.shell", arguments, folder / _LOG) as started_child:
        yield started_child
