"""How values are shown to people: template filters, all pure. Money as 1.234,56, instants in the emitter's zone."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from zelo.fiscal import cnpj as cnpj_words
from zelo.fiscal import instant, money

_PERIOD: Final = re.compile(r"(20[0-9]{2})(0[1-9]|1[0-2])")
_UNITS: Final = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))
_SECOND: Final = timedelta(seconds=1)
_MILLIS_PER_SECOND: Final = 1000


def reais(value: Decimal) -> str:
    """R$ 1.234,56, held together on a line."""
    return f"R$\u00a0{money.show(value)}"


def whole(value: int) -> str:
    """12.345."""
    return f"{value:,}".replace(",", ".")


def share(part: int, of: int) -> str:
    """A part in percent, rounded down so that 100 % means all; "" of nothing."""
    return f"{part * 100 // of}\u00a0%" if of else ""


def period(text: str) -> str:
    """202611 as 11/2026; anything else as it is."""
    found = _PERIOD.fullmatch(text)
    return f"{found[2]}/{found[1]}" if found else text


def moment(at: datetime, zone: ZoneInfo) -> str:
    """21/11/2026 14:32:05."""
    return instant.show(at, zone)


def clock(at: datetime, zone: ZoneInfo) -> str:
    """14:32."""
    return f"{at.astimezone(zone):%H:%M}"


def near(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """14:32:05 on the same day, 20/11 14:32 in the same year, else 31/12/2025."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M:%S}"
    return f"{local:%d/%m %H:%M}" if local.year == today.year else f"{local:%d/%m/%Y}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """21/11/2026."""
    return f"{at.astimezone(zone):%d/%m/%Y}"


def iso(at: datetime) -> str:
    """For the `datetime` attribute, to the second, UTC."""
    return at.replace(microsecond=0).isoformat()


def span(length: timedelta) -> str:
    """A length in its two largest units: 2 d 3 h, 5 min, 12 s."""
    left = abs(length)
    parts = []
    for name, unit in _UNITS:
        count, left = divmod(left, unit)
        if count:
            parts.append(f"{count}\u00a0{name}")
    return " ".join(parts[:2]) if parts else f"{left // _SECOND}\u00a0s"


def ago(at: datetime, now: datetime) -> str:
    """há 3 s."""
    return f"há {span(max(now - at, timedelta()))}"


def when(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """agora, or às 14:32:05 (em 2 min)."""
    if at <= now:
        return "agora"
    local = at.astimezone(zone)
    same_day = local.date() == now.astimezone(zone).date()
    hour = f"às {local:%H:%M:%S}" if same_day else f"em {local:%d/%m às %H:%M}"
    return f"{hour} (em {span(at - now)})"


def seconds(millis: int) -> str:
    """1,2 s, or 350 ms."""
    if millis < _MILLIS_PER_SECOND:
        return f"{millis}\u00a0ms"
    return f"{millis / _MILLIS_PER_SECOND:.1f}\u00a0s".replace(".", ",")


def days_left(until: datetime, now: datetime) -> int:
    """Whole days until an instant; negative once it has passed."""
    return (until - now) // timedelta(days=1)


def document_number(text: str) -> str:
    """CNPJ or CPF with its mask."""
    return cnpj_words.show(text)


def without_cpf(text: str) -> str:
    """A sentence or value in which every CPF is starred: for readers, and for whatever leaves the page."""
    return cnpj_words.hide_inside(text)


def plural(count: int, one: str, many: str) -> str:
    """1 nota, 1.234 notas."""
    return f"{whole(count)} {one if count == 1 else many}"
