"""A till: the library loaded as a program of a shop loads it, each till its own copy with its own file beside it."""

import ctypes
import itertools
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zelo.models.cfe.functions import FUNCTIONS

_serial = itertools.count()
_TYPES = {int: ctypes.c_int, str: ctypes.c_char_p}


@dataclass(frozen=True)
class Till:
    """A loaded library and where it lies."""

    path: Path
    library: ctypes.CDLL

    def call(self, name: str, *arguments: int | str | bytes | None) -> str:
        """What the library answers."""
        function = getattr(self.library, name)
        function.restype = ctypes.c_char_p
        function.argtypes = [_TYPES[kind] for _, kind in FUNCTIONS[name.replace("MFe", "SAT")].parameters]
        told: bytes = function(*(each.encode() if isinstance(each, str) else each for each in arguments))
        return told.decode()

    def fields(self, name: str, *arguments: int | str | bytes | None) -> list[str]:
        """The same, taken apart."""
        return self.call(name, *arguments).split("|")


def settings(gateways: Iterable[int], **rest: str) -> str:
    """The text of a zelo-sat.conf."""
    lines = [f"gateway=127.0.0.1:{port}" for port in gateways]
    return "\n".join([*lines, *(f"{name}={value}" for name, value in rest.items()), ""])


def load(library: Path, folder: Path, text: str) -> Till:
    """A till of its own: the system would hand out the same library, and its settings, for the same file."""
    own = folder / f"till{next(_serial)}"
    own.mkdir()
    path = Path(shutil.copy(library, own))
    (own / "zelo-sat.conf").write_text(text, "utf-8")
    return Till(path, ctypes.CDLL(str(path)))
