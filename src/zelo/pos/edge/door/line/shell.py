"""The port of the line: bounded in connections, bytes and seconds, and never between a till and its answer.

A connection that says nothing gives way to one that does, a frame has little time to become whole, and large frames
wait for one another, so that whoever knocks in bad faith costs some memory and no sale.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from zelo.pos.edge.door.line.call import BadCallError, answered, read_call, refused
from zelo.pos.edge.door.line.frame import LENGTH_BYTES, WORKING, BadFrameError, body_bytes, unpack
from zelo.pos.edge.door.shell.gateway import Answer
from zelo.pos.edge.request import Request

Network = IPv4Network | IPv6Network

HOST: Final = "127.0.0.1"
PORT: Final = 7059
WORKING_SECONDS: Final = 2.0
"""Between two signs of life while a call is worked at; the library gives up after ten."""
SMALL_BYTES: Final = 65_536
"""A frame up to this size is read at once; a larger one waits for its turn."""

BACKLOG: Final = 1024
"""Connections that knock at once: a till behind them must not knock again a second later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much one may ask of the port. `silent_seconds`: to the first word of a connection; `frame_seconds`: from the
    beginning of a frame to its end.
    """

    connections: int = 256
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

    def __init__(self, writer: asyncio.StreamWriter, number: int) -> None:
        self.writer, self.number = writer, number
        self.spoken = self.working = False
        self.since = time.monotonic()
        self.task = asyncio.current_task()

    def close(self) -> None:
        """At once: what was not sent yet is of no use to anybody."""
        self.writer.transport.abort()


class Line:
    """The door. `await open()` listens; `close()` hangs up on everybody."""

    def __init__(self, answer: Answer, setup: Setup, arrived: Callable[[Request], None] = lambda _: None) -> None:
        """`answer` is called in the loop and must hand back its future at once. `arrived`: a till has its answer."""
        self._answer, self._setup, self._arrived = answer, setup, arrived
        self._visits: dict[int, _Visit] = {}
        self._numbers = itertools.count()
        self._large = asyncio.Semaphore(setup.bounds.large_frames)
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listen; the port. Raises OSError when it is taken."""
        self._server = await asyncio.start_server(
            self._visit, self._setup.host, self._setup.port, limit=SMALL_BYTES, backlog=BACKLOG
        )
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Hang up. Calls that are being worked at go on at the desk; their tills ask again under the same id."""
        if self._server is not None:
            self._server.close()
        tasks = [visit.task for visit in self._visits.values() if visit.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = _Visit(writer, next(self._numbers))
        if len(self._visits) >= self._setup.bounds.connections and not self._make_place():
            visit.close()
            return
        self._visits[visit.number] = visit
        try:
            await self._talk(reader, visit)
        except (BadFrameError, BadCallError) as error:
            with suppress(OSError):
                await self._send(visit, refused(str(error)))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            visit.close()
        finally:
            self._visits.pop(visit.number, None)
            writer.close()

    def _make_place(self) -> bool:
        """Whether somebody gave way: first who never said a thing, then who is idle longest; never who waits for us."""
        idle = [visit for visit in self._visits.values() if not visit.working]
        if not idle:
            return False
        gives_way = min(idle, key=lambda visit: (visit.spoken, visit.since))
        del self._visits[gives_way.number]
        gives_way.close()
        return True

    async def _talk(self, reader: asyncio.StreamReader, visit: _Visit) -> None:
        """One call after the other, until the till hangs up. What is no call ends the connection with a sentence."""
        if not self._is_allowed(visit):
            raise BadCallError("Este computador não está entre os que podem usar este gateway. Veja a configuração.")
        bounds = self._setup.bounds
        while True:
            async with asyncio.timeout(bounds.idle_seconds if visit.spoken else bounds.silent_seconds):
                head = await reader.readexactly(LENGTH_BYTES)
            size = body_bytes(head)
            if size <= SMALL_BYTES:
                await self._take(reader, visit, size)
                continue
            await self._turn(visit)
            try:
                await self._take(reader, visit, size)
            finally:
                self._large.release()

    async def _turn(self, visit: _Visit) -> None:
        """Wait for a place among the large frames, with signs of life: the till has written and expects an answer."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(WORKING_SECONDS):
                    await self._large.acquire()
                return
            await self._send(visit, WORKING)

    async def _take(self, reader: asyncio.StreamReader, visit: _Visit, size: int) -> None:
        """One frame, its call, its answer."""
        async with asyncio.timeout(self._setup.bounds.frame_seconds):
            body = await reader.readexactly(size)
        request = read_call(unpack(body), self._setup.token)
        del body
        visit.spoken = visit.working = True
        try:
            await self._work(request, visit)
        finally:
            visit.working, visit.since = False, time.monotonic()

    async def _work(self, request: Request, visit: _Visit) -> None:
        """Ask the desk, and show signs of life until it answers. Without a reply to send the till is left in doubt."""
        asked = asyncio.wrap_future(self._answer(request))
        while not (await asyncio.wait({asked}, timeout=WORKING_SECONDS))[0]:
            await self._send(visit, WORKING)
        frame = answered(asked.result()) if asked.exception() is None else None
        if frame is None:
            raise ConnectionAbortedError("the desk gave no reply that can be sent")
        await self._send(visit, frame)
        if not visit.writer.transport.is_closing():
            self._arrived(request)

    async def _send(self, visit: _Visit, frame: bytes) -> None:
        visit.writer.write(frame)
        with suppress(ConnectionError):
            async with asyncio.timeout(self._setup.bounds.write_seconds):
                await visit.writer.drain()

    def _is_allowed(self, visit: _Visit) -> bool:
        peer = visit.writer.get_extra_info("peername")
        if not peer:
            return False
        address = ip_address(peer[0])
        return address.is_loopback or any(address in network for network in self._setup.allowed)
