"""Budgets: exact sliding windows against a naive count, and clocks that step back."""

from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from zelo.fiscal.instant import from_micros, to_micros
from zelo.guard.window import Budget, spend

START: Final = datetime(2026, 11, 21, tzinfo=UTC)
TICK: Final = timedelta(microseconds=1)

unhurried = settings(deadline=None, max_examples=200)

budgets = st.builds(Budget, st.integers(1, 5), st.integers(1, 20).map(lambda n: timedelta(seconds=n)))
onward = st.lists(st.integers(0, 8).map(lambda n: timedelta(seconds=n)), max_size=40)
anyhow = st.lists(st.integers(-30, 30).map(lambda n: timedelta(seconds=n)), max_size=40)


@unhurried
@given(budgets, onward)
def test_a_spend_is_allowed_when_and_only_when_the_last_span_holds_fewer_than_the_limit(
    budget: Budget, steps: list[timedelta]
) -> None:
    now = START
    kept: list[int] = []
    allowed: list[datetime] = []
    for step in steps:
        now += step
        result = spend(kept, budget, now)
        recent = [at for at in allowed if now - budget.span < at]
        assert result.allowed is (len(recent) < budget.limit)
        kept = list(result.times)
        if result.allowed:
            allowed.append(now)


@unhurried
@given(budgets, anyhow)
def test_no_window_of_the_span_ever_holds_more_whatever_the_clock_does(budget: Budget, steps: list[timedelta]) -> None:
    """Measured on the furthest time the clock has shown at a spend, for time itself does not run backwards."""
    now = START
    kept: list[int] = []
    allowed: list[datetime] = []
    for step in steps:
        now += step
        result = spend(kept, budget, now)
        kept = list(result.times)
        if result.allowed:
            allowed.append(max([now, *allowed]))
    for at in allowed:
        assert len([other for other in allowed if at - budget.span < other <= at]) <= budget.limit


@unhurried
@given(budgets, onward, st.integers(0, 10_000))
def test_a_clock_that_steps_back_never_reopens(budget: Budget, steps: list[timedelta], back: int) -> None:
    now = START
    kept: list[int] = []
    for step in steps:
        now += step
        result = spend(kept, budget, now)
        if not result.allowed:
            earlier = spend(kept, budget, now - timedelta(seconds=back))
            assert not earlier.allowed
            assert earlier.free_at == result.free_at
        kept = list(result.times)


@unhurried
@given(budgets, onward)
def test_it_tells_the_very_instant_when_the_next_one_fits(budget: Budget, steps: list[timedelta]) -> None:
    now = START
    kept: list[int] = []
    for step in steps:
        now += step
        result = spend(kept, budget, now)
        kept = list(result.times)
        if not result.allowed:
            assert result.free_at > now
            assert not spend(kept, budget, result.free_at - TICK).allowed
            assert spend(kept, budget, result.free_at).allowed


@unhurried
@given(budgets, onward)
def test_no_more_is_remembered_than_the_limit(budget: Budget, steps: list[timedelta]) -> None:
    now = START
    kept: list[int] = []
    for step in steps:
        now += step
        kept = list(spend(kept, budget, now).times)
        assert len(kept) <= budget.limit
        assert kept == sorted(kept)


def test_an_instant_exactly_one_span_later_is_free() -> None:
    budget = Budget(1, timedelta(seconds=180))
    first = spend([], budget, START)
    assert first.times == [to_micros(START)]
    assert not spend(first.times, budget, START + budget.span - TICK).allowed
    assert spend(first.times, budget, START + budget.span).allowed
    assert from_micros(first.times[0]) == START


def test_a_smaller_limit_holds_at_once() -> None:
    """The margin was raised between two spends."""
    wide, narrow = Budget(5, timedelta(hours=1)), Budget(2, timedelta(hours=1))
    times: list[int] = []
    for minute in range(5):
        times = list(spend(times, wide, START + timedelta(minutes=minute)).times)
    refused = spend(times, narrow, START + timedelta(minutes=10))
    assert not refused.allowed
    assert refused.free_at == START + timedelta(minutes=3) + narrow.span
    assert spend(times, narrow, refused.free_at).allowed
