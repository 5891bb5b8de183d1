"""What keeps notes of a month or a file from being sent: cause by cause, with how many are corrected for certain."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from zelo.isp.month.fix import FIXES
from zelo.isp.month.scope import Scope
from zelo.isp.month.shell.correct import proposals
from zelo.isp.month.shell.standing import MOST_FAULTY, Faulty, faulty
from zelo.prevalidate.core import Cause, summary

SHOWN_CAUSES: Final = 10


@dataclass(frozen=True, slots=True)
class Told:
    """A cause: in how many notes, and in how many of them the correction is certain."""

    cause: Cause
    notes: int
    certain: int


@dataclass(frozen=True, slots=True)
class Causes:
    """The biggest causes of the notes looked at; `more` where there are more notes than were looked at."""

    told: tuple[Told, ...]
    notes: int
    more: bool


def told(connection: Connection, scope: Scope) -> Causes:
    """The causes of a scope, the most frequent first."""
    notes = faulty(connection, scope)
    found = summary(fault for note in notes for fault in note.faults)
    some = tuple(_told(connection, notes, cause) for cause in found[:SHOWN_CAUSES])
    return Causes(some, len(notes), len(notes) == MOST_FAULTY)


def _told(connection: Connection, notes: list[Faulty], cause: Cause) -> Told:
    concerned = [note for note in notes if any(fault.rule == cause.rule for fault in note.faults)]
    certain = len(proposals(connection, concerned, cause.rule)) if cause.rule in FIXES else 0
    return Told(cause, len(concerned), certain)
