"""Reads a shipped CSV into typed rows. `desde` and `ate` (inclusive; empty = open) say when a row is in force."""

import csv
from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any, Final, Protocol, TypeVar, cast, get_type_hints

ANY: Final = "*"
"""In a key column: whatever the value."""


class UnknownFactError(LookupError):
    """No row of an official table answers the question; the message says which."""


class Dated(Protocol):
    """A row that holds from `desde` to `ate`, both inclusive."""

    @property
    def desde(self) -> date: ...  # noqa: D102
    @property
    def ate(self) -> date | None: ...  # noqa: D102


Row = TypeVar("Row")
DatedRow = TypeVar("DatedRow", bound=Dated)

_CONVERT: Final[dict[Any, Any]] = {
    str: str,
    int: int,
    bool: lambda text: text == "1",
    Decimal: Decimal,
    date: date.fromisoformat,
    date | None: lambda text: date.fromisoformat(text) if text else None,
}


_loaded: Final[dict[str, tuple[Any, ...]]] = {}


def load(name: str, row_type: type[Row]) -> tuple[Row, ...]:
    """Every row of `data/<name>.csv` as `row_type`, whose fields are the file's columns in any order; read once."""
    if name not in _loaded:
        convert = {f.name: _CONVERT[get_type_hints(row_type)[f.name]] for f in fields(cast("Any", row_type))}
        text = (files("zelo.facts") / "data" / f"{name}.csv").read_text("utf-8")
        lines = (line for line in text.splitlines() if not line.startswith("#"))
        _loaded[name] = tuple(
            row_type(**{column: convert[column](cell) for column, cell in row.items()}) for row in csv.DictReader(lines)
        )
    return _loaded[name]


def holds(row: Dated, on: date) -> bool:
    """Whether `row` is in force on that day."""
    return row.desde <= on and (row.ate is None or on <= row.ate)


def in_force(rows: Iterable[DatedRow], on: date) -> list[DatedRow]:
    """The rows that hold on that day."""
    return [row for row in rows if holds(row, on)]
