"""Every command explains itself in pt-BR, and what a person sets wrong ends in one sentence."""

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.cli.installation import Run, environ, finished
from zelo.cli import main
from zelo.cli.screen import refusal
from zelo.settings.table import MOST_PORT

COMMANDS = (
    "admin new-key", "admin password", "admin rotate-key", "backup", "cancel", "demo", "demo-pdv", "doctor", "emit",
    "guard diagnose", "guard dossier", "guard explain", "guard verify", "guard watch", "month", "notify test", "print",
    "restore", "schema install", "schema list", "serve", "sim", "sim sat", "sim sell", "work",
)  # fmt: skip


def commands(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by its words."""
    for name in getattr(command, "commands", ()):
        yield from commands(command.commands[name], f"{path} {name}")
    if getattr(command, "invoke_without_command", True):
        yield path.strip(), command


FOUND = dict(commands(typer.main.get_command(main.app)))


def test_these_are_the_commands() -> None:
    assert sorted(FOUND) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_what_each_of_its_words_means(run: Run, name: str) -> None:
    ended = run({}, *name.split(), "--help")
    assert ended.code == 0
    command = FOUND[name]
    assert command.help.endswith(".")
    assert command.help.split()[0] in ended.said
    for parameter in command.params:
        if parameter.name != "help":
            assert parameter.help.endswith("."), parameter.name


@pytest.mark.parametrize("name", ["", "schema", "guard", "admin"])
def test_without_a_command_the_commands_are_shown(run: Run, name: str) -> None:
    ended = run({}, *name.split())
    shown = ended.said + ended.complained
    for command in COMMANDS:
        if command.startswith(name):
            assert command.removeprefix(name).split()[0] in shown


BAD_SETTINGS = (
    ({"ZELO_LISTEN_PORT": "abc"}, f"ZELO_LISTEN_PORT: use um número inteiro de 0 a {MOST_PORT} (porta)."),
    ({"ZELO_GUARD_LIMITS": "RS|20-10/"}, "guard_limits, posição 4: O limite de segurança passa do máximo."),
    ({"ZELO_GUARD_INTERVALS": "RS|1-2"}, "guard_intervals, posição 4: Não entendi: esperava 3 números."),
    ({"ZELO_AMBIENTE": "teste"}, "ZELO_AMBIENTE: use homologacao ou producao, e não 'teste'."),
    ({"ZELO_DATABASE_URL": "mysql://x"}, "database_url: use um endereço postgresql:// ou deixe vazio para o SQLite."),
    ({"ZELO_DATABASE_URL": "postgresql://x:y@:::/"}, "database_url: não é um endereço de banco"),
    ({"ZELO_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "O banco de dados não responde"),
)


@pytest.mark.parametrize("words", [("guard", "verify"), ("schema", "list")])
@pytest.mark.parametrize(("changes", "sentence"), BAD_SETTINGS)
def test_a_bad_setting_is_a_sentence(
    run: Run, env: dict[str, str], words: tuple[str, ...], changes: dict[str, str], sentence: str
) -> None:
    ended = run({**env, **changes}, *words)
    assert ended.code == 1
    assert sentence in ended.sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("listen_prot = 1", "zelo.toml: configuração desconhecida: listen_prot."),
        ("listen_port = ", "zelo.toml: o arquivo não é TOML válido"),
        ("listen_port = [1]", "zelo.toml: listen_port: use"),
        ("# não", "zelo.toml: o arquivo não está em UTF-8."),
    ],
)
def test_a_bad_file_of_settings_is_a_sentence(
    run: Run, env: dict[str, str], data_dir: Path, content: str, sentence: str
) -> None:
    (data_dir / "zelo.toml").write_bytes(content.encode("latin-1"))
    ended = run(env, "guard", "verify")
    assert ended.code == 1
    assert sentence in ended.sentence


def test_a_bad_setting_is_a_sentence_of_the_real_program_too(tmp_path: Path) -> None:
    ended = finished({**environ(tmp_path / "data"), "ZELO_LISTEN_PORT": "abc"}, "serve", cwd=tmp_path)
    assert (ended.code, ended.said) == (1, "")
    assert ended.sentence.startswith("ZELO_LISTEN_PORT")
    assert not (tmp_path / "data").exists(), "nothing was begun"


@pytest.mark.parametrize(
    "damage",
    ["master.key", "zelo.db", "schemas"],
)
def test_a_damaged_installation_is_a_sentence(run: Run, env: dict[str, str], data_dir: Path, damage: str) -> None:
    if damage == "schemas":
        (data_dir / "schemas" / "x").mkdir(parents=True)
        (data_dir / "schemas" / "x" / "manifest.toml").write_text("x", "utf-8")
    else:
        for beside in data_dir.glob(f"{damage}*"):
            beside.unlink()
        (data_dir / damage).write_bytes(b"garbage, and rather a lot of it" * 40)
    ended = run(env, "guard", "verify")
    assert (ended.code, bool(ended.sentence)) == (1, True)


@pytest.mark.parametrize(
    "number",
    [
        errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC,
        errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EIO,
    ],
    ids=errno.errorcode.get,
)  # fmt: skip
def test_what_the_system_refuses_is_a_sentence_with_a_remedy(number: int) -> None:
    told = refusal(OSError(number, os.strerror(number), "/um/lugar"))
    assert told.endswith(".")
    assert len(told.split(". ")) == 2 or ":" in told
    assert ("/um/lugar" in told) is (number not in (errno.EADDRINUSE, errno.EADDRNOTAVAIL))
    if number != errno.EIO:
        assert os.strerror(number) not in told


def test_an_address_that_does_not_exist_is_a_sentence() -> None:
    assert "ZELO_LISTEN_HOST" in refusal(socket.gaierror(-2, "Name or service not known"))
