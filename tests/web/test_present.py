"""How values are shown: the same everywhere, in pt-BR, in the emitter's zone."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zelo.web import present

PORTO_ALEGRE = ZoneInfo("America/Sao_Paulo")
MANAUS = ZoneInfo("America/Manaus")
NOON = datetime(2026, 11, 20, 12, 0, 7, tzinfo=UTC)
CPF = "52998224725"


def test_amounts_counts_and_shares() -> None:
    assert present.reais(Decimal("1234567.8")) == "R$\u00a01.234.567,80"
    assert present.whole(1234567) == "1.234.567"
    assert present.plural(1, "nota", "notas") == "1 nota"
    assert present.plural(1200, "nota", "notas") == "1.200 notas"
    assert present.share(999, 1000) == "99\u00a0%", "all but one is not all"
    assert present.share(0, 0) == ""


def test_hours_are_those_of_the_place() -> None:
    assert present.moment(NOON, PORTO_ALEGRE) == "20/11/2026 09:00:07"
    assert present.moment(NOON, MANAUS) == "20/11/2026 08:00:07"
    assert present.clock(NOON, MANAUS) == "08:00"
    late = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
    assert present.day(late, PORTO_ALEGRE) == "20/11/2026"
    assert present.day(late, ZoneInfo("UTC")) == "21/11/2026"


@pytest.mark.parametrize(
    ("ago", "shown"),
    [(0, "há 0 s"), (59, "há 59 s"), (60, "há 1 min"), (3700, "há 1 h 1 min"), (90_000, "há 1 d 1 h"), (-5, "há 0 s")],
)
def test_ages_are_told_in_two_units_and_never_negative(ago: int, shown: str) -> None:
    assert present.ago(NOON - timedelta(seconds=ago), NOON).replace("\u00a0", " ") == shown


def test_what_is_due_is_told_by_the_hour() -> None:
    def when(seconds: int) -> str:
        return present.when(NOON + timedelta(seconds=seconds), PORTO_ALEGRE, NOON).replace("\u00a0", " ")

    assert when(0) == when(-9) == "agora"
    assert when(125) == "às 09:02:12 (em 2 min)"
    assert when(86_400) == "em 21/11 às 09:00 (em 1 d)"


@pytest.mark.parametrize(("days", "shown"), [(0, "09:00:07"), (1, "19/11 09:00"), (400, "16/10/2025")])
def test_a_recent_instant_is_short_and_an_old_one_dated(days: int, shown: str) -> None:
    assert present.near(NOON - timedelta(days=days), PORTO_ALEGRE, NOON) == shown


def test_periods_and_waits() -> None:
    assert present.period("202611") == "11/2026"
    assert present.period("2026") == "2026"
    assert present.seconds(350) == "350\u00a0ms"
    assert present.seconds(1320) == "1,3\u00a0s"
    assert present.days_left(NOON + timedelta(hours=25), NOON) == 1
    assert present.days_left(NOON - timedelta(hours=1), NOON) == -1


@pytest.mark.parametrize("written", [CPF, "529.982.247-25", "529982247-25"])
def test_a_cpf_is_starred_wherever_it_stands(written: str) -> None:
    assert present.without_cpf(f"o CPF {written}, de Maria") == "o CPF ***.982.247-**, de Maria"
    assert present.without_cpf(written) == "***.982.247-**"


@given(st.text("0123456789", min_size=12, max_size=44))
def test_longer_numbers_are_no_cpf_and_stay(number: str) -> None:
    assert present.without_cpf(number) == number
    assert present.without_cpf(f"[chNFCom:{number}]") == f"[chNFCom:{number}]"


@given(st.text(), st.text("0123456789", min_size=11, max_size=11), st.text())
def test_starring_leaves_no_cpf_behind(before: str, cpf: str, after: str) -> None:
    text = f"{before} {cpf} {after}"
    assert cpf not in present.without_cpf(text).split()
