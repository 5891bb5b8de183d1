"""What the guard costs: one admission in the core, and what it adds to a transaction that writes anyway."""

from datetime import UTC, datetime
from typing import Final

from bench.clock import micros
from zelo.guard.core import Answer, Event, Policy, State, apply, decide
from zelo.guard.policy import Band

AT: Final = datetime(2026, 11, 21, tzinfo=UTC)
CHAVE: Final = "43261112ABC34501DE35620010000000051076543217"
KEY: Final = "2|12ABC34501DE35|62|1|5"
POLICY: Final = Policy(10, 20, 25, (Band(5, 10, 120), Band(11, 15, 300), Band(16, None, 600)))
STATE: Final = State(KEY, {"215": 3, "539": 1}, 2)


def run() -> dict[str, float]:
    """The figures of this bench by their stable names."""
    return {"guard_admission_us": micros({"admission": _admission})["admission"]}


def _admission(_: int) -> None:
    """Decide, and make the state and the chained journal line of a reservation."""
    if decide(STATE, POLICY, AT).answer is not Answer.ADMIT:
        raise ValueError("the bench measures an admission")
    apply(STATE, Event.ADMITTED, at=AT, chave=CHAVE, token="t")  # noqa: S106 names a holder
