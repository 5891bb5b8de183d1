"""HTTPS with a client certificate, keep-alive, and no second try."""

import math
import os
import ssl
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from zelo.fiscal.retorno import NoAnswer, Silence
from zelo.transmit.answer import MOST_BYTES

_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 a file system in memory; the file lives a moment, sealed
_HTTP_OK: Final = 200
_IDLE_SECONDS: Final = 4.0
"""An idle connection is dropped before servers usually drop theirs: writing into a closed one costs a consulta."""


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """What TLS needs of a transmitter: private key and PEM chain, leaf first."""

    key: RSAPrivateKey
    chain_pem: bytes


class HttpsTransport:
    """Keeps one connection pool per transmitter certificate."""

    def __init__(
        self,
        find_certificate: Callable[[str], ClientCertificate],
        *,
        ca_file: str,
        connect_seconds: int,
        timeout_seconds: int,
        connections: int,
    ) -> None:
        self._find = find_certificate
        self._ca_file = ca_file
        self._timeout = httpx2.Timeout(timeout_seconds, connect=connect_seconds)
        self._whole_seconds = timeout_seconds
        self._limits = httpx2.Limits(
            max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=_IDLE_SECONDS
        )
        self._clients: dict[str, httpx2.Client] = {}
        self._lock = threading.Lock()

    def post(self, *, url: str, headers: dict[str, str], body: bytes, certificate_id: str) -> bytes | NoAnswer:
        """See contract.Transport."""
        client = self._client(certificate_id)
        _call.until = time.monotonic() + self._whole_seconds
        try:
            with client.stream("POST", url, headers=headers, content=body) as response:
                content = bytearray()
                for part in response.iter_bytes():
                    content += part
                    if len(content) > MOST_BYTES:
                        return NoAnswer(Silence.UNREADABLE, f"resposta maior que {MOST_BYTES} bytes")
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            return NoAnswer(Silence.NOT_SENT, f"não conectou: {error}")
        except httpx2.TimeoutException as error:
            return NoAnswer(Silence.TIMEOUT, f"sem resposta no prazo: {type(error).__name__}")
        except httpx2.DecodingError as error:
            return NoAnswer(Silence.UNREADABLE, f"resposta que não se descompacta: {error}")
        except httpx2.TransportError as error:
            return NoAnswer(Silence.CONNECTION_LOST, f"conexão perdida: {error}")
        if response.status_code != _HTTP_OK:
            return NoAnswer(Silence.HTTP_ERROR, f"HTTP {response.status_code}")
        return bytes(content)

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()

    def _client(self, certificate_id: str) -> httpx2.Client:
        with self._lock:
            client = self._clients.get(certificate_id)
            if client is None:
                context = _context(self._find(certificate_id), self._ca_file)
                client = httpx2.Client(verify=context, timeout=self._timeout, limits=self._limits, trust_env=False)
                self._clients[certificate_id] = client
            return client


class _Call(threading.local):
    """The call that a thread is busy with."""

    until = math.inf


_call: Final = _Call()


class _TimedSocket(ssl.SSLSocket):
    """Ends a call when its whole time is over: the library's timeout begins anew with every piece that arrives."""

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """As any socket, within the time that is left."""
        left = _call.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time of the whole call is over")
        self.settimeout(min(left, self.gettimeout() or left))
        return super().recv(buflen, flags)


def _context(certificate: ClientCertificate, ca_file: str) -> ssl.SSLContext:
    """TLS 1.2 or newer. Python takes a key from a file only: it is written sealed, in memory, and removed at once."""
    context = ssl.create_default_context()
    context.sslsocket_class = _TimedSocket
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    seal = os.urandom(24).hex()
    key = certificate.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(seal.encode()))
    folder = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".pem") as file:
        file.write(key + certificate.chain_pem)
        file.flush()
        context.load_cert_chain(file.name, password=seal)
    return context
