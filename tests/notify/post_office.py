"""A mail server on this machine for the tests: a real one (aiosmtpd) that can be told to refuse, and two rude ones."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from zelo.notify.shell.smtp import Server
from zelo.sim import pki

USER: Final = "avisos"
PASSWORD: Final = "uma senha"
HOST: Final = "127.0.0.1"


@cache
def authority() -> pki.Authority:
    """The authority that issued the server's certificate; made once per test process, at the real hour."""
    return pki.new_authority(datetime.now(UTC))  # noqa: TID251 TLS looks at the real clock


def ca_file(folder: Path) -> str:
    """The authority as a file to be trusted."""
    file = folder / "ca.pem"
    file.write_bytes(authority().pem)
    return str(file)


def server_context(folder: Path) -> ssl.SSLContext:
    """What a server on 127.0.0.1 shows."""
    file = folder / "server.pem"
    file.write_bytes(pki.issue_server(authority(), datetime.now(UTC)))  # noqa: TID251 as above
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


@dataclass
class PostOffice:
    """What came in. `answers` are given to recipients one by one before they are accepted, by address."""

    answers: dict[str, list[str]] = field(default_factory=dict)
    after_data: list[str] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    port: int = 0

    @property
    def letters(self) -> list[EmailMessage]:
        """The mails, read by the standard library."""
        return [self._read(envelope.content) for envelope in self.envelopes]

    def _read(self, content: Any) -> EmailMessage:
        read = message_from_bytes(content, policy=default)
        assert isinstance(read, EmailMessage)
        assert not read.defects
        return read

    async def handle_RCPT(self, _s: Any, _e: Any, envelope: Any, address: str, _o: Any) -> str:  # noqa: N802 its name
        """Called by the server for each recipient."""
        waiting = self.answers.get(address)
        if waiting:
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 its name
        """Called by the server for each message."""
        if self.after_data:
            return self.after_data.pop(0)
        self.envelopes.append(envelope)
        return "250 OK"

    def to(self, **changes: Any) -> Server:
        """The way to it, in the clear."""
        plain = Server(host=HOST, port=self.port, security="none", user="", password="", ca_file="", seconds=5)
        return replace(plain, **changes)


def _known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@contextmanager
def post_office(
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    auth: bool = False,
    host: str = HOST,
    port: int = 0,
) -> Iterator[PostOffice]:
    """A real server while the block runs."""
    office = PostOffice(port=port or free_port())
    options: dict[str, Any] = {"tls_context": starttls, "ssl_context": tls}
    if auth:
        options |= {"authenticator": _known, "auth_required": True, "auth_require_tls": starttls is not None}
    controller = Controller(office, hostname=host, port=office.port, **options)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


def free_port() -> int:
    """One where nobody listens."""
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def rude_office(behave: Callable[[socket.socket, threading.Event], None]) -> Iterator[PostOffice]:
    """A server that behaves so with each connection, and is told when the test is over."""
    over = threading.Event()
    with socket.create_server((HOST, 0)) as listener:

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    behave(connection, over)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield PostOffice(port=listener.getsockname()[1])
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def drips(connection: socket.socket, over: threading.Event) -> None:
    """One byte of a greeting every tenth of a second, for five: no single wait is ever long."""
    for _ in range(50):
        if over.wait(0.1):
            return
        connection.sendall(b"x")


def drops_in_data(connection: socket.socket, _over: threading.Event) -> None:
    """Takes the message, or a part of it, and hangs up without a word."""
    lines = connection.makefile("rb")
    connection.sendall(b"220 ola\r\n")
    for line in lines:
        if line.upper().startswith(b"DATA"):
            connection.sendall(b"354 va\r\n")
            lines.readline()
            return
        connection.sendall(b"250 OK\r\n")
