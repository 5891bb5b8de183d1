"""The guard of one number of one série: a value, what may happen to it, and a chain of hashes over its past.

Rule of admission (design §4): for the natural key, and so for every chave of it, since each rejection of a chave is one
of its number,

    max over cStat of rejections + sends of unknown outcome + the live reservation  <  stop

Rejections are cumulative: no edit, no other cStat and no click takes one away (MOC NFCom 8.2 says "equal", neither
"consecutive" nor "within"; a cumulative bound holds in every reading). A lease that ran out counts as a send.

There are three stops. A person may move the first two on by a number of sends, never past the third, and moving one on
forgets nothing: what SEFAZ counted it goes on counting. Between sends the bands of the policy say how long to wait.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from zelo.fiscal.instant import to_micros
from zelo.guard.policy import Band, wait_seconds

GENESIS: Final = "0" * 64
"""Head of an empty chain."""
SOME: Final = "some"
"""A reservation whose holder the journal does not name."""


class Event(StrEnum):
    """What can happen to a number."""

    ADMITTED = "admitted"
    NOT_SENT = "not sent"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    ANSWERED = "answered"
    AUTHORISED = "authorised"
    CHARGED = "charged"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


class Stop(StrEnum):
    """Where sending ends: at the first by itself, at the second for everybody but an administrator, at the third."""

    SAFETY = "safety"
    MAXIMUM = "maximum"
    CEILING = "ceiling"


@dataclass(frozen=True, slots=True)
class Policy:
    """How much a number may spend before each stop (each at most the next), and the waits between its sends."""

    safety: int
    maximum: int
    ceiling: int
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """`counts` maps cStat to rejections; `token` names the live reservation; `seq` and `head` end the journal.

    `released` maps a stop to what a person has moved it on to; `sent_at` is when the last send was admitted.
    """

    natural_key: str
    counts: Mapping[str, int] = field(default_factory=dict)
    unknown: int = 0
    token: str | None = None
    seq: int = 0
    head: str = GENESIS
    released: Mapping[str, int] = field(default_factory=dict)
    sent_at: datetime | None = None

    @property
    def worst(self) -> int:
        """The most equal rejections of one kind."""
        return max(self.counts.values(), default=0)

    @property
    def spent(self) -> int:
        """What counts against the ceiling before another send."""
        return self.worst + self.unknown + (self.token is not None)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. `hash` covers the line and the hash before it."""

    natural_key: str
    seq: int
    at: datetime
    chave: str
    event: Event
    cstat: str
    detail: str
    hash: str


class Answer(StrEnum):
    """What the guard says."""

    ADMIT = "admit"
    BUSY = "busy"
    WAIT = "wait"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer with its figures: `spent` of `most`; the stop that was reached, or until when to wait."""

    answer: Answer
    spent: int
    most: int
    stop: Stop | None = None
    until: datetime | None = None


def decide(state: State, policy: Policy, now: datetime) -> Verdict:
    """Whether one more send of this number may be reserved. One reservation at a time."""
    spent = state.spent
    maximum = max(policy.maximum, state.released.get(Stop.MAXIMUM, 0))
    safety = max(policy.safety, state.released.get(Stop.SAFETY, 0), state.released.get(Stop.MAXIMUM, 0))
    most = min(safety, maximum, policy.ceiling)
    if state.token is not None:
        return Verdict(Answer.BUSY, spent, most)
    if spent >= policy.ceiling:
        return Verdict(Answer.HELD, spent, policy.ceiling, Stop.CEILING)
    if spent >= maximum:
        return Verdict(Answer.HELD, spent, maximum, Stop.MAXIMUM)
    if spent >= safety:
        return Verdict(Answer.HELD, spent, safety, Stop.SAFETY)
    wait = timedelta(seconds=wait_seconds(policy.bands, spent + 1))
    if state.sent_at is not None and now < state.sent_at + wait:
        return Verdict(Answer.WAIT, spent, most, until=state.sent_at + wait)
    return Verdict(Answer.ADMIT, spent, most)


@dataclass(frozen=True, slots=True)
class Release:
    """A person lets a number be sent some times more: which stop is moved on, how many sends, who and why."""

    stop: Stop
    sends: int
    by: str
    why: str

    def detail(self) -> str:
        """As the journal keeps it."""
        return json.dumps([self.stop, self.sends, self.by, self.why], ensure_ascii=False)


def read_release(detail: str) -> Release:
    """A release from its journal line. Raises ValueError."""
    stop, sends, by, why = json.loads(detail)
    if not isinstance(sends, int) or sends < 1:
        raise ValueError(f"a release of {sends} sends")
    return Release(Stop(stop), sends, str(by), str(why))


def apply(
    state: State, event: Event, *, at: datetime, chave: str, cstat: str = "", token: str = "", detail: str = ""
) -> tuple[State, Entry]:
    """The state after an event, and the journal line that says so. Raises ValueError for an event that cannot be."""
    reserved = state.token is not None
    if reserved if event is Event.ADMITTED else not (reserved or event in _WITHOUT_RESERVATION):
        raise ValueError(f"{event} cannot follow: reservation of {state.natural_key} is {state.token}")
    counts, unknown, released = dict(state.counts), state.unknown, dict(state.released)
    if event is Event.REJECTED:
        counts[cstat] = counts.get(cstat, 0) + 1
    elif event in _CHARGES:
        more = int(detail) if event is Event.CHARGED else 1
        if more < 1:
            raise ValueError(f"a charge of {more} to {state.natural_key}")
        unknown += more
    elif event is Event.RELEASED:
        release = read_release(detail)
        released[release.stop] = max(released.get(release.stop, 0), state.spent + release.sends)
    holder = token if event is Event.ADMITTED else (state.token if event in _BESIDE_RESERVATION else None)
    seq = state.seq + 1
    digest = link(state.head, seq, at, chave, event, cstat, detail)
    sent_at = at if event is Event.ADMITTED else state.sent_at
    after = replace(
        state, counts=counts, unknown=unknown, token=holder, seq=seq, head=digest, released=released, sent_at=sent_at
    )
    return after, Entry(state.natural_key, seq, at, chave, event, cstat, detail, digest)


_CHARGES: Final = frozenset({Event.UNKNOWN, Event.CHARGED})
_BESIDE_RESERVATION: Final = frozenset({Event.CHARGED, Event.RELEASED, Event.WITHDRAWN})
"""These neither need a reservation nor end one."""
_WITHOUT_RESERVATION: Final = _BESIDE_RESERVATION | {Event.AUTHORISED}
"""AUTHORISED may come from a consulta, long after the reservation ended."""


def link(head: str, seq: int, at: datetime, chave: str, event: Event, cstat: str, detail: str) -> str:
    """Hash of a journal line chained to the one before."""
    line = json.dumps([head, seq, to_micros(at), chave, event, cstat, detail], ensure_ascii=False)
    return hashlib.sha256(line.encode()).hexdigest()


def fold(natural_key: str, entries: Iterable[Entry]) -> State:
    """The state that a journal amounts to. Raises ValueError at the first line whose hash or place is wrong."""
    state = State(natural_key)
    for entry in entries:
        state, expected = apply(
            state, entry.event, at=entry.at, chave=entry.chave, cstat=entry.cstat, token=SOME, detail=entry.detail
        )
        if (entry.natural_key, entry.seq, entry.hash) != (natural_key, expected.seq, expected.hash):
            raise ValueError(f"journal of {natural_key} is broken at line {entry.seq}")
    return state
