"""The long-running commands as real programs: they come up, they say a password once, and they end when told to."""

import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.cli.installation import PATIENCE_SECONDS, Ended, environ, finished, opened, program, rows_of, sent
from tests.cli.test_admin import enters
from zelo.cli import admin
from zelo.sim import journal as journals
from zelo.sim.shell.folder import journal_in

ADDRESS = re.compile(r"http://127\.0\.0\.1:[0-9]+")


@contextmanager
def running(env: dict[str, str], *words: str, cwd: Path) -> Iterator[tuple["subprocess.Popen[str]", list[str]]]:
    """A program that has said that it is up, and what it has said until then."""
    with program(env, *words, cwd=cwd) as child:
        said: list[str] = []
        try:
            assert child.stdout is not None
            for line in child.stdout:
                said.append(line)
                if "Ctrl+C encerra." in line:
                    break
            yield child, said
        finally:
            if child.poll() is None:
                child.kill()


def stopped(child: "subprocess.Popen[str]", by: signal.Signals) -> Ended:
    """How it ended when told to."""
    child.send_signal(by)
    said, complained = child.communicate(timeout=PATIENCE_SECONDS)
    return Ended(child.returncode, said, complained)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_the_first_start_shows_the_password_once_and_only_once(tmp_path: Path, by: signal.Signals) -> None:
    env = {**environ(tmp_path / "data"), "ZELO_LISTEN_PORT": "0"}
    with running(env, "serve", cwd=tmp_path) as (child, said):
        [password] = re.findall(r"senha (\S+) \(mostrada só agora\)", "".join(said))
        [address] = ADDRESS.findall("".join(said))
        assert httpx2.get(f"{address}/healthz").json() == {"ok": True}
        assert httpx2.get(f"{address}/readyz").status_code == 200
        ended = stopped(child, by)
    assert ended.code == 0
    assert "Traceback" not in ended.complained
    assert password not in ended.said + ended.complained, "neither said again nor logged"
    with opened(env) as tools:
        assert enters(tools, admin.FIRST_EMAIL, password)
    with running(env, "serve", "--no-worker", cwd=tmp_path) as (child, said):
        assert len(said) == 1
        assert "senha" not in said[0]
        assert stopped(child, by).code == 0
    assert password.encode() not in b"".join(file.read_bytes() for file in (tmp_path / "data").rglob("*.*"))


def test_a_worker_ends_when_told_to(env: dict[str, str], tmp_path: Path) -> None:
    with running(env, "work", cwd=tmp_path) as (child, said):
        assert said == ["Trabalhando com 4 transmissões simultâneas. Ctrl+C encerra.\n"]
        assert stopped(child, signal.SIGTERM).code == 0


def test_a_port_that_is_taken_is_a_sentence(env: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = finished({**env, "ZELO_LISTEN_PORT": str(port)}, "serve", cwd=tmp_path)
    assert ended.code == 1
    assert "A porta está ocupada por outro programa." in ended.complained
    assert "Traceback" not in ended.complained


@pytest.mark.simulate
def test_the_demonstration_goes_through_and_shows_its_summary(tmp_path: Path) -> None:
    ended = finished({}, "demo", "--once", cwd=tmp_path, seconds=240)
    assert (ended.code, ended.complained) == (0, "")
    assert [row[:2] for row in rows_of(ended.said)[:3]] == [
        ["Autorizada", "900"],
        ["Com erros", "20"],
        ["Recusada", "20"],
    ]
    assert "R$ 0,00 pendente" in ended.said
    folder = tmp_path / "demo-data" / "sefaz"
    authorised = journals.authorised(journal_in(folder))
    assert (len(authorised), set(authorised.values())) == (900, {1})
    assert {entry.trouble for entry in sent(folder)} > {""}, "some answers were spoilt"


def test_the_demonstration_leaves_a_folder_alone_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "demo-data").mkdir()
    (tmp_path / "demo-data" / "mine.txt").write_text("x", "utf-8")
    ended = finished({}, "demo", "--once", cwd=tmp_path)
    assert (ended.code, "mude-a de nome" in ended.sentence) == (1, True)
    assert (tmp_path / "demo-data" / "mine.txt").read_text("utf-8") == "x"
