"""The parameters as users write them: what they mean, what is refused and where, and that they print as they read."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zelo.fiscal.uf import Uf
from zelo.guard import policy
from zelo.guard.policy import (
    MOST_ATTEMPTS,
    MOST_CHARS,
    MOST_FAULTS,
    MOST_WAIT_SECONDS,
    Band,
    Limits,
    judge_limits,
    preview,
    print_intervals,
    print_limits,
    read_intervals,
    read_limits,
    wait_seconds,
)

REFERENCE: Final = "PR|5-10-120;11-15-300;16-20-600;21-20-900/"
"""As the manual of the reference prints it, reversed last band included."""
BANDS: Final = (Band(5, 10, 120), Band(11, 15, 300), Band(16, 20, 600), Band(21, None, 900))


def test_the_string_of_the_reference_is_read_with_a_warning_about_its_last_band() -> None:
    reading = read_intervals(REFERENCE)
    assert (dict(reading.values), reading.refusals) == ({Uf.PR: BANDS}, ())
    [warning] = reading.warnings
    assert (warning.where, warning.value, warning.remedy) == ("posição 33", "21-20-900", "Escreva 21-*-900.")
    assert REFERENCE[32:].startswith(warning.value), "the position counts from 1"


def test_limits_of_several_ufs() -> None:
    reading = read_limits("PR|10-20/SP|8-16/")
    assert dict(reading.values) == {Uf.PR: Limits(10, 20), Uf.SP: Limits(8, 16)}
    assert not reading.refusals


@pytest.mark.parametrize("text", ["", "PR|5-10-120", " pr | 5 - 10 - 120 ; / ", "PR|5-10-120/\n"])
def test_blanks_small_letters_and_the_last_separator_do_not_matter(text: str) -> None:
    reading = read_intervals(text)
    assert not reading.refusals
    assert dict(reading.values) == ({Uf.PR: (Band(5, 10, 120),)} if text else {})


WRONG_INTERVALS: Final = {
    "PR|5-10-120;10-15-300/": (13, "repete tentativas", "11-15-300"),
    "PR|5-10-120;12-15-300/": (13, "buraco", "11-15-300"),
    "PR|10-5-120;11-12-3/": (4, "anda para trás", "5-10-120"),
    "PR|5-*-1;6-7-1": (4, "Só a última faixa", "DE-ATÉ-SEGUNDOS"),
    "XX|1-2-3/": (1, "Não é uma UF", "PR"),
    "PR 1-2-3": (1, "Falta a UF", "PR|"),
    "PR|a-2-3": (4, "esperava 3 números", "5-10-120"),
    "PR|1-2": (4, "esperava 3 números", "5-10-120"),
    "PR|1-2-3-4": (4, "esperava 3 números", "5-10-120"),
    "PR|": (4, "esperava 3 números", "5-10-120"),
    "PR|٥-10-120/": (4, "esperava 3 números", "5-10-120"),
    "PR|5-10-1.5/": (9, "esperava 3 números", "5-10-120"),
    "PR|5-10--120/": (9, "esperava 3 números", "5-10-120"),
    "PR|0-10-120/": (4, "passa do aceito", "tentativas de 1 a"),
    f"PR|1-{MOST_ATTEMPTS + 1}-1/": (4, "passa do aceito", "tentativas de 1 a"),
    f"PR|1-2-{MOST_WAIT_SECONDS + 1}/": (4, "passa do aceito", "segundos"),
    "PR|5-10-120/PR|1-2-3/": (13, "duas vezes", "Junte"),
    "PR|1-2-3//SP|1-2-3": (10, "Falta a UF", "PR|"),
    "PR|1-2-3|SP": (8, "esperava 3 números", "5-10-120"),
}


@pytest.mark.parametrize("text", WRONG_INTERVALS)
def test_a_wrong_interval_is_refused_at_its_position_with_what_to_write(text: str) -> None:
    position, said, remedy = WRONG_INTERVALS[text]
    first = read_intervals(text).refusals[0]
    assert first.where == f"posição {position}"
    assert said in first.sentence
    assert remedy in first.remedy


WRONG_LIMITS: Final = {
    "PR|20-10/": "segurança passa do máximo",
    "PR|0-10": "não servem",
    "PR|10-*": "não servem",
    "PR|10": "esperava 2 números",
    "PR|10-20-30": "esperava 2 números",
    f"PR|1-{MOST_ATTEMPTS + 1}": "não servem",
}


@pytest.mark.parametrize("text", WRONG_LIMITS)
def test_wrong_limits_are_refused(text: str) -> None:
    assert WRONG_LIMITS[text] in read_limits(text).refusals[0].sentence


def test_a_maximum_that_reaches_the_authorizer_s_own_limit_is_refused() -> None:
    values = {Uf.PR: Limits(10, 25), Uf.SP: Limits(10, 24)}
    [fault] = judge_limits(values, lambda _: 25)
    assert (fault.where, fault.remedy) == ("PR", "Use no máximo 24.")


HOSTILE: Final = {
    "a hundred kilobytes": "PR|" + "5-10-120;" * 11_000,
    "only separators": "/;|-" * (MOST_CHARS // 4),
    "nested": "PR|" * (MOST_CHARS // 3),
    "many bands": "PR|" + ";".join(f"{n}-{n}-1" for n in range(1, 900)),
    "a long number": "PR|" + "9" * 9_000 + "-1-1",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_string_brings_a_handful_of_faults_and_short_ones(name: str) -> None:
    for read in (read_intervals, read_limits):
        reading = read(HOSTILE[name])
        assert len(reading.refusals) <= MOST_FAULTS
        assert all(len(fault.value) <= 20 and len(fault.sentence) < 200 for fault in reading.refusals)
        assert reading.refusals or name == "many bands"


@given(st.text(alphabet="PRSP0123456789|-;/* ٥é", max_size=60))
@settings(deadline=None)
def test_any_string_is_read_or_refused(text: str) -> None:
    """And what was read prints as something that reads back, without a warning this time."""
    intervals, limits = read_intervals(text), read_limits(text)
    if not intervals.refusals:
        assert read_intervals(print_intervals(intervals.values)) == policy.Reading(intervals.values)
    if not limits.refusals:
        assert read_limits(print_limits(limits.values)) == policy.Reading(limits.values)


@st.composite
def bands(draw: st.DrawFn) -> tuple[Band, ...]:
    first, made = draw(st.integers(1, 6)), []
    for _ in range(draw(st.integers(1, 5))):
        last = first + draw(st.integers(0, 9))
        made.append(Band(first, last, draw(st.integers(0, 900))))
        first = last + 1
    if draw(st.booleans()):
        made.append(Band(first, None, draw(st.integers(0, 900))))
    return tuple(made)


@given(st.dictionaries(st.sampled_from(Uf), bands(), max_size=6))
@settings(deadline=None)
def test_what_is_printed_reads_back(values: dict[Uf, tuple[Band, ...]]) -> None:
    assert read_intervals(print_intervals(values)) == policy.Reading(values)


def test_the_wait_before_each_attempt_is_that_of_its_band() -> None:
    expected = [0] * 4 + [120] * 6 + [300] * 5 + [600] * 5 + [900] * 10
    assert [wait_seconds(BANDS, attempt) for attempt in range(1, 31)] == expected
    assert wait_seconds(BANDS[:1], 11) == 120, "after the last band its wait goes on"
    assert wait_seconds((), 7) == 0


def test_the_preview_adds_the_waits_up() -> None:
    at = preview(BANDS, 20)
    assert len(at) == 20
    assert at[:6] == [0, 0, 0, 0, 120, 240]
    assert at[-1] == 6 * 120 + 5 * 300 + 5 * 600
