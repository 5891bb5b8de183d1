"""Runs a simulated centre on loopback: `POST /v1/lote` takes a batch, `GET /v1/conta` shows everyone's equation."""

import hashlib
import hmac
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from zelo.sim.centre.account import Account
from zelo.sim.centre.faults import Trouble, check_rates, draw
from zelo.sim.centre.message import MOST_PACKED_BYTES, BadBatchError, TooLargeError, acknowledgement, read
from zelo.sim.centre.shell.store import Store
from zelo.sim.shell.child import STOP_SECONDS, child

HOST: Final = "127.0.0.1"
IDLE_SECONDS: Final = 75
MOST_CONNECTIONS: Final = 64
MOST_POURED_BYTES: Final = 67_108_864
_CHUNK_BYTES: Final = 65_536
_LOG: Final = "centre.log"
_JSON: Final = "application/json; charset=utf-8"
_BAD, _STRANGER, _NOT_FOUND, _UNSIZED, _TOO_LARGE = 400, 401, 404, 411, 413


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a person may choose; port 0 is a free one. Plain values only: it goes to a child.

    `rates`: trouble → per mille of batches, or of documents. `slow_seconds`: how late a slow answer is.
    `pace_millis`: what tills are asked to wait between two batches.
    """

    port: int = 0
    token: str = "till"  # noqa: S105 of a simulator
    seed: int = 0
    rates: Mapping[str, int] = field(default_factory=dict)
    slow_seconds: float = 1.0
    pace_millis: int = 0


class Centre:
    """Takes batches, one at a time, and goes wrong as it was told to."""

    def __init__(self, store: Store, setup: Setup) -> None:
        """Raises ValueError, in pt-BR, for rates that cannot be."""
        check_rates(setup.rates)
        self.store, self.setup = store, setup
        self._lock = threading.Lock()
        self._times: Counter[str] = Counter()

    def take(self, packed: bytes) -> tuple[Trouble, bytes]:
        """What befalls a batch, and the acknowledgement where it is committed. Raises BadBatchError."""
        delivery = read(packed)
        digest = hashlib.sha256(packed).hexdigest()
        with self._lock:
            self._times[digest] += 1
            keys = [each.key for each in delivery.documents]
            trouble = draw(self.setup.rates, self.setup.seed, digest, self._times[digest], keys)
            if trouble.committed:
                self.store.take(delivery)
        return trouble, acknowledgement(delivery, self.setup.pace_millis)

    def accounts(self) -> list[Account]:
        """The equation of everyone."""
        with self._lock:
            return self.store.accounts()


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: "_Server"
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Until the other side has enough; one that hangs up in the middle is no error of ours."""
        with suppress(ConnectionError):
            super().handle()

    def do_POST(self) -> None:
        """A batch."""
        length = self.headers.get("Content-Length", "")
        if self.path != "/v1/lote":
            self._refuse(_NOT_FOUND, "Existem: POST /v1/lote e GET /v1/conta.")
        elif not length.isdigit():
            self._refuse(_UNSIZED, "Falta o tamanho do lote (Content-Length).")
        elif int(length) > MOST_PACKED_BYTES:
            self._pour_away(int(length))
            self._refuse(_TOO_LARGE, f"O lote passa de {MOST_PACKED_BYTES} bytes.")
        elif not hmac.compare_digest(self.headers.get("Authorization", ""), f"Bearer {self.server.centre.setup.token}"):
            self._refuse(_STRANGER, "O token não é o deste gateway.")
        else:
            self._take(self.rfile.read(int(length)))

    def do_GET(self) -> None:
        """The equation."""
        if self.path != "/v1/conta":
            self._refuse(_NOT_FOUND, "Existem: POST /v1/lote e GET /v1/conta.")
            return
        told = [asdict(account) | {"pending": account.pending} for account in self.server.centre.accounts()]
        self._answer(200, json.dumps({"accounts": told}).encode())

    def _take(self, packed: bytes) -> None:
        try:
            trouble, answer = self.server.centre.take(packed)
        except BadBatchError as error:
            self._refuse(_TOO_LARGE if isinstance(error, TooLargeError) else _BAD, str(error))
            return
        if trouble.status == 0:
            self.close_connection = True
            return
        if trouble.slow:
            threading.Event().wait(self.server.centre.setup.slow_seconds)
        refusal = json.dumps({"erro": trouble.sentence}, ensure_ascii=False).encode()
        own = answer if trouble.committed else refusal
        self._answer(trouble.status, own if trouble.body is None else trouble.body, trouble.retry_after)

    def _pour_away(self, length: int) -> None:
        """Read on for a while: a connection that is closed in the face of a sender takes the refusal with it."""
        for _ in range(min(length, MOST_POURED_BYTES) // _CHUNK_BYTES):
            self.rfile.read(_CHUNK_BYTES)

    def _refuse(self, status: int, sentence: str) -> None:
        """Say why and hang up: a body that was not read would be taken for the next question."""
        self.close_connection = True
        self._answer(status, json.dumps({"erro": sentence}, ensure_ascii=False).encode())

    def _answer(self, status: int, body: bytes, retry_after: str = "") -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", _JSON)
        self.send_header("Content-Length", str(len(body)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: what came is in the store."""


class _Server(ThreadingHTTPServer):
    """The port."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = MOST_CONNECTIONS

    def __init__(self, address: tuple[str, int], centre: Centre) -> None:
        super().__init__(address, _Handler)
        self.centre = centre


def run(folder: Path, setup: Setup, listening: Callable[[int, Centre], None] = lambda *_: None) -> None:
    """Serve until interrupted; `listening` is called with the port once it answers.

    Raises OSError when the port is taken and ValueError, in pt-BR, when the setup cannot be used.
    """
    store = Store(folder)
    try:
        with _Server((HOST, setup.port), Centre(store, setup)) as server:
            listening(server.server_address[1], server.centre)
            server.serve_forever(poll_interval=0.1)
    finally:
        store.close()


@contextmanager
def serving(folder: Path, setup: Setup | None = None) -> Iterator[tuple[str, Centre]]:
    """A centre in a thread of this process: its address and itself."""
    store = Store(folder)
    with _Server((HOST, (setup or Setup()).port), Centre(store, setup or Setup())) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{server.server_address[1]}", server.centre
        finally:
            server.shutdown()
            thread.join(STOP_SECONDS)
            store.close()


@contextmanager
def started(folder: Path, setup: Setup | None = None) -> Iterator[str]:
    """A centre as a child process, ready inside the block: its address. Raises RuntimeError with what it said."""
    arguments = [str(folder), json.dumps(asdict(setup or Setup()))]
    with child("zelo.sim.centre.shell", arguments, folder / _LOG) as (port, _):
        yield f"http://{HOST}:{port}"
