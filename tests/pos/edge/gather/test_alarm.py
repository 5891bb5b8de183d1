"""Alarms over seeded histories: one for each fingerprint, it begins once, and ends only when it has been well."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from zelo.pos.edge.gather.alarm import WELL, Alarms, Change, Turn, fold
from zelo.pos.edge.gather.rules import Finding, Level

START = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
STEP = timedelta(seconds=10)


def finding(rule: str, level: Level = Level.WARNING) -> Finding:
    return Finding(rule, "A", level, "s", "r.")


@pytest.mark.parametrize("seed", range(20))
def test_turns_alternate_and_nothing_ends_early(seed: int) -> None:
    chance, told = random.Random(seed), list[Change]()
    state: Alarms = {}
    found_at: dict[str, datetime] = {}
    now = START
    for _ in range(600):
        now += STEP
        found = [finding(rule, chance.choice(list(Level))) for rule in ("x", "y") if chance.random() < 0.02]
        found_at |= {each.rule: now for each in found}
        state, changes = fold(state, found, now)
        told += changes
        expected = {rule for rule, at in found_at.items() if now - at < WELL}
        assert {rule for rule, _ in state} == expected
    for rule in ("x", "y"):
        turns = [change.turn for change in told if change.alarm.finding.rule == rule]
        turns = [turn for turn in turns if turn is not Turn.WORSE_OR_BETTER]
        assert turns == [Turn.BEGAN, Turn.ENDED] * (len(turns) // 2) + [Turn.BEGAN] * (len(turns) % 2)


def test_a_change_of_level_is_told_and_the_beginning_stays() -> None:
    state, _ = fold({}, [finding("x")], START)
    state, [change] = fold(state, [finding("x", Level.URGENT)], START + STEP)
    assert (change.turn, change.alarm.since) == (Turn.WORSE_OR_BETTER, START)
    assert fold(state, [finding("x", Level.URGENT)], START + 2 * STEP)[1] == []


def test_a_measure_that_trembles_about_a_bound_is_told_once_and_a_better_one_in_a_while() -> None:
    state, told = fold({}, [finding("x", Level.URGENT)], START)[0], list[Change]()
    for step in range(1, 100):
        state, changes = fold(state, [finding("x", Level.WARNING if step % 2 else Level.URGENT)], START + step * STEP)
        told += changes
    assert told == []
    better = START + 98 * STEP
    state, changes = fold(state, [finding("x")], better + WELL - STEP)
    assert (changes, [alarm.finding.level for alarm in state.values()]) == ([], [Level.URGENT])
    state, [change] = fold(state, [finding("x")], better + WELL)
    assert (change.turn, change.alarm.finding.level, change.alarm.since) == (
        Turn.WORSE_OR_BETTER,
        Level.WARNING,
        START,
    )


def test_a_clock_that_is_put_right_keeps_what_is_found_and_ends_what_is_not() -> None:
    ahead = START + timedelta(days=1)
    state, _ = fold({}, [finding("x"), finding("y")], ahead)
    state, [ended] = fold(state, [finding("x")], START)
    assert (ended.turn, ended.alarm.finding.rule) == (Turn.ENDED, "y")
    [kept] = state.values()
    assert kept.finding.rule == "x"
