"""The guard of one number of one série: a value, what may happen to it, and a chain of hashes over its past.

Rule of admission (design §4): for the natural key, and so for every chave of it, since each rejection of a chave is one
of its number,

    max over cStat of rejections + sends of unknown outcome + the live reservation  <  ceiling

Rejections are cumulative: no edit, no other cStat and no click takes one away (MOC NFCom 8.2 says "equal", neither
"consecutive" nor "within"; a cumulative bound holds in every reading). A lease that ran out counts as a send.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from zelo.fiscal.instant import to_micros

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


@dataclass(frozen=True, slots=True)
class State:
    """`counts` maps cStat to rejections; `token` names the live reservation; `seq` and `head` end the journal."""

    natural_key: str
    counts: Mapping[str, int] = field(default_factory=dict)
    unknown: int = 0
    token: str | None = None
    seq: int = 0
    head: str = GENESIS

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
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer with its figures: `spent` of `ceiling`."""

    answer: Answer
    spent: int
    ceiling: int


def decide(state: State, ceiling: int) -> Verdict:
    """Whether one more send of this number may be reserved. One reservation at a time."""
    if state.token is not None:
        return Verdict(Answer.BUSY, state.spent, ceiling)
    answer = Answer.ADMIT if state.spent < ceiling else Answer.HELD
    return Verdict(answer, state.spent, ceiling)


def apply(
    state: State, event: Event, *, at: datetime, chave: str, cstat: str = "", token: str = "", detail: str = ""
) -> tuple[State, Entry]:
    """The state after an event, and the journal line that says so. Raises ValueError for an event that cannot be."""
    reserved = state.token is not None
    if reserved if event is Event.ADMITTED else not (reserved or event in _WITHOUT_RESERVATION):
        raise ValueError(f"{event} cannot follow: reservation of {state.natural_key} is {state.token}")
    counts, unknown = dict(state.counts), state.unknown
    if event is Event.REJECTED:
        counts[cstat] = counts.get(cstat, 0) + 1
    elif event in _CHARGES:
        more = int(detail) if event is Event.CHARGED else 1
        if more < 1:
            raise ValueError(f"a charge of {more} to {state.natural_key}")
        unknown += more
    holder = token if event is Event.ADMITTED else (state.token if event is Event.CHARGED else None)
    seq = state.seq + 1
    digest = link(state.head, seq, at, chave, event, cstat, detail)
    after = replace(state, counts=counts, unknown=unknown, token=holder, seq=seq, head=digest)
    return after, Entry(state.natural_key, seq, at, chave, event, cstat, detail, digest)


_CHARGES: Final = frozenset({Event.UNKNOWN, Event.CHARGED})
_WITHOUT_RESERVATION: Final = frozenset({Event.CHARGED, Event.AUTHORISED})
"""AUTHORISED may come from a consulta, long after the reservation ended; CHARGED after a restore."""


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
