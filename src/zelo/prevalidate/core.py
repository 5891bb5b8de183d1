"""Rules in, faults out. A rule that raises is a defect of ours and is not hidden here: rules answer for any subject."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

from zelo.fiscal.fault import Fault, Rule

MAX_FAULTS: Final = 100
"""Faults kept of one subject: a person corrects causes, and 990 items wrong alike would bring thousands of lines."""
MAX_PER_RULE: Final = 20
"""Faults kept of one rule, so that one cause on every item does not hide the others."""
PLACES_SHOWN: Final = 5
"""Places that a cause names; the count tells of the others."""

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Cause:
    """One rule's faults together: how many, and the first places in the order in which they came."""

    rule: str
    cstat: str
    sentence: str
    remedy: str
    count: int
    places: tuple[str, ...]


def run(rules: Iterable[Rule[Subject]], subject: Subject) -> list[Fault]:
    """Faults in the order of the rules, each rule's in the order of the document; bounded per rule and in all."""
    found = (fault for rule in rules for fault in islice(rule.faults(subject), MAX_PER_RULE))
    return list(islice(found, MAX_FAULTS))


def summary(faults: Iterable[Fault]) -> list[Cause]:
    """Faults grouped by rule, the most frequent first; equals keep the order in which they first came.

    The words are those of the rule's first fault. Over a whole batch, this is the list of the biggest causes.
    """
    by_rule: dict[str, list[Fault]] = {}
    for fault in faults:
        by_rule.setdefault(fault.rule, []).append(fault)
    return sorted(map(_cause, by_rule.values()), key=lambda cause: -cause.count)


def _cause(faults: list[Fault]) -> Cause:
    first = faults[0]
    places = tuple(fault.where for fault in faults[:PLACES_SHOWN])
    return Cause(first.rule, first.cstat, first.sentence, first.remedy, len(faults), places)
