"""Months: 2026-11 in an address, 202611 in a note, Novembro/2026 for people. Pure."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

NAMES: Final = (
    "Janeiro", "Fevereiro", "Março", "Abril", "Maio", "Junho", "Julho", "Agosto", "Setembro", "Outubro", "Novembro",
    "Dezembro",
)  # fmt: skip
_SHAPE: Final = re.compile(r"(20[0-9]{2})-?(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    month: int

    @property
    def slug(self) -> str:
        """2026-11."""
        return f"{self.year}-{self.month:02d}"

    @property
    def period(self) -> str:
        """202611, as `CompetFat` has it."""
        return f"{self.year}{self.month:02d}"

    @property
    def name(self) -> str:
        """Novembro/2026."""
        return f"{NAMES[self.month - 1]}/{self.year}"

    @property
    def short(self) -> str:
        """Nov/26."""
        return f"{NAMES[self.month - 1][:3]}/{self.year % 100:02d}"

    @property
    def days(self) -> int:
        """How many days it has."""
        return monthrange(self.year, self.month)[1]

    @property
    def before(self) -> "Month":
        """The month before."""
        return Month(self.year - 1, 12) if self.month == 1 else Month(self.year, self.month - 1)

    @property
    def after(self) -> "Month":
        """The month after."""
        return Month(self.year + 1, 1) if self.month == 12 else Month(self.year, self.month + 1)

    def days_left(self, today: date) -> int | None:
        """Days after today that the month still has; None where today is not in it."""
        return self.days - today.day if Month.of(today) == self else None

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a day."""
        return cls(day.year, day.month)


def read(text: str) -> Month | None:
    """The month of 2026-11 or 202611; None of anything else."""
    found = _SHAPE.fullmatch(text)
    return Month(int(found[1]), int(found[2])) if found else None
