"""Session numbers of a device: none returns within the last hundred, whatever crashed.

Numbers are reserved in blocks before they are used; after a start they go on behind the block, so that one that was
used and never written down cannot return. Two gateways of one device take odd and even ones.
"""

from typing import Final, NamedTuple

from zelo.models.cfe.functions import LEAST_SESSION, MOST_SESSION

BLOCK: Final = 200
"""Twice the hundred that must differ (ER SAT), so that a wrong turn is always far away."""
STEP: Final = 2


class Sessions(NamedTuple):
    """`next`: what is used next. `until`: up to where it is written down that numbers may be in use."""

    next: int
    until: int

    @property
    def must_reserve(self) -> bool:
        """Whether a block must be written down before the next is used."""
        return self.next > self.until


def opened(reserved: int | None, side: int, drawn: int) -> Sessions:
    """After a start. `reserved`: as it was written down, None the first time, when `drawn` chance says where to begin.

    `side`: 0 or 1, which of two gateways this is.
    """
    begin = drawn % MOST_SESSION if reserved is None else reserved
    first = begin + 1 + (begin + 1 + side) % STEP
    return Sessions(first, first - 1)


def is_of(side: int, session: int) -> bool:
    """Whether a number is one of this side's."""
    return session % STEP == side


def reserve(sessions: Sessions) -> Sessions:
    """With a block more; at the end of the numbers it begins again."""
    if sessions.next > MOST_SESSION:
        again = LEAST_SESSION + (sessions.next + LEAST_SESSION) % STEP
        return Sessions(again, again + BLOCK)
    return Sessions(sessions.next, sessions.next + BLOCK)


def taken(sessions: Sessions) -> tuple[int, Sessions]:
    """A number, and what is left. One must have been reserved."""
    return sessions.next, Sessions(sessions.next + STEP, min(sessions.until, MOST_SESSION))
