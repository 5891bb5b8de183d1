"""The real gateway in a machine whose clock steps and whose disk refuses: `python -m …troubled <configuration>`.

Beside the configuration lie two files that the test writes. `<name>.clock`: the seconds by which the machine's clock is
wrong. `<name>.disk`: `full` while there is no room for a byte more, `sync` while what was written cannot be made
durable. Both are read anew each time, so that a fault begins and ends in the middle of a sale.
"""

import errno
import sys
from datetime import datetime, timedelta
from pathlib import Path

import apsw

from zelo.pos.edge.command.main import main
from zelo.pos.edge.outbox.shell import file as sound
from zelo.pos.edge.shell import gateway
from zelo.pos.edge.uplink import core
from zelo.pos.edge.uplink.shell import filed, sender

CLOCK, DISK = ".clock", ".disk"
FULL, SYNC = "full", "sync"
MOST_WAIT_SECONDS = 1.0
"""Between two batches to the centre or to files: a test is shorter than an outage."""
_SOUND = apsw.vfs_names()[0]
"""The machine's own way to its disk."""


class _File(apsw.VFSFile):
    def __init__(self, disk: Path, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(_SOUND, name, flags)
        self._disk = disk

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 SQLite's name
        if _told(self._disk) == FULL:
            raise apsw.FullError("no room")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        if _told(self._disk) == SYNC:
            raise apsw.IOError("the disk does not answer")
        super().xSync(flags)


class _Vfs(apsw.VFS):
    def __init__(self, disk: Path) -> None:
        super().__init__("troubled", _SOUND, makedefault=True)
        self._disk = disk

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self._disk, name, flags)


def _told(file: Path) -> str:
    return file.read_text("ascii")


def _run(config: Path) -> int:
    """The gateway with this configuration, in its troubled machine."""
    right, clock = gateway.now, config.with_suffix(CLOCK)

    def now() -> datetime:
        return right() + timedelta(seconds=float(_told(clock)))

    def put_in_place(content: bytes, draft: Path, file: Path, like: Path) -> None:
        if _told(config.with_suffix(DISK)):
            draft.write_bytes(content[: len(content) // 2])
            raise OSError(errno.ENOSPC, "no room")
        sound.put_in_place(content, draft, file, like)

    filed.put_in_place = put_in_place  # type: ignore[attr-defined]
    vfs = _Vfs(config.with_suffix(DISK))
    gateway.now = now
    core.MOST_WAIT_SECONDS = sender.IDLE_SECONDS = filed.EVERY_SECONDS = MOST_WAIT_SECONDS  # type: ignore[misc]
    try:
        return main(["--config", str(config), "run"])
    finally:
        vfs.unregister()


if __name__ == "__main__":
    sys.exit(_run(Path(sys.argv[1])))
