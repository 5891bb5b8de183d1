"""A shop for the demonstration: emulated devices, a centre and the gateway, each a process of its own, and tills."""

import json
import random
import subprocess
import sys
import threading
import urllib.parse
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

from zelo.pos.edge.command.shell.ask import ask
from zelo.pos.edge.command.shell.configured import configured
from zelo.pos.edge.command.shell.stopped import StoppedError
from zelo.pos.edge.command.shell.work import keep_code_in_file
from zelo.pos.edge.config import Config
from zelo.sim.centre.shell.server import started as centre_started
from zelo.sim.sat.shell.client import Client
from zelo.sim.sat.shell.folder import CODE, SIGN_AC, Plate
from zelo.sim.sat.shell.server import Setup, started

DEVICES: Final = ("SAT 1", "SAT 2", "SAT 3")
TILLS: Final = ("001", "002", "003", "004")
CENTRE_TOKEN: Final = "till"  # noqa: S105 of the simulated centre
TRANSMIT_SECONDS: Final = 2.0
READY_SECONDS: Final = 20.0
STOP_SECONDS: Final = 15.0
PAUSE_SECONDS: Final = (0.15, 0.6)
"""Between two sales of a till: one that is busy."""
_GOODS: Final = (("PAO FRANCES", "0.1500", "18.90"), ("CAFE 500G", "1.0000", "17.50"), ("LEITE 1L", "2.0000", "5.49"),
                 ("COXINHA", "1.0000", "7.00"), ("AGUA 500ML", "1.0000", "3.50"))  # fmt: skip


@dataclass
class Device:
    """An emulated device: where it lives, its process while it has power."""

    name: str
    folder: Path
    plate: Plate
    port: int = 0
    power: AbstractContextManager[tuple[int, "subprocess.Popen[str]"]] | None = None

    def switch_on(self) -> None:
        """With what it remembers, at the port where it was before."""
        setup = Setup(port=self.port, transmit_seconds=TRANSMIT_SECONDS, plate=self.plate)
        self.power = started(self.folder, setup)
        self.port, _ = self.power.__enter__()

    def switch_off(self) -> None:
        """As if the cable were pulled."""
        if self.power is not None:
            self.power.__exit__(None, None, None)
            self.power = None

    def command(self, name: str, **details: Any) -> dict[str, Any]:
        """A command of its management."""
        with Client(self.port) as client:
            return client.command(name, **details)

    def memory(self) -> list[dict[str, Any]]:
        """Every coupon that it ever issued."""
        found: list[dict[str, Any]] = []
        while True:
            told = self.command("memory", **{"from": len(found)})
            if not told["coupons"]:
                return found
            found += told["coupons"]


@dataclass
class Till:
    """What a till was told. `chaves`: of coupons in its hand; `refused`: sales that were not made."""

    number: str
    chaves: list[str] = field(default_factory=list)
    refused: int = 0
    doubts: int = 0
    troubles: list[str] = field(default_factory=list)

    def sell_until(self, stop: threading.Event, config: Config, chance: random.Random) -> None:
        """Sell without end; the same key again where no answer came."""
        while not stop.wait(chance.uniform(*PAUSE_SECONDS)):
            key, xml = f"demo-{self.number}-{chance.getrandbits(64):x}", sale(self.number, chance)
            path = f"/v1/vendas?{urllib.parse.urlencode({'caixa': self.number})}"
            try:
                told = ask(config, "POST", path, xml, Idempotency_Key=key, Content_Type="application/xml")
            except StoppedError as error:
                self.troubles.append(str(error))
                continue
            if told["estado"] == "emitida":
                self.chaves.append(told["chave"])
            elif told["estado"] == "recusada":
                self.refused += 1
            else:
                self.doubts += 1


def sale(till: str, chance: random.Random) -> bytes:
    """A small sale, paid with a note that leaves change."""
    plate = Plate()
    items = "".join(
        f'<det nItem="{number}"><prod><cProd>{number}</cProd><xProd>{name}</xProd><CFOP>5102</CFOP><uCom>UN</uCom>'
        f"<qCom>{quantity}</qCom><vUnCom>{price}</vUnCom><indRegra>A</indRegra></prod><imposto>"
        "<ICMS><ICMSSN102><Orig>0</Orig><CSOSN>102</CSOSN></ICMSSN102></ICMS><PIS><PISSN><CST>49</CST></PISSN></PIS>"
        "<COFINS><COFINSSN><CST>49</CST></COFINSSN></COFINS></imposto></det>"
        for number, (name, quantity, price) in enumerate(chance.sample(_GOODS, chance.randint(1, len(_GOODS))), 1)
    )
    return (
        f'<CFe><infCFe versaoDadosEnt="{plate.layout}"><ide><CNPJ>16716114000172</CNPJ><signAC>{SIGN_AC}</signAC>'
        f"<numeroCaixa>{till}</numeroCaixa></ide><emit><CNPJ>{plate.cnpj}</CNPJ><IE>{plate.ie}</IE>"
        f"<indRatISSQN>N</indRatISSQN></emit><dest/>{items}<total/><pgto><MP><cMP>01</cMP><vMP>100.00</vMP></MP></pgto>"
        "</infCFe></CFe>"
    ).encode()


