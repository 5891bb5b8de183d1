"""When a mail is tried again, and when nobody tries any more."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zelo.notify.delivery import Answer, Outcome, State, settle, wait

BORN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def settled(outcome: Outcome, *, tries: int = 1, after: timedelta = timedelta(0)) -> tuple[State, timedelta | None]:
    made = settle(Answer(outcome, "disse"), tries=tries, born=BORN, now=BORN + after, chance=999)
    return made.state, made.due_at - BORN if made.due_at else None


def test_what_was_taken_and_what_was_refused_for_good_is_left_alone() -> None:
    assert settled(Outcome.DELIVERED) == (State.DELIVERED, None)
    assert settled(Outcome.REFUSED) == (State.REFUSED, None)


@pytest.mark.parametrize("outcome", [Outcome.DEFERRED, Outcome.UNKNOWN])
def test_the_rest_is_tried_again_for_five_days(outcome: Outcome) -> None:
    state, due = settled(outcome)
    assert state is State.RETRYING
    assert due is not None
    assert timedelta(seconds=59) < due <= timedelta(minutes=1)
    assert settled(outcome, tries=100, after=timedelta(days=4, hours=22))[0] is State.RETRYING
    assert settled(outcome, tries=100, after=timedelta(days=4, hours=23, minutes=30)) == (State.GIVEN_UP, None)


@given(st.integers(0, 10_000), st.integers(0, 2**32))
def test_a_wait_is_never_short_nor_long_whatever_chance_says(tries: int, chance: int) -> None:
    assert timedelta(seconds=30) <= wait(tries, chance) <= timedelta(hours=1)


def test_waits_double_and_chance_spreads_them() -> None:
    assert [wait(tries, 0) / timedelta(seconds=1) for tries in range(1, 9)] == [30, 60, 120, 240, 480, 960, 1800, 1800]
    assert len({wait(3, chance) for chance in range(1000)}) == 1000
