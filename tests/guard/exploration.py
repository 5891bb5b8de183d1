"""Every interleaving of workers on one number of a série: crashes, lost answers, messages in the air, leases that end,
a clock that is set forward and back, and both releases.

The real core decides; `Manners` says how workers use it, so that each way of using it wrongly can be tried too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from zelo.guard.core import Answer, Entry, Event, Policy, Release, State, Stop, Verdict, apply, decide, fold
from zelo.guard.policy import Band

AT: Final = datetime(2026, 11, 21, tzinfo=UTC)
CHAVE: Final = "43261112ABC34501DE35620010000000051076543217"
KEY: Final = "2|12ABC34501DE35|62|1|5"
NAMES: Final = ("a", "b", "c")
STEP: Final = timedelta(minutes=1)
FAR_STEPS: Final = 2
"""Two instants further apart than this tell nothing new: waits and leases are one step long."""
LEASE_STEPS: Final = 1


@dataclass(frozen=True)
class Manners:
    """How workers use the core. The defaults are right; each other value is a defect that must be found out."""

    reserves: bool = True
    expired: Event | None = Event.UNKNOWN
    """What a lease that ran out is told as; None: it never ends."""
    lost: Event = Event.UNKNOWN
    looks_before_it_leaps: bool = False
    counts_in_a_row: bool = False
    counts_by_chave: bool = False
    over: int = 0
    releases: bool = True
    release_forgets: bool = False
    clock: bool = False
    """Whether time is looked at: leases end and waits pass by the clock, and not at any moment."""
    back_frees: bool = False


@dataclass(frozen=True, eq=False)
class World:
    """The guard's row, what each worker is about to do, messages in the air, and what the authority has counted.

    `hour`: what the clock shows, in steps; `sent` and `lease`: when the last send was admitted, and its lease ends.
    """

    state: State
    workers: tuple[str, ...]
    in_air: int = 0
    counted: tuple[tuple[str, int], ...] = ()
    hour: int = 0
    sent: int = 0
    lease: int = 0
    hurried: bool = False
    """Whether a send was admitted before the wait after the one before had passed."""
    journal: tuple[Entry, ...] = ()

    @property
    def seen(self) -> tuple[object, ...]:
        """What tells two worlds apart: not the length of their past nor the hour, only how long ago things were."""
        counts = tuple(sorted(self.state.counts.items()))
        released = tuple(sorted(self.state.released.items()))
        row = (counts, self.state.unknown, self.state.token, released, self.state.sent_at is None)
        ago = tuple(max(-FAR_STEPS, min(FAR_STEPS, self.hour - then)) for then in (self.sent, self.lease))
        return row, self.workers, self.in_air, self.counted, ago, self.hurried

    @property
    def now(self) -> datetime:
        """What the clock shows."""
        return AT + self.hour * STEP

    @property
    def worst(self) -> int:
        """The most rejections of one kind that the authority has counted."""
        return max((count for _, count in self.counted), default=0)

    @property
    def at_rest(self) -> bool:
        """Nothing is on its way: no reservation, nobody in the middle of something, nothing in the air."""
        return self.state.token is None and not self.in_air and set(self.workers) <= {"idle", "dead"}


def policy_below(ceiling: int, *, waits: bool = False) -> Policy:
    """Three stops, as far apart as a small ceiling allows; from the second send on a step must pass before each."""
    bands = (Band(2, None, int(STEP.total_seconds())),) if waits else ()
    return Policy(max(1, ceiling - 2), max(1, ceiling - 1), ceiling, bands)


@dataclass(frozen=True)
class Game:
    """What is explored: `kinds` are the cStats that the authority may answer."""

    ceiling: int
    kinds: tuple[str, ...]
    manners: Manners = Manners()
    workers: int = 2

    def __str__(self) -> str:
        return f"{self.ceiling} {'+'.join(self.kinds)} by {self.workers}{' with a clock' * self.manners.clock}"

    def verdict(self, world: World) -> Verdict:
        """What the guard says to one more send."""
        policy = policy_below(self.ceiling + self.manners.over, waits=self.manners.clock)
        return decide(world.state, policy, world.now)

    def worlds(self) -> Iterator[World]:
        """Every world that can come about, each once, as it is met; one that passed the ceiling has no future."""
        return (world for world, _ in self._explore())

    def graph(self) -> Mapping[World, list[World]]:
        """All of them, each with those that may follow it at once."""
        return dict(self._explore())

    def _explore(self) -> Iterator[tuple[World, list[World]]]:
        first = World(State(KEY), ("idle",) * self.workers)
        known, waiting = {first.seen: first}, [first]
        while waiting:
            world = waiting.pop()
            following = []
            for after in self._steps(world) if world.worst <= self.ceiling else ():
                if after.seen not in known:
                    known[after.seen] = after
                    waiting.append(after)
                following.append(known[after.seen])
            yield world, following

    def _steps(self, world: World) -> Iterator[World]:
        for place, name in enumerate(NAMES[: len(world.workers)]):
            yield from self._work(world, place, name)
        if world.in_air:
            for kind in self.kinds:
                yield replace(_arrived(world, kind), in_air=world.in_air - 1)
        yield from self._time(world)
        yield from self._people(world)

    def _time(self, world: World) -> Iterator[World]:
        """The clock goes on or is set back; a lease ends."""
        manners = self.manners
        if manners.clock:
            yield from (replace(world, hour=world.hour + step) for step in (-1, 1))
        over = not manners.clock or world.hour >= world.lease or (manners.back_frees and world.hour < world.sent)
        if world.state.token is None or not over or manners.expired is None:
            return
        place = NAMES.index(world.state.token)
        slow = world.workers[place] == "holding"
        freed = manners.back_frees and world.hour < world.sent
        event = Event.NOT_SENT if freed else manners.expired
        yield self._told(_now(world, place, "late" if slow else world.workers[place]), event)

    def _people(self, world: World) -> Iterator[World]:
        """Somebody releases or edits."""
        manners = self.manners
        stop = self.verdict(world).stop
        if manners.releases and stop not in (None, Stop.CEILING):
            what = Release(stop or Stop.SAFETY, 1, "ana", "corrigido").detail()
            released = self._told(world, Event.RELEASED, detail=what)
            yield replace(released, state=replace(released.state, counts={})) if manners.release_forgets else released
        if manners.counts_by_chave and world.state.token is None:
            yield replace(world, state=State(KEY))

    def _work(self, world: World, place: int, name: str) -> Iterator[World]:
        match world.workers[place]:
            case "idle":
                if self.verdict(world).answer is Answer.ADMIT:
                    looks = self.manners.looks_before_it_leaps
                    yield _now(world, place, "leaping") if looks else self._admitted(world, place, name)
            case "leaping":
                yield self._admitted(replace(world, state=replace(world.state, token=None)), place, name)
            case "holding":
                yield from self._send(world, place, name)
            case "late":
                # Its lease is somebody else's: it may still send what it holds, and must keep silent about the answer.
                yield _now(world, place, "idle")
                yield _now(replace(world, in_air=world.in_air + 1), place, "idle")

    def _send(self, world: World, place: int, name: str) -> Iterator[World]:
        """It dies before or after sending, sends nothing, gets no answer, or one."""
        lost = self.manners.lost
        yield _now(world, place, "dead")
        yield self._heard(_now(world, place, "idle"), name, Event.NOT_SENT)
        yield _now(replace(world, in_air=world.in_air + 1), place, "dead")
        yield self._heard(_now(replace(world, in_air=world.in_air + 1), place, "idle"), name, lost)
        for kind in self.kinds:
            yield self._heard(_now(_arrived(world, kind), place, "idle"), name, Event.REJECTED, kind)
            yield self._heard(_now(_arrived(world, kind), place, "idle"), name, lost)

    def _admitted(self, world: World, place: int, name: str) -> World:
        holding = _now(world, place, "holding")
        if not self.manners.reserves:
            return holding
        waits = self.manners.clock and world.state.sent_at is not None and world.state.spent > 0
        hurried = world.hurried or (waits and world.hour < world.sent + 1)
        holding = replace(holding, sent=world.hour, lease=world.hour + LEASE_STEPS, hurried=hurried)
        return self._told(holding, Event.ADMITTED, token=name)

    def _heard(self, world: World, name: str, event: Event, cstat: str = "") -> World:
        """Write down what became of a send; whoever has not reserved writes both at once."""
        if not self.manners.reserves:
            world = self._told(world, Event.ADMITTED, token=name)
        return self._told(world, event, cstat)

    def _told(self, world: World, event: Event, cstat: str = "", token: str = "", detail: str = "") -> World:
        if event not in (Event.ADMITTED, Event.RELEASED) and world.state.token is None:
            return world
        state, entry = apply(world.state, event, at=world.now, chave=CHAVE, cstat=cstat, token=token, detail=detail)
        if self.manners.counts_in_a_row and event is Event.REJECTED:
            state = replace(state, counts={cstat: state.counts[cstat]})
        if not self.manners.clock:
            state = replace(state, sent_at=None)
        return replace(world, state=state, journal=(*world.journal, entry))


def _now(world: World, place: int, doing: str) -> World:
    return replace(world, workers=(*world.workers[:place], doing, *world.workers[place + 1 :]))


def _arrived(world: World, kind: str) -> World:
    """The authority rejects one more message."""
    counted = dict(world.counted)
    counted[kind] = counted.get(kind, 0) + 1
    return replace(world, counted=tuple(sorted(counted.items())))


def folded(world: World) -> State:
    """What the journal of a world amounts to."""
    return fold(KEY, world.journal)


def without_end(graph: Mapping[World, list[World]]) -> set[World]:
    """Worlds from which nothing that may happen leads to rest: something in them waits for nobody and for no hour."""
    before: dict[World, list[World]] = {world: [] for world in graph}
    for world, following in graph.items():
        for after in following:
            before[after].append(world)
    waiting = [world for world in graph if world.at_rest]
    good = set(waiting)
    while waiting:
        for world in before[waiting.pop()]:
            if world not in good:
                good.add(world)
                waiting.append(world)
    return set(graph) - good