class Shop(ExitStack):
    """All of it in one folder; leaving the block ends every process."""

    def __init__(self, folder: Path) -> None:
        """Nothing runs yet."""
        super().__init__()
        self.folder, self.tills = folder, [Till(number) for number in TILLS]
        self.devices = [
            Device(name, folder / f"sat-{place}", Plate(nserie=f"90000000{place}"))
            for place, name in enumerate(DEVICES, 1)
        ]
        self.centre, self.config, self.web = "", configured_nothing(), 0
        self._selling, self._threads = threading.Event(), list[threading.Thread]()

    def open(self) -> None:
        """Start everything, the gateway last. Raises RuntimeError and StoppedError."""
        for device in self.devices:
            device.switch_on()
            self.callback(device.switch_off)
        self.centre = self.enter_context(centre_started(self.folder / "central"))
        file = self.folder / "edge.toml"
        file.write_text(self._settings(0), "utf-8")
        config = configured(file)
        for device in self.devices:
            keep_code_in_file(config, device.name, CODE)
        log = self.enter_context((self.folder / "gateway.log").open("w", encoding="utf-8"))
        process = subprocess.Popen(  # noqa: S603 our own interpreter and module
            [sys.executable, "-m", "zelo.pos.edge.command", "--config", str(file), "run"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        self.callback(_end, process)
        line = process.stdout.readline() if process.stdout else ""
        if not line.startswith("pronto"):
            raise RuntimeError(f"O gateway não iniciou; veja {self.folder / 'gateway.log'}.")
        self.web = int(line.rpartition("=")[2])
        file.write_text(self._settings(self.web), "utf-8")
        self.config = configured(file)

    def sell(self, seed: int) -> None:
        """Let every till sell from now on."""
        self._threads = [
            threading.Thread(target=till.sell_until, args=(self._selling, self.config, _chance(seed, till)))
            for till in self.tills
        ]
        for thread in self._threads:
            thread.start()
        self.callback(self.rest)

    def rest(self) -> None:
        """No till begins another sale; those under way are answered."""
        self._selling.set()
        for thread in self._threads:
            thread.join()

    def status(self) -> dict[str, Any]:
        """How the gateway says that everything stands."""
        told: dict[str, Any] = ask(self.config, "GET", "/v1/local/status")
        return told

    def accounts(self) -> list[dict[str, Any]]:
        """What the centre says of everyone."""
        connection = HTTPConnection(urllib.parse.urlsplit(self.centre).netloc, timeout=READY_SECONDS)
        try:
            connection.request("GET", "/v1/conta")
            told: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        found: list[dict[str, Any]] = told["accounts"]
        return found

    def _settings(self, web: int) -> str:
        """The gateway's file; port 0 is a free one."""
        devices = "".join(
            f'[[equipamento]]\nnome = "{each.name}"\ntipo = "emulado"\nendereco = "127.0.0.1:{each.port}"\n'
            "resposta_segundos = 5\n"
            for each in self.devices
        )
        return (
            f"[gateway]\nnome = \"loja\"\npasta = '{self.folder / 'edge'}'\nfila_mb = 64\n"
            "[venda]\npaciencia_segundos = 1\n"
            f'[linha]\nendereco = "127.0.0.1:0"\n[web]\nendereco = "127.0.0.1:{web}"\n'
            f'[centro]\nurl = "{self.centre}"\ntoken = "{CENTRE_TOKEN}"\n{devices}'
        )


def configured_nothing() -> Config:
    """The configuration before there is one."""
    return Config({}, ())


def _chance(seed: int, till: Till) -> random.Random:
    return random.Random(f"{seed} {till.number}")  # noqa: S311 what somebody buys


def _end(process: "subprocess.Popen[str]") -> None:
    """Ask the gateway to end, and wait for it."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
