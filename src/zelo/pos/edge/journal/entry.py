"""What stands in the journal, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from zelo.pos.edge.decide import Attempt, End, Outcome


class CouponStanding(StrEnum):
    """What a coupon is to its shop."""

    SOLD = "sold"
    """It is the sale; or the cancel that a till asked for."""
    CANCELLED = "cancelled"
    """A cancel of it was issued."""
    SURPLUS = "surplus"
    """A second coupon of a sale that was sold elsewhere, or that the till was told was not: it is to be cancelled."""
    UNDELIVERED = "undelivered"
    """It was issued, and whether the till ever read so is not known: a person looks."""
    LISTED = "listed"
    """It should have been cancelled and could not be any more: a person must decide."""
    ACCEPTED = "accepted"
    """A person looked and let it stand."""


class Elsewhere(IntEnum):
    """What the other gateway has to do with an asking."""

    NO = 0
    UNSURE = 1
    """It may have done it, and does not say; it must hear what is done here."""
    HEARD = 2
    """It has heard what was done here."""
    LOOKED = 3
    """What it did is known: nothing, or a call to a device of ours that is asked. It must hear what is done here."""
    GIVEN = 4
    """Nothing could be done here, and the other was given it."""


OTHER: Final = "outro gateway"
"""In place of a device: where a doubt is about what the other gateway did."""


@dataclass(frozen=True, slots=True)
class Known:
    """An asking that the journal knows. `end` None: it has not ended. `reply`: the pipe string that the till got.

    `elsewhere`: the other gateway may have done it. `turn`: the greater, the later. `lost`: as of a Request.
    """

    id: str
    till: str
    session: int
    function: str
    matter: str
    at: datetime
    end: End | None
    reply: str
    delivered: bool
    attempts: tuple[Attempt, ...]
    elsewhere: bool = False
    turn: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """A call of which it is not known what became. `at`: of the call; `session`: the till's; `end`: of its asking.

    `device`: its name in the configuration of then; `nserie`: its number, "" where that was not known.
    """

    attempt_id: int
    request_id: str
    device: str
    nserie: str
    at: datetime
    outcome: Outcome
    function: str
    till: str
    session: int
    end: End | None

    def is_for_person(self, devices: Mapping[str, str]) -> bool:
        """Whether no device can tell any more: it has forgotten, or is not among these, each with its number."""
        return self.outcome is Outcome.FORGOTTEN or not self.is_of_any(devices)

    def is_of_any(self, devices: Mapping[str, str]) -> bool:
        """Whether the device that was called is among these: by its number, by its name where one is not known."""
        return any(
            name == self.device if "" in (number, self.nserie) else number == self.nserie
            for name, number in devices.items()
        )


@dataclass(frozen=True, slots=True)
class Sold:
    """A coupon in the journal. `cancels`: the chave that it cancels, "" for a sale.

    `at`: its instant by the device's clock, `asked_at` that of the call by ours.
    """

    chave: str
    request_id: str
    attempt_id: int
    device: str
    cancels: str
    at: datetime
    total_cents: int
    standing: CouponStanding
    note: str
    till: str
    asked_at: datetime
