"""Gateways, devices and a centre as processes of their own, to be killed and put on their feet again.

Each gateway reaches one of its devices through a maker's library. In every second town the second gateway knows no
centre, and writes its coupons out as files.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.ports import free_ports
from tests.pos.edge.codes import give_codes
from tests.pos.edge.libsat.build import compiler, run
from tests.pos.edge.survival import troubled
from zelo.pos.edge.shell.carrier import FILES_FOLDER
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
{carrier}
[par]
endereco = "127.0.0.1:{other}"
token = "{token}"
lado = {side}
"""
CENTRE = """[centro]
url = "{url}"
token = "till"
"""
DEVICE = """
[[equipamento]]
nome = "{name}"
tipo = "{kind}"
{key} = "{place}"
resposta_segundos = 2
"""
OWN = (("A1", "A2", "AB"), ("B1", "B2", "AB"))
"""The devices of each gateway, one of them shared."""
BY_LIBRARY = frozenset({"A2", "B2"})
MAKER = Path(__file__).with_name("maker.c")
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

    @property
    def files(self) -> Path:
        """Where its coupons become files if it knows no centre."""
        return self.folder / FILES_FOLDER

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
    names = sorted({name for own in OWN for name in own})
    ports = free_ports(len(names) + 4)
    machines = {name: _machine(folder / name, place, ports.pop(), seed, rates) for place, name in enumerate(names)}
    blocks = {name: _block(machine) for name, machine in machines.items()}
    with serving(folder / "centre", CentreSetup(seed=seed, rates=line)) as (url, centre), ExitStack() as stack:
        to_centre = CENTRE.format(url=url)
        carriers = (to_centre, "" if seed % 2 else to_centre)
        one, two = (_gateway(folder, side, ports, carriers[side], blocks) for side in (0, 1))
        for machine in machines.values():
            stack.callback(machine.stack.close)
            machine.start()
        for gateway in (one, two):
            stack.callback(gateway.stop)
            gateway.calm()
        yield Town(machines, (one, two), centre)


def _machine(folder: Path, place: int, port: int, seed: int, rates: Mapping[str, int]) -> Machine:
    plate = Plate(nserie=f"90000000{place}")
    return Machine(folder.name, folder, Setup(port=port, seed=seed + place, rates=rates, slow_seconds=0.5, plate=plate))


def _block(machine: Machine) -> str:
    """How a gateway's configuration names a device."""
    if machine.name in BY_LIBRARY and compiler():
        library = machine.folder.with_suffix(".so")
        run([*compiler(), "-shared", "-fPIC", f"-DPORT={machine.setup.port}", "-o", str(library), str(MAKER)])
        return DEVICE.format(name=machine.name, kind="biblioteca", key="biblioteca", place=library)
    return DEVICE.format(name=machine.name, kind="emulado", key="endereco", place=f"127.0.0.1:{machine.setup.port}")


def _gateway(folder: Path, side: int, ports: Sequence[int], carrier: str, blocks: Mapping[str, str]) -> Gateway:
    home, config = folder / f"gateway-{side}", folder / f"gateway-{side}.toml"
    home.mkdir()
    (home / "edge.token").write_text(TOKEN)
    give_codes(home, 64, OWN[side])
    lines, webs = ports[:2], ports[2:]
    told = CONFIG.format(
        name=side,
        folder=home,
        line=lines[side],
        web=webs[side],
        other=webs[1 - side],
        token=TOKEN,
        side=side,
        carrier=carrier,
    )
    config.write_text(told + "".join(blocks[name] for name in OWN[side]))
    return Gateway(config, home, lines[side], webs[side])


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
