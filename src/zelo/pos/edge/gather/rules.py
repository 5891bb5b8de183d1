"""A row of what is noteworthy: a measure, steps from the worst on, a sentence and a remedy in pt-BR.

The rows themselves are those of a device (`device_rules`) and of the gateway and its machine (`place_rules`).
`docs/reference/edge-alarms.md` lists them; a test holds that each can be met.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

View = TypeVar("View")
MINUTE_SECONDS: Final = 60


class Level(StrEnum):
    """How much it presses; the worst first."""

    URGENT = "urgente"
    WARNING = "atenção"
    NOTICE = "aviso"


@dataclass(frozen=True, slots=True)
class Rule(Generic[View]):
    """A row. `rising`: the greater the measure the worse; `steps`: bound and level, the worst first.

    `measure` is None where there is nothing to say. `{}` in the sentence stands for the measure, or for what `words`
    make of the view.
    """

    id: str
    steps: tuple[tuple[float, Level], ...]
    sentence: str
    remedy: str
    source: str
    measure: Callable[[View], float | None]
    rising: bool = True
    words: Callable[[View], str] | None = None
    unit: str = ""

    def find(self, view: View, device: str) -> "Finding | None":
        """What there is to say of it."""
        value = self.measure(view)
        if value is None:
            return None
        for bound, level in self.steps:
            if value >= bound if self.rising else value <= bound:
                said = self.words(view) if self.words is not None else f"{abs(value):.0f}"
                return Finding(self.id, device, level, self.sentence.format(said), self.remedy)
        return None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something noteworthy now. `device`: "" for the gateway itself; rule and device together are its fingerprint."""

    rule: str
    device: str
    level: Level
    sentence: str
    remedy: str

    @property
    def fingerprint(self) -> tuple[str, str]:
        """By what it is the same as before."""
        return self.rule, self.device


def counted(count: float, one: str, more: str) -> str:
    """So many of something, in pt-BR."""
    return f"{count:.0f} {one if round(count) == 1 else more}"
