"""A schema package: an official set of XSDs with its name, its date, and from when it holds in each environment.

Several stand side by side; a note obeys the one in force on its own day. Replacing one is putting files in a folder.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from zelo.facts.table import UnknownFactError
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.models.canonical.layout import Layout


@dataclass(frozen=True, slots=True)
class SchemaPackage:
    """One package in memory. `check` validates a whole document against the XSD and returns what it refuses."""

    name: str
    modelo: str
    published: date
    since: Mapping[Ambiente, date]
    layout: Layout
    check: Callable[[bytes], list[Fault]]


def in_force(packages: Iterable[SchemaPackage], modelo: str, ambiente: Ambiente, on: date) -> SchemaPackage:
    """The package that holds on that day: the newest that has begun. Raises UnknownFactError."""
    begun = [p for p in packages if p.modelo == modelo and ambiente in p.since and p.since[ambiente] <= on]
    if not begun:
        raise UnknownFactError(f"no schema package for model {modelo} in ambiente {ambiente.value} on {on}")
    return max(begun, key=lambda p: (p.since[ambiente], p.published))
