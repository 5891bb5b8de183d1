"""Who a diagnosis saw sending for a company: programs, certificates and addresses, taken from its JSON. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from zelo.fiscal.cnpj import hide_inside

ADDRESS: Final = "ip"
MOST: Final = 200
_CHARS: Final = 120
_NOTES: Final = 1_000_000_000
_LISTS: Final = {"programs": "programa", "certificates": "certificado"}


@dataclass(frozen=True, slots=True)
class Sighting:
    """`name`: verProc, CNPJ of a certificate, or an IP; `notes` that it sent, `seen_at` the last time."""

    kind: str
    emitter: str
    name: str
    notes: int
    seen_at: datetime | None


def read(report: Mapping[str, Any], cnpj_base: str) -> list[Sighting]:
    """What the JSON of a diagnosis says of that company; whatever is not as it should be is left out."""
    found = {(one.kind, one.emitter, one.name): one for one in _all(report) if one.emitter.startswith(cnpj_base)}
    return [one for one in found.values() if one.name][:MOST]


def _all(report: Mapping[str, Any]) -> Iterator[Sighting]:
    for field, kind in _LISTS.items():
        for row in _rows(report.get(field)):
            notes = row.get("notes")
            count = notes if isinstance(notes, int) and 0 <= notes <= _NOTES else 0
            yield Sighting(kind, _text(row, "emitter"), _text(row, "name"), count, _instant(row.get("last")))
    for row in _rows(report.get("culprits")):
        yield from _addresses(_dict(row.get("standing")))


def _addresses(standing: Mapping[str, Any]) -> Iterator[Sighting]:
    emitter, last = _text(_dict(standing.get("subject")), "emitter"), _instant(standing.get("last"))
    ips = _dict(standing.get("sender")).get("ips")
    for ip in ips if isinstance(ips, list) else ():
        yield Sighting(ADDRESS, emitter, _shown(ip), 0, last)


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(row: Mapping[str, Any], name: str) -> str:
    return _shown(row.get(name) or "")


def _shown(value: object) -> str:
    text = hide_inside(str(value))[:_CHARS]
    return text if text.isprintable() else ""


def _instant(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
