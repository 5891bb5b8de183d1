"""Reads files that anybody may have put there: regular ones, bounded, never through a link. Writes whole ones only."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from zelo.guard.diagnosis import unpack
from zelo.guard.diagnosis.evidence import Trouble


def content_of(path: Path, most: int) -> bytes | Trouble:
    """No more than the bound; what was swapped for a link or a pipe meanwhile is not read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return Trouble.UNREADABLE
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return Trouble.UNREADABLE
        try:
            content = file.read(most + 1)
        except OSError:
            return Trouble.UNREADABLE
    if len(content) > most:
        return Trouble.TOO_LARGE
    return Trouble.NESTED if unpack.is_nested(content) else content


@contextmanager
def made_whole(path: Path) -> Iterator[BinaryIO]:
    """Written beside and put in place when it is whole; what broke off leaves nothing behind."""
    part = path.with_name(f"{path.name}.parte")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
