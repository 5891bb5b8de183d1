"""What stands between a till and its centre: a server that speaks TLS and a proxy that speaks CONNECT, which relay."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
_CHUNK_BYTES = 65_536
_MOST_HEAD_BYTES = 8_192
_SIP_BYTES, _SIP_SECONDS = 20_000, 0.02


@contextmanager
def tls_front(pem: Path, inner_port: int) -> Iterator[int]:
    """A port where whoever speaks TLS reaches the inner one; key and chain lie in `pem`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            _join(secure, socket.create_connection((HOST, inner_port)))

    with _listening(serve) as port:
        yield port


@dataclass
class Proxy:
    """A proxy. `asked`: the targets of each CONNECT; `resolves`: names that it alone knows; `wants`: credentials."""

    port: int = 0
    resolves: Mapping[str, int] = field(default_factory=dict)
    wants: str = ""
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def serve(self, connection: socket.socket) -> None:
        with connection:
            head = b""
            while not head.endswith(b"\r\n\r\n") and len(head) < _MOST_HEAD_BYTES:
                head += connection.recv(1)
            method, target, *_ = head.decode("ascii").split(" ")
            self.asked.append(f"{method} {target}")
            if self.wants and f"Proxy-Authorization: Basic {self.wants}\r\n".encode() not in head:
                connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            elif method != "CONNECT" or target not in self.resolves:
                connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            else:
                inner = socket.create_connection((HOST, self.resolves[target]))
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _join(connection, inner)


@contextmanager
def proxy(resolves: Mapping[str, int], wants: str = "") -> Iterator[Proxy]:
    """A proxy that runs."""
    made = Proxy(resolves=resolves, wants=wants)
    with _listening(made.serve) as made.port:
        yield made


@contextmanager
def sipper() -> Iterator[int]:
    """A port where whatever is sent is taken a little at a time, and never answered."""

    def serve(connection: socket.socket) -> None:
        with connection:
            while connection.recv(_SIP_BYTES):
                time.sleep(_SIP_SECONDS)

    with _listening(serve) as port:
        yield port


@contextmanager
def _listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Each connection in a thread of its own; one that is refused or broken off is no error of ours."""

    def attend(connection: socket.socket) -> None:
        with suppress(OSError):
            serve(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=attend, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _join(one: socket.socket, other: socket.socket) -> None:
    """Both ways until either side ends."""

    def pour(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while part := source.recv(_CHUNK_BYTES):
                sink.sendall(part)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    with one, other:
        back = threading.Thread(target=pour, args=(other, one), daemon=True)
        back.start()
        pour(one, other)
        back.join(5)
