"""Until when a note may be cancelled, and until when one issued in contingency must be transmitted. Pure."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_SATURDAY: Final = 5


def cancel_until(authorised_at: datetime, hours: int, zone: ZoneInfo) -> datetime:
    """So many hours after the last day of the month of authorisation, at the emitter (Ajuste SINIEF 07/22, cl. 15)."""
    day = authorised_at.astimezone(zone).date()
    last = day.replace(day=monthrange(day.year, day.month)[1])
    return datetime.combine(last + timedelta(days=1), time(), zone) + timedelta(hours=hours)


def cancel_within(emitted_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The end of the day that is so many days after the issue: a provider's own, stricter rule."""
    return datetime.combine(emitted_at.astimezone(zone).date() + timedelta(days=days + 1), time(), zone)


def transmit_until(emitted_at: datetime, zone: ZoneInfo, is_holiday: Callable[[date], bool]) -> datetime:
    """The end of the first business day after the issue in contingency (MOC NFCom 1.00a, contingência off-line)."""
    day = emitted_at.astimezone(zone).date() + timedelta(days=1)
    while day.weekday() >= _SATURDAY or is_holiday(day):
        day += timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), zone)
