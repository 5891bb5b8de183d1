"""Instants: microseconds there and back to the ends of the calendar, and the offsets of all 27 UFs."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zelo.facts.place import zone
from zelo.fiscal.instant import EPOCH, from_micros, from_tag, local_date, show, to_micros, to_tag
from zelo.fiscal.uf import Uf

NOW: Final = datetime(2026, 11, 21, 14, 32, 5, 987_654, tzinfo=UTC)
FAR: Final = {"AC": -5, "AM": -4, "RR": -4, "RO": -4, "MT": -4, "MS": -4}
OFFSETS: Final = {uf.value: FAR.get(uf.value, -3) for uf in Uf}
"""Hours from UTC: Lei 11.662/2008 and Lei 12.876/2013; no summer time since Decreto 9.772/2019."""

unhurried = settings(deadline=None)

zones = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(
    lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
)
instants = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=zones)  # noqa: DTZ001 the zone is drawn


@unhurried
@given(instants)
def test_microseconds_there_and_back(instant: datetime) -> None:
    again = from_micros(to_micros(instant))
    assert again == instant
    assert again.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("instant", "micros"),
    [
        (EPOCH, 0),
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), -1),
        (datetime.min.replace(tzinfo=UTC), -62_135_596_800_000_000),
        (datetime.max.replace(tzinfo=UTC), 253_402_300_799_999_999),
        (datetime(2026, 11, 21, 11, 0, tzinfo=timezone(timedelta(hours=-3))), 1_795_269_600_000_000),
    ],
)
def test_known_instants_to_the_ends_of_the_calendar(instant: datetime, micros: int) -> None:
    assert to_micros(instant) == micros
    assert from_micros(micros) == instant


def test_an_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_micros(datetime(2026, 1, 1))  # noqa: DTZ001 what is refused


def test_every_uf_dates_its_documents_with_its_offset() -> None:
    for uf in Uf:
        for month in (1, 7, 11):
            instant = NOW.replace(month=month)
            tag = to_tag(instant, zone(uf))
            assert tag.endswith(f"-{-OFFSETS[uf.value]:02d}:00"), uf
            assert from_tag(tag) == instant.replace(microsecond=0)


@unhurried
@given(st.datetimes(datetime(2020, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)), st.sampled_from(list(Uf)))  # noqa: DTZ001 the zone is drawn
def test_a_tag_has_the_form_of_the_schema_and_reads_back(instant: datetime, uf: Uf) -> None:
    tag = to_tag(instant, zone(uf))
    naive, offset = datetime.strptime(tag[:19], "%Y-%m-%dT%H:%M:%S"), tag[19:]  # noqa: DTZ007 the offset follows
    assert len(tag) == 25
    assert naive - timedelta(hours=int(offset[:3])) == instant.replace(microsecond=0, tzinfo=None)
    assert from_tag(tag) == instant.replace(microsecond=0)


@pytest.mark.parametrize("text", ["", "2026-11-21", "2026-11-21T10:00:00", "hoje", "2026-13-01T00:00:00-03:00"])
def test_a_tag_without_offset_or_meaning_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"offset|isoformat|month"):
        from_tag(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-03:00"])
def test_a_tag_beyond_the_calendar_is_refused_like_any_other(text: str) -> None:
    with pytest.raises(ValueError, match="calendar"):
        from_tag(text)


def test_zulu_and_offsets_name_the_same_instant() -> None:
    assert from_tag("2026-11-21T14:32:05Z") == from_tag("2026-11-21T11:32:05-03:00") == NOW.replace(microsecond=0)


def test_the_day_is_the_emitters() -> None:
    midnight = datetime(2027, 1, 1, 3, 30, tzinfo=UTC)
    assert local_date(midnight, zone(Uf.RS)) == date(2027, 1, 1)
    assert local_date(midnight, zone(Uf.MT)) == date(2026, 12, 31)
    assert local_date(midnight, zone(Uf.AC)) == date(2026, 12, 31)


def test_as_people_read_it() -> None:
    assert show(NOW, ZoneInfo("America/Sao_Paulo")) == "21/11/2026 11:32:05"
