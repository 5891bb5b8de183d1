"""Changes a frozen value deep inside, by the path of its attributes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

Value = TypeVar("Value")


def changed(value: Value, changes: Mapping[str, object]) -> Value:
    """A copy with each path, such as "draft.det.0.prod.vProd", set to its new value, in the order given."""
    for path, new in changes.items():
        value = _at(value, path.split("."), new)
    return value


def _at(value: Any, path: list[str], new: object) -> Any:
    if not path:
        return new
    head, *rest = path
    if isinstance(value, tuple):
        index = int(head)
        return (*value[:index], _at(value[index], rest, new), *value[index + 1 :])
    return replace(value, **{head: _at(getattr(value, head), rest, new)})
