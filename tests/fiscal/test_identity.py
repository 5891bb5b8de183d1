"""Identifiers: 26 characters of Crockford's alphabet that sort by birth, and buckets that never move."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zelo.fiscal.identity import BUCKETS, bucket_of, new_id

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""https://www.crockford.com/base32.html: no I, L, O, U."""

unhurried = settings(deadline=None)

births = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 zone is drawn
chances = st.binary(min_size=10, max_size=10)


def number(text: str) -> int:
    value = 0
    for character in text:
        value = value * 32 + CROCKFORD.index(character)
    return value


@unhurried
@given(births, chances)
def test_an_id_holds_its_birth_and_its_chance(now: datetime, chance: bytes) -> None:
    text = new_id(now, chance)
    assert len(text) == 26
    assert set(text) <= set(CROCKFORD)
    millis, drawn = divmod(number(text), 2**80)
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis) == now.replace(
        microsecond=now.microsecond // 1000 * 1000
    )
    assert drawn.to_bytes(10, "big") == chance


@unhurried
@given(births, births, chances, chances)
def test_ids_sort_by_birth_whatever_their_chance(one: datetime, other: datetime, a: bytes, b: bytes) -> None:
    if one - other >= timedelta(milliseconds=1):
        assert new_id(one, a) > new_id(other, b)


def test_the_example_of_the_ulid_specification() -> None:
    """01ARYZ6S41 is 1469918176385 ms (github.com/ulid/spec and its reference implementation)."""
    now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=1_469_918_176_385)
    assert new_id(now, bytes(10)) == "01ARYZ6S41" + "0" * 16
    assert new_id(now, b"\xff" * 10) == "01ARYZ6S41" + "Z" * 16


@pytest.mark.parametrize("count", [0, 9, 11])
def test_too_little_or_too_much_chance_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="10 bytes"):
        new_id(datetime(2026, 1, 1, tzinfo=UTC), bytes(count))


def test_a_company_never_changes_its_bucket() -> None:
    """Values of the CRC-32 that every language has: a change here would scatter the rows of a company."""
    assert BUCKETS == 1024
    assert bucket_of("123456789") == 0xCBF43926 % 1024
    assert bucket_of("") == 0


@unhurried
@given(st.text(max_size=40))
def test_buckets_are_within_bounds(company_id: str) -> None:
    assert 0 <= bucket_of(company_id) < 1024
