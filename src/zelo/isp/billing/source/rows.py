"""Rows of texts, and why a file gives none. All readers hand on the same: a kind, what was found out, and rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from zelo.fiscal.fault import Fault

MOST_COLUMNS: Final = 200
MOST_LINES: Final = 300_000

Row = tuple[int, Sequence[str]]
"""Number of the row in the file, from 1, and its cells as they stand."""


class Kind(StrEnum):
    """What a file is, by its content."""

    TEXT = "CSV"
    WORKBOOK = "XLSX"
    RECORDS = "JSON"
    PAGE = "HTML"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read. `said` tells people how it was understood: encoding, separator, sheet; `about` is how
    many rows there are, roughly, so that people see how far it is.
    """

    kind: Kind
    said: str
    about: int
    rows: Iterator[Row]


class SourceError(ValueError):
    """The file gives no rows, or none from `line` on (0: none at all); `fault` says why."""

    def __init__(self, fault: Fault, line: int = 0) -> None:
        super().__init__(fault.rule)
        self.fault = fault
        self.line = line
