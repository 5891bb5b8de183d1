"""A device on a bench: its clock in the test's hand, its replies taken apart without the simulator's help."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from lxml import etree

from tests.sim.sat import sales
from zelo.sim.sat.profile import PROFILES
from zelo.sim.sat.shell.device import Device
from zelo.sim.sat.shell.folder import ready
from zelo.sim.sat.shell.memory import Memory
from zelo.sim.sat.state import State
from zelo.sim.sat.unit import Unit


@dataclass(frozen=True, slots=True)
class Told:
    """A reply: its fields."""

    fields: tuple[str, ...]

    @property
    def eeeee(self) -> str:
        return self.fields[1]

    @property
    def cccc(self) -> str:
        return self.fields[2]

    @property
    def xml(self) -> bytes:
        return base64.b64decode(self.fields[6])

    @property
    def tree(self) -> etree._Element:
        return etree.fromstring(self.xml)

    @property
    def chave(self) -> str:
        """With its "CFe"."""
        return self.fields[8]


@dataclass
class Bench:
    """A device and whoever calls it. `now` is moved by the test."""

    device: Device
    now: datetime
    sessions: count = field(default_factory=lambda: count(1))  # type: ignore[type-arg]

    def reply(self, function: str, *arguments: Any) -> str | None:
        """The raw reply to a function under the next session number."""
        return self.device.call(function, [next(self.sessions), *arguments]).reply

    def ask(self, function: str, *arguments: Any) -> Told:
        reply = self.reply(function, *arguments)
        assert reply is not None
        return Told(tuple(reply.split("|")))

    def sell(self, text: str | None = None) -> Told:
        return self.ask("EnviarDadosVenda", sales.CODE, text or sales.sale())

    def cancel(self, chave: str, text: str | None = None) -> Told:
        return self.ask("CancelarUltimaVenda", sales.CODE, chave, text or sales.cancel(chave))

    def status(self) -> Told:
        return self.ask("ConsultarStatusOperacional", sales.CODE)

    def wait(self, **by: float) -> None:
        self.now += timedelta(**by)

    def change(self, **changes: Any) -> None:
        """Put the device into a state that calls would take long to reach."""
        self.device.state = replace(self.device.state, **changes)


def bench(
    unit: Unit,
    file: Path,
    now: datetime,
    *,
    profile: str = "er-2.30",
    factory: bool = False,
    terms: Mapping[str, Any] | None = None,
    **rest: Any,
) -> Bench:
    """A device on `file`, new or as it stopped there."""
    unit = replace(unit, profile=PROFILES[profile], terms=replace(unit.terms, **(terms or {})))
    first = State() if factory else ready(unit, now)
    held: list[Bench] = []
    made = Bench(Device(unit, Memory(file), lambda: held[0].now if held else now, first=first, **rest), now)
    held.append(made)
    return made
