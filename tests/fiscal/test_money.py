"""Money: rounding against the decimal module's own contexts, cents there and back, Brazilian writing."""

import decimal
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zelo.fiscal.money import ZERO, Rounding, cents, from_cents, round_to, show, show_exact, show_number

MODES: Final = (
    decimal.ROUND_HALF_UP, decimal.ROUND_HALF_EVEN, decimal.ROUND_HALF_DOWN, decimal.ROUND_UP, decimal.ROUND_DOWN,
    decimal.ROUND_CEILING, decimal.ROUND_FLOOR, decimal.ROUND_05UP,
)  # fmt: skip
MOST_CENTS: Final = 2**63 - 1
"""What the databases keep."""

unhurried = settings(deadline=None)

amounts = st.decimals(-(10**13), 10**13, places=8)


@unhurried
@given(amounts, st.integers(0, 8), st.sampled_from(MODES))
def test_rounding_is_that_of_the_decimal_module(value: Decimal, places: int, mode: str) -> None:
    got = round_to(value, Rounding(places, mode))
    unit = Decimal((0, (1,), -places))
    expected = decimal.Context(prec=60).divide(value, unit).to_integral_value(rounding=mode) * unit
    assert got == expected
    assert -int(got.as_tuple().exponent) == places


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        ("0.005", "0.01"),
        ("0.0049999", "0.00"),
        ("-0.005", "-0.01"),
        ("2.675", "2.68"),
        ("1.005", "1.01"),
        ("0", "0.00"),
    ],
)
def test_half_a_cent_goes_up(value: str, rounded: str) -> None:
    assert str(round_to(Decimal(value), Rounding(2, decimal.ROUND_HALF_UP))) == rounded


@unhurried
@given(st.integers(-MOST_CENTS, MOST_CENTS))
def test_cents_there_and_back(amount: int) -> None:
    value = from_cents(amount)
    assert cents(value) == amount
    assert value.as_tuple().exponent == -2
    assert value * 100 == amount


@unhurried
@given(amounts)
def test_a_fraction_of_a_cent_is_never_dropped(value: Decimal) -> None:
    if int(value.scaleb(8)) % 10**6 == 0:
        assert from_cents(cents(value)) == value
    else:
        with pytest.raises(ValueError, match="fraction of a cent"):
            cents(value)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "0.0000000000000000000000000001"])
def test_what_is_no_amount_has_no_cents(text: str) -> None:
    with pytest.raises(ValueError, match="fraction of a cent"):
        cents(Decimal(text))


@unhurried
@given(st.integers(-MOST_CENTS, MOST_CENTS))
def test_shown_amounts_read_back(amount: int) -> None:
    text = show(from_cents(amount))
    whole, places = text.split(",")
    assert len(places) == 2
    groups = whole.lstrip("-").split(".")
    assert all(len(group) == 3 for group in groups[1:])
    assert 1 <= len(groups[0]) <= 3
    assert Decimal(f"{whole.replace('.', '')}.{places}") == from_cents(amount)


def test_as_brazilians_write_it() -> None:
    assert show(Decimal("1234567.8")) == "1.234.567,80"
    assert show(ZERO) == "0,00"
    assert show(Decimal("-1234.56")) == "-1.234,56"


@pytest.mark.parametrize(
    ("value", "exact", "number"),
    [
        ("1234.5", "1.234,50", "1.234,5"), ("1234.56780000", "1.234,5678", "1.234,5678"), ("0.525", "0,525", "0,525"),
        ("17.900", "17,90", "17,9"), ("1000.0000", "1.000,00", "1.000"), ("0", "0,00", "0"),
    ],
)  # fmt: skip
def test_places_are_kept_where_there_are_more_and_dropped_where_none_are_needed(
    value: str, exact: str, number: str
) -> None:
    assert show_exact(Decimal(value)) == exact
    assert show_number(Decimal(value)) == number
