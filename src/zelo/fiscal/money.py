"""Money is Decimal, never float. One way to round, and its mode and scale are a sourced row handed in."""

from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Final

ZERO: Final = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Rounding:
    """How an amount is brought to its scale: `places` after the point, `mode` one of the decimal module's names."""

    places: int
    mode: str
    unit: Decimal = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Derive the smallest unit once."""
        object.__setattr__(self, "unit", Decimal(1).scaleb(-self.places))


def round_to(value: Decimal, rounding: Rounding) -> Decimal:
    """`value` at the scale of `rounding`."""
    return value.quantize(rounding.unit, rounding=rounding.mode)


def cents(value: Decimal) -> int:
    """The amount in its smallest unit. Raises ValueError when it has a fraction of a cent or is not finite."""
    scaled = value.scaleb(2)
    if not value.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError(f"{value} has a fraction of a cent")
    return int(scaled)


def from_cents(amount: int) -> Decimal:
    """The inverse of `cents`, always with two places."""
    return Decimal(amount).scaleb(-2)


def show(value: Decimal) -> str:
    """As Brazilians write it: 1.234,56."""
    return f"{value:,.2f}".translate(_SWAP)


def show_exact(value: Decimal) -> str:
    """The same with more places where the amount has more: 1.234,5678."""
    return show(value) if value == value.quantize(_CENT, ROUND_DOWN) else show_number(value)


def show_number(value: Decimal) -> str:
    """A number with no more places than it needs: 1.234,5 or 3."""
    return f"{value.normalize():,f}".translate(_SWAP)


_CENT: Final = Decimal("0.01")
_SWAP: Final = str.maketrans(",.", ".,")
