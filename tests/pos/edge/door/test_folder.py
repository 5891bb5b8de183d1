"""The Integrador's folder under strain: files in the writing, repetitions, kills at every step, a full disk."""

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.docs.words import ROOT
from tests.pos.edge.door.papers import answers, drop, fields, written
from tests.pos.edge.door.world import World
from tests.pos.edge.shop import until
from zelo.pos.edge.door.integrador import shell
from zelo.pos.edge.door.integrador.shell import Folder, Watch

REQUESTS = 120


def test_a_file_in_the_writing_is_left_alone(tmp_path: Path, world: World) -> None:
    folder = Folder(tmp_path, "001", world.answer, threading.Event())
    content = written("ConsultarSAT", numeroSessao=next(world.sessions))
    (tmp_path / "Input" / "a.tmp").write_bytes(content)
    (tmp_path / "Input" / "b.xml").write_bytes(content[:50])
    (tmp_path / "Input" / "c.xml").mkdir()
    (tmp_path / "Input" / "d.xml").symlink_to(tmp_path / "Input" / "a.tmp")
    for _ in range(3):
        folder.look()
    assert world.asked == []
    assert len(list((tmp_path / "Input").iterdir())) == 4
    (tmp_path / "Input" / "b.xml").write_bytes(content)
    folder.look()
    assert len(world.asked) == 1


def test_the_same_dropped_again_is_the_same_asking_and_next_morning_another(tmp_path: Path, world: World) -> None:
    content = written("EnviarDadosVenda", numeroSessao=next(world.sessions))
    folder = Folder(tmp_path, "001", world.answer, threading.Event())
    noon = 1_790_000_000 // 86_400 * 86_400 + 15 * 3_600
    for changed in (noon, noon + 60, noon + 86_400):
        drop(tmp_path, "Venda", content)
        os.utime(tmp_path / "Input" / "Venda.xml", (changed, changed))
        folder.look()
        world.held[world.asked[-1].id].result(10)
        folder.look()
    ids = [request.id for request in world.asked]
    assert ids[0] == ids[1] != ids[2]


def test_an_answer_that_nobody_collects_stays_for_a_week_and_nothing_else_is_touched(
    tmp_path: Path, world: World
) -> None:
    folder = Folder(tmp_path, "001", world.answer, threading.Event())
    for name in ("Old", "New"):
        drop(tmp_path, name, written("ConsultarSAT", numeroSessao=next(world.sessions)))
        folder.look()
        world.held[world.asked[-1].id].result(10)
        folder.look()
    [old] = (tmp_path / "Output").glob("Old-*.xml")
    theirs = tmp_path / "Output" / "relatorio-2025.xml"
    theirs.write_text("<of-another-program/>", "utf-8")
    ten_days_ago = time.time() - 864_000
    for file in (old, theirs):
        os.utime(file, (ten_days_ago, ten_days_ago))
    folder.look()
    assert old.exists(), "it was looked at a moment ago"
    Folder(tmp_path, "001", world.answer, threading.Event()).look()
    assert sorted(each.name.partition("-")[0] for each in (tmp_path / "Output").iterdir()) == ["New", "relatorio"]


def test_answers_that_cannot_be_published_now_are_published_later_and_stop_nobody(tmp_path: Path, world: World) -> None:
    told: list[str] = []
    folder = Folder(tmp_path, "001", world.answer, threading.Event(), lambda request, _: told.append(request.id))
    for number in range(shell.MOST_AT_WORK):
        drop(tmp_path, f"Odd-{number}", written("NuncaExistiu", number))
    drop(tmp_path, "Well", written("ConsultarSAT", numeroSessao=next(world.sessions)))
    (tmp_path / "Output").rename(tmp_path / "Away")
    (tmp_path / "Output").write_text("in its place")
    for _ in range(4):
        with suppress(OSError):
            folder.look()
    (tmp_path / "Output").unlink()
    (tmp_path / "Away").rename(tmp_path / "Output")
    for request in world.asked:
        world.held[request.id].result(10)
    for _ in range(3):
        folder.look()
    assert len(list((tmp_path / "Output").iterdir())) == shell.MOST_AT_WORK + 1
    assert told == [world.asked[-1].id]
    assert list((tmp_path / ".zelo").iterdir()) == []


@pytest.mark.parametrize("mode", [0o770, 0o755, 0o700])
def test_whoever_may_read_the_folder_of_answers_may_read_them(tmp_path: Path, world: World, mode: int) -> None:
    folder = Folder(tmp_path, "001", world.answer, threading.Event())
    (tmp_path / "Output").chmod(mode)
    drop(tmp_path, "Odd", written("NuncaExistiu", 1))
    folder.look()
    [answer] = (tmp_path / "Output").iterdir()
    assert answer.stat().st_mode & 0o777 == mode & 0o666


class KilledError(BaseException):
    """The process is gone."""


@contextmanager
def killed_at(step: int, *, before: bool) -> Iterator[None]:
    """Let the process die before or after its nth change of the disk."""
    done = 0
    with pytest.MonkeyPatch.context() as patch:
        for name in ("rename", "replace", "unlink"):
            real: Any = getattr(Path, name)

            def change(*given: Any, real: Any = real, **named: Any) -> Any:
                nonlocal done
                done += 1
                if before and done == step:
                    raise KilledError
                result = real(*given, **named)
                if done == step:
                    raise KilledError
                return result

            patch.setattr(Path, name, change)
        yield


