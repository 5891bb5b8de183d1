"""What a file comes to against what its ERP says and against the month before. Values only. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from zelo.fiscal.money import ZERO


@dataclass(frozen=True, slots=True)
class Part:
    """What notes bill under one CFOP ("" where items have none) and one cClass: notes, items and signed vProd."""

    cfop: str
    cclass: str
    notes: int
    items: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: a code, and what it comes to now and came to before."""

    code: str
    items: int
    value: Decimal
    before: Decimal

    @property
    def difference(self) -> Decimal:
        """Now less before."""
        return self.value - self.before


@dataclass(frozen=True, slots=True)
class Said:
    """A file: how its notes were taken, how many faturas gave no note, and the ERP's total where it told one."""

    taken: Mapping[str, int]
    told: int
    erp: Decimal
    billed: Decimal
    unread: int

    @property
    def difference(self) -> Decimal:
        """What the notes bill less what the ERP says of those very notes; zero is right."""
        return self.billed - self.erp


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract whose bill differs from the month before; None where it had no note."""

    contract: str
    name: str
    document_id: str
    now: Decimal | None
    before: Decimal | None


@dataclass(frozen=True, slots=True)
class Compared:
    """Two months: their sums, how many contracts are missing, new or changed, and the largest of each."""

    now: Decimal
    before: Decimal
    counts: Mapping[str, int]
    shown: Mapping[str, Sequence[Contract]]

    @property
    def difference(self) -> Decimal:
        """Now less before."""
        return self.now - self.before


def by_cfop(now: Sequence[Part], before: Sequence[Part]) -> list[Line]:
    """By CFOP, in the order of the codes; the items without one last."""
    return _lines(now, before, "cfop")


def by_cclass(now: Sequence[Part], before: Sequence[Part]) -> list[Line]:
    """By cClass, in the order of the codes."""
    return _lines(now, before, "cclass")


def _lines(now: Sequence[Part], before: Sequence[Part], by: str) -> list[Line]:
    codes = sorted({getattr(part, by) for part in [*now, *before]}, key=lambda code: (code == "", code))
    return [
        Line(
            code,
            sum(part.items for part in now if getattr(part, by) == code),
            sum((part.value for part in now if getattr(part, by) == code), ZERO),
            sum((part.value for part in before if getattr(part, by) == code), ZERO),
        )
        for code in codes
    ]
