"""`zelo admin`: a new password ends what the old one opened; a new master key opens what the old one sealed."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.cli.installation import Run, environ, opened
from zelo.access.shell import companies, people, sessions
from zelo.access.shell.master import FILE_NAME
from zelo.access.vault import Vault, VaultError
from zelo.cli import admin
from zelo.engine.schema.access import audit, certificate
from zelo.flow.tools import Tools

EMAIL = "ana@exemplo.com.br"
OLD = "uma frase que serve"


def enters(tools: Tools, email: str, password: str) -> bool:
    """Whether that password is the account's."""
    with tools.engine.begin() as connection:
        found = sessions.check_password(
            connection,
            now=tools.clock(),
            chance=tools.chance,
            email=email,
            password=password,
            failures=99,
            pause=timedelta(minutes=1),
        )
    return isinstance(found, str)


@pytest.fixture
def token(env: dict[str, str]) -> str:
    """An account that is logged in."""
    with opened(env) as tools, tools.engine.begin() as connection:
        now, chance = tools.clock(), tools.chance
        account_id = people.create_account(connection, now=now, chance=chance, email=EMAIL, name="Ana", password=OLD)
        return sessions.start(connection, now=now, chance=chance, account_id=account_id, hours=1)


def test_a_new_password_is_shown_once_and_ends_every_session(run: Run, env: dict[str, str], token: str) -> None:
    ended = run(env, "admin", "password", EMAIL.upper())
    assert ended.code == 0
    [password] = re.findall(r"senha nova .*: (\S+) \(mostrada só agora\)", ended.said.lower())
    with opened(env) as tools:
        assert enters(tools, EMAIL, password)
        assert not enters(tools, EMAIL, OLD)
        with tools.engine.read() as connection:
            assert sessions.find(connection, token, tools.clock()) is None
            rows = connection.execute(select(audit.c.actor, audit.c.action)).all()
    assert ("linha de comando", "senha nova") in [tuple(row) for row in rows]


def test_a_password_for_nobody_is_told(run: Run, env: dict[str, str]) -> None:
    ended = run(env, "admin", "password", "nobody@[x].br")
    assert (ended.code, ended.sentence) == (1, "Não há conta com o e-mail nobody@[x].br.")


def test_the_first_administrator_is_made_once(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    env = environ(tmp_path / "new")
    run(env, "doctor")
    with opened(env) as tools:
        capsys.readouterr()
        password = admin.first_start(tools)
        assert password is not None
        assert password in capsys.readouterr().out
        assert enters(tools, admin.FIRST_EMAIL, password)
        assert admin.first_start(tools) is None
        assert capsys.readouterr().out == ""


def sealed(tools: Tools) -> tuple[str, bytes]:
    """A certificate's id and how its password is kept."""
    with tools.engine.read() as connection:
        row = connection.execute(select(certificate.c.id, certificate.c.sealed_password)).one()
    return row.id, row.sealed_password


def test_a_new_master_key_opens_what_was_sealed_and_the_old_one_no_more(
    run: Run, env: dict[str, str], data_dir: Path
) -> None:
    old_key = (data_dir / FILE_NAME).read_bytes()
    with opened(env) as tools, tools.engine.read() as connection:
        before = companies.open_certificate(connection, tools.vault, sealed(tools)[0])
    ended = run(env, "admin", "rotate-key")
    assert (ended.code, "1 certificados recifrados" in ended.said) == (0, True)
    new_key = (data_dir / FILE_NAME).read_bytes()
    assert new_key != old_key
    assert len(new_key.split()) == 1
    assert (data_dir / FILE_NAME).stat().st_mode & 0o077 == 0
    with opened(env) as tools:
        certificate_id, kept = sealed(tools)
        with tools.engine.read() as connection:
            assert companies.open_certificate(connection, tools.vault, certificate_id) == before
        with pytest.raises(VaultError):
            Vault(old_key.split()).open(kept)


def test_a_rotation_that_cannot_open_the_secrets_loses_no_key(run: Run, env: dict[str, str], data_dir: Path) -> None:
    path = data_dir / FILE_NAME
    right = path.read_bytes()
    path.write_bytes(Vault.__module__.encode())
    assert "master.key" in run(env, "admin", "rotate-key").sentence
    other = b"A" * 43 + b"=\n"
    path.write_bytes(other)
    assert "restaure o arquivo master.key original" in run(env, "admin", "rotate-key").sentence
    assert other.strip() in path.read_bytes().split(), "the key that was there is still there"
    path.write_bytes(right)
    assert run(env, "admin", "rotate-key").code == 0


def test_without_its_master_key_nothing_starts_until_a_person_decides(
    run: Run, env: dict[str, str], data_dir: Path
) -> None:
    key = data_dir / "master.key"
    kept = key.read_bytes()
    key.unlink()
    assert "O arquivo master.key não está na pasta de dados" in run(env, "guard", "verify").sentence
    assert not key.exists()
    assert run(env, "admin", "new-key").code == 0
    assert run(env, "guard", "verify").code == 0
    assert key.read_bytes() != kept
    assert run(env, "doctor").code == 1, "the certificates do not open with it"
