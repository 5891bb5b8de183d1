"""How the other gateway stands: what it says of itself every half minute, and what is to be seen of it.

Without it a shop has no reserve, and nobody would notice before the day on which it is needed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from zelo.fiscal.instant import from_micros, to_micros
from zelo.pos.edge.peer.word import BadWordError, members


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a gateway says of itself. `side`: 0 or 1, which of the two it is; `at`: its clock."""

    side: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSeen:
    """The other gateway, as it is from here.

    `silent_seconds`: since it last spoke as it should, 0 while it does. `trouble`: how it does not, in pt-BR.
    `same_side`: it says that it is the side which this one is. `ahead_seconds`: of its clock, beside ours.
    """

    silent_seconds: float = 0.0
    trouble: str = ""
    same_side: bool = False
    ahead_seconds: float = 0.0

    @property
    def is_well(self) -> bool:
        """Whether it is the reserve that a shop has it for."""
        return not (self.trouble or self.same_side)


def pulse_json(pulse: Pulse) -> dict[str, Any]:
    """As it travels."""
    return {"lado": pulse.side, "em": to_micros(pulse.at)}


def read_pulse(told: object) -> Pulse:
    """As it came. Raises BadWordError."""
    fields = members(told)
    side, at = fields.get("lado"), fields.get("em")
    if type(side) is not int or type(at) is not int:
        raise BadWordError("Faltam o lado e o instante.")
    try:
        return Pulse(side, from_micros(at))
    except (ValueError, OverflowError) as error:
        raise BadWordError("O instante não existe.") from error
