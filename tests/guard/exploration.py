"""Every interleaving of workers on one number of a série, with crashes, lost answers, releases and messages in the air.

The real core decides; `Manners` says how workers use it, so that each way of using it wrongly can be tried too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from zelo.guard.core import Answer, Event, Policy, Release, State, Stop, apply, decide, fold

AT: Final = datetime(2026, 11, 21, tzinfo=UTC)
CHAVE: Final = "43261112ABC34501DE35620010000000051076543217"
KEY: Final = "2|12ABC34501DE35|62|1|5"
NAMES: Final = ("a", "b", "c")


@dataclass(frozen=True)
class Manners:
    """How workers use the core. The defaults are right; each other value is a defect that must be found out."""

    expired: Event = Event.UNKNOWN
    lost: Event = Event.UNKNOWN
    looks_before_it_leaps: bool = False
    edits_forgive: bool = False
    over: int = 0
    releases: bool = True
    release_forgets: bool = False


@dataclass(frozen=True)
class World:
    """The guard's row, what each worker is about to do, messages in the air, and what the authority has counted."""

    state: State
    workers: tuple[str, ...]
    in_air: int = 0
    counted: tuple[tuple[str, int], ...] = ()
    journal: tuple[object, ...] = field(default=(), compare=False)

    @property
    def seen(self) -> tuple[object, ...]:
        """What tells two worlds apart: not the length of their past."""
        counts = tuple(sorted(self.state.counts.items()))
        released = tuple(sorted(self.state.released.items()))
        return counts, self.state.unknown, self.state.token, released, self.workers, self.in_air, self.counted

    @property
    def worst(self) -> int:
        """The most rejections of one kind that the authority has counted."""
        return max((count for _, count in self.counted), default=0)


def policy_below(ceiling: int) -> Policy:
    """Three stops, as far apart as a small ceiling allows."""
    return Policy(max(1, ceiling - 2), max(1, ceiling - 1), ceiling)


def explore(ceiling: int, kinds: tuple[str, ...], manners: Manners, workers: int = 2) -> Iterator[World]:
    """Every world that can come about, each once; `kinds` are the cStats that the authority may answer."""
    first = World(State(KEY), ("idle",) * workers)
    known, waiting = {first.seen}, [first]
    while waiting:
        world = waiting.pop()
        yield world
        if world.worst > ceiling:
            continue
        for after in _steps(world, ceiling, kinds, manners):
            if after.seen not in known:
                known.add(after.seen)
                waiting.append(after)


def _steps(world: World, ceiling: int, kinds: tuple[str, ...], manners: Manners) -> Iterator[World]:
    for place, name in enumerate(NAMES[: len(world.workers)]):
        yield from _work(world, place, name, ceiling, kinds, manners)
    if world.in_air:
        for kind in kinds:
            yield replace(_arrived(world, kind), in_air=world.in_air - 1)
    if world.state.token is not None:
        place = NAMES.index(world.state.token)
        slow = world.workers[place] == "holding"
        yield _told(_now(world, place, "late" if slow else "idle"), manners.expired)
    if manners.releases and (stop := decide(world.state, policy_below(ceiling + manners.over), AT).stop) not in (
        None,
        Stop.CEILING,
    ):
        released = _told(world, Event.RELEASED, detail=Release(stop or Stop.SAFETY, 1, "ana", "corrigido").detail())
        yield replace(released, state=replace(released.state, counts={})) if manners.release_forgets else released
    if manners.edits_forgive:
        yield replace(world, state=replace(world.state, counts={}))


def _work(
    world: World, place: int, name: str, ceiling: int, kinds: tuple[str, ...], manners: Manners
) -> Iterator[World]:
    match world.workers[place]:
        case "idle":
            if decide(world.state, policy_below(ceiling + manners.over), AT).answer is Answer.ADMIT:
                yield _now(world, place, "leaping") if manners.looks_before_it_leaps else _admitted(world, place, name)
        case "leaping":
            yield _admitted(replace(world, state=replace(world.state, token=None)), place, name)
        case "holding":
            yield _now(world, place, "dead")
            yield _told(_now(world, place, "idle"), Event.NOT_SENT)
            yield _now(replace(world, in_air=world.in_air + 1), place, "dead")
            yield _told(_now(replace(world, in_air=world.in_air + 1), place, "idle"), manners.lost)
            for kind in kinds:
                yield _told(_now(_arrived(world, kind), place, "idle"), Event.REJECTED, kind)
                yield _told(_now(_arrived(world, kind), place, "idle"), manners.lost)
        case "late":
            # Its lease is somebody else's: it may still send what it holds, and must keep silent about the answer.
            yield _now(world, place, "idle")
            yield _now(replace(world, in_air=world.in_air + 1), place, "idle")


def _now(world: World, place: int, doing: str) -> World:
    return replace(world, workers=(*world.workers[:place], doing, *world.workers[place + 1 :]))


def _arrived(world: World, kind: str) -> World:
    """The authority rejects one more message."""
    counted = dict(world.counted)
    counted[kind] = counted.get(kind, 0) + 1
    return replace(world, counted=tuple(sorted(counted.items())))


def _admitted(world: World, place: int, name: str) -> World:
    return _told(_now(world, place, "holding"), Event.ADMITTED, token=name)


def _told(world: World, event: Event, cstat: str = "", token: str = "", detail: str = "") -> World:
    if event not in (Event.ADMITTED, Event.RELEASED) and world.state.token is None:
        return world
    state, entry = apply(world.state, event, at=AT, chave=CHAVE, cstat=cstat, token=token, detail=detail)
    return replace(world, state=state, journal=(*world.journal, entry))


def folded(world: World) -> State:
    """What the journal of a world amounts to."""
    return fold(KEY, world.journal)  # type: ignore[arg-type]
