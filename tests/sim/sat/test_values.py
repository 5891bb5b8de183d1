"""The value rules beside a slow exact reckoning with fractions, and beside public coupons."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.sim.world import UNHURRIED
from zelo.sim.sat.values import Item, gross, nbr, share, worth

CENT = Fraction(1, 100)
amounts = some.decimals("0.00", "99999.99", places=2)
quantities = some.decimals("0.0001", "99999.9999", places=4)
prices = some.decimals("0.001", "99999.999", places=3)
items = some.builds(
    Item, quantity=quantities, price=prices, cut=some.booleans(), other=amounts, service=some.booleans()
)


def rounded(exact: Fraction) -> Fraction:
    """To the nearest cent, a half to the even one."""
    cents, rest = divmod(exact, CENT)
    up = rest > CENT / 2 or (rest == CENT / 2 and cents % 2 == 1)
    return (cents + up) * CENT


def exact_gross(item: Item) -> Fraction:
    value = Fraction(item.quantity) * Fraction(item.price)
    return value // CENT * CENT if item.cut else rounded(value)


@pytest.mark.parametrize(
    ("quantity", "price", "cut", "expected"),
    [
        ("1.0000", "654.320", False, "654.32"),
        ("1.0000", "5.00", False, "5.00"),
        ("0.5000", "0.05", False, "0.02"),
        ("0.5000", "0.07", False, "0.04"),
        ("0.3330", "10.00", True, "3.33"),
        ("1.9999", "1.00", True, "1.99"),
    ],
    ids=["coupon of Tanca 2015", "coupon of Elgin MFE 2024", "half to even", "half to even up", "cut", "cut below"],
)
def test_an_item_comes_to(quantity: str, price: str, cut: bool, expected: str) -> None:  # noqa: FBT001 a column
    assert gross(Item(Decimal(quantity), Decimal(price), cut)) == Decimal(expected)


@UNHURRIED
@given(items)
def test_gross_is_the_exact_product_brought_to_cents(item: Item) -> None:
    assert Fraction(gross(item)) == exact_gross(item)


@UNHURRIED
@given(some.lists(items, min_size=1, max_size=30), amounts, some.booleans())
def test_nothing_is_lost_or_made_by_sharing(sold: list[Item], discount: Decimal, services: bool) -> None:  # noqa: FBT001
    found = worth(sold, discount=discount, increase=Decimal(0), services_share=services)
    takers = [each for each in sold if services or not each.service]
    total = sum((exact_gross(each) + Fraction(each.other) for each in sold), Fraction(0))
    assert Fraction(sum(each.net for each in found)) == total - (Fraction(discount) if takers else 0)
    for each, item in zip(found, sold, strict=True):
        if item.service and not services:
            assert each.shared_discount == 0


@UNHURRIED
@given(some.lists(amounts, min_size=1, max_size=30), amounts)
def test_each_share_is_nearest_to_its_part_but_for_one(weights: list[Decimal], amount: Decimal) -> None:
    parts, whole = share(amount, weights), Fraction(sum(weights))
    if not whole:
        assert parts == [amount, *[0] * (len(weights) - 1)]
        return
    exact = [Fraction(amount) * Fraction(weight) / whole for weight in weights]
    assert sum(parts) == amount
    off = [
        place
        for place, (part, just) in enumerate(zip(parts, exact, strict=True))
        if abs(Fraction(part) - just) > CENT / 2
    ]
    near = Fraction(1, 10**9)
    surprising = [place for place in off if abs(abs(Fraction(parts[place]) - exact[place]) - CENT / 2) > near]
    assert len(surprising) <= 1
    if surprising:
        rough = [rounded(each) for each in exact]
        assert exact[surprising[0]] >= max(exact) - CENT, rough


def test_what_rounding_leaves_goes_to_the_first_of_the_largest() -> None:
    assert share(Decimal("0.10"), [Decimal(1)] * 3) == [Decimal("0.04"), Decimal("0.03"), Decimal("0.03")]
    assert share(Decimal("0.01"), [Decimal(0), Decimal(1), Decimal(1), Decimal(1)])[:2] == [Decimal(0), Decimal("0.01")]
    assert share(Decimal("1.00"), [Decimal(1), Decimal(5), Decimal(5)])[0] == Decimal("0.09")
    assert share(Decimal("1.00"), [None, Decimal(0), Decimal(0)]) == [Decimal(0), Decimal("1.00"), Decimal(0)]
    assert share(Decimal("1.00"), [None, None]) == [Decimal(0)] * 2


def test_rounding_is_by_nbr_5891() -> None:
    assert [str(nbr(Decimal(text))) for text in ("0.125", "0.135", "0.1351", "0.1249")] == [
        "0.12",
        "0.14",
        "0.14",
        "0.12",
    ]
