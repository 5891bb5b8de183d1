"""The port of the line: bounded in connections, bytes and seconds, and never between a till and its answer.

Each connection has a thread, for a till has one or two and its sale waits for no loop; while it is at its sale,
another one shows the tills signs of life. A connection that says nothing gives way to one that does, a frame has little
time to become whole, and large frames wait for one another, so that whoever knocks in bad faith costs some memory and
no sale.
"""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from zelo.pos.edge.door.line.call import BadCallError, answered, read_call, refused
from zelo.pos.edge.door.line.frame import LENGTH_BYTES, WORKING, BadFrameError, body_bytes, unpack
from zelo.pos.edge.door.shell.gateway import Answer, Arrived
from zelo.pos.edge.door.shell.listen import listening
from zelo.pos.edge.request import Request

Network = IPv4Network | IPv6Network

HOST: Final = "127.0.0.1"
PORT: Final = 7059
WORKING_SECONDS: Final = 2.0
"""Between two signs of life while a call is worked at; the library gives up after ten."""
SMALL_BYTES: Final = 65_536
"""A frame up to this size is read at once; a larger one waits for its turn, once so much of it has come."""
LEAST_BYTES_PER_SECOND: Final = 1_000_000
"""Of a large frame that has its turn: a tenth of what a slow network of a shop carries."""

