"""The turn of the year: what holds on 31 December 2026 and no more on 1 January 2027."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zelo.facts.reform import pis_cofins_due, rate, total_includes_ibs_cbs
from zelo.facts.rounding import of_value
from zelo.facts.table import UnknownFactError

LAST: Final = date(2026, 12, 31)
FIRST: Final = date(2027, 1, 1)


def test_the_last_day_of_the_trial_year() -> None:
    assert [rate(name, LAST) for name in ("pIBSUF", "pIBSMun", "pCBS")] == [Decimal("0.1"), Decimal(0), Decimal("0.9")]
    assert pis_cofins_due(LAST)
    assert not total_includes_ibs_cbs(LAST)


def test_the_first_day_after_it() -> None:
    assert [rate(name, FIRST) for name in ("pIBSUF", "pIBSMun", "pCBS")] == [None, None, None]
    assert not pis_cofins_due(FIRST)
    assert total_includes_ibs_cbs(FIRST)


@settings(deadline=None)
@given(st.dates(date(2026, 1, 1), date(2033, 12, 31)))
def test_nothing_else_changes_from_2026_on(on: date) -> None:
    assert pis_cofins_due(on) is (on < FIRST)
    assert total_includes_ibs_cbs(on) is (on >= FIRST)
    assert (rate("pCBS", on) is None) is (on >= FIRST)


def test_before_the_reform() -> None:
    before = date(2025, 12, 31)
    assert rate("pCBS", before) is None
    assert rate("no such rate", LAST) is None
    assert pis_cofins_due(before)
    assert not total_includes_ibs_cbs(before)


def test_amounts_are_rounded_half_up_to_cents() -> None:
    for on in (LAST, FIRST):
        assert (of_value(on).places, of_value(on).mode) == (2, "ROUND_HALF_UP")
    with pytest.raises(UnknownFactError, match="rounding"):
        of_value(date(2022, 4, 12) - timedelta(days=1))
