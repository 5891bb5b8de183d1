"""A disk whose power can fail: of what was written and not yet synced, each sector of 512 bytes survives by chance.

A VFS of SQLite that hands every call on, and remembers per file what a sync has made durable and what came after it.
`image` tells what a disk would hold if the power failed now: sectors may be lost, kept, and so reordered.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512
NAME = "power"


@dataclass
class Platter:
    """A file: what is durable, and the writes (place, bytes) and truncations (length) that are not."""

    durable: bytearray
    pending: list[tuple[int, bytes] | int] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.pending:
            _apply(self.durable, change)
        self.pending.clear()

    def after_cut(self, draw: random.Random, share: float) -> bytes:
        content = bytearray(self.durable)
        for change in self.pending:
            if isinstance(change, int):
                if draw.random() < share:
                    _apply(content, change)
                continue
            place, data = change
            for begin in range(0, len(data), SECTOR):
                if draw.random() < share:
                    _apply(content, (place + begin, data[begin : begin + SECTOR]))
        return bytes(content)


def _apply(content: bytearray, change: tuple[int, bytes] | int) -> None:
    if isinstance(change, int):
        del content[change:]
        return
    place, data = change
    content.extend(bytes(max(0, place + len(data) - len(content))))
    content[place : place + len(data)] = data


@dataclass
class Disk:
    """All files, and who is told before each write and sync."""

    platters: dict[str, Platter] = field(default_factory=dict)
    before: Callable[[], None] = lambda: None

    def image(self, folder: Path, draw: random.Random) -> None:
        """The files, in another folder, as they are found after a cut at this moment."""
        share = draw.choice((0.1, 0.5, 0.9))
        for name, platter in self.platters.items():
            (folder / Path(name).name).write_bytes(platter.after_cut(draw, share))


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        path = name if isinstance(name, str) else name.filename()
        self._disk = disk
        self._platter = disk.platters.setdefault(path, Platter(bytearray(Path(path).read_bytes())))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 SQLite's name
        self._disk.before()
        self._platter.pending.append((offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._platter.pending.append(newsize)
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: ARG002, N802
        self._disk.before()
        self._platter.sync()


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        super().__init__(NAME, "unix", makedefault=True)
        self._disk = disk

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        if name is None or not flags[0] & (apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_WAL):
            return apsw.VFSFile("unix", name, flags)
        return _File(self._disk, name, flags)


@contextmanager
def failing() -> Iterator[Disk]:
    """Every file that SQLite opens inside the block lies on the disk that this yields."""
    disk = Disk()
    vfs = _Vfs(disk)
    try:
        yield disk
    finally:
        apsw.set_default_vfs("unix")
        vfs.unregister()