AGAIN_SECONDS: Final = 0.1
"""Before the next is let in, where the machine could not take one in."""
_FULL: Final = "O gateway atende caixas demais agora. Nada foi enviado. Tente de novo em um instante."
BACKLOG: Final = 1024
"""Connections that knock at once: a till behind them must not knock again a second later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much one may ask of the port. `silent_seconds`: to the first word of a connection; `frame_seconds`: from the
    beginning of a small frame to its end.
    """

    connections: int = 128
    large_frames: int = 4
    silent_seconds: float = 5.0
    frame_seconds: float = 10.0
    idle_seconds: float = 120.0
    write_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Where to listen and to whom: loopback always, others only of `allowed`. `token`: "" asks none."""

    host: str = HOST
    port: int = PORT
    token: str = ""
    allowed: Sequence[Network] = ()
    bounds: Bounds = field(default_factory=Bounds)


class _Visit:
    """One connection: since when it waits, whether it ever said a whole frame, whether a call is being worked at."""

    def __init__(self, connection: socket.socket, peer: str) -> None:
        self.connection, self.peer = connection, peer
        self.spoken = self.working = self._expecting = False
        self.since = time.monotonic()
        self._held = bytearray()
        self._turn = threading.Lock()

    def read(self, size: int, seconds: float) -> bytes:
        """So many bytes. Raises OSError when they do not come in time, or the other side has hung up."""
        self.expect(size, seconds)
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    def expect(self, size: int, seconds: float) -> None:
        """Wait until so many bytes are there. Raises OSError as `read` does."""
        until = time.monotonic() + seconds
        while len(self._held) < size:
            self.connection.settimeout(max(until - time.monotonic(), 0))
            part = self.connection.recv(SMALL_BYTES)
            if not part:
                raise ConnectionResetError
            self._held += part

    def send(self, frame: bytes, seconds: float) -> None:
        """All of it. Raises OSError."""
        self.connection.settimeout(seconds)
        self.connection.sendall(frame)

    @contextmanager
    def expecting(self) -> Iterator[None]:
        """Inside the block the till has written, and signs of life are all that it is sent."""
        self._expecting = True
        try:
            yield
        finally:
            with self._turn:
                self._expecting = False

    def beat(self) -> None:
        """A sign of life to who expects an answer. One that does not read is not waited for."""
        with self._turn, suppress(OSError):
            if self._expecting:
                self.connection.settimeout(0)
                self.connection.send(WORKING)

    def is_gone(self) -> bool:
        """Whether the other side has hung up: it would not read an answer that is sent all the same."""
        self.connection.settimeout(0)
        try:
            return not self._held and not self.connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False

    def hang_up(self) -> None:
        """Whoever reads it on either side is told at once; its thread closes it."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class Line:
    """The door. `open()` listens; `close()` hangs up on everybody."""

    def __init__(self, answer: Answer, setup: Setup, arrived: Arrived = lambda *_: None) -> None:
        """`answer` may take as long as a device does. `arrived`: a till has its answer."""
        self._answer, self._setup, self._arrived = answer, setup, arrived
        self._visits: set[_Visit] = set()
        self._lock = threading.Lock()
        self._large = threading.Semaphore(setup.bounds.large_frames)
        self._door: socket.socket | None = None
        self._closed = threading.Event()

    def open(self) -> int:
        """Listen; the port. Raises OSError when it is taken."""
        self._door = listening(self._setup.host, self._setup.port, BACKLOG)
        threading.Thread(target=self._listen, args=(self._door,), name="line", daemon=True).start()
        threading.Thread(target=self._pulse, name="pulse", daemon=True).start()
        return int(self._door.getsockname()[1])

    def close(self) -> None:
        """Hang up. Calls that are being worked at go on at the desk; their tills ask again under the same id."""
        self._closed.set()
        if self._door is not None:
            with suppress(OSError):  # where closing alone does not wake who listens
                self._door.shutdown(socket.SHUT_RDWR)
            self._door.close()
        with self._lock:
            for visit in self._visits:
                visit.hang_up()

    def _listen(self, door: socket.socket) -> None:
        """Until the door is closed: a machine without a descriptor or a thread to spare has them in a moment."""
        while True:
            try:
                connection, peer = door.accept()
                self._receive(_Visit(connection, peer[0]))
            except (OSError, RuntimeError):
                if door.fileno() < 0:
                    return
                time.sleep(AGAIN_SECONDS)

    def _pulse(self) -> None:
        """Show all tills that wait for an answer that they do not wait in vain."""
        while not self._closed.wait(WORKING_SECONDS):
            with self._lock:
                visits = tuple(self._visits)
            for visit in visits:
                visit.beat()

    def _receive(self, visit: _Visit) -> None:
        """Give it a thread. Raises RuntimeError where there is none to be had."""
        if not self._let_in(visit):
            with visit.connection, suppress(OSError):
                visit.send(refused(_FULL), 0)
            return
        try:
            threading.Thread(target=self._visit, args=(visit,), name="till", daemon=True).start()
        except RuntimeError:
            self._leave(visit)
            visit.connection.close()
            raise

    def _let_in(self, visit: _Visit) -> bool:
        """Whether there is place, or somebody gave way: first who never said a thing, then who is idle longest; never
        who waits for us.
        """
        with self._lock:
            if len(self._visits) >= self._setup.bounds.connections:
                idle = [each for each in self._visits if not each.working]
                if not idle:
                    return False
                gives_way = min(idle, key=lambda each: (each.spoken, each.since))
                self._visits.remove(gives_way)
                gives_way.hang_up()
            self._visits.add(visit)
        return True

    def _visit(self, visit: _Visit) -> None:
        """A connection from its first byte to its last."""
        with visit.connection, suppress(OSError):
            visit.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self._talk(visit)
            except (BadFrameError, BadCallError) as error:
                self._send(visit, refused(str(error)))
            finally:
                self._leave(visit)

    def _leave(self, visit: _Visit) -> None:
        with self._lock:
            self._visits.discard(visit)

    def _talk(self, visit: _Visit) -> None:
        """One call after the other, until the till hangs up. What is no call ends the connection with a sentence."""
        if not self._is_allowed(visit):
            raise BadCallError(
                "Este computador não está entre os que podem usar este gateway. Ponha a rede dele em redes, de "
                "[linha], em edge.toml."
            )
        bounds = self._setup.bounds
        while True:
            head = visit.read(LENGTH_BYTES, bounds.idle_seconds if visit.spoken else bounds.silent_seconds)
            size = body_bytes(head)
            if size <= SMALL_BYTES:
                self._take(visit, size, bounds.frame_seconds)
                continue
            visit.expect(SMALL_BYTES, bounds.frame_seconds)
            with visit.expecting():
                self._wait_for_turn(visit)
            try:
                self._take(visit, size, bounds.silent_seconds + size / LEAST_BYTES_PER_SECOND)
            finally:
                self._large.release()

    def _wait_for_turn(self, visit: _Visit) -> None:
        """Until fewer large frames come in. Raises ConnectionAbortedError where it had to give way meanwhile."""
        while not self._large.acquire(timeout=AGAIN_SECONDS):
            if visit not in self._visits:
                raise ConnectionAbortedError("it had to give way")

    def _take(self, visit: _Visit, size: int, seconds: float) -> None:
        """One frame, its call, its answer."""
        request = read_call(unpack(visit.read(size, seconds)), self._setup.token)
        with self._lock:
            if visit not in self._visits:
                raise ConnectionAbortedError("it had to give way")
            visit.spoken = visit.working = True
        try:
            self._work(request, visit)
        finally:
            visit.working, visit.since = False, time.monotonic()

    def _work(self, request: Request, visit: _Visit) -> None:
        """Ask the desk and wait for its answer. Without a reply to send the till is left in doubt."""
        with visit.expecting():
            asked = self._answer(request)
            error = asked.exception()
        frame = answered(asked.result()) if error is None else None
        if frame is None:
            raise ConnectionAbortedError("the desk gave no reply that can be sent")
        if visit.is_gone():
            raise ConnectionResetError("the till did not wait for its answer")
        self._send(visit, frame)
        self._arrived(request, asked.result())

    def _send(self, visit: _Visit, frame: bytes) -> None:
        visit.send(frame, self._setup.bounds.write_seconds)

    def _is_allowed(self, visit: _Visit) -> bool:
        address = ip_address(visit.peer)
        return address.is_loopback or any(address in network for network in self._setup.allowed)
