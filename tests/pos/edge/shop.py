"""A shop in one process: emulated devices behind a driver without a wire, a desk, and tills that sell.

The devices' own memories are the oracle: they know nothing of the gateway.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

from tests.sim.sat import sales
from zelo.models.cfe.functions import CANCEL, FUNCTIONS, SALE, Function
from zelo.pos.edge.driver.contract import LostError, NotTakenError
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.pool import Place
from zelo.pos.edge.request import Request, identity
from zelo.pos.edge.shell.aftermath import keep_house, tidy
from zelo.pos.edge.shell.asking import Policy
from zelo.pos.edge.shell.desk import Desk
from zelo.pos.edge.shell.shelf import SHELF
from zelo.pos.edge.shell.unit import Unit as Place_
from zelo.pos.edge.shell.vault import Vault
from zelo.sim.sat.faults import Order
from zelo.sim.sat.shell.device import Device
from zelo.sim.sat.shell.folder import ready
from zelo.sim.sat.shell.memory import Kept, Memory
from zelo.sim.sat.state import Kind
from zelo.sim.sat.unit import Unit

QUICK = Policy(wait_seconds=6.0, patience_seconds=0.6, pause_seconds=0.02)
NAMES = ("A", "B", "C", "D", "E", "F", "G", "H")
PATIENCE_SECONDS = 20.0
REMEMBERED = 100
"""Sessions that a device has to remember (ER SAT)."""
ELSEWHERE = 800_000
"""Session numbers of another program begin here."""


@dataclass
class Clock:
    """The shop's instant, moved by the test."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead  # noqa: TID251 the till's and the device's clocks run on


@dataclass
class Direct:
    """A driver without a wire. A device that crashed, or was pulled out, is absent until somebody puts it back."""

    device: Device
    absent: bool = False
    slow_seconds: float = 0.0

    def call(self, function: Function, arguments: tuple[int | str, ...], seconds: float) -> str:
        del seconds
        if self.absent:
            raise NotTakenError("nobody there")
        threading.Event().wait(self.slow_seconds)
        outcome = self.device.call(function.name, list(arguments))
        if outcome.trouble.crashes:
            self.absent = True
        if outcome.reply is None:
            raise LostError(outcome.trouble.name)
        return outcome.reply

    def close(self) -> None:
        """Nothing to let go."""

    def put_back(self) -> None:
        """Power off and on."""
        self.device.restart()
        self.absent = False


@dataclass
class Shop:
    """Devices by name, a folder, and the gateway that runs now."""

    folder: Path
    drivers: Mapping[str, Direct]
    clock: Clock
    policy: Policy = QUICK
    places: Mapping[str, Place] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    draws: "count[int]" = field(default_factory=lambda: count(500, 10_000))
    """Where the sessions of a device begin that the gateway has not called before."""
    tills_read: bool = False
    """Whether tills say that they have read their answers."""
    desk: Desk = field(init=False)
    store: Store = field(init=False)

    def open(self) -> None:
        """Start the gateway."""
        self.store = Store(self.folder, 16)
        vault = Vault(self.folder, self.store)
        for name in self.drivers:
            vault.keep(name, vault.code(name) or sales.CODE)
        units = [
            Place_(
                place=self.places.get(name, Place(name)),
                driver=driver,
                store=self.store,
                shelf=SHELF,
                now=self.clock,
                code=partial(vault.code, name),
                keep_code=partial(vault.keep, name),
                next_code=partial(vault.next_code, name),
                keep_next_code=partial(vault.keep_next, name),
                seconds=5.0,
                side=0,
                drawn=next(self.draws),
            )
            for name, driver in self.drivers.items()
        ]
        self.desk = Desk(units, self.store, self.policy, self.clock, keep_house)
        tidy(self.desk)
        self.desk.start()

    def close(self) -> None:
        """Stop it."""
        self.desk.stop()
        self.store.close()

    def sell(self, till: str = "001", session: int | None = None, xml: str | None = None) -> "Future[str]":
        """What a till does: EnviarDadosVenda."""
        arguments = (session or next(self.numbers), sales.CODE, xml or sales.sale())
        request = Request(identity(till, SALE.name, arguments), till, SALE, arguments)
        told = self.desk.take(request)
        if self.tills_read:
            told.add_done_callback(lambda done: self.desk.receipts.arrived(request, done.result()))
        return told

    def cancel(self, chave: str, till: str = "001") -> "Future[str]":
        """CancelarUltimaVenda; `chave` with its prefix."""
        arguments = (next(self.numbers), sales.CODE, chave, sales.cancel(chave))
        return self.desk.take(Request(identity(till, CANCEL.name, arguments), till, CANCEL, arguments))

    def ask(self, name: str, *arguments: int | str, till: str = "001") -> "Future[str]":
        """Any function, by its name, under the next session number."""
        given = (next(self.numbers), *arguments)
        return self.desk.take(Request(identity(till, name, given), till, FUNCTIONS[name], given))

    def silence(self, device: str) -> None:
        """It is gone, and the gateway looks at it now, whenever it looked last."""
        self.drivers[device].absent = True
        self.desk.units[device].look_at = 0.0
        assert until(lambda: self.desk.units[device].health.silent)

    def trouble(self, device: str, name: str, function: str = SALE.name) -> None:
        """Order a trouble for the next call of a function."""
        self.drivers[device].device.order(Order(name, function))

    def distract(self, device: str, times: int = REMEMBERED) -> None:
        """Another program of the shop calls a device, which forgets for each call one of those before the hundredth."""
        for _ in range(times):
            outcome = self.drivers[device].device.call("ConsultarSAT", [ELSEWHERE + next(self.numbers)])
            assert "08000" in str(outcome.reply)

    def forget(self, device: str) -> None:
        """Another program tests a device and calls it: of what was before, it only remembers the coupons themselves."""
        given = [ELSEWHERE + next(self.numbers), sales.CODE, sales.sale()]
        assert "09000" in str(self.drivers[device].device.call("TesteFimAFim", given).reply)
        self.distract(device)

    def memory(self) -> list[Kept]:
        """Every coupon that any device ever committed."""
        return [kept for driver in self.drivers.values() for kept in driver.device.memory()]

    def standing(self) -> set[str]:
        """The sales that no cancel cancelled, as the devices have them."""
        kept = self.memory()
        cancelled = {each.issued.of for each in kept}
        return {each.issued.chave for each in kept if each.issued.kind is Kind.SALE} - cancelled


def until(holds: Callable[[], bool]) -> bool:
    """Waits until it holds; False when it never does."""
    waiting = threading.Event()
    for _ in range(int(PATIENCE_SECONDS / 0.02)):
        if holds():
            return True
        waiting.wait(0.02)
    return False


def new_shop(unit: Unit, folder: Path, devices: int, **how: object) -> Shop:
    """A shop with so many devices, activated and linked, closed yet."""
    clock = Clock()
    drivers = {}
    for place, name in enumerate(NAMES[:devices]):
        own = replace(unit, nserie=f"9000000{place:02d}")
        memory = Memory(folder / f"{name}.sqlite3")
        drivers[name] = Direct(Device(own, memory, clock, first=ready(own, clock())))
    return Shop(folder / "edge", drivers, clock, **how)  # type: ignore[arg-type]
