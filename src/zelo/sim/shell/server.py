"""Runs a simulator: both ports in one loop, blocking here or as a child process."""

import asyncio
import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import uvicorn

from zelo.sim.config import Config
from zelo.sim.reading import READINGS
from zelo.sim.sefaz import Reply, Request, Sefaz
from zelo.sim.shell.folder import CA, SERVER, JournalFile, authority_in, journal_in
from zelo.sim.shell.management import Clock, Desk, commands
from zelo.sim.shell.wire import Application, PeerProtocol, services

HOST: Final = "127.0.0.1"
KEEP_ALIVE_SECONDS: Final = 75
STOP_SECONDS: Final = 5
_LOG: Final = "sim.log"
_POLL_SECONDS: Final = 0.005
_BACKLOG: Final = 512
_TAIL_CHARACTERS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a person may choose; port 0 is a free one. See `Config` for the rest. Plain values only: it goes to a child.

    `accredited` None: every emitter; `clock_offset_seconds`: how far the simulator's clock begins from the real one.
    """

    port: int = 0
    management_port: int = 0
    seed: int = 0
    reading: str = "official"
    latency_ms: tuple[int, int] = (0, 0)
    slow_ms: int = 65_000
    rates: Mapping[str, int] = field(default_factory=dict)
    accredited: tuple[str, ...] | None = None
    contributors: Mapping[str, str] | None = None
    duplicate_returns_protocol: bool = True
    clock_offset_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a simulator listens, on 127.0.0.1."""

    services: int
    management: int


def run(folder: Path, setup: Setup, ready: Callable[[Ports], None] = lambda _: None) -> None:
    """Serve until interrupted; `ready` is called once both ports answer.

    Raises OSError when a port is taken and ValueError, in pt-BR, when the setup or the journal cannot be used.
    """
    real_now = datetime.now(UTC)  # noqa: TID251 certificates live in real time: TLS checks them
    authority = authority_in(folder, real_now)
    journal = journal_in(folder)
    sefaz = Sefaz(_config(setup, authority.trusted), journal)
    clock = Clock(setup.clock_offset_seconds)
    with JournalFile(folder, journal) as file:
        asyncio.run(_serve(sefaz, clock, file, folder, setup, ready))


def _config(setup: Setup, trusted: tuple[bytes, ...]) -> Config:
    if setup.reading not in READINGS:
        raise ValueError(f"Leitura desconhecida: {setup.reading}. Existem: {', '.join(READINGS)}.")
    return Config(
        trusted=trusted,
        seed=setup.seed,
        reading=READINGS[setup.reading],
        latency_ms=setup.latency_ms,
        slow_ms=setup.slow_ms,
        rates=setup.rates,
        accredited=frozenset(setup.accredited) if setup.accredited is not None else None,
        contributors=setup.contributors,
        duplicate_returns_protocol=setup.duplicate_returns_protocol,
    )


async def _serve(
    sefaz: Sefaz, clock: Clock, file: JournalFile, folder: Path, setup: Setup, ready: Callable[[Ports], None]
) -> None:
    def keep() -> None:
        file.keep(sefaz.journal.entries)

    def answer(request: Request) -> Reply:
        reply = sefaz.answer(request, clock.now())
        keep()
        return reply

    with _listening(setup.port) as front, _listening(setup.management_port) as back:
        servers = (_server(services(answer), _tls(folder)), _server(commands(Desk(sefaz, clock, keep)), None))
        running = [
            asyncio.create_task(server.serve([listener]))
            for server, listener in zip(servers, (front, back), strict=True)
        ]
        while not all(server.started for server in servers) and not any(task.done() for task in running):
            await asyncio.sleep(_POLL_SECONDS)
        ready(Ports(front.getsockname()[1], back.getsockname()[1]))
        await asyncio.gather(*running)


def _listening(port: int) -> socket.socket:
    return socket.create_server((HOST, port), backlog=_BACKLOG)


def _tls(folder: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer, with a client certificate of our authority or not at all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(folder / CA)
    context.load_cert_chain(folder / SERVER)
    return context


class _QuietServer(uvicorn.Server):
    """Leaves signals to whoever runs it: two servers share one loop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


def _server(application: Application, tls: ssl.SSLContext | None) -> uvicorn.Server:
    config = uvicorn.Config(
        application,
        http=PeerProtocol,
        loop="asyncio",
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    config.load()
    config.ssl = tls
    return _QuietServer(config)


class Handle:
    """A simulator in a child process. It ends with `stop`, and by itself when its parent is gone."""

    def __init__(self, folder: Path, process: "subprocess.Popen[str]", ports: Ports) -> None:
        """Made by `start`."""
        self.folder = folder
        self.ports = ports
        self._process = process

    @property
    def ca_file(self) -> Path:
        """What a client must trust."""
        return self.folder / CA

    def url(self, autorizador: str, servico: str) -> str:
        """The address of a service."""
        return f"https://{HOST}:{self.ports.services}/{autorizador}/{servico}"

    def management_url(self, path: str) -> str:
        """The address of a command such as "/health"."""
        return f"http://{HOST}:{self.ports.management}{path}"

    def stop(self) -> None:
        """End it at once: what it answered is in the journal already."""
        _end(self._process)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()


def start(folder: Path, setup: Setup | None = None) -> Handle:
    """Run a simulator as a child process, ready when this returns. Raises RuntimeError with what the child said."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / _LOG
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(  # noqa: S603 our own interpreter and module
            [sys.executable, "-m", "zelo.sim.shell", str(folder), json.dumps(asdict(setup or Setup()))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        _end(process)
        raise RuntimeError(f"O simulador não iniciou: {log.read_text('utf-8')[-_TAIL_CHARACTERS:].strip()}")
    return Handle(folder, process, Ports(**json.loads(line)))


def _end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait(STOP_SECONDS)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
