"""A file as it was understood, small enough to show and to keep beside it until somebody confirms it."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from zelo.fiscal.cnpj import hide_inside
from zelo.isp.billing.cell import Value
from zelo.isp.billing.notes import Billing
from zelo.isp.billing.remark import Remark
from zelo.isp.billing.sheet import Sheet
from zelo.prevalidate.core import summary

SAMPLE_LINES: Final = 3
SHOWN_FAULTS: Final = 200
SHOWN_CAUSES: Final = 20
SHOWN_CHARS: Final = 60
_TELEPHONES: Final = ("telefone", "terminal")


def outline(read: Billing) -> dict[str, Any]:
    """What people look at before they confirm: plain values, in JSON's types. CPFs are starred."""
    return {
        "kind": str(read.sheet.kind or ""),
        "said": read.sheet.said,
        "header": read.sheet.header.line if read.sheet.header else 0,
        "lines": read.lines,
        "notes": len(read.notes),
        "plans": len({line.text("plano") for line in read.plans.lines}),
        "columns": _columns(read.sheet),
        "sample": [
            {"line": line.number, "values": {name: _shown(value, name) for name, value in line.values.items()}}
            for line in read.sheet.lines[:SAMPLE_LINES]
        ],
        "skipped": _remarks(read.sheet.skipped),
        "remarks": _remarks(read.remarks),
        "faults": len(read.faults),
        "causes": [
            {
                "rule": cause.rule, "sentence": cause.sentence, "remedy": cause.remedy, "count": cause.count,
                "places": sorted({place for place in cause.places if place}),
            }
            for cause in summary(found.fault for found in read.faults)[:SHOWN_CAUSES]
        ],
        "shown": [
            {
                "line": found.line, "reference": found.reference, "where": found.fault.where,
                "sentence": found.fault.sentence, "remedy": found.fault.remedy, "value": _shown(found.fault.value),
            }
            for found in read.faults[:SHOWN_FAULTS]
        ],
    }  # fmt: skip


def _columns(sheet: Sheet) -> list[dict[str, Any]]:
    if sheet.header is None:
        return []
    return [
        {
            "title": head.title,
            "column": head.column,
            "samples": [
                _shown(row[place], head.column) for row in sheet.header.below if place < len(row) and row[place].strip()
            ],
        }
        for place, head in enumerate(sheet.header.heads)
    ]


def _shown(value: Value, column: str = "") -> str:
    """As Brazilians write it; what may be a CPF is starred, and telephones look like one."""
    match value:
        case date():
            return f"{value:%d/%m/%Y}"
        case Decimal():
            return f"{value:f}".replace(".", ",")
    text = value.strip()[:SHOWN_CHARS]
    return text if column in _TELEPHONES else hide_inside(text)


def _remarks(found: Iterable[Remark]) -> Sequence[dict[str, Any]]:
    return [
        {"sentence": remark.sentence, "where": remark.where, "count": remark.count, "lines": remark.lines}
        for remark in found
    ]
