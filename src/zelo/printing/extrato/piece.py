"""What a strip is made of, from top to bottom, whatever it is printed by; and the rolls of paper that there are."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final


class Size(Enum):
    """Of letters: condensed, as usual, twice as high."""

    SMALL = "small"
    NORMAL = "normal"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Text:
    """Words over as many lines as they need."""

    text: str
    size: Size = Size.NORMAL
    bold: bool = False
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Words at the left, over as many lines as they need; what they are worth at the right of the last, never cut.

    `inset`: the words stand a little to the right of the edge, under what they belong to.
    """

    left: str
    right: str
    size: Size = Size.SMALL
    bold: bool = False
    inset: bool = False


@dataclass(frozen=True, slots=True)
class Fill:
    """One character from edge to edge."""

    character: str = "-"


@dataclass(frozen=True, slots=True)
class Gap:
    """An empty line."""


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar code (CODE 128) of a chave, in as few parts as the roll allows."""

    chave: str


@dataclass(frozen=True, slots=True)
class Square:
    """A QR code."""

    text: str


Piece = Text | Pair | Fill | Gap | Bars | Square


@dataclass(frozen=True, slots=True)
class Strip:
    """A whole extrato: what it is called, of which coupon, issued when."""

    name: str
    chave: str
    at: datetime
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Roll:
    """Paper: its width, what of it can be printed, and how many dots and letters of each size that is.

    Dots are an eighth of a millimetre (203 to the inch), as thermal heads have them; a condensed letter has 9 across,
    a usual one 12.
    """

    mm: int
    printed_mm: int
    dots: int
    small: int
    normal: int

    def columns(self, size: Size) -> int:
        """Letters across."""
        return self.small if size is Size.SMALL else self.normal


ROLLS: Final = {
    80: Roll(mm=80, printed_mm=72, dots=576, small=64, normal=48),
    58: Roll(mm=58, printed_mm=48, dots=384, small=42, normal=32),
}
"""The two widths of the trade."""
