"""Asks the other gateway how it is, now and then, and remembers since when it has not said."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from zelo.pos.edge.peer.pair import PairSeen, Pulse
from zelo.pos.edge.peer.shell.link import Link

BEAT_SECONDS: Final = 30.0


class Heartbeat:
    """One thread calls `beat`; anybody may look."""

    def __init__(self, link: Link, side: int, now: Callable[[], datetime]) -> None:
        """`side`: which of the two this gateway is. Until the other has spoken it counts as silent from now on."""
        self._link, self._side, self._now = link, side, now
        self._spoke_at, self._next_at = time.monotonic(), 0.0
        self._seen = PairSeen()

    def beat(self) -> None:
        """Ask, where it is time."""
        if time.monotonic() < self._next_at:
            return
        pulse = self._link.pulse()
        self._next_at = time.monotonic() + BEAT_SECONDS
        if isinstance(pulse, Pulse):
            self._spoke_at = time.monotonic()
            ahead = (pulse.at - self._now()).total_seconds()
            self._seen = PairSeen(same_side=pulse.side == self._side, ahead_seconds=ahead)
        else:
            self._seen = PairSeen(silent_seconds=time.monotonic() - self._spoke_at, trouble=pulse)

    @property
    def seen(self) -> PairSeen:
        """How the other stood when it was last asked."""
        return self._seen
