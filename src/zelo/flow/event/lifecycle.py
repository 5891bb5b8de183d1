"""The life of an event as one table, by the same mechanism as that of a document.

The signed bytes are frozen before RESERVED is written, and RESERVED before the first byte leaves. An event whose
outcome nobody knows is asked after by the chave of its note, never sent again blindly. REGISTERED: the authorizer has
our very event. OVERTAKEN: the note ended in another way (cancelled by another program, substituted), so ours is moot.
WITHDRAWN: a person gave up what is held or refused; the note stays authorised, and may be asked for anew.
"""

from enum import StrEnum
from typing import Final

from zelo.flow import machine
from zelo.flow.machine import Due, Transition


class State(StrEnum):
    """Where our job with an event stands."""

    REQUESTED = "REQUESTED"
    INVALID = "INVALID"
    SIGNED = "SIGNED"
    RESERVED = "RESERVED"
    UNKNOWN = "UNKNOWN"
    PAUSED = "PAUSED"
    BLOCKED = "BLOCKED"
    REJECTED = "REJECTED"
    HELD = "HELD"
    REGISTERED = "REGISTERED"
    OVERTAKEN = "OVERTAKEN"
    WITHDRAWN = "WITHDRAWN"


class Happening(StrEnum):
    """What can happen to an event."""

    FOUND_FAULTY = "found faulty"
    SIGNED = "signed"
    ADMITTED = "admitted"
    HELD_BACK = "held back"
    REGISTERED = "registered"
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
    OVERTAKEN = "note ended in another way"
    NOT_FOUND = "not found"
    NOT_FOUND_UNRECOGNISED = "not found after an unrecognised answer"
    NOT_FOUND_REFUSED = "not found after a refusal"
    STILL_UNKNOWN = "still unknown"
    RESUMED = "resumed"
    ASKED_AGAIN = "asked again"
    REQUESTED_AGAIN = "requested again"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored from a backup"


LIFECYCLE: Final = machine.table(
    # A request is judged and signed in one transaction, or its faults are shown.
    (State.REQUESTED, Happening.FOUND_FAULTY, State.INVALID, Due.PERSON),
    (State.REQUESTED, Happening.SIGNED, State.SIGNED, Due.NOW),
    (State.REQUESTED, Happening.OVERTAKEN, State.OVERTAKEN, Due.NEVER),
    (State.INVALID, Happening.REQUESTED_AGAIN, State.REQUESTED, Due.NOW),
    # The guard says whether the frozen bytes may leave.
    (State.SIGNED, Happening.ADMITTED, State.RESERVED, Due.LATER),
    (State.SIGNED, Happening.HELD_BACK, State.HELD, Due.PERSON),
    (State.SIGNED, Happening.OVERTAKEN, State.OVERTAKEN, Due.NEVER),
    # The answer, or its absence.
    (State.RESERVED, Happening.REGISTERED, State.REGISTERED, Due.NEVER),
    (State.RESERVED, Happening.REJECTED, State.REJECTED, Due.PERSON),
    (State.RESERVED, Happening.ISSUER_REFUSED, State.PAUSED, Due.LATER),
    (State.RESERVED, Happening.SERVICE_PAUSED, State.PAUSED, Due.LATER),
    (State.RESERVED, Happening.BLOCKED, State.BLOCKED, Due.LATER),
    (State.RESERVED, Happening.NOT_SENT, State.SIGNED, Due.LATER),
    (State.RESERVED, Happening.UNANSWERED, State.UNKNOWN, Due.LATER),
    (State.RESERVED, Happening.LEASE_EXPIRED, State.UNKNOWN, Due.LATER),
    (State.RESERVED, Happening.DUPLICATE, State.UNKNOWN, Due.NOW),
    (State.RESERVED, Happening.UNRECOGNISED, State.UNKNOWN, Due.LATER),
    # An unknown outcome is asked after.
    (State.UNKNOWN, Happening.FOUND, State.REGISTERED, Due.NEVER),
    (State.UNKNOWN, Happening.OVERTAKEN, State.OVERTAKEN, Due.NEVER),
    (State.UNKNOWN, Happening.NOT_FOUND, State.SIGNED, Due.NOW),
    (State.UNKNOWN, Happening.NOT_FOUND_UNRECOGNISED, State.HELD, Due.PERSON),
    (State.UNKNOWN, Happening.NOT_FOUND_REFUSED, State.REJECTED, Due.PERSON),
    (State.UNKNOWN, Happening.STILL_UNKNOWN, State.UNKNOWN, Due.LATER),
    (State.UNKNOWN, Happening.ASKED_AGAIN, State.UNKNOWN, Due.NOW),
    # Waiting for the service, the block or the emitter to be in order; the bytes stay as they are.
    (State.PAUSED, Happening.RESUMED, State.SIGNED, Due.NOW),
    (State.BLOCKED, Happening.RESUMED, State.SIGNED, Due.NOW),
    (State.SIGNED, Happening.BLAMED, State.HELD, Due.PERSON),
    (State.PAUSED, Happening.BLAMED, State.HELD, Due.PERSON),
    (State.BLOCKED, Happening.BLAMED, State.HELD, Due.PERSON),
    # A person decides.
    (State.REJECTED, Happening.REQUESTED_AGAIN, State.REQUESTED, Due.NOW),
    (State.HELD, Happening.RELEASED, State.SIGNED, Due.NOW),
    (State.HELD, Happening.ASKED_AGAIN, State.UNKNOWN, Due.NOW),
    (State.INVALID, Happening.WITHDRAWN, State.WITHDRAWN, Due.NEVER),
    (State.REJECTED, Happening.WITHDRAWN, State.WITHDRAWN, Due.NEVER),
    (State.HELD, Happening.WITHDRAWN, State.WITHDRAWN, Due.NEVER),
    (State.WITHDRAWN, Happening.REQUESTED_AGAIN, State.REQUESTED, Due.NOW),
    # After a restore whatever has bytes may have been sent meanwhile.
    (State.SIGNED, Happening.RESTORED, State.UNKNOWN, Due.LATER),
    (State.RESERVED, Happening.RESTORED, State.UNKNOWN, Due.LATER),
    (State.UNKNOWN, Happening.RESTORED, State.UNKNOWN, Due.LATER),
    (State.PAUSED, Happening.RESTORED, State.UNKNOWN, Due.LATER),
    (State.BLOCKED, Happening.RESTORED, State.UNKNOWN, Due.LATER),
    (State.REJECTED, Happening.RESTORED, State.UNKNOWN, Due.LATER),
    (State.HELD, Happening.RESTORED, State.UNKNOWN, Due.LATER),
)


def transition(state: State, happening: Happening) -> Transition[State, Happening]:
    """The row of the table. Raises LifecycleError."""
    return machine.step(LIFECYCLE, state, happening, "an event")


def accepts(state: State, happening: Happening) -> bool:
    """Whether that can happen in that state."""
    return (state, happening) in LIFECYCLE


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    return machine.diagram(LIFECYCLE, State.REQUESTED)
