"""How far the taking in of a file has come, and how long it will still take. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """What is being done with a file."""

    READING = "reading"
    JUDGING = "judging"
    STORING = "storing"


WORK: Final = {Stage.READING: 4, Stage.JUDGING: 3, Stage.STORING: 9}
"""How the work divides among the stages (bench/billing.py)."""
READ: Final = (Stage.READING, Stage.JUDGING)
"""What is done with a file before people look at it."""
PERMILLE: Final = 1000
LEAST_PERMILLE: Final = 20
"""Less of the work than this says nothing about the rest."""

Tell = Callable[[Stage, int, int, int], None]
"""Told from time to time: what is being done, how many are through, of how many (0 = not known; while rows are read no
more than roughly), faults so far.
"""


def told_to_nobody(_stage: Stage, _done: int, _whole: int, _faults: int) -> None:
    """Nobody looks."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of the work: `done` of `whole` in a stage, one of `stages`. `resumed` notes had been stored before this
    process began.
    """

    stage: Stage
    done: int
    whole: int
    resumed: int = 0
    stages: Sequence[Stage] = tuple(Stage)

    @property
    def permille(self) -> int:
        """How much of all the work is done; what was stored before counts."""
        return self._done // self._all

    def left(self, passed: timedelta) -> timedelta | None:
        """How long it will still take, when this process has worked for `passed`; None as long as nobody can know."""
        before = 0
        if self.stage is Stage.STORING and self.whole:
            before = WORK[Stage.STORING] * PERMILLE * self.resumed // self.whole
        mine, all_mine = self._done - before, self._all * PERMILLE - before
        return passed * (all_mine - mine) / mine if mine * PERMILLE >= LEAST_PERMILLE * all_mine else None

    @property
    def _all(self) -> int:
        return sum(WORK[stage] for stage in self.stages)

    @property
    def _done(self) -> int:
        """In thousandths of a unit of work."""
        through = sum(WORK[stage] for stage in self.stages[: self.stages.index(self.stage)])
        here = min(self.done, self.whole) * PERMILLE // self.whole if self.whole else 0
        return through * PERMILLE + WORK[self.stage] * here
