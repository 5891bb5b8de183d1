"""SMTP to the one server that the settings name: TLS proven, one recipient a mail, and a bounded time for the whole.

Nothing is raised: whatever happens is an Answer. Only what concerns this recipient or this message is REFUSED; a wrong
password, certificate or sender is ours to mend, and the mail waits for that.
"""

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from zelo.notify.core import TEXT_CHARS, line
from zelo.notify.delivery import Answer, Outcome

STARTTLS: Final = "starttls"
TLS: Final = "tls"
_SERVICE_READY: Final = 220
_OK: Final = 250
_ACCEPTED: Final = (_OK, 251)
_PERMANENT: Final = 500
_GOOD: Final = "O servidor de e-mail aceitou a mensagem."
_READY: Final = "O servidor de e-mail atende, e aceita quem somos."


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The server and how to speak to it; `seconds` is the most that a whole delivery may take."""

    host: str
    port: int
    security: str
    user: str
    password: str
    ca_file: str
    seconds: int

    @property
    def place(self) -> str:
        """As sentences name it."""
        return f"{self.host}:{self.port}"


def send(server: Server, *, sender: str, address: str, message: bytes) -> Answer:
    """Hand one message over for one recipient."""
    return _converse(server, lambda client: _hand_over(client, server, sender, address, message))


def check(server: Server) -> Answer:
    """Connect, prove who both are, and send nothing."""
    return _converse(server, lambda client: _noop(client, server))


def _converse(server: Server, speak: "Callable[[_Client], Answer]") -> Answer:
    """One connection from the beginning to the end, within its time."""
    try:
        context = _context(server)
    except OSError as error:
        return _deferred(f"O arquivo {server.ca_file} não serve ({line(str(error), 120)}): confira smtp_ca_file.")
    try:
        with _connected(server, context) as client:
            try:
                answer = _enter(client, server, context) or speak(client)
            except (smtplib.SMTPException, OSError) as error:
                return _lost(server, client, error)
            cut = client.late and answer.outcome is not Outcome.DELIVERED
            return _lost(server, client, TimeoutError()) if cut else answer
    except (smtplib.SMTPException, OSError) as error:
        return _lost(server, None, error)


def _hand_over(client: "_Client", server: Server, sender: str, address: str, message: bytes) -> Answer:
    code, said = client.mail(sender)
    if code != _OK:
        return _deferred(f"O servidor {server.place} recusou o remetente {sender}: {_told(code, said)}.")
    code, said = client.rcpt(address)
    if code not in _ACCEPTED:
        return _answered(code, f"O servidor {server.place} recusou o destinatário: {_told(code, said)}.")
    client.handing_over = True
    try:
        code, said = client.data(message)
    except smtplib.SMTPDataError as error:
        code, said = error.smtp_code, _bytes(error.smtp_error)
    if code != _OK:
        return _answered(code, f"O servidor {server.place} recusou a mensagem: {_told(code, said)}.")
    return Answer(Outcome.DELIVERED, _GOOD)


def _noop(client: "_Client", server: Server) -> Answer:
    code, said = client.noop()
    if code != _OK:
        return _deferred(f"O servidor {server.place} respondeu {_told(code, said)}.")
    return Answer(Outcome.DELIVERED, _READY)


def _enter(client: "_Client", server: Server, context: ssl.SSLContext) -> Answer | None:
    """Greeting, STARTTLS and log-in; what keeps us out, or None."""
    code, said = client.connect(server.host, server.port)
    if code != _SERVICE_READY:
        return _deferred(f"O servidor {server.place} não atende agora: {_told(code, said)}.")
    client.ehlo_or_helo_if_needed()
    if server.security == STARTTLS:
        if not client.has_extn("starttls"):
            return _deferred(
                f"O servidor {server.place} não oferece STARTTLS: confira smtp_security e smtp_port. Sem TLS nada sai."
            )
        code, said = client.starttls(context=context)
        if code != _SERVICE_READY:
            return _deferred(f"O servidor {server.place} não começou o TLS: {_told(code, said)}.")
        client.ehlo_or_helo_if_needed()
    if server.user:
        return _log_in(client, server)
    return None


def _log_in(client: "_Client", server: Server) -> Answer | None:
    try:
        client.login(server.user, server.password)
    except smtplib.SMTPAuthenticationError as error:
        told = _told(error.smtp_code, _bytes(error.smtp_error))
        return _deferred(f"O servidor {server.place} não aceitou o usuário e a senha: {told}. Confira smtp_user.")
    except (smtplib.SMTPNotSupportedError, UnicodeEncodeError):
        return _deferred(
            f"O servidor {server.place} não aceita autenticação como a nossa: confira smtp_user e a porta."
        )
    return None


def _lost(server: Server, client: "_Client | None", error: Exception) -> Answer:
    """A conversation that broke off: where the message was being handed over, nobody knows what became of it."""
    late = client is not None and client.late
    why = _why(server, error, late=late)
    if client is not None and client.handing_over:
        said = f"O servidor {server.place} não confirmou a mensagem, que pode ter chegado. {why}"
        return Answer(Outcome.UNKNOWN, said)
    return _deferred(why)


def _why(server: Server, error: Exception, *, late: bool) -> str:
    place = server.place
    if late or isinstance(error, TimeoutError):
        return f"O servidor {place} não terminou em {server.seconds} segundos: confira o endereço, a porta e a rede."
    match error:
        case ssl.SSLCertVerificationError():
            return (
                f"O certificado do servidor {place} não confere ({line(error.verify_message, 120)}): confira "
                "smtp_host, ou diga em smtp_ca_file em quem confiar."
            )
        case ssl.SSLError():
            return f"O servidor {place} não fala TLS como pedido: confira smtp_security e smtp_port."
        case socket.gaierror():
            return f"O endereço {server.host} não foi encontrado: confira smtp_host e a rede."
        case ConnectionRefusedError():
            return f"O servidor {place} recusou a conexão: confira smtp_host, smtp_port e se ele está no ar."
        case smtplib.SMTPServerDisconnected() | ConnectionError():
            return f"O servidor {place} encerrou a conexão no meio da conversa."
        case smtplib.SMTPResponseException():
            return f"O servidor {place} respondeu {_told(error.smtp_code, _bytes(error.smtp_error))}."
    return f"O servidor {place} não pôde ser usado: {line(str(error), 160)}."


def _answered(code: int, said: str) -> Answer:
    return Answer(Outcome.REFUSED if code >= _PERMANENT else Outcome.DEFERRED, said)


def _deferred(said: str) -> Answer:
    return Answer(Outcome.DEFERRED, said)


def _told(code: int, said: bytes) -> str:
    return line(f"{code} {said.decode('utf-8', 'replace')}", TEXT_CHARS // 2).rstrip(".")


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode("utf-8", "replace")


def _context(server: Server) -> ssl.SSLContext:
    """TLS 1.2 or newer; names and chains are always proven."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if server.ca_file:
        context.load_verify_locations(cafile=server.ca_file)
    return context


