"""One asking while it is under way: who waits for it, what was tried, since when."""

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field

from zelo.models.cfe.functions import Function, Kind
from zelo.pos.edge.decide import Attempt, Doubt, Outcome, Standing, Step, View, Wait, decide, settled
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell.unit import Unit
from zelo.pos.edge.verdict import Meaning, meaning


def promised() -> "Future[str]":
    """What a till will be told, which no door can take back."""
    told: Future[str] = Future()
    told.set_running_or_notify_cancel()
    return told


def kept(text: str) -> "Future[str]":
    """What a till is told at once."""
    told = promised()
    told.set_result(text)
    return told


@dataclass(frozen=True, slots=True)
class Policy:
    """What a shop chose. `wait_seconds`: a till waits so long at most; `patience_seconds`: for a device to return."""

    doubt: Doubt = Doubt.SELL
    wait_seconds: float = 60.0
    patience_seconds: float = 10.0
    pause_seconds: float = 0.25


@dataclass(slots=True)
class Asking:
    """`silent_since`: since when a device that may have taken it does not say. Instants of the monotonic clock.

    `key`: by what a till that repeats itself under another id is known.
    """

    request: Request
    asked_at: float
    only: str = ""
    done: "Future[str]" = field(default_factory=promised)
    attempts: list[Attempt] = field(default_factory=list)
    not_before: float = 0.0
    silent_since: float | None = None
    elsewhere: bool = False
    key: tuple[str, int, str] = ("", 0, "")

    def __post_init__(self) -> None:
        """The key is what it asks."""
        self.key = (self.request.till, self.request.session, self.request.matter)

    def learn(self, attempt: Attempt, monotonic: float) -> None:
        """What is known of an attempt now."""
        self.attempts = [each for each in self.attempts if each.id != attempt.id] + [attempt]
        silent = attempt.outcome is Outcome.CALLED
        self.silent_since = (self.silent_since or monotonic) if silent else None


def next_step(asking: Asking, units: Iterable[Unit], policy: Policy, monotonic: float) -> Step:
    """What is to be done with it now. Where a device has answered it the others are not looked at."""
    if monotonic < asking.not_before:
        return Wait()
    told = settled(asking.request.function, asking.attempts)
    return told or decide(view(asking, units, policy, monotonic))


def pause(function: Function, attempt: Attempt, policy: Policy) -> float:
    """A moment, in seconds, before a busy device is asked again."""
    busy = attempt.reply is not None and meaning(function, attempt.reply) is Meaning.AGAIN
    return policy.pause_seconds if busy else 0.0


def view(asking: Asking, units: Iterable[Unit], policy: Policy, monotonic: float) -> View:
    """An asking as the core looks at it."""
    selling = asking.request.function.kind is Kind.SALE
    quiet_since = asking.asked_at if asking.silent_since is None else asking.silent_since
    return View(
        function=asking.request.function,
        attempts=tuple(asking.attempts),
        standings=[_standing(unit, selling=selling) for unit in units],
        only=asking.only,
        doubt=policy.doubt,
        late=monotonic - asking.asked_at >= policy.wait_seconds,
        patient=monotonic - quiet_since < policy.patience_seconds,
        elsewhere=asking.elsewhere,
    )


def _standing(unit: Unit, *, selling: bool) -> Standing:
    """A device that answers and has no open question; for sales in rotation as well."""
    if unit.health.silent or (selling and unit.out):
        return Standing(unit.name, ready=False, free=not unit.at_work)
    return Standing(unit.name, not unit.unsettled, unit.unsettled, not unit.at_work)
