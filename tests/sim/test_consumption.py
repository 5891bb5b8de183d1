"""The engine of consumo indevido against a plain model of it, and its edges one by one."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.sim.world import NOW, UNHURRIED
from zelo.sim.consumption import Counting, Meter, Rule, Use

RULE = Rule(
    limit=3,
    equal=True,
    counting=Counting.CUMULATIVE,
    window_seconds=None,
    block_seconds=3600,
    restarts_on_touch=False,
    permanent_after=None,
)
USE = Use("reception", "me", "note", "NOTE")
OTHER_NOTE = replace(USE, key="other")


def _seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def _reject(meter: Meter, times: int, rule: Rule = RULE, outcome: str = "435", use: Use = USE) -> None:
    for _ in range(times):
        assert meter.standing(use, rule, NOW) is None
        assert meter.record(use, outcome, rule, NOW) is None


def test_the_limit_is_tolerated_and_one_more_blocks_everybody_of_that_identity() -> None:
    meter = Meter()
    _reject(meter, 3)
    block = meter.record(USE, "435", RULE, NOW)
    assert block is not None
    assert (block.found, block.label, block.until, block.ordinal) == (4, "NOTE", NOW + _seconds(3600), 1)
    assert meter.standing(OTHER_NOTE, RULE, NOW) == block
    assert meter.standing(replace(USE, identity="you"), RULE, NOW) is None
    assert meter.standing(replace(USE, service="consulta"), RULE, NOW) is None


def test_the_block_ends_to_the_second_and_the_next_equal_one_blocks_again() -> None:
    meter = Meter()
    _reject(meter, 3)
    meter.record(USE, "435", RULE, NOW)
    assert meter.standing(USE, RULE, NOW + _seconds(3599.9)) is not None
    freed = NOW + _seconds(3600)
    assert meter.standing(USE, RULE, freed) is None
    assert meter.record(OTHER_NOTE, "435", RULE, freed) is None
    again = meter.record(USE, "435", RULE, freed)
    assert again is not None
    assert (again.found, again.ordinal) == (6, 2)


def test_only_the_culprit_goes_on_counting_during_a_block() -> None:
    meter = Meter()
    _reject(meter, 3)
    meter.record(USE, "435", RULE, NOW)
    found = [meter.standing(use, RULE, NOW) for use in (OTHER_NOTE, USE, USE)]
    assert [block.found for block in found if block] == [4, 5, 6]


def test_codes_and_notes_count_apart() -> None:
    meter = Meter()
    _reject(meter, 3)
    _reject(meter, 3, outcome="444")
    _reject(meter, 3, use=OTHER_NOTE)


def test_cumulative_counts_survive_another_outcome_and_consecutive_ones_do_not() -> None:
    for counting, blocks in ((Counting.CUMULATIVE, True), (Counting.CONSECUTIVE, False)):
        for between in ("444", ""):
            rule, meter = replace(RULE, counting=counting), Meter()
            _reject(meter, 3, rule)
            assert meter.record(USE, between, rule, NOW) is None
            assert (meter.record(USE, "435", rule, NOW) is not None) is blocks


def test_a_window_forgets() -> None:
    rule = replace(RULE, window_seconds=60)
    for age, blocks in ((59.9, True), (60, False)):
        meter = Meter()
        _reject(meter, 3, rule)
        assert (meter.record(USE, "435", rule, NOW + _seconds(age)) is not None) is blocks


def test_a_touch_restarts_where_the_reading_says_so() -> None:
    for restarts, blocked in ((False, False), (True, True)):
        rule, meter = replace(RULE, restarts_on_touch=restarts), Meter()
        _reject(meter, 3, rule)
        meter.record(USE, "435", rule, NOW)
        assert meter.standing(OTHER_NOTE, rule, NOW + _seconds(3000)) is not None
        assert (meter.standing(OTHER_NOTE, rule, NOW + _seconds(3601)) is not None) is blocked
        assert meter.standing(OTHER_NOTE, rule, NOW + _seconds(3601 + 3600)) is None


def test_the_fiftieth_block_never_ends() -> None:
    rule, meter, now = replace(RULE, permanent_after=50), Meter(), NOW
    _reject(meter, 3, rule)
    for ordinal in range(1, 51):
        block = meter.record(USE, "435", rule, now)
        assert block is not None
        assert block.ordinal == ordinal
        assert (block.until is None) is (ordinal == 50)
        now += _seconds(3600)
    assert meter.standing(USE, rule, now + timedelta(days=3650)) is not None


def test_calls_count_whatever_their_outcome() -> None:
    rule, meter = replace(RULE, equal=False, window_seconds=300), Meter()
    assert [meter.record(USE, outcome, rule, NOW) is None for outcome in ("", "100", "217", "")] == [True] * 3 + [False]


EVENTS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["", "1", "2"]), st.integers(0, 40)), max_size=60
)


@UNHURRIED
@given(EVENTS, st.sampled_from(Counting), st.sampled_from([None, 50]))
def test_it_blocks_exactly_when_a_plain_history_says_so(
    events: list[tuple[str, str, int]], counting: Counting, window: int | None
) -> None:
    rule = replace(RULE, counting=counting, window_seconds=window, block_seconds=0)
    meter, now, history = Meter(), NOW, list[tuple[str, str, int]]()
    elapsed = 0
    for key, outcome, wait in events:
        elapsed += wait
        now = NOW + _seconds(elapsed)
        use = replace(USE, key=key)
        assert meter.standing(use, rule, now) is None
        history.append((key, outcome, elapsed))
        of_key = [(o, at) for k, o, at in history if k == key]
        if counting is Counting.CONSECUTIVE:
            last_other = max((i for i, (o, _) in enumerate(of_key) if o != outcome), default=-1)
            of_key = of_key[last_other + 1 :]
        equal = [at for o, at in of_key if o == outcome and (window is None or elapsed - at < window)]
        expected = bool(outcome) and len(equal) > rule.limit
        assert (meter.record(use, outcome, rule, now) is not None) is expected
