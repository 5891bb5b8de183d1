"""A shop of real processes: emulated devices and two gateways that one may kill, and put on their feet again."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.ports import free_ports
from tests.pos.edge.codes import give_codes
from tests.pos.edge.survival import troubled
from zelo.sim.centre.shell.server import Centre, serving
from zelo.sim.centre.shell.server import Setup as CentreSetup
from zelo.sim.sat.shell.client import Client, LostReplyError
from zelo.sim.sat.shell.folder import Plate
from zelo.sim.sat.shell.server import Setup, started

SECONDS = 20
MOST_CALLS_TO_ORDER = 20
CONFIG = """
[gateway]
nome = "{name}"
pasta = "{folder}"
fila_mb = 64
[venda]
espera_segundos = 8
paciencia_segundos = 1
[linha]
endereco = "127.0.0.1:{line}"
[web]
endereco = "127.0.0.1:{web}"
[centro]
url = "{centre}"
token = "till"
[par]
endereco = "127.0.0.1:{other}"
token = "{token}"
lado = {side}
"""
DEVICE = """
[[equipamento]]
nome = "{name}"
tipo = "emulado"
endereco = "127.0.0.1:{port}"
resposta_segundos = 2
"""
TOKEN = "a-token-that-both-gateways-know"


@dataclass
class Machine:
    """A device on a port of its own; its folder outlives its process."""

    name: str
    folder: Path
    setup: Setup
    stack: ExitStack = field(default_factory=ExitStack)
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        """Put it on its feet, if it is not."""
        if self.process is not None and self.process.poll() is None:
            with suppress(OSError, LostReplyError), Client(self.setup.port, 2) as client:
                client.command("restart")
            return
        self.stack.close()
        _, self.process = self.stack.enter_context(started(self.folder, self.setup))

    def kill(self) -> None:
        """At once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(SECONDS)

    def calm(self) -> None:
        """Nothing goes wrong with it from now on; a gateway's call may make it crash once more before it hears so."""
        for _ in range(MOST_CALLS_TO_ORDER):
            self.start()
            with suppress(OSError), Client(self.setup.port, SECONDS) as client:
                client.command("faults", rates={})
                return
        raise AssertionError(f"{self.name} does not calm down")


@dataclass
class Gateway:
    """A gateway; its folder outlives its process."""

    config: Path
    folder: Path
    line: int
    web: int
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> bool:
        """Put it on its feet, if it is not; whether it stands: on a disk that refuses it may not."""
        if self.process is not None and self.process.poll() is None:
            return True
        self.stop()
        with (self.folder.parent / f"{self.config.stem}.log").open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", troubled.__name__, str(self.config)],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        return self.process.stdout.readline().startswith("pronto")

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        """At once, or as a service manager would."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(SECONDS)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It stands still inside the block, as on a machine that sleeps, and then goes on as if nothing had been."""
        if self.process is None or self.process.poll() is not None:
            yield
            return
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def clock(self, ahead: timedelta) -> None:
        """Its machine's clock is wrong by so much from now on."""
        _replace(self.config.with_suffix(troubled.CLOCK), str(ahead.total_seconds()))

    def disk(self, trouble: str) -> None:
        """What its machine's disk refuses from now on, "" for nothing."""
        _replace(self.config.with_suffix(troubled.DISK), trouble)

    def calm(self) -> None:
        """Nothing goes wrong with its machine from now on."""
        self.clock(timedelta())
        self.disk("")
        assert self.start(), self.config.with_suffix(".log").read_text()


@dataclass(frozen=True)
class Town:
    """Everything that runs."""

    machines: Mapping[str, Machine]
    gateways: tuple[Gateway, Gateway]
    centre: Centre


@contextmanager
def town(folder: Path, seed: int, rates: Mapping[str, int], line: Mapping[str, int]) -> Iterator[Town]:
    """Two gateways with two devices each, a device that both may call, and a centre behind a line that is bad too."""
    with serving(folder / "centre", CentreSetup(seed=seed, rates=line)) as (url, centre):
        yield from _town(folder, seed, rates, url, centre)


def _town(folder: Path, seed: int, rates: Mapping[str, int], url: str, centre: Centre) -> Iterator[Town]:
    names = ("A1", "A2", "B1", "B2", "AB")
    ports = free_ports(len(names) + 4)
    machines = {
        name: Machine(
            name,
            folder / name,
            Setup(
                port=ports[place],
                seed=seed + place,
                rates=rates,
                slow_seconds=0.5,
                plate=Plate(nserie=f"90000000{place}"),
            ),
        )
        for place, name in enumerate(names)
    }
    lines, webs = ports[-4:-2], ports[-2:]
    gateways = []
    for side, own in enumerate((("A1", "A2", "AB"), ("B1", "B2", "AB"))):
        home = folder / f"gateway-{side}"
        home.mkdir()
        (home / "edge.token").write_text(TOKEN)
        text = CONFIG.format(
            name=side,
            folder=home,
            line=lines[side],
            web=webs[side],
            other=webs[1 - side],
            token=TOKEN,
            side=side,
            centre=url,
        )
        text += "".join(DEVICE.format(name=name, port=machines[name].setup.port) for name in own)
        give_codes(home, 64, own)
        config = folder / f"gateway-{side}.toml"
        config.write_text(text)
        gateways.append(Gateway(config, home, lines[side], webs[side]))
    made = Town(machines, (gateways[0], gateways[1]), centre)
    with ExitStack() as stack:
        for machine in machines.values():
            stack.callback(machine.stack.close)
            machine.start()
        for gateway in gateways:
            stack.callback(gateway.stop)
            gateway.calm()
        yield made


def _replace(file: Path, text: str) -> None:
    """Whoever reads it meanwhile reads the old or the new, never half of it."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(text, "ascii")
    fresh.replace(file)


def told(machine: Machine) -> list[dict[str, str]]:
    """Every coupon of a device as its own memory has it."""
    with Client(machine.setup.port, SECONDS) as client:
        return list(client.command("memory")["coupons"])


__all__ = ["Gateway", "Machine", "Town", "told", "town"]
