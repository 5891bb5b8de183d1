"""The life of a document as one table: in a state, an event happens, and it is in another state, due at some time.

Nothing else in zelo changes a state. `docs/reference/lifecycle.md` draws this table, and a test keeps the drawing true.
A draft that nobody has let go yet is only checked, and waits as CHECKED: number and date of emission come with the
go. RESERVED is written before the first byte leaves; what happens between it and the answer nobody can know, so a crash
there is an unknown outcome. An authorised note stays so unless it is cancelled, here or elsewhere; a number that was
left behind for a note in contingency ends unused, or authorised and then somebody's duty.
"""

from enum import StrEnum
from typing import Final

from zelo.flow import machine
from zelo.flow.machine import Due, Transition


class State(StrEnum):
    """Where our job with a document stands (ours; the authority's word is `Situacao`)."""

    DRAFT = "DRAFT"
    INVALID = "INVALID"
    CHECKED = "CHECKED"
    SIGNED = "SIGNED"
    RESERVED = "RESERVED"
    UNKNOWN = "UNKNOWN"
    PAUSED = "PAUSED"
    BLOCKED = "BLOCKED"
    REJECTED = "REJECTED"
    HELD = "HELD"
    CONFLICT = "CONFLICT"
    AUTHORISED = "AUTHORISED"
    CANCELLED = "CANCELLED"
    UNUSED = "UNUSED"


class Event(StrEnum):
    """What can happen to a document."""

    FOUND_FAULTY = "found faulty"
    FOUND_GOOD = "found good"
    LET_GO = "let go"
    CHECKED_AGAIN = "checked again"
    SIGNED = "signed"
    REVISED = "revised"
    ADMITTED = "admitted"
    HELD_BACK = "held back"
    AUTHORISED = "authorised"
    REJECTED = "rejected"
    ISSUER_REFUSED = "issuer refused"
    SERVICE_PAUSED = "service paused"
    BLOCKED = "blocked"
    BLAMED = "blamed for a block"
    UNANSWERED = "unanswered"
    NOT_SENT = "not sent"
    LEASE_EXPIRED = "lease expired"
    DUPLICATE = "duplicate"
    UNRECOGNISED = "unrecognised answer"
    FOUND = "found at the authorizer"
    FOUND_ANOTHER = "number belongs to another"
    NOT_FOUND = "not found"
    NOT_FOUND_UNRECOGNISED = "not found after an unrecognised answer"
    STILL_UNKNOWN = "still unknown"
    RESUMED = "resumed"
    ASKED_AGAIN = "asked again"
    RENUMBERED = "renumbered"
    RELEASED = "released"
    RESTORED = "restored from a backup"
    SUCCEEDED = "another note bills the invoice"
    CANCELLED = "cancelled"
    FOUND_CANCELLED = "found cancelled at the authorizer"
    CONFIRMED = "standing asked after"
    TURNED_OFFLINE = "turned to contingency"
    LEFT_UNUSED = "number left unused"