@contextmanager
def _connected(server: Server, context: ssl.SSLContext) -> Iterator["_Client"]:
    client = _Client(server, context)
    client.clock.start()
    try:
        yield client
        if not client.late:
            with suppress(smtplib.SMTPException, OSError):
                client.quit()
    finally:
        client.clock.cancel()
        client.close()


class _Client(smtplib.SMTP):
    """The library's client, cut off when the whole time is over: its own timeout begins anew with every byte."""

    def __init__(self, server: Server, context: ssl.SSLContext) -> None:
        name = socket.gethostname()
        super().__init__(local_hostname=name if "." in name else "[127.0.0.1]", timeout=server.seconds)
        self._host = server.host
        self._server = server
        self._tls = context
        self._until = time.monotonic() + server.seconds
        self._twin: socket.socket | None = None
        self.clock = threading.Timer(server.seconds, self._cut)
        self.clock.daemon = True
        self.late = False
        self.handing_over = False

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 ours is the whole time
        """Where the library takes its connection from; every address of the host shares the one time."""
        plain = self._open(host, port)
        self._twin = plain.dup()
        if self.late:
            raise TimeoutError
        return self._tls.wrap_socket(plain, server_hostname=host) if self._server.security == TLS else plain

    def _open(self, host: str, port: int) -> socket.socket:
        error: OSError = TimeoutError()
        for family, kind, protocol, _, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            left = self._until - time.monotonic()
            if left <= 0:
                break
            found = socket.socket(family, kind, protocol)
            found.settimeout(left)
            try:
                found.connect(place)
            except OSError as refused:
                found.close()
                error = refused
            else:
                return found
        raise error

    def _cut(self) -> None:
        self.late = True
        if self._twin is not None:
            with suppress(OSError):
                self._twin.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """See smtplib."""
        super().close()
        if self._twin is not None:
            self._twin.close()
