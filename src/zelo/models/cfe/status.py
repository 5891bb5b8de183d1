"""The status of a device (ConsultarStatusOperacional) as values, and what follows from it at an instant.

Makers differ: a field may be empty, the memory free text ("4 GB"), the last list missing. What cannot be read is None,
never a guess. Fields and their order: ER SAT as public clients read it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from zelo.facts.place import zone
from zelo.fiscal.uf import Uf, from_codigo
from zelo.models.cfe.chave import Chave
from zelo.models.cfe.reply import Reply

FIELDS: Final = 23
"""That follow the five of every reply."""
_MOST_CHARACTERS: Final = 64
_STAMP: Final = "%Y%m%d%H%M%S"
_STAMP_DIGITS: Final = 14
_DAY: Final = "%Y%m%d"
_DAY_DIGITS: Final = 8
_NSERIE: Final = re.compile(r"[0-9]{9}")
_SIZE: Final = re.compile(r"([0-9]+(?:[.,][0-9]+)*) *([KMGT]?)(?:I?B|I?BYTES?)?", re.IGNORECASE)
_UNIT_BYTES: Final[Mapping[str, int]] = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_GROUP_DIGITS: Final = 3
_PERCENT: Final = 100
_HOME: Final = Uf.SP
"""Of a device that has issued nothing: SAT and MFE exist in SP and CE only, whose clocks agree."""


class Battery(StrEnum):
    """NIVEL_BATERIA."""

    HIGH = "ALTO"
    MIDDLE = "MEDIO"
    LOW = "BAIXO"


class Operation(StrEnum):
    """ESTADO_OPERACAO."""

    OPEN = "0"
    SEFAZ = "1"
    TAXPAYER = "2"
    AUTONOMOUS = "3"
    DEACTIVATION = "4"


OPERATIONS: Final[Mapping[Operation, str]] = MappingProxyType(
    {
        Operation.OPEN: "desbloqueado",
        Operation.SEFAZ: "bloqueado pela SEFAZ",
        Operation.TAXPAYER: "bloqueado pelo contribuinte",
        Operation.AUTONOMOUS: "bloqueado por si mesmo (sem SEFAZ, memória ou certificado)",
        Operation.DEACTIVATION: "bloqueado para desativação",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A status. `clock` is the device's own; `first_pending` to `last_pending` is what SEFAZ has not taken yet.

    `lists_empty`: the device says that nothing is pending. `sent_at`: last coupon transmitted; `contact_at`: last word
    with SEFAZ.
    """

    nserie: str | None
    lan: str | None
    ip: str | None
    mac: str | None
    mask: str | None
    gateway: str | None
    dns_1: str | None
    dns_2: str | None
    connected: bool | None
    battery: Battery | None
    memory_total_bytes: int | None
    memory_used_bytes: int | None
    clock: datetime | None
    software: str | None
    layout: str | None
    last: Chave | None
    first_pending: Chave | None
    last_pending: Chave | None
    lists_empty: bool
    sent_at: datetime | None
    contact_at: datetime | None
    certificate_from: date | None
    certificate_until: date | None
    operation: Operation | None

    @property
    def pending(self) -> int | None:
        """Coupons that SEFAZ has not taken yet; where the list has no end, up to the last one issued."""
        if self.lists_empty:
            return 0
        last = self.last_pending or self.last
        if self.first_pending is None or last is None:
            return None
        count = int(last.ncfe) - int(self.first_pending.ncfe) + 1
        return count if count > 0 else None

    @property
    def memory_percent(self) -> int | None:
        """How much of the memory is taken, in whole per cent."""
        total, used = self.memory_total_bytes, self.memory_used_bytes
        return used * _PERCENT // total if total and used is not None and used <= total else None

    def drift_seconds(self, heard_at: datetime) -> int | None:
        """How far the device's clock was ahead when it was asked; seconds are all that it tells."""
        return None if self.clock is None else (self.clock - heard_at.replace(microsecond=0)) // timedelta(seconds=1)

    def silent_days(self, now: datetime) -> int | None:
        """Whole days since its last word with SEFAZ."""
        return None if self.contact_at is None else (now - self.contact_at).days

    def certificate_days(self, now: datetime) -> int | None:
        """Days until its certificate expires, negative afterwards."""
        if self.certificate_until is None:
            return None
        return (self.certificate_until - now.astimezone(zone(_HOME)).date()).days


