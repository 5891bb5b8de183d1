"""What the centre is told, as JSON in UTF-8: a status, the machine, a piece of a device's log, a turn of an alarm."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from zelo.models.cfe.chave import Chave
from zelo.models.cfe.reply import decoded
from zelo.models.cfe.status import Status
from zelo.pos.edge.gather.alarm import Change

MOST_LOG_BYTES: Final = 200_000
"""Of a device's log; it keeps twice as much before it begins anew, and a day of it is far less."""
_VOLATILE: Final = frozenset(
    {"clock", "memory_used_bytes", "last", "first_pending", "last_pending", "lists_empty", "sent_at", "contact_at"}
)
"""What moves with every sale: it is told every so often, not whenever it changes."""
_LINES: Final = "\n"


def body(told: Mapping[str, Any]) -> bytes:
    """A body as it is queued."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def status_fields(status: Status) -> dict[str, Any]:
    """Every field of a status in values that JSON has, and what follows from them."""
    told = {each.name: _field(getattr(status, each.name)) for each in fields(status)}
    return told | {"pending": status.pending, "memory_percent": status.memory_percent}


def _field(value: object) -> object:
    if isinstance(value, Chave):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def steady(status: Status) -> dict[str, Any]:
    """What of a status is worth telling at once when it changes."""
    return {each.name: getattr(status, each.name) for each in fields(status) if each.name not in _VOLATILE}


def change(changed: Change, gateway: str) -> dict[str, Any]:
    """A turn of an alarm."""
    alarm = changed.alarm
    return {
        "gateway": gateway,
        "alarme": alarm.finding.rule,
        "equipamento": alarm.finding.device,
        "vez": changed.turn.value,
        "nivel": alarm.finding.level.value,
        "desde": alarm.since,
        "frase": alarm.finding.sentence,
        "remedio": alarm.finding.remedy,
    }


def log_lines(field: str, after: str) -> list[str]:
    """The lines of a log as ExtrairLogs gives it (base64) that follow the line `after`, the newest within the bound.

    All of them where that line is not there any more; none for what is no base64.
    """
    text = (decoded(field) or b"").decode("utf-8", "replace")
    lines = [line.rstrip("\r") for line in text.split(_LINES) if line.strip()]
    if after in lines:
        lines = lines[len(lines) - lines[::-1].index(after) :]
    room, kept = MOST_LOG_BYTES, list[str]()
    for line in reversed(lines):
        room -= len(line.encode()) + 1
        if room < 0:
            break
        kept.append(line)
    return kept[::-1]
