"""What is noteworthy now, and when an alarm begins and ends.

One for each fingerprint is open, and it ends when it has been well for a while.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from zelo.pos.edge.gather.device_rules import DEVICE_RULES
from zelo.pos.edge.gather.place_rules import PLACE_RULES
from zelo.pos.edge.gather.rules import Finding, Level
from zelo.pos.edge.gather.seen import DeviceSeen, PlaceSeen

WELL: Final = timedelta(minutes=5)
"""How long nothing must be found before an alarm ends: one that comes and goes is one alarm."""


_ORDER: Final = list(Level)


class Turn(StrEnum):
    """What is told of an alarm."""

    BEGAN = "começou"
    WORSE_OR_BETTER = "mudou"
    ENDED = "terminou"


@dataclass(frozen=True, slots=True)
class Alarm:
    """An open alarm: what was found last, since when, when it was last found, and when at its level or a worse one."""

    finding: Finding
    since: datetime
    found_at: datetime
    level_at: datetime


Fingerprint = tuple[str, str]
Alarms = Mapping[Fingerprint, Alarm]


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be told."""

    turn: Turn
    alarm: Alarm


def findings(devices: Sequence[DeviceSeen], place: PlaceSeen) -> list[Finding]:
    """All that is noteworthy, the most pressing first."""
    found = [*_found(devices), *(rule.find(place, "") for rule in PLACE_RULES)]
    return sorted((each for each in found if each is not None), key=lambda each: _ORDER.index(each.level))


def _found(devices: Sequence[DeviceSeen]) -> Iterator[Finding | None]:
    for seen in devices:
        for rule in DEVICE_RULES:
            yield rule.find(seen, seen.name)


def fold(alarms: Alarms, found: Iterable[Finding], now: datetime) -> tuple[Alarms, list[Change]]:
    """The alarms that are open after a look, and what is to be told.

    What was found under a clock that was ahead ends with the first look that finds it no more. It is worse at once, and
    better when it has been so for a while.
    """
    after, changes = dict(alarms), list[Change]()
    for finding in found:
        known = alarms.get(finding.fingerprint)
        alarm = Alarm(finding, now, now, now) if known is None else _found_again(known, finding, now)
        after[finding.fingerprint] = alarm
        if known is None:
            changes.append(Change(Turn.BEGAN, alarm))
        elif known.finding.level is not alarm.finding.level:
            changes.append(Change(Turn.WORSE_OR_BETTER, alarm))
    for fingerprint, alarm in alarms.items():
        if abs(now - after[fingerprint].found_at) >= WELL:
            del after[fingerprint]
            changes.append(Change(Turn.ENDED, alarm))
    return after, changes


def _found_again(known: Alarm, finding: Finding, now: datetime) -> Alarm:
    better = _ORDER.index(finding.level) > _ORDER.index(known.finding.level)
    if better and abs(now - known.level_at) < WELL:
        return replace(known, finding=replace(finding, level=known.finding.level), found_at=now)
    return Alarm(finding, known.since, now, now)
