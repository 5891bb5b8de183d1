"""How much a number may spend: what people have set, cut down to the authorizer's limit less our margin."""

from dataclasses import dataclass
from functools import lru_cache

from zelo.fiscal.uf import Uf
from zelo.guard.core import Policy
from zelo.guard.policy import Band, Limits, read_intervals, read_limits


@dataclass(frozen=True, slots=True)
class Parameters:
    """What holds for a company: the strings that people wrote (guard/policy), and safety and maximum of other UFs.

    Not `enabled`: only the authorizer's own limit holds.
    """

    intervals: str
    limits: str
    safety: int
    maximum: int
    enabled: bool = True


def policy(parameters: Parameters, uf: Uf, ceiling: int) -> Policy:
    """The policy for an emitter in that UF; nothing in it passes `ceiling`, and each stop is at most the next."""
    if not parameters.enabled:
        return Policy(ceiling, ceiling, ceiling)
    own = _limits(parameters.limits, uf) or Limits(parameters.safety, parameters.maximum)
    maximum = min(own.maximum, ceiling)
    return Policy(min(own.safety, maximum), maximum, ceiling, _bands(parameters.intervals, uf))


@lru_cache(maxsize=256)
def _limits(text: str, uf: Uf) -> Limits | None:
    return read_limits(text).values.get(uf)


@lru_cache(maxsize=256)
def _bands(text: str, uf: Uf) -> tuple[Band, ...]:
    return read_intervals(text).values.get(uf, ())
