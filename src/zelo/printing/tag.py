"""An XML of ours as plain names: texts, amounts, days and instants in the form in which people read them.

Namespaces are gone, what is missing reads as empty, and what cannot be printed is named.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from lxml import etree

from zelo.fiscal import money
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import from_tag
from zelo.printing.paper import printable

MOST_TEXT_CHARS: Final = 3_000
"""The longest field (infCpl)."""
UNFIT: Final = "DANFECOM-CAMPO"
_NUMBER: Final = re.compile(r"[0-9]{1,13}(\.[0-9]{1,8})?", re.ASCII)


class UnfitError(ValueError):
    """A field that cannot be printed: its place and what is there."""

    def __init__(self, where: str, value: str) -> None:
        super().__init__(where)
        self.fault = Fault(UNFIT, "O campo não serve para impressão.", "Confira o XML.", where, value[:60])


class Tag:
    """An element of the note by plain names; a missing one reads as empty."""

    __slots__ = ("_element",)

    def __init__(self, element: etree._Element | None) -> None:
        self._element = element

    def tag(self, path: str) -> "Tag":
        """The first element there."""
        return Tag(self._element.find(path) if self._element is not None else None)

    def tags(self, path: str) -> Iterator["Tag"]:
        """Every element there."""
        return iter([]) if self._element is None else (Tag(found) for found in self._element.iterfind(path))

    def texts(self, path: str) -> list[str]:
        """The texts of every such element."""
        return [printable(tag.raw(".")[:MOST_TEXT_CHARS]) for tag in self.tags(path)]

    def first(self, prefix: str) -> "Tag":
        """The first child whose name begins so."""
        children = () if self._element is None else self._element
        return Tag(next((child for child in children if str(child.tag).startswith(prefix)), None))

    def __bool__(self) -> bool:
        return self._element is not None

    def __call__(self, path: str) -> str:
        """The text there, in letters that can be printed; empty where nothing is."""
        found = self._element.findtext(path, "") if self._element is not None else ""
        if len(found) > MOST_TEXT_CHARS:
            raise UnfitError(path, found)
        return printable(found)

    def raw(self, path: str) -> str:
        """The text there as it is, for a code; attributes by @name."""
        if self._element is None:
            return ""
        return str(self._element.get(path[1:], "") if path.startswith("@") else self._element.findtext(path, ""))

    def number(self, path: str) -> Decimal:
        """The amount there, zero where nothing is."""
        text = self.raw(path)
        if text and not _NUMBER.fullmatch(text):
            raise UnfitError(path, text)
        return Decimal(text or 0)

    def money(self, path: str) -> str:
        """The amount there as people read it; empty where nothing is."""
        return money.show_exact(self.number(path)) if self.raw(path) else ""

    def day(self, path: str) -> str:
        """The day there as people read it; empty where nothing is."""
        text = self.raw(path)
        try:
            return date.fromisoformat(text).strftime("%d/%m/%Y") if text else ""
        except ValueError as error:
            raise UnfitError(path, text) from error

    def instant(self, path: str) -> datetime:
        """The instant there."""
        text = self.raw(path)
        try:
            return from_tag(text)
        except ValueError as error:
            raise UnfitError(path, text) from error