LIFECYCLE: Final = machine.table(
    # A draft is checked, numbered and signed in one transaction, or its faults are shown. Without a go it is only
    # checked, and a person looks at it before it gets a number.
    (State.DRAFT, Event.FOUND_FAULTY, State.INVALID, Due.PERSON),
    (State.DRAFT, Event.FOUND_GOOD, State.CHECKED, Due.PERSON),
    (State.DRAFT, Event.LET_GO, State.DRAFT, Due.NOW),
    (State.CHECKED, Event.LET_GO, State.DRAFT, Due.NOW),
    (State.CHECKED, Event.REVISED, State.DRAFT, Due.NOW),
    (State.INVALID, Event.CHECKED_AGAIN, State.DRAFT, Due.NOW),
    (State.DRAFT, Event.SIGNED, State.SIGNED, Due.NOW),
    (State.DRAFT, Event.REVISED, State.DRAFT, Due.NOW),
    (State.INVALID, Event.REVISED, State.DRAFT, Due.NOW),
    # The guard says whether the frozen bytes may leave.
    (State.SIGNED, Event.ADMITTED, State.RESERVED, Due.LATER),
    (State.SIGNED, Event.HELD_BACK, State.HELD, Due.PERSON),
    (State.SIGNED, Event.REVISED, State.DRAFT, Due.NOW),
    # The answer, or its absence.
    (State.RESERVED, Event.AUTHORISED, State.AUTHORISED, Due.NEVER),
    (State.RESERVED, Event.REJECTED, State.REJECTED, Due.PERSON),
    (State.RESERVED, Event.ISSUER_REFUSED, State.PAUSED, Due.LATER),
    (State.RESERVED, Event.SERVICE_PAUSED, State.PAUSED, Due.LATER),
    (State.RESERVED, Event.BLOCKED, State.BLOCKED, Due.LATER),
    (State.RESERVED, Event.NOT_SENT, State.SIGNED, Due.LATER),
    (State.RESERVED, Event.UNANSWERED, State.UNKNOWN, Due.LATER),
    (State.RESERVED, Event.LEASE_EXPIRED, State.UNKNOWN, Due.LATER),
    (State.RESERVED, Event.DUPLICATE, State.UNKNOWN, Due.NOW),
    (State.RESERVED, Event.UNRECOGNISED, State.UNKNOWN, Due.LATER),
    (State.RESERVED, Event.FOUND_ANOTHER, State.CONFLICT, Due.PERSON),
    # An unknown outcome is asked after, never sent again blindly.
    (State.UNKNOWN, Event.FOUND, State.AUTHORISED, Due.NEVER),
    (State.UNKNOWN, Event.FOUND_ANOTHER, State.CONFLICT, Due.PERSON),
    (State.UNKNOWN, Event.NOT_FOUND, State.SIGNED, Due.NOW),
    (State.UNKNOWN, Event.NOT_FOUND_UNRECOGNISED, State.HELD, Due.PERSON),
    (State.UNKNOWN, Event.STILL_UNKNOWN, State.UNKNOWN, Due.LATER),
    (State.UNKNOWN, Event.ASKED_AGAIN, State.UNKNOWN, Due.NOW),
    (State.UNKNOWN, Event.FOUND_CANCELLED, State.CANCELLED, Due.NEVER),
    # An authorised note is asked after when a person wants it or a backup was restored: it may be cancelled elsewhere.
    (State.AUTHORISED, Event.CANCELLED, State.CANCELLED, Due.NEVER),
    (State.AUTHORISED, Event.FOUND_CANCELLED, State.CANCELLED, Due.NEVER),
    (State.CANCELLED, Event.SUCCEEDED, State.CANCELLED, Due.NEVER),
    (State.AUTHORISED, Event.ASKED_AGAIN, State.AUTHORISED, Due.NOW),
    (State.AUTHORISED, Event.CONFIRMED, State.AUTHORISED, Due.NEVER),
    (State.AUTHORISED, Event.STILL_UNKNOWN, State.AUTHORISED, Due.LATER),
    (State.AUTHORISED, Event.RESTORED, State.AUTHORISED, Due.LATER),
    # In contingency a note is signed anew off-line; a number that may be at the authority is left to be asked after,
    # and if it is not there it is never sent again: another note has taken its place.
    (State.SIGNED, Event.TURNED_OFFLINE, State.DRAFT, Due.NOW),
    (State.PAUSED, Event.TURNED_OFFLINE, State.DRAFT, Due.NOW),
    (State.UNKNOWN, Event.TURNED_OFFLINE, State.UNKNOWN, Due.LATER),
    (State.UNKNOWN, Event.LEFT_UNUSED, State.UNUSED, Due.NEVER),
    # Waiting for the service, the block or the emitter to be in order; the bytes stay as they are.
    (State.PAUSED, Event.RESUMED, State.SIGNED, Due.NOW),
    (State.PAUSED, Event.REVISED, State.DRAFT, Due.NOW),
    (State.BLOCKED, Event.RESUMED, State.SIGNED, Due.NOW),
    (State.BLOCKED, Event.REVISED, State.DRAFT, Due.NOW),
    (State.SIGNED, Event.BLAMED, State.HELD, Due.PERSON),
    (State.PAUSED, Event.BLAMED, State.HELD, Due.PERSON),
    (State.BLOCKED, Event.BLAMED, State.HELD, Due.PERSON),
    # A person decides.
    (State.REJECTED, Event.REVISED, State.DRAFT, Due.NOW),
    (State.REJECTED, Event.RESUMED, State.SIGNED, Due.NOW),
    (State.HELD, Event.REVISED, State.DRAFT, Due.NOW),
    (State.HELD, Event.RELEASED, State.SIGNED, Due.NOW),
    (State.HELD, Event.ASKED_AGAIN, State.UNKNOWN, Due.NOW),
    (State.CONFLICT, Event.ASKED_AGAIN, State.UNKNOWN, Due.NOW),
    (State.CONFLICT, Event.RENUMBERED, State.DRAFT, Due.NOW),
    # A restored database has forgotten what happened since: whatever has a number is asked after before all else.
    (State.SIGNED, Event.RESTORED, State.UNKNOWN, Due.LATER),
    (State.RESERVED, Event.RESTORED, State.UNKNOWN, Due.LATER),
    (State.UNKNOWN, Event.RESTORED, State.UNKNOWN, Due.LATER),
    (State.PAUSED, Event.RESTORED, State.UNKNOWN, Due.LATER),
    (State.BLOCKED, Event.RESTORED, State.UNKNOWN, Due.LATER),
    (State.REJECTED, Event.RESTORED, State.UNKNOWN, Due.LATER),
    (State.HELD, Event.RESTORED, State.UNKNOWN, Due.LATER),
)


def transition(state: State, event: Event) -> Transition[State, Event]:
    """The row of the table. Raises LifecycleError."""
    return machine.step(LIFECYCLE, state, event, "a document")


def accepts(state: State, event: Event) -> bool:
    """Whether the event can happen in that state."""
    return (state, event) in LIFECYCLE


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    return machine.diagram(LIFECYCLE, State.DRAFT)
