"""The equation of an emitter: emitted = received + pending + declared lost. Pure, over sets of numbers as spans."""

from collections.abc import Iterable
from dataclasses import dataclass

Spans = tuple[tuple[int, int], ...]
"""Ascending, apart from each other, both ends included."""


@dataclass(frozen=True, slots=True)
class Account:
    """An emitter's numbers in one rank and epoch.

    `lost` is what was declared lost and never came. `missing` is what neither came nor was declared lost up to
    `closed`, the last number given when nothing was pending any more: it must be empty. `clones` counts contents that
    came under a name that another content has: two machines go by one identity, or a file was put back.
    """

    emitter: str
    epoch: str
    rank: str
    emitted: int
    received: int
    lost: int
    missing: Spans
    clones: int

    @property
    def pending(self) -> int:
        """What is still on its way."""
        return self.emitted - self.received - self.lost - count(self.missing)


def union(spans: Iterable[tuple[int, int]]) -> Spans:
    """The same numbers in the fewest spans."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def gaps(spans: Spans, last: int) -> Spans:
    """The numbers from 1 to `last` that these spans leave out."""
    found: list[tuple[int, int]] = []
    begin = 1
    for first, end in spans:
        if first > last:
            break
        if begin < first:
            found.append((begin, first - 1))
        begin = end + 1
    if begin <= last:
        found.append((begin, last))
    return tuple(found)


def count(spans: Spans) -> int:
    """How many numbers."""
    return sum(last - first + 1 for first, last in spans)
