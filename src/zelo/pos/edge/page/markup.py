"""HTML as values: whatever is not markup yet is escaped when it is put in."""

from collections.abc import Iterable
from html import escape
from typing import Final

_EMPTY: Final = frozenset({"input", "meta", "link", "rect", "br"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Value = str | bool | None
Child = str | None | Iterable["Child"]


def el(tag: str, *children: Child, **attributes: Value) -> Markup:
    """An element. An attribute's name loses the underscores at its end, others become hyphens; None leaves it out."""
    opening = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in _EMPTY:
        return Markup(f"<{tag}{opening}>")
    return Markup(f"<{tag}{opening}>{join(children)}</{tag}>")


def join(children: Iterable[Child]) -> Markup:
    """Children one after the other."""
    return Markup("".join(_child(child) for child in children))


def _child(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    return escape(child) if isinstance(child, str) else join(child)


def _attribute(name: str, value: Value) -> str:
    if value is None or value is False:
        return ""
    plain = name.rstrip("_").replace("_", "-")
    return f" {plain}" if value is True else f' {plain}="{escape(value)}"'
