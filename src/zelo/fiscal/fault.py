"""A rule says what is wrong and what to do; a fault is one finding of a rule at one place.

Rules return faults and never raise. Sentences and remedies are pt-BR: people read them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: which rule, what it says, what to do, where (a tag path, column or line) and the value."""

    rule: str
    sentence: str
    remedy: str
    where: str = ""
    value: str = ""
    cstat: str = ""

    def at(self, where: str) -> "Fault":
        """The same fault seen from outside: `where` is put before the present place."""
        return Fault(self.rule, self.sentence, self.remedy, f"{where}{self.where}", self.value, self.cstat)


Found = tuple[str, str]
"""Where, and the value found there."""


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """A check with its id, the cStat that SEFAZ would answer, sentence, remedy, source and two examples."""

    id: str
    cstat: str
    sentence: str
    remedy: str
    source: str
    good: str
    bad: str
    check: Callable[[Subject], Iterable[Found]]

    def faults(self, subject: Subject) -> list[Fault]:
        """Every finding in `subject`."""
        return [
            Fault(self.id, self.sentence, self.remedy, where, value, self.cstat) for where, value in self.check(subject)
        ]
