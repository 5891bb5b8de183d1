"""How a rule compares an amount with what it should be.

An amount that no tag can hold (`total.fits`) is left to the layout, which refuses it (cStat 215) at its own place.
"""

from decimal import Decimal


def beyond(found: Decimal, expected: Decimal, tolerance: Decimal) -> bool:
    """Whether the amount is off by more than the tolerance, all in reais."""
    return abs(found - expected) > tolerance


def beside(found: Decimal, expected: Decimal) -> str:
    """The amount found and the one computed, for whoever has to correct it."""
    return f"{found} (o cálculo dá {expected:.2f})"
