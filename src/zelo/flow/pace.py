"""How many messages may be in the air to one authorizer, from how fast it has been answering. Pure.

A slow authorizer is made slower by many who wait for it, and each that waits may end in silence, which is charged. So
the slower the answers of the last minutes, the fewer senders; a silence weighs as the whole time that we waited. What
was heard is forgotten after a while, so that an authorizer of whom nothing is heard gets its senders back.

Each process reads the same shared answers and takes its own part of its own senders: nobody needs to know how many
processes there are, and all of them slow down together.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from zelo.fiscal.instant import to_micros

KEPT: Final = 20
"""Answers of an authorizer that are remembered."""
FORGOTTEN_AFTER: Final = timedelta(minutes=5)
EASY_MILLIS: Final = 2_000
"""Up to here an authorizer is as fast as it should be (MOC: the average is published, tMed, commonly below 2 s)."""

Heard = tuple[int, int]
"""When an answer came (microseconds) and how long it took (milliseconds)."""


def remember(before: Iterable[Sequence[int]], heard: Iterable[Heard]) -> list[Heard]:
    """The last answers, the newest at the end."""
    return [*((at, millis) for at, millis in before), *heard][-KEPT:]


def allowed(recent: Iterable[Sequence[int]], senders: int, now: datetime) -> int:
    """How many of its senders a process may use: all while the median is easy, then in proportion, at least one."""
    since = to_micros(now - FORGOTTEN_AFTER)
    slow = [millis for at, millis in recent if at > since]
    usual = median(slow) if slow else 0
    return senders if usual <= EASY_MILLIS else max(1, int(senders * EASY_MILLIS / usual))
