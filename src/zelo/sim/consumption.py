"""Consumo indevido as an engine that knows no model: counts by key, blocks by identity, under a rule handed in.

More than `limit` within the window (or ever, where there is none) begins a block of the identity; while it lasts every
request of that identity to the service is refused. Counts outlive the block: one more of the same begins another.
Source of the shape: NT 2018.002 = MOC NFCom 1.00a item 8.2, whose words leave much open; `reading` lists the readings.
"""

from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Counting(StrEnum):
    """Which rejections count together: all equal ones, or only those without another outcome between them."""

    CUMULATIVE = "cumulative"
    CONSECUTIVE = "consecutive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The rule of one service.

    `limit` is the most that is tolerated. `equal`: only rejections count, each code by itself; otherwise every call
    does. `window_seconds` None: counts never expire. `restarts_on_touch`: a request during a block begins it anew.
    `permanent_after`: the block of that ordinal never ends; None: none is permanent.
    """

    limit: int
    equal: bool
    counting: Counting
    window_seconds: int | None
    block_seconds: int
    restarts_on_touch: bool
    permanent_after: int | None


@dataclass(frozen=True, slots=True)
class Block:
    """A block: what began it (`key`, `outcome`, `label` for people), how many were found, its end (None: for good)."""

    key: str
    outcome: str
    label: str
    found: int
    until: datetime | None
    ordinal: int


@dataclass(frozen=True, slots=True)
class Use:
    """One request as it is counted: service, whom a block would hit, what is counted, and a label for people."""

    service: str
    identity: str
    key: str
    label: str


@dataclass(slots=True)
class Meter:
    """What one authorizer counted and whom it blocks. The clock is an argument and must not go back."""

    _times: dict[tuple[str, str], dict[str, deque[datetime]]] = field(default_factory=dict, init=False)
    _blocks: dict[tuple[str, str], Block] = field(default_factory=dict, init=False)
    _ordinals: Counter[tuple[str, str]] = field(default_factory=Counter, init=False)

    def standing(self, use: Use, rule: Rule, now: datetime) -> Block | None:
        """The block that refuses this request, touched by it, or None. A touch by the culprit goes on counting."""
        where = (use.service, use.identity)
        block = self._blocks.get(where)
        if block is None or (block.until is not None and now >= block.until):
            return None
        if rule.equal and use.key == block.key:
            block = replace(block, found=self._count(use, block.outcome, rule, now))
        if rule.restarts_on_touch and block.until is not None:
            block = replace(block, until=now + timedelta(seconds=rule.block_seconds))
        self._blocks[where] = block
        return block

    def record(self, use: Use, outcome: str, rule: Rule, now: datetime) -> Block | None:
        """Count a judged request (`outcome` "" when it was not rejected); the block that it begins, or None."""
        if rule.equal and not outcome:
            if rule.counting is Counting.CONSECUTIVE:
                self._times.pop((use.service, use.key), None)
            return None
        found = self._count(use, outcome if rule.equal else "", rule, now)
        if found <= rule.limit:
            return None
        where = (use.service, use.identity)
        self._ordinals[where] += 1
        ordinal = self._ordinals[where]
        forever = rule.permanent_after is not None and ordinal >= rule.permanent_after
        until = None if forever else now + timedelta(seconds=rule.block_seconds)
        block = Block(use.key, outcome if rule.equal else "", use.label, found, until, ordinal)
        self._blocks[where] = block
        return block

    def _count(self, use: Use, outcome: str, rule: Rule, now: datetime) -> int:
        by_outcome = self._times.setdefault((use.service, use.key), {})
        if rule.counting is Counting.CONSECUTIVE:
            for other in by_outcome.keys() - {outcome}:
                del by_outcome[other]
        times = by_outcome.setdefault(outcome, deque())
        times.append(now)
        if rule.window_seconds is not None:
            oldest = now - timedelta(seconds=rule.window_seconds)
            while times[0] <= oldest:
                times.popleft()
        return len(times)