def operation(reply: Reply) -> Operation | None:
    """ESTADO_OPERACAO: the last field of a status that says anything, None where it is no state."""
    state = next((field.strip() for field in reversed(reply.rest) if field.strip()), "")
    return Operation(state) if state in set(Operation) else None


def read_status(reply: Reply) -> Status | None:
    """The status in a reply, None when it carries none. A bar too many at its end is none."""
    if len(reply.rest) < FIELDS or any(field.strip() for field in reply.rest[FIELDS:]):
        return None
    told = [field.strip() if len(field) <= _MOST_CHARACTERS else "" for field in reply.rest[:FIELDS]]
    last, first_pending, last_pending = (_chave(told[place]) for place in (15, 16, 17))
    uf = _uf(last or first_pending)
    connected = {"CONECTADO": True, "NAO_CONECTADO": False}.get(told[8].upper().replace("NÃO", "NAO"))
    return Status(
        nserie=told[0] if _NSERIE.fullmatch(told[0]) else None,
        lan=_text(told[1]),
        ip=_text(told[2]),
        mac=_text(told[3]),
        mask=_text(told[4]),
        gateway=_text(told[5]),
        dns_1=_text(told[6]),
        dns_2=_text(told[7]),
        connected=connected,
        battery=_battery(told[9]),
        memory_total_bytes=_size(told[10]),
        memory_used_bytes=_size(told[11]),
        clock=_instant(told[12], uf),
        software=_text(told[13]),
        layout=_text(told[14]),
        last=last,
        first_pending=first_pending,
        last_pending=last_pending,
        lists_empty=not told[16].strip("0") and not told[17].strip("0"),
        sent_at=_instant(told[18], uf),
        contact_at=_instant(told[19], uf),
        certificate_from=_day(told[20]),
        certificate_until=_day(told[21]),
        operation=operation(reply) if told[22] else None,
    )


def _text(field: str) -> str | None:
    return field if field and field.isprintable() else None


def _chave(field: str) -> Chave | None:
    try:
        return Chave.parse(field)
    except ValueError:
        return None


def _uf(chave: Chave | None) -> Uf:
    return (from_codigo(chave.cuf) if chave is not None else None) or _HOME


def _battery(field: str) -> Battery | None:
    plain = field.upper().replace("É", "E")
    return Battery(plain) if plain in set(Battery) else None


def _size(field: str) -> int | None:
    """Bytes in "1073741824", "1.073.741.824 BYTES", "3,7 GB"; units are powers of 1024."""
    found = _SIZE.fullmatch(field)
    if found is None:
        return None
    number, unit = found[1].replace(",", "."), found[2].upper()
    whole, *groups = number.split(".")
    if len(groups) > 1 or (groups and not unit and len(groups[0]) == _GROUP_DIGITS):
        if any(len(group) != _GROUP_DIGITS for group in groups):
            return None
        return int(whole + "".join(groups)) * _UNIT_BYTES[unit]
    fraction = groups[0] if groups else ""
    return int(Decimal(f"{whole}.{fraction or 0}") * _UNIT_BYTES[unit])


def _instant(field: str, uf: Uf) -> datetime | None:
    return _read(field, _STAMP, _STAMP_DIGITS, uf)


def _day(field: str) -> date | None:
    read = _read(field, _DAY, _DAY_DIGITS, _HOME)
    return None if read is None else read.date()


def _read(field: str, form: str, digits: int, uf: Uf) -> datetime | None:
    if len(field) != digits or not field.isdecimal():
        return None
    try:
        return datetime.strptime(field, form).replace(tzinfo=zone(uf))
    except ValueError:
        return None