def _work(folder: Folder, world: World, looks: int = 4) -> None:
    for _ in range(looks):
        folder.look()
        for held in tuple(world.held.values()):
            held.result(10)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("step", range(1, 6))
def test_a_kill_at_any_step_sells_once_and_answers_once(
    tmp_path: Path, world: World, step: int, *, before: bool
) -> None:
    sold = len(world.sold())
    folder = Folder(tmp_path, "001", world.answer, threading.Event())
    drop(tmp_path, "Venda", written("EnviarDadosVenda", numeroSessao=next(world.sessions)))
    died = False
    with killed_at(step, before=before):
        try:
            _work(folder, world)
        except KilledError:
            died = True
    assert died is (step <= 4)
    taken = len(answers(tmp_path))
    for file in (tmp_path / "Output").iterdir():
        file.unlink()
    _work(Folder(tmp_path, "001", world.answer, threading.Event()), world)
    assert taken + len(answers(tmp_path)) == 1
    assert len(world.sold()) == sold + 1
    assert len({request.id for request in world.asked}) == 1
    assert [each.name for each in tmp_path.rglob("*") if each.is_file() and each.parent.name != "Output"] == []


def test_a_watcher_that_is_killed_again_and_again_answers_each_request_once(tmp_path: Path) -> None:
    root, journal, drawn = tmp_path / "till", tmp_path / "journal", random.Random(7)
    journal.mkdir()
    (root / "Input").mkdir(parents=True)
    (root / "Output").mkdir()
    for number in range(REQUESTS):
        drop(root, f"Consulta-{number}", written("ConsultarSAT", number, numeroSessao=number + 1))
    command = [sys.executable, "-m", "tests.pos.edge.door.child", str(root), str(journal)]
    kills, before, until = 0, 0, time.monotonic() + 60
    while len(list((root / "Output").iterdir())) < REQUESTS:
        assert time.monotonic() < until
        with subprocess.Popen(command, cwd=ROOT) as child:
            while len(list((root / "Output").iterdir())) == before and child.poll() is None:
                time.sleep(0.001)
            time.sleep(drawn.random() / 100)
            child.kill()
            kills += 1
        before = len(list((root / "Output").iterdir()))
    told = [each.findtext("Identificador/Valor") for each in answers(root)]
    assert sorted(told, key=lambda name: int(name or 0)) == [str(number) for number in range(REQUESTS)]
    assert len(list(journal.iterdir())) == REQUESTS
    assert [*(root / "Input").iterdir(), *(root / ".zelo").iterdir()] == []
    assert kills > 1, "the machine was too fast to kill anything"


def test_a_full_disk_is_tried_again(tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path, "001", world.answer, threading.Event())
    drop(tmp_path, "Venda", written("EnviarDadosVenda", numeroSessao=next(world.sessions)))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        _work(folder, world)
        assert answers(tmp_path) == []
    _work(folder, world)
    assert len(answers(tmp_path)) == 1
    assert len(world.held) == 1


def test_a_folder_that_is_gone_is_told_once_and_looked_at_again_when_it_is_back(
    tmp_path: Path, world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "AGAIN_SECONDS", 0.05)
    root, stop = tmp_path / "integ", threading.Event()
    watch = Watch(root, "001", world.answer)
    watcher = threading.Thread(target=watch.run, args=(stop,))
    watcher.start()
    try:
        assert until((root / "Output").is_dir)
        shutil.rmtree(root)
        assert until(lambda: bool(watch.trouble))
        threading.Event().wait(0.5)
        assert len(caplog.messages) == 1
        assert watch.trouble.endswith(": não existe")
        assert not root.exists()
        root.mkdir()
        assert until(lambda: not watch.trouble)
        drop(root, "Venda", written("EnviarDadosVenda", numeroSessao=next(world.sessions)))
        assert until(lambda: len(answers(root)) == 1)
    finally:
        stop.set()
        watcher.join()


def test_a_gateway_that_never_answers_leaves_an_answer_in_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    monkeypatch.setattr(shell, "WAIT_SECONDS", 0.0)
    folder = Folder(tmp_path, "001", lambda _: Future[str](), threading.Event())
    drop(tmp_path, "Venda", written("EnviarDadosVenda", numeroSessao=next(world.sessions)))
    for _ in range(3):
        folder.look()
    assert fields(answers(tmp_path)[0])[1] == "06099"


def test_many_tills_at_once_through_a_real_watcher(tmp_path: Path, world: World) -> None:
    stop = threading.Event()
    watcher = threading.Thread(target=Watch(tmp_path, "001", world.answer).run, args=(stop,))
    watcher.start()
    try:
        while not (tmp_path / "Input").exists():
            time.sleep(0.01)
        for number in range(40):
            drop(tmp_path, f"Consulta-{number}", written("ConsultarSAT", number, numeroSessao=next(world.sessions)))
        until = time.monotonic() + 10
        while len(list((tmp_path / "Output").iterdir())) < 40:
            assert time.monotonic() < until
            time.sleep(0.02)
    finally:
        stop.set()
        watcher.join()
    told = {each.findtext("Identificador/Valor") or "": each for each in answers(tmp_path)}
    assert {name: fields(each, name)[1] for name, each in told.items()} == {str(n): "08000" for n in range(40)}
