"""A disk that another program has filled: no file may grow by a byte any more."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

from tests.pos.edge.outbox.house import AT, BUDGET_BYTES, DEVICE, GATEWAY, declared, fill, held, opened
from zelo.pos.edge.outbox.core import QueueFullError, Rank
from zelo.pos.edge.outbox.shell import file, queue
from zelo.pos.edge.outbox.shell.file import FileError, free_pages, writing
from zelo.pos.edge.shell.gateway import LOCK_FILE, alone

COUPON = bytes(20_000)
_STEP_BYTES = 40_000_000
"""A little more than one step of growth."""


class _File(apsw.VFSFile):
    def __init__(self, name: str | apsw.URIFilename, flags: list[int], room_bytes: int) -> None:
        super().__init__("unix", name, flags)
        self._room_bytes = room_bytes

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 SQLite's name
        if offset + len(data) > max(self.xFileSize(), self._room_bytes):
            raise apsw.FullError("database or disk is full")
        super().xWrite(data, offset)


class _Vfs(apsw.VFS):
    def __init__(self, room_bytes: int) -> None:
        super().__init__("full", "unix", makedefault=True)
        self._room_bytes = room_bytes

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return apsw.VFSFile("unix", name, flags) if name is None else _File(name, flags, self._room_bytes)


@contextmanager
def full(room_bytes: int = 0) -> Iterator[None]:
    """What is opened inside the block cannot grow, or not above so much."""
    vfs = _Vfs(room_bytes)
    try:
        yield
    finally:
        apsw.set_default_vfs("unix")
        vfs.unregister()


@pytest.mark.parametrize("steps", [1, 2])
def test_a_file_that_finds_no_room_to_grow_is_what_it_was(tmp_path: Path, steps: int) -> None:
    database, larger = tmp_path / "q.db", 16 * BUDGET_BYTES
    connection = opened(database)
    with writing(connection):
        queue.put(connection, Rank.FISCAL, DEVICE, "chave", COUPON, AT)
    free = free_pages(connection)
    connection.close()
    with full(BUDGET_BYTES + steps * _STEP_BYTES), pytest.raises(FileError, match="Não há espaço"):
        opened(database, larger)
    connection = opened(database)
    assert free_pages(connection) >= free
    connection.close()
    opened(database, larger).close()


def test_a_file_is_not_begun_to_grow_on_a_disk_without_room_for_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "q.db"
    opened(database).close()
    size = database.stat().st_size
    usage = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as small:
        small.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10 * BUDGET_BYTES))
        with pytest.raises(FileError, match="Não há espaço"):
            opened(database, 16 * BUDGET_BYTES)
        assert database.stat().st_size == size, "else it would never become smaller again"
        opened(database, 8 * BUDGET_BYTES).close()


def test_a_new_file_has_nothing_of_one_of_its_name_that_is_gone(tmp_path: Path) -> None:
    database = tmp_path / "q.db"
    connection = opened(database)
    with writing(connection):
        queue.put(connection, Rank.FISCAL, DEVICE, "chave", COUPON, AT)
    database.unlink()
    new = opened(database)
    assert new.execute("pragma integrity_check").get == "ok"
    assert new.execute("select count(*) from outbox_item").get == 0
    new.close()
    connection.close()


def test_a_growth_that_was_broken_off_gives_its_room_back_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, larger = tmp_path / "q.db", 16 * BUDGET_BYTES
    connection = opened(database)
    free = free_pages(connection)
    connection.close()
    with monkeypatch.context() as killed:
        killed.setattr(file, "_empty_out", lambda _: None)
        with full(BUDGET_BYTES + 2 * _STEP_BYTES), pytest.raises(FileError):
            opened(database, larger)
    for budget in (BUDGET_BYTES, larger):
        connection = opened(database, budget)
        assert free_pages(connection) >= free
        connection.close()


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


def test_a_gateway_that_was_stopped_is_alone_in_its_folder_again_on_a_full_disk(tmp_path: Path) -> None:
    with alone(tmp_path):
        pass
    with full(), alone(tmp_path), pytest.raises(FileError, match="já roda"), alone(tmp_path):
        pass
    assert [each.name for each in tmp_path.iterdir()] == [LOCK_FILE]


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (apsw.CantOpenError, "de quem é a pasta"),
        (apsw.ReadOnlyError, "de quem é a pasta"),
        (apsw.BusyError, "Feche-o"),
        (apsw.IOError, "Verifique-o"),
        (apsw.MisuseError, "chame o suporte"),
    ],
)
def test_what_sqlite_complains_of_is_told_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[apsw.Error], remedy: str
) -> None:
    opened(tmp_path / "q.db").close()

    def refuse(*_: object) -> None:
        raise error("as SQLite words it")

    monkeypatch.setattr(file, "_opened", refuse)
    with pytest.raises(FileError, match=remedy):
        opened(tmp_path / "q.db")


def test_a_file_that_can_only_be_read_is_not_begun_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Mounted(apsw.Connection):
        def readonly(self, name: str) -> bool:
            return name == "main"

    opened(tmp_path / "q.db").close()
    monkeypatch.setattr(apsw, "Connection", Mounted)
    with pytest.raises(FileError, match="só para leitura"):
        opened(tmp_path / "q.db")


@pytest.mark.parametrize("room_bytes", [0, 500_000, 4_000_000])
def test_a_queue_that_does_not_fit_on_the_disk_is_said_so_and_leaves_nothing_behind(
    tmp_path: Path, room_bytes: int
) -> None:
    with full(room_bytes), pytest.raises(FileError, match="Libere espaço ou configure uma fila menor"):
        opened(tmp_path / "q.db")
    assert list(tmp_path.iterdir()) == []
