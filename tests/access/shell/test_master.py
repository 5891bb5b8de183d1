"""The master key's file: readable by its owner only, whole or not there, one for all processes that start at once."""

import os
import stat
from pathlib import Path

import pytest

from zelo.access.shell.master import FILE_NAME, add_key, drop_old_keys, open_vault
from zelo.access.vault import VaultError


def keys(folder: Path) -> list[bytes]:
    return (folder / FILE_NAME).read_bytes().split()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_start_makes_a_key_and_later_ones_use_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    sealed = open_vault(folder, os.urandom).seal(b"secret")
    assert open_vault(folder, os.urandom).open(sealed) == b"secret"
    assert len(keys(folder)) == 1
    assert mode(folder / FILE_NAME) == 0o600
    assert [path.name for path in folder.iterdir()] == [FILE_NAME], "nothing else is left lying about"


def test_the_file_is_its_owners_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        open_vault(tmp_path, os.urandom)
        add_key(tmp_path, os.urandom)
    finally:
        os.umask(before)
    assert mode(tmp_path / FILE_NAME) == 0o600


def test_a_rotation_keeps_old_secrets_readable_until_the_old_keys_are_dropped(tmp_path: Path) -> None:
    sealed = open_vault(tmp_path, os.urandom).seal(b"secret")
    rotated = add_key(tmp_path, os.urandom)
    assert len(keys(tmp_path)) == 2
    again = rotated.reseal(sealed)
    assert open_vault(tmp_path, os.urandom).open(sealed) == b"secret"
    drop_old_keys(tmp_path)
    assert len(keys(tmp_path)) == 1
    assert open_vault(tmp_path, os.urandom).open(again) == b"secret"
    with pytest.raises(VaultError):
        open_vault(tmp_path, os.urandom).open(sealed)
    assert mode(tmp_path / FILE_NAME) == 0o600


def test_two_first_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    """The second process starts between the first one's look and its writing."""
    others = []

    def interrupted(count: int) -> bytes:
        others.append(open_vault(tmp_path, os.urandom))
        return os.urandom(count)

    ours = open_vault(tmp_path, interrupted)
    sealed = others[0].seal(b"theirs"), ours.seal(b"ours")
    for vault in (ours, others[0], open_vault(tmp_path, os.urandom)):
        assert [vault.open(each) for each in sealed] == [b"theirs", b"ours"]


def test_a_crash_before_the_file_is_replaced_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_vault(tmp_path, os.urandom)
    before = keys(tmp_path)

    def die(_: int) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(os, "fsync", die)
    with pytest.raises(OSError, match="power cut"):
        add_key(tmp_path, os.urandom)
    assert keys(tmp_path) == before
    monkeypatch.undo()
    assert len(keys(tmp_path)) == 1
    add_key(tmp_path, os.urandom)
    assert len(keys(tmp_path)) == 2


def test_the_new_file_and_its_folder_are_on_the_disk_before_anything_is_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a power cut could take the key away and leave what it sealed."""
    open_vault(tmp_path, os.urandom)
    synced: list[str] = []
    real = os.fsync

    def watched(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        synced.append(f"{kind}, {len(keys(tmp_path))} key(s) in place")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    add_key(tmp_path, os.urandom)
    assert synced == ["file, 1 key(s) in place", "folder, 2 key(s) in place"]


@pytest.mark.parametrize("content", [b"", b"\n", b"half a k", b"\xff\xfe" * 30])
def test_a_damaged_file_is_told_and_never_replaced(tmp_path: Path, content: bytes) -> None:
    """A new key would lose every secret for good."""
    path = tmp_path / FILE_NAME
    path.write_bytes(content)
    with pytest.raises(VaultError, match=r"master\.key"):
        open_vault(tmp_path, os.urandom)
    for change in (lambda: add_key(tmp_path, os.urandom), lambda: drop_old_keys(tmp_path)):
        with pytest.raises(VaultError, match=r"master\.key"):
            change()
    assert path.read_bytes() == content


def test_a_key_that_is_gone_is_not_made_anew_where_it_has_sealed_something(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match=r"Copie o original .* zelo admin new-key"):
        open_vault(tmp_path, os.urandom, sealed=True)
    assert list(tmp_path.iterdir()) == []
