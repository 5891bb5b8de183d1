"""Budgets as exact sliding windows: the times of the last sends, so that no burst at an edge passes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from zelo.fiscal.instant import from_micros, to_micros


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `limit` within `span`."""

    limit: int
    span: timedelta


@dataclass(frozen=True, slots=True)
class Spend:
    """Whether one more fits; `times` (microseconds, oldest first) afterwards; when the next one fits if not."""

    allowed: bool
    times: Sequence[int]
    free_at: datetime


def spend(times: Sequence[int], budget: Budget, now: datetime) -> Spend:
    """Take one from the budget. A clock that stepped back stands still here until it has caught up."""
    instant = max(to_micros(now), times[-1] if times else 0)
    span = budget.span // timedelta(microseconds=1)
    recent = [time for time in times if time > instant - span]
    if len(recent) < budget.limit:
        return Spend(allowed=True, times=[*recent, instant], free_at=now)
    return Spend(allowed=False, times=times, free_at=from_micros(recent[-budget.limit] + span))
