"""A case of a rule: what provokes it and nothing else, and what comes close without provoking any.

Every case starts from a golden note, which no rule objects to. cStat and meaning come from the MOC, not from the rules.
"""

from dataclasses import dataclass, field
from typing import Final

HOME: Final = "residential-internet"
FIRM: Final = "business-with-ie"
ABROAD: Final = "subscriber-abroad"
PHONE: Final = "telephone-terminals"
COLLECTOR: Final = "central-billing-collector"
DEDUCTION: Final = "deduction"
"""Golden notes that cases start from."""


@dataclass(frozen=True)
class Case:
    """Golden note, changes that make it bad, what is then found, and changes (if any) that leave it good.

    `beside` names rules that the MOC makes inseparable from this one.
    """

    rule: str
    cstat: str
    base: str
    bad: dict[str, object]
    found: tuple[tuple[str, str], ...]
    fine: dict[str, object] = field(default_factory=dict)
    beside: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """As the test's name."""
        return f"{self.rule}-{self.base}"


def home(rule: str, cstat: str, tag: str, bad: object, where: str, *, fine: object = None) -> Case:
    """A single tag of the residential note."""
    value = "" if bad is None else str(bad)
    return Case(rule, cstat, HOME, {tag: bad}, ((where, value),), {} if fine is None else {tag: fine})
