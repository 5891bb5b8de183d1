"""The listening socket: HTTP/1.1 whose silent connections are hung up, the longest silent first.

uvicorn alone waits for ever for the first request of a connection, and counts waiting connections among those that its
limit refuses: a thousand that say nothing would stop every till.
"""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from zelo.pos.edge.door.shell.shield import MOST_ACTIVE

LOOPBACK: Final = "127.0.0.1"
PORT: Final = 7060
HEAD_SECONDS: Final = 10.0
"""From the connection, or the last answer, to a whole head of a request."""
MOST_WAITING: Final = 64
_BACKLOG: Final = 256
_MOST_CONNECTIONS: Final = MOST_WAITING + MOST_ACTIVE + _BACKLOG
"""Beyond it even a whole request is refused. As many as are accepted in one turn of the loop stay below it."""
_STOP_SECONDS: Final = 5
_MALFORMED: Final = "Este pedido chegou cortado ou com forma errada. Use HTTP/1.1, como manda a RFC 9112."
"""Without accents, for uvicorn sends it as ASCII."""


def server(app: ASGIApp, head_seconds: float = HEAD_SECONDS) -> uvicorn.Server:
    """A server for `serve(sockets=[...])`; signals are left to whoever owns the process."""
    config = uvicorn.Config(
        app,
        http=_listener(head_seconds),
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    return _Server(config)


def listening(host: str = LOOPBACK, port: int = PORT, backlog: int = _BACKLOG) -> socket.socket:
    """A bound socket, of IPv4 where a name has both. Raises OSError where the port is taken or the name unknown.

    It names TCP as its protocol, as `socket.create_server` does not: asyncio sets TCP_NODELAY only on such sockets, and
    without it a kept connection waits 40 ms for every answer.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    family, kind, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    bound = socket.socket(family, kind, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(backlog)
    except OSError:
        bound.close()
        raise
    return bound


@contextmanager
def serving(app: ASGIApp, host: str = LOOPBACK, port: int = 0, head_seconds: float = HEAD_SECONDS) -> Iterator[int]:
    """Serve on a thread of its own inside the block; the port."""
    running = server(app, head_seconds)
    with listening(host, port) as bound:
        thread = threading.Thread(target=running.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        try:
            yield int(bound.getsockname()[1])
        finally:
            running.should_exit = True
            thread.join(2 * _STOP_SECONDS)


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing: signals are left to whoever owns the process."""
        yield


def _at_work(connection: H11Protocol) -> bool:
    """Whether a request is being answered; uvicorn declares no type for a connection without one."""
    cycle: RequestResponseCycle | None = connection.cycle
    return cycle is not None and not cycle.response_complete


def _listener(head_seconds: float) -> type[H11Protocol]:
    """A protocol whose connections share one list of those that owe the head of a request, oldest first."""
    waiting: dict[H11Protocol, asyncio.TimerHandle] = {}

    class Listener(H11Protocol):
        """A connection that is hung up when it says nothing whole."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._await_head()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if _at_work(self):
                self._leave()

        def on_response_complete(self) -> None:
            self._await_head()
            super().on_response_complete()
            if _at_work(self):
                self._leave()

        def connection_lost(self, exc: Exception | None) -> None:
            self._leave()
            super().connection_lost(exc)

        def send_400_response(self, msg: str) -> None:  # noqa: ARG002 in English
            super().send_400_response(_MALFORMED)

        def _await_head(self) -> None:
            self._leave()
            waiting[self] = self.loop.call_later(head_seconds, self.transport.abort)
            if len(waiting) > MOST_WAITING:
                oldest = next(iter(waiting))
                waiting.pop(oldest).cancel()
                oldest.transport.abort()

        def _leave(self) -> None:
            timer = waiting.pop(self, None)
            if timer is not None:
                timer.cancel()

    return Listener
