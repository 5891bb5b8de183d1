"""Where there is no centre: documents become files, each once, before the queue may let go of them."""

import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from tests.pos.edge.outbox.house import AT, DEVICE, GATEWAY, declared, opened
from tests.pos.edge.shop import Shop
from zelo.pos.edge.config import read_config
from zelo.pos.edge.gather.shell.gatherer import Gatherer
from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.outbox.shell.file import sync_folder, writing
from zelo.pos.edge.shell.carrier import ToFiles, carrier
from zelo.pos.edge.uplink.shell import filed
from zelo.pos.edge.uplink.shell.filed import Filer

CHAVE = "35261108723218000186599000000590000010000010"
LATER = "35261208723218000186599000000590000020000015"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[apsw.Connection]:
    with closing(opened(tmp_path / "q.db")) as connection:
        yield connection


@pytest.fixture
def filer(connection: apsw.Connection, tmp_path: Path) -> Filer:
    return Filer(connection, tmp_path / "xml", lambda: AT)


def put(connection: apsw.Connection, key: str, body: bytes, rank: Rank = Rank.FISCAL) -> None:
    with writing(connection):
        queue.put(connection, rank, DEVICE if rank is Rank.FISCAL else GATEWAY, key, body, AT)


def files(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def pending(connection: apsw.Connection) -> list[str]:
    return [item.key for item in queue.take(connection, 1_000, 10**9).items]


def test_each_document_becomes_a_file_by_month_and_the_rest_stays(
    connection: apsw.Connection, filer: Filer, tmp_path: Path
) -> None:
    put(connection, CHAVE, b"<CFe/>")
    put(connection, LATER, b"<CFeCanc/>")
    put(connection, "..", b"odd")
    put(connection, "estado", b"{}", Rank.STATUS)
    assert filer.once()
    assert not filer.once()
    assert files(tmp_path / "xml") == {
        f"2026-11/CFe{CHAVE}.xml": b"<CFe/>",
        f"2026-12/CFe{LATER}.xml": b"<CFeCanc/>",
        "sem-chave/documento-3.xml": b"odd",
    }
    assert pending(connection) == ["estado"]
    assert queue.document(connection, CHAVE) == b"<CFe/>", "a copy, as long as there is room"


def test_nothing_is_written_over(connection: apsw.Connection, filer: Filer, tmp_path: Path) -> None:
    for body in (b"first", b"second"):
        put(connection, CHAVE, body)
    while filer.once():
        continue
    assert sorted(files(tmp_path / "xml").values()) == [b"first", b"second"]


class KilledError(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("step", range(6))
def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(
    connection: apsw.Connection, filer: Filer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    steps = iter(range(100))

    def dying(act: Callable[..., object]) -> Callable[..., object]:
        def step_or_die(*given: object, **named: object) -> object:
            if next(steps) == step:
                raise KilledError
            return act(*given, **named)

        return step_or_die

    put(connection, CHAVE, b"<CFe/>")
    put(connection, LATER, b"<CFe2/>")
    with monkeypatch.context() as kill:
        kill.setattr(os, "fsync", dying(os.fsync))
        kill.setattr("zelo.pos.edge.uplink.shell.filed.sync_folder", dying(sync_folder))
        kill.setattr("zelo.pos.edge.uplink.shell.filed.confirm", dying(queue.confirm))
        with pytest.raises(KilledError):
            filer.once()
    again = Filer(connection, tmp_path / "xml", lambda: AT)
    while again.once():
        continue
    assert {name: body for name, body in files(tmp_path / "xml").items() if name.endswith(".xml")} == {
        f"2026-11/CFe{CHAVE}.xml": b"<CFe/>",
        f"2026-12/CFe{LATER}.xml": b"<CFe2/>",
    }
    assert pending(connection) == []


def test_a_folder_that_takes_nothing_keeps_all_of_it_in_the_queue_and_is_said(
    open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1)
    gatherer = Gatherer(shop.desk, shop.folder, "loja", shop.clock, has_centre=False)
    gatherer.open()
    carried = ToFiles(shop.folder / "xml", shop.desk, gatherer, shop.clock, threading.Event())
    shop.sell().result(15)
    with closing(carried):
        with monkeypatch.context() as full:
            full.setattr(filed, "_put_out", _full)
            assert not carried.filer.once()
        assert "falta espaço" in carried.stands().said
        gatherer.watch(carried.filer.connection)
        assert gatherer.alarms["arquivos", ""].finding.sentence.endswith("xml: falta espaço.")
        [chave] = shop.standing()
        assert pending(carried.filer.connection)[0] == chave
        assert carried.filer.once()
        assert carried.stands().well
        assert list(files(shop.folder / "xml")) == [f"20{chave[2:4]}-{chave[4:6]}/CFe{chave}.xml"]


def test_what_was_sold_before_the_gateway_was_stopped_is_written(
    connection: apsw.Connection, filer: Filer, tmp_path: Path
) -> None:
    running = threading.Thread(target=filer.run)
    running.start()
    put(connection, CHAVE, b"<CFe/>")
    filer.stop.set()
    running.join(15)
    assert list(files(tmp_path / "xml")) == [f"2026-11/CFe{CHAVE}.xml"]


def test_the_folder_that_is_told_is_the_one_that_takes_nothing(
    connection: apsw.Connection, filer: Filer, tmp_path: Path
) -> None:
    put(connection, CHAVE, b"<CFe/>")
    (tmp_path / "xml").mkdir()
    (tmp_path / "xml" / "2026-11").write_text("a file")
    assert not filer.once()
    assert filer.trouble.startswith(str(tmp_path / "xml"))
    (tmp_path / "xml" / "2026-11").unlink()
    (tmp_path / "xml" / "2026-11" / f".CFe{CHAVE}.tmp").mkdir(parents=True)
    assert not filer.once()
    assert filer.trouble == f"{tmp_path / 'xml' / '2026-11'}: é uma pasta"


def _full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_bytes_that_the_disk_changed_are_declared_lost_and_become_no_file(
    connection: apsw.Connection, filer: Filer, tmp_path: Path
) -> None:
    put(connection, CHAVE, b"<CFe/>")
    with writing(connection):
        connection.execute("update outbox_item set body = ?", (b"<CFf/>",))
    assert filer.once()
    assert files(tmp_path / "xml") == {}
    assert declared(connection) == {(DEVICE, Rank.FISCAL, 1)}


def test_a_shop_without_a_centre_sells_for_years(connection: apsw.Connection, filer: Filer) -> None:
    """Its file holds some hundreds of documents."""
    for number in range(2_000):
        with writing(connection):
            queue.put(connection, Rank.FISCAL, DEVICE, f"{number:044d}", bytes(20_000), AT)
        if number % 50 == 49:
            while filer.once():
                continue
    assert len(queue.ledger(connection)) == 1
    assert queue.ledger(connection)[0].received == 2_000


@pytest.mark.parametrize(
    ("told", "folder"), [('[centro]\npasta = "/srv/cupons"\n', "/srv/cupons"), ("", "/srv/edge/xml")]
)
def test_the_folder_is_that_of_the_configuration_or_lies_beside_the_file(
    open_shop: Callable[..., Shop], told: str, folder: str
) -> None:
    shop = open_shop(1)
    gatherer = Gatherer(shop.desk, shop.folder, "loja", shop.clock, has_centre=False)
    least = '[gateway]\npasta = "/srv/edge"\n[[equipamento]]\nnome = "A"\ntipo = "emulado"\nendereco = "127.0.0.1:1"\n'
    config = read_config(least + told)
    assert not isinstance(config, list)
    with closing(carrier(config, shop.desk, gatherer, shop.clock, threading.Event())) as carried:
        assert isinstance(carried, ToFiles)
        assert carried.filer.folder == Path(folder)
