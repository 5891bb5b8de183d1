"""What a coupon is worth: the value rules of the device, on Decimal to the cent.

An amount is quantity times price, cut (indRegra T) or rounded by NBR 5891 (A: an exact half goes to the even cent).
A discount or increase on the subtotal is shared out by what each item is worth; what rounding leaves goes to the first
item with the largest share. Sources: nine real coupons reproduce; the half-even case rests on the emulator of SEFAZ-SP,
and so does a discount that no item may take (services only, without indRatISSQN S): the coupon is issued without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal, localcontext
from typing import Final

ZERO: Final = Decimal("0.00")
_CENT: Final = Decimal("0.01")
_NINE_PLACES: Final = Decimal("0.000000001")
_PRECISION: Final = 40


@dataclass(frozen=True, slots=True)
class Item:
    """One item as it is sold. `cut`: indRegra T. `service`: under ISSQN."""

    quantity: Decimal
    price: Decimal
    cut: bool
    discount: Decimal = ZERO
    other: Decimal = ZERO
    service: bool = False


@dataclass(frozen=True, slots=True)
class Worth:
    """What the device finds for an item: vProd, its shares of the subtotal's discount and increase, vItem."""

    gross: Decimal
    shared_discount: Decimal
    shared_increase: Decimal
    net: Decimal


def nbr(value: Decimal) -> Decimal:
    """To the cent by NBR 5891."""
    return value.quantize(_CENT, rounding=ROUND_HALF_EVEN)


def gross(item: Item) -> Decimal:
    """vProd."""
    with localcontext(prec=_PRECISION):
        value = item.quantity * item.price
        return value.quantize(_CENT, rounding=ROUND_DOWN) if item.cut else nbr(value)


def worth(items: Sequence[Item], *, discount: Decimal, increase: Decimal, services_share: bool) -> tuple[Worth, ...]:
    """Every item's worth. `services_share`: indRatISSQN S; without it services share the increase, not the discount.

    A result may be negative: the device refuses that coupon (1998).
    """
    with localcontext(prec=_PRECISION):
        found = [gross(item) for item in items]
        own = [value - item.discount + item.other for value, item in zip(found, items, strict=True)]
        takes = [services_share or not item.service for item in items]
        less = share(discount, [value if takes_part else None for value, takes_part in zip(own, takes, strict=True)])
        more = share(increase, own)
        return tuple(
            Worth(value, minus, plus, before - minus + plus)
            for value, before, minus, plus in zip(found, own, less, more, strict=True)
        )


def share(amount: Decimal, by: Sequence[Decimal | None]) -> list[Decimal]:
    """An amount shared out in cents by weights, None for who takes no part; the first takes all where all are zero."""
    parts = [ZERO] * len(by)
    weights = {place: each for place, each in enumerate(by) if each is not None}
    whole = sum(weights.values(), ZERO)
    if whole:
        weights = {place: each for place, each in weights.items() if each}
        for place, each in weights.items():
            parts[place] = nbr((amount * each / whole).quantize(_NINE_PLACES, rounding=ROUND_HALF_EVEN))
    if weights:
        parts[max(weights, key=parts.__getitem__)] += amount - sum(parts, ZERO)
    return parts


def tax(base: Decimal, rate: Decimal) -> Decimal:
    """Base times rate, the rate as a fraction, to the cent."""
    with localcontext(prec=_PRECISION):
        return nbr(base * rate)
