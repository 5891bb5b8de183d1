"""One connection to the centre, kept open between batches. The standard library's client: a till has 60 MB for all."""

import http.client
import ssl
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from zelo.pos.edge.uplink.core import NO_ANSWER, Answer, judge
from zelo.pos.edge.uplink.message import MOST_ANSWER_BYTES

CONNECT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 60.0
PATH: Final = "/v1/lote"
_CHUNK_BYTES: Final = 65_536


class Centre(NamedTuple):
    """Where the batches go. `token`: of this gateway; `ca_file`: the only authority to trust, None for the system's."""

    url: str
    token: str
    ca_file: Path | None = None


class Post:
    """Sends batches one after the other. Not for several threads."""

    def __init__(self, centre: Centre) -> None:
        """Nothing is opened yet. Raises ValueError, in pt-BR, for an address that is none."""
        address = urlsplit(centre.url)
        if address.scheme not in {"http", "https"} or not address.hostname:
            raise ValueError(f"O endereço da central é como https://central.exemplo.com.br, não {centre.url!r}.")
        self._path = f"{address.path.rstrip('/')}{PATH}"
        self._token = centre.token
        if address.scheme == "http":
            self._connection = http.client.HTTPConnection(address.hostname, address.port, timeout=CONNECT_SECONDS)
        else:
            tls = ssl.create_default_context(cafile=centre.ca_file)
            self._connection = http.client.HTTPSConnection(
                address.hostname, address.port, timeout=CONNECT_SECONDS, context=tls
            )

    def send(self, batch: bytes) -> Answer:
        """What became of the batch. A connection that the centre closed meanwhile is an unknown fate like any other."""
        headers = {"Content-Type": "application/zstd", "Authorization": f"Bearer {self._token}"}
        try:
            if self._connection.sock is None:
                self._connection.connect()
            self._connection.sock.settimeout(ANSWER_SECONDS)
            with suppress(ConnectionError):  # whoever refuses a batch while it is being sent may have said why
                self._connection.request("POST", self._path, batch, headers)
            response = self._connection.getresponse()
            body = _read(response, time.monotonic() + ANSWER_SECONDS)
        except (OSError, http.client.HTTPException):
            self.close()
            return NO_ANSWER
        if response.will_close or len(body) > MOST_ANSWER_BYTES:
            self.close()
        return judge(response.status, response.headers.get("Retry-After", ""), body)

    def close(self) -> None:
        """Hang up; the next batch connects again."""
        self._connection.close()


def _read(response: http.client.HTTPResponse, until: float) -> bytes:
    """The body, at most a chunk more than allowed, and not for ever. Raises TimeoutError."""
    body = b""
    while len(body) <= MOST_ANSWER_BYTES and (chunk := response.read1(_CHUNK_BYTES)):
        body += chunk
        if time.monotonic() > until:
            raise TimeoutError("the answer does not end")
    response.close()  # `read1` does not tell the connection that the answer is over
    return body
