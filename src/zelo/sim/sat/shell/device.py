"""A device at work: one call at a time, its troubles, its clock, its coupons on their way to SEFAZ."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from zelo.sim.faults import chance
from zelo.sim.sat import sefaz
from zelo.sim.sat.faults import TROUBLES, Order, Trouble, check_rates, draw, next_order
from zelo.sim.sat.functions import Call, read_call
from zelo.sim.sat.reply import Voice
from zelo.sim.sat.sefaz import DONE, Answer, Lot, Office
from zelo.sim.sat.shell.memory import Kept, Memory
from zelo.sim.sat.state import Block, State
from zelo.sim.sat.step import step
from zelo.sim.sat.unit import Registry, Unit

_CNFS: Final = 1_000_000
_NO_TROUBLE: Final = Trouble(name="", executed=True, replied=True, meaning="", sentence="")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a caller meets. `reply` None: nothing ever comes; `trouble` says which row was at work, "" for none."""

    reply: str | None
    trouble: Trouble = _NO_TROUBLE


class Device:
    """An emulated device: what it is made of, what it remembers, and what is going to go wrong with it.

    `call` may be used from several threads: whoever comes while another is at work is told so, as a real one does.
    """

    def __init__(
        self,
        unit: Unit,
        memory: Memory,
        now: Callable[[], datetime],
        *,
        seed: int = 0,
        rates: Mapping[str, int] | None = None,
        first: State | None = None,
    ) -> None:
        """Wake a device with what its memory holds, else in the state `first`. Raises ValueError for bad rates."""
        self.unit, self._memory, self._now, self._seed = unit, memory, now, seed
        held = memory.load(unit.terms)
        self.state = replace(held, off=False) if held is not None else first or State()
        if held is None:
            memory.keep(None, self.state, None, b"")
        self.office = Office(trusted=unit.authority.trusted, seed=seed, **_held_by_sefaz(memory))
        self.hung = False
        self._orders: tuple[Order, ...] = ()
        self._seen: Counter[tuple[str, int]] = Counter()
        self._rates: Mapping[str, int] = MappingProxyType({})
        self._entrance, self._state_lock = threading.Lock(), threading.RLock()
        self.set_rates(rates or {})

    def call(self, name: object, arguments: object, *, wait: Callable[[Trouble], None] = lambda _: None) -> Outcome:
        """One call; a slow reply waits with the device still busy. Raises ValueError for what is no call."""
        call = read_call(name, arguments)
        if self.hung or not self._entrance.acquire(blocking=False):
            return Outcome(self._voice(call).busy())
        try:
            outcome = self._attend(call)
            if outcome.trouble.slow:
                wait(outcome.trouble)
            return outcome
        finally:
            self._entrance.release()

    def _attend(self, call: Call) -> Outcome:
        with self._state_lock:
            if self.state.off:
                return Outcome(None)
            order, trouble = self._trouble(call)
            reply: str | None = self._voice(call).busy() if trouble.busy else None
            if trouble.executed:
                forced = (order.suffix if order else "099") if trouble.own_error else ""
                reply = self._execute(call, forced)
            self.hung = self.hung or trouble.stays_busy
            return Outcome(reply if trouble.replied else None, trouble)

    def _execute(self, call: Call, forced: str) -> str:
        """Step, commit, and only then the reply."""
        before, now = self.state, self._now()
        drawn = chance(self._seed, "cnf", self.unit.nserie, before.ncfe, now.isoformat(), among=_CNFS)
        done = step(self.unit, before, call, now, f"{drawn:06d}", forced=forced)
        self._memory.keep(before, done.state, done.issued, done.xml)
        self.state = done.state
        return done.reply

    def _trouble(self, call: Call) -> tuple[Order | None, Trouble]:
        """What befalls this call: an ordered trouble first, else the draw."""
        matter = (call.function.name, call.session)
        self._seen[matter] += 1
        order, self._orders = next_order(self._orders, call.function)
        if order is not None:
            return order, TROUBLES[order.trouble]
        return None, draw(self._rates, self._seed, *matter, self._seen[matter]) or _NO_TROUBLE

    def _voice(self, call: Call) -> Voice:
        return Voice(self.unit.profile, call.function, call.session, self.unit.registry.notice)

    def transmit(self) -> Answer | None:
        """Hand the next lot to SEFAZ and take its answer in; None when there is nothing to hand in."""
        with self._state_lock:
            before, now = self.state, self._now()
            lot = sefaz.plan(self.unit, before)
            if not lot or before.off:
                return None
            coupons = {each.chave: self._memory.xml(each.chave) or b"" for each in lot}
            self.office, answer = sefaz.receive(self.office, Lot(self.unit.nserie, coupons), self.unit.terms, now)
            after = sefaz.settle(self.unit, before, answer, now)
            self._memory.settle(before, after, answer.coupons)
            self.state = after
            return answer

    def touch(self) -> None:
        """A contact with SEFAZ without a lot, as the device makes every so often to ask for commands."""
        with self._state_lock:
            if self.unit.registry.reachable and self.state.active and not self.state.off:
                self._change(contact_at=self._now())

    def set_rates(self, rates: Mapping[str, int]) -> None:
        """Draw troubles at these rates, in per mille, from now on. Raises ValueError for rates that cannot be."""
        check_rates(rates)
        self._rates = MappingProxyType(dict(rates))

    def order(self, order: Order) -> None:
        """Let a trouble befall the next calls that it is meant for."""
        with self._state_lock:
            self._orders = (*self._orders, order)

    def restart(self) -> None:
        """Power off and on: a hung or switched off device works again with what it remembers."""
        with self._state_lock:
            self.hung = False
            self._change(off=False)

    def block(self, block: Block) -> None:
        """What SEFAZ orders: its own block, the one for deactivation, or none."""
        with self._state_lock:
            self._change(block=block)

    def fill(self, ballast_bytes: int) -> None:
        """Take so many bytes of the memory away."""
        with self._state_lock:
            self._change(ballast_bytes=ballast_bytes)

    def register(self, **changes: Any) -> Registry:
        """Change what SEFAZ says to this device; the fields are those of `Registry`."""
        with self._state_lock:
            self.unit = replace(self.unit, registry=replace(self.unit.registry, **changes))
            return self.unit.registry

    def reject(self, rates: Mapping[str, int]) -> None:
        """Let SEFAZ answer coupons with these cods, each at its rate in per mille."""
        with self._state_lock:
            self.office = replace(self.office, rates=dict(rates))

    def memory(self, after: int = 0, most: int = -1) -> list[Kept]:
        """Every coupon and cancel that was ever committed: the oracle."""
        with self._state_lock:
            return self._memory.coupons(after, most)

    def xml(self, chave: str) -> bytes | None:
        """The signed document of a chave."""
        with self._state_lock:
            return self._memory.xml(chave)

    def _change(self, **changes: Any) -> None:
        after = replace(self.state, **changes)
        self._memory.keep(self.state, after, None, b"")
        self.state = after

    def now(self) -> datetime:
        """The device's instant."""
        return self._now()


def _held_by_sefaz(memory: Memory) -> dict[str, Any]:
    """What SEFAZ must hold, by what it said before: digests of the coupons it took, sales that it cancelled."""
    kept = [each for each in memory.coupons() if each.cod in DONE]
    taken = {each.issued.chave: sefaz.digest(memory.xml(each.issued.chave) or b"") for each in kept}
    return {"taken": taken, "cancelled": frozenset(each.issued.of for each in kept if each.issued.of)}
