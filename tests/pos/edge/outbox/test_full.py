"""A disk that another program has filled: no file may grow by a byte any more."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

from tests.pos.edge.outbox.house import AT, DEVICE, GATEWAY, declared, fill, held, opened
from zelo.pos.edge.outbox.core import QueueFullError, Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.outbox.shell.file import FileError, writing

COUPON = bytes(20_000)


class _File(apsw.VFSFile):
    def __init__(self, name: str | apsw.URIFilename, flags: list[int]) -> None:
        super().__init__("unix", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 SQLite's name
        if offset + len(data) > self.xFileSize():
            raise apsw.FullError("database or disk is full")
        super().xWrite(data, offset)


class _Vfs(apsw.VFS):
    def __init__(self) -> None:
        super().__init__("full", "unix", makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return apsw.VFSFile("unix", name, flags) if name is None else _File(name, flags)


@contextmanager
def full() -> Iterator[None]:
    """What is opened inside the block cannot grow."""
    vfs = _Vfs()
    try:
        yield
    finally:
        apsw.set_default_vfs("unix")
        vfs.unregister()


def test_the_queue_goes_on_until_only_documents_are_left_and_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "q.db"
    connection = opened(file)
    fill(connection, Rank.LOG, COUPON, most=60)
    connection.close()
    with full():
        connection = opened(file)
        sold = 0
        with pytest.raises(QueueFullError, match="só restam documentos fiscais"):
            while True:
                with writing(connection):
                    queue.put(connection, Rank.FISCAL, DEVICE, f"{sold:044d}", COUPON, AT)
                sold += 1
        assert sold > 90
        assert {rank for _, rank, _ in held(connection)[0]} == {Rank.FISCAL}
        assert len(declared(connection)) == 60
        with writing(connection):
            assert not queue.put(connection, Rank.LOG, GATEWAY, "late", COUPON, AT).kept
        batch = queue.take(connection, 50, 10**9)
        with writing(connection):
            queue.confirm(connection, batch.items)
        with writing(connection):
            assert queue.put(connection, Rank.FISCAL, DEVICE, f"{sold:044d}", COUPON, AT).seq == sold + 1
        connection.close()


def test_room_is_made_before_a_sale_is_begun(tmp_path: Path) -> None:
    connection = opened(tmp_path / "q.db")
    fill(connection, Rank.LOG, COUPON, most=250)
    with writing(connection):
        queue.make_room(connection, 1_000_000, AT)
    assert connection.execute("pragma freelist_count").get * 4_096 >= 1_000_000
    with pytest.raises(QueueFullError), writing(connection):
        queue.make_room(connection, 100_000_000, AT)
    connection.close()


def test_a_queue_that_does_not_fit_on_the_disk_is_said_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with full(), pytest.raises(FileError, match="Libere espaço ou configure uma fila menor"):
        opened(tmp_path / "q.db")
    assert not (tmp_path / "q.db").exists()
