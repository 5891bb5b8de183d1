"""What people should know of a file and is no fault: what was mended, and which rows were left out. Told once for all
rows alike, with the first few of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

FIRST_LINES: Final = 5


@dataclass(slots=True)
class Remark:
    """One thing that was seen in `count` rows, at a column or "" for the whole row; `lines` are the first of them."""

    sentence: str
    where: str = ""
    count: int = 0
    lines: list[int] = field(default_factory=list)


class Remarks:
    """Gathers remarks while rows go by."""

    def __init__(self) -> None:
        self._by_kind: dict[tuple[str, str], Remark] = {}

    def add(self, sentence: str, line: int, where: str = "") -> None:
        """Once more the same, in this row."""
        found = self._by_kind.get((sentence, where))
        if found is None:
            found = self._by_kind[sentence, where] = Remark(sentence, where)
        found.count += 1
        if len(found.lines) < FIRST_LINES:
            found.lines.append(line)

    def all(self) -> Sequence[Remark]:
        """The most frequent first."""
        return sorted(self._by_kind.values(), key=lambda remark: -remark.count)
