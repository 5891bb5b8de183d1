"""What becomes of a mail: from the server's answer to a state, and when it is tried again.

A lost answer after the message was handed over is tried again with the same Message-ID: a warning that comes twice does
less harm than one that never comes (at least once; see docs/decisions/010).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
GIVEN_UP_AFTER: Final = timedelta(days=5)
"""RFC 5321, 4.5.4.1: "the give-up time generally needs to be at least 4-5 days"."""
_DOUBLINGS: Final = 6
"""After so many the longest wait has been reached."""


class Outcome(Enum):
    """What one try came to. REFUSED is about this recipient or message; what is ours to mend is DEFERRED."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome, and in one pt-BR sentence what happened and what to do."""

    outcome: Outcome
    said: str


class State(Enum):
    """Where a mail stands, as the database spells it."""

    WAITING = "waiting"
    RETRYING = "retrying"
    DELIVERED = "delivered"
    REFUSED = "refused"
    GIVEN_UP = "given up"


OPEN: Final = (State.WAITING, State.RETRYING)
OLD: Final = "Não saiu em cinco dias: não será mais tentado."


@dataclass(frozen=True, slots=True)
class Settled:
    """What is written down after a try; `due_at` is None when nothing more will be done."""

    state: State
    due_at: datetime | None
    said: str


def settle(answer: Answer, *, tries: int, born: datetime, now: datetime, chance: int) -> Settled:
    """After the `tries`th try; `chance` is any number, evenly drawn from at least 0 to 999."""
    match answer.outcome:
        case Outcome.DELIVERED:
            return Settled(State.DELIVERED, None, answer.said)
        case Outcome.REFUSED:
            return Settled(State.REFUSED, None, answer.said)
    due_at = now + wait(tries, chance)
    if due_at > born + GIVEN_UP_AFTER:
        return Settled(State.GIVEN_UP, None, f"{OLD} {answer.said}")
    return Settled(State.RETRYING, due_at, answer.said)


def wait(tries: int, chance: int) -> timedelta:
    """Doubling from a minute to an hour, of which the second half is left to chance, so that mails do not march."""
    doublings = min(max(tries - 1, 0), _DOUBLINGS)
    half: timedelta = min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT) / 2
    return half + half * (chance % 1000) / 1000
