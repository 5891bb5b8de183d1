"""Activation codes at rest."""

from pathlib import Path

import pytest

from zelo.pos.edge.journal.shell.store import FILE, Store
from zelo.pos.edge.outbox.shell.file import FileError
from zelo.pos.edge.shell.gateway import TOKEN_FILE, token
from zelo.pos.edge.shell.vault import KEY_FILE, Vault

CODE = "a-code-of-a-shop"


def _opened(folder: Path) -> tuple[Store, Vault]:
    store = Store(folder, 16)
    return store, Vault(folder, store)


def test_a_code_is_kept_and_its_bytes_stand_nowhere_in_the_clear(tmp_path: Path) -> None:
    store, vault = _opened(tmp_path)
    vault.keep("SAT-1", CODE)
    store.close()
    store, vault = _opened(tmp_path)
    assert vault.code("SAT-1") == CODE
    assert vault.code("SAT-2") == ""
    store.close()
    for file in tmp_path.iterdir():
        assert CODE.encode() not in file.read_bytes(), file.name
        assert file.stat().st_mode & 0o077 == 0 or not file.name.startswith((FILE, KEY_FILE)), file.name


def test_where_the_key_is_lost_each_code_is_given_anew(tmp_path: Path) -> None:
    store, vault = _opened(tmp_path)
    vault.keep("SAT-1", CODE)
    (tmp_path / KEY_FILE).unlink()
    vault = Vault(tmp_path, store)
    assert vault.code("SAT-1") == ""
    vault.keep("SAT-1", CODE)
    assert Vault(tmp_path, store).code("SAT-1") == CODE
    store.close()


def test_a_key_that_was_damaged_is_put_aside_and_each_code_given_anew(tmp_path: Path) -> None:
    store, vault = _opened(tmp_path)
    vault.keep("SAT-1", CODE)
    damaged = (tmp_path / KEY_FILE).read_bytes()[:20]
    (tmp_path / KEY_FILE).write_bytes(damaged)
    vault = Vault(tmp_path, store)
    assert vault.code("SAT-1") == ""
    assert (tmp_path / f"{KEY_FILE}.danificada").read_bytes() == damaged
    vault.keep("SAT-1", CODE)
    assert Vault(tmp_path, store).code("SAT-1") == CODE
    store.close()


@pytest.mark.parametrize("kept", [b"\xff\xfe", b"abc\x00def", "não".encode()])
def test_a_token_that_was_damaged_is_said_with_its_place(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / TOKEN_FILE).write_bytes(kept)
    with pytest.raises(FileError, match=rf"{TOKEN_FILE} está danificado\. Apague-o"):
        token(tmp_path)


def test_a_key_that_a_first_start_never_finished_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).touch()
    store, vault = _opened(tmp_path)
    vault.keep("SAT-1", CODE)
    assert Vault(tmp_path, store).code("SAT-1") == CODE
    store.close()
