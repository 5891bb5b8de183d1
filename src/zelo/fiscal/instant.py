"""Instants: an aware datetime in UTC with microseconds; written with the emitter's offset in documents.

This module never reads a clock: whoever needs "now" receives it.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970 in UTC. Raises ValueError for a naive datetime."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return (instant - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The inverse of `to_micros`."""
    return EPOCH + timedelta(microseconds=micros)


def to_tag(instant: datetime, zone: ZoneInfo) -> str:
    """AAAA-MM-DDThh:mm:ss-03:00, the form of `dhEmi` (MOC NFCom, type TDateTimeUTC)."""
    return instant.astimezone(zone).replace(microsecond=0).isoformat()


def from_tag(text: str) -> datetime:
    """Parse a date-time tag with offset into UTC. Raises ValueError when it has none or lies beyond the calendar."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"date-time without offset: {text}")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"date-time beyond the calendar: {text}") from error


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day at the emitter."""
    return instant.astimezone(zone).date()


def show(instant: datetime, zone: ZoneInfo) -> str:
    """As people read it: 21/11/2026 14:32:05."""
    return instant.astimezone(zone).strftime("%d/%m/%Y %H:%M:%S")
