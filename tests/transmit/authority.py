"""A tiny HTTPS server on loopback that wants a client certificate and behaves as it is told; it counts what arrives."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509

from tests import house
from zelo.fiscal.cnpj import clean
from zelo.sign.certificate import cnpj_of
from zelo.sim import pki

HOST: Final = "127.0.0.1"
LATE_SECONDS: Final = 30
DRIP_SECONDS: Final = 0.05
SIP_BYTES: Final = 16_384
GOOD: Final = b"<answer>ok</answer>"

Behaviour = Callable[[ssl.SSLSocket], bool]
"""Answers one request; whether the connection goes on."""


@dataclass
class Arrived:
    """What came in: one entry per POST, and one per connection."""

    messages: list[tuple[bytes, str]] = field(default_factory=list)
    """Each body with the CNPJ of the certificate that brought it."""
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def bodies(self) -> list[bytes]:
        """What was posted."""
        return [body for body, _ in self.messages]


@dataclass
class Authority:
    """A running server; `behave` may be changed at any time."""

    url: str
    ca_file: str
    arrived: Arrived
    stopping: threading.Event
    behave: Behaviour

    def wait(self, seconds: float) -> None:
        """Sleep, but not beyond the end of the test."""
        self.stopping.wait(seconds)


def reply(status: bytes, body: bytes, *headers: bytes) -> bytes:
    """A whole HTTP answer."""
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join([*lines, b"", body])


def say(content: bytes, *, go_on: bool = True) -> Behaviour:
    """Sends these bytes."""

    def behave(connection: ssl.SSLSocket) -> bool:
        connection.sendall(content)
        return go_on

    return behave


def drip(authority: Authority, content: bytes) -> Behaviour:
    """Sends these bytes one by one, each well within any timeout of a single read."""

    def behave(connection: ssl.SSLSocket) -> bool:
        for byte in content:
            connection.sendall(bytes([byte]))
            authority.wait(DRIP_SECONDS)
        return True

    return behave


def hang(authority: Authority) -> Behaviour:
    """Says nothing for longer than anybody waits."""

    def behave(_: ssl.SSLSocket) -> bool:
        authority.wait(LATE_SECONDS)
        return False

    return behave


def _serve(connection: ssl.SSLSocket, authority: Authority) -> None:
    """Requests of one connection, until it ends."""
    certificate = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"")
    buffer = bytearray()
    while not authority.stopping.is_set():
        while b"\r\n\r\n" not in buffer:
            part = connection.recv(65_536)
            if not part:
                return
            buffer += part
        head, _, rest = bytes(buffer).partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        missing = int(lengths[0]) - len(rest)
        body = bytearray(rest)
        while missing > 0 and (part := connection.recv(missing)):
            body += part
            missing -= len(part)
        authority.arrived.messages.append((bytes(body), clean(cnpj_of(certificate))))
        authority.arrived.heads.append(head)
        buffer.clear()
        if not authority.behave(connection):
            return


def _accept(listener: socket.socket, context: ssl.SSLContext, authority: Authority) -> None:
    threads = []
    while not authority.stopping.is_set():
        try:
            raw, _ = listener.accept()
        except TimeoutError:
            continue

        def work(raw: socket.socket) -> None:
            with suppress(OSError), raw:
                raw.settimeout(LATE_SECONDS)
                with context.wrap_socket(raw, server_side=True) as connection:
                    authority.arrived.connections += 1
                    _serve(connection, authority)

        threads.append(threading.Thread(target=work, args=(raw,)))
        threads[-1].start()
    for thread in threads:
        thread.join()


@contextmanager
def running(folder: Path, server_pem: bytes, ca_pem: bytes) -> Iterator[Authority]:
    """The server in threads; everything has ended when this returns."""
    (folder / "server.pem").write_bytes(server_pem)
    (folder / "ca.pem").write_bytes(ca_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(folder / "ca.pem")
    context.load_cert_chain(folder / "server.pem")
    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(0.05)
        port = listener.getsockname()[1]
        authority = Authority(
            f"https://{HOST}:{port}/x",
            str(folder / "ca.pem"),
            Arrived(),
            threading.Event(),
            say(reply(b"200 OK", GOOD)),
        )
        accepting = threading.Thread(target=_accept, args=(listener, context, authority))
        accepting.start()
        try:
            yield authority
        finally:
            authority.stopping.set()
            accepting.join()


@contextmanager
def simulated(folder: Path) -> Iterator[Authority]:
    """The server with a certificate of the test authority, valid now in real time."""
    pem = pki.issue_server(house.authority(), house.START)
    with running(folder, pem, house.authority().pem) as authority:
        yield authority


@contextmanager
def slow_reader(authority: Authority) -> Iterator[str]:
    """The address of a server with the same certificate that takes in a little of a request now and then."""
    folder = Path(authority.ca_file).parent
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    done = threading.Event()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SIP_BYTES)
        listener.bind((HOST, 0))
        listener.listen()

        def work() -> None:
            with (
                suppress(OSError),
                listener.accept()[0] as raw,
                context.wrap_socket(raw, server_side=True) as connection,
            ):
                while connection.recv(SIP_BYTES) and not done.wait(DRIP_SECONDS):
                    pass

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield f"https://{HOST}:{listener.getsockname()[1]}/x"
        finally:
            done.set()
            thread.join()


def until(true: Callable[[], bool], seconds: float = 5) -> bool:
    """Whether it becomes true in time."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()
