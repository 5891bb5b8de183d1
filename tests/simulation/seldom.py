"""Which of many like lives run each time; all run with `make simulate`, which must pass before anything lands."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def some(names: Iterable[str], always: Collection[str]) -> list[Any]:
    """All of them, of which most run with the long seeds only: each is many seconds of a life."""
    return [name if name in always else pytest.param(name, marks=pytest.mark.simulate) for name in sorted(names)]
