"""One connection to the centre, kept open between batches. The standard library's client: a till has 60 MB for all.

It goes through a proxy only where it was told one: what the environment of a service says of proxies is nobody's wish.
"""

import base64
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from zelo.pos.edge.uplink.core import Answer, judge
from zelo.pos.edge.uplink.message import MOST_ANSWER_BYTES
from zelo.pos.edge.uplink.shell.unreached import unreached

CONNECT_SECONDS: Final = 10.0
"""For the connection; through a proxy as long again for its word, however that trickles."""
SEND_SECONDS: Final = 300.0
"""For a whole batch, so that a slow line carries the largest."""
ANSWER_SECONDS: Final = 60.0
"""For a whole answer, its head and its body."""
PATH: Final = "/v1/lote"
_CHUNK_BYTES: Final = 65_536
_PORTS: Final = {"http": 80, "https": 443}


class Centre(NamedTuple):
    """Where the batches go. `token`: of this gateway; `ca_file`: the only authority to trust, None for the system's.

    `proxy`: http://user:password@host:port of one that speaks CONNECT, "" for none.
    """

    url: str
    token: str
    ca_file: Path | None = None
    proxy: str = ""


class Post:
    """Sends batches one after the other. Not for several threads."""

    def __init__(self, centre: Centre) -> None:
        """Nothing is opened yet. Raises ValueError, in pt-BR, for what cannot be an address or an authority."""
        address, proxy = _address(centre.url), _proxy(centre.proxy) if centre.proxy else None
        host, port = str(address.hostname), address.port or _PORTS[address.scheme]
        self._path = f"{address.path.rstrip('/')}{PATH}"
        self._token, self._proxied = _token(centre.token), proxy is not None
        first = (host, port) if proxy is None else (str(proxy.hostname), proxy.port)
        self._connection = _connection(*first, None if address.scheme == "http" else _trust(centre.ca_file))
        if proxy is not None:
            self._connection.set_tunnel(host, port, _credentials(proxy))

    def send(self, batch: bytes) -> Answer:
        """What became of the batch. A connection that the centre closed meanwhile is an unknown fate like any other."""
        headers = {"Content-Type": "application/zstd", "Authorization": f"Bearer {self._token}"}
        try:
            with _within(self._connection, 2 * CONNECT_SECONDS):
                if self._connection.sock is None:
                    self._connection.connect()
            self._connection.sock.settimeout(SEND_SECONDS)
            with _within(self._connection, SEND_SECONDS), suppress(ConnectionError):
                self._connection.request("POST", self._path, batch, headers)  # who refuses it halfway may say why
            self._connection.sock.settimeout(ANSWER_SECONDS)
            with _within(self._connection, ANSWER_SECONDS):
                response = self._connection.getresponse()
                body = _read(response)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return unreached(error, proxied=self._proxied)
        if response.will_close or len(body) > MOST_ANSWER_BYTES:
            self.close()
        return judge(response.status, response.headers.get("Retry-After", ""), body)

    def close(self) -> None:
        """Hang up; the next batch connects again."""
        self._connection.close()


def _token(token: str) -> str:
    if token.isascii() and token.isprintable():
        return token
    raise ValueError("O token em [centro] traz uma letra acentuada, aspas curvas ou fim de linha: copie-o de novo.")


def _address(url: str) -> SplitResult:
    with suppress(ValueError):
        address = urlsplit(url)
        if address.scheme in _PORTS and address.hostname and address.port != 0 and address.path.isascii():
            address.hostname.encode("idna")
            return address
    raise ValueError(f"O endereço da central é como https://central.exemplo.com.br, não {url!r}.")


def _proxy(url: str) -> SplitResult:
    """Its password is not repeated in what is said."""
    with suppress(ValueError):
        address = urlsplit(url)
        if address.scheme == "http" and address.hostname and address.port and address.path in ("", "/"):
            return address
    raise ValueError("O proxy em [centro] é como http://proxy.loja:3128, com usuario:senha@ se ele os pede.")


def _credentials(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    told = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(told.encode()).decode()}"}


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise ValueError(f"O arquivo em [centro] ca não se lê, ou não traz autoridade em PEM: {ca_file}.") from error


def _connection(host: str, port: int | None, tls: ssl.SSLContext | None) -> http.client.HTTPConnection:
    if tls is None:
        return http.client.HTTPConnection(host, port, timeout=CONNECT_SECONDS)
    return http.client.HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=tls)


@contextmanager
def _within(connection: http.client.HTTPConnection, seconds: float) -> Iterator[None]:
    """Cut the line where what is done inside the block takes longer, however it trickles. Raises TimeoutError."""
    late, line = threading.Event(), connection.sock

    def cut() -> None:
        late.set()
        with suppress(OSError, TypeError):  # it may be none yet, or none any more
            socket.socket.shutdown(line or connection.sock, socket.SHUT_RDWR)  # that of TLS would say goodbye first

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException):
        if not late.is_set():
            raise
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeoutError("it does not end")


def _read(response: http.client.HTTPResponse) -> bytes:
    """The body, at most a chunk more than allowed."""
    body = b""
    while len(body) <= MOST_ANSWER_BYTES and (chunk := response.read1(_CHUNK_BYTES)):
        body += chunk
    response.close()  # `read1` does not tell the connection that the answer is over
    return body
