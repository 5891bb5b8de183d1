"""The master key file: beside the database, never in it, readable by its owner only."""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from zelo.access.token import TOKEN_BYTES, Chance
from zelo.access.vault import Vault, VaultError, new_key

FILE_NAME: Final = "master.key"


MISSING: Final = (
    "O arquivo master.key não está na pasta de dados, e há certificados cifrados com ele. Copie o original para lá. "
    "Se ele se perdeu, use zelo admin new-key e instale os certificados de novo."
)


def open_vault(data_dir: Path, chance: Chance, *, sealed: bool = False) -> Vault:
    """The installation's vault; the first start makes its key.

    `sealed`: secrets exist that a key has sealed, so that a missing file is not simply made anew. Raises VaultError
    then, and when the file holds no key.
    """
    path = data_dir / FILE_NAME
    if not path.exists():
        if sealed:
            raise VaultError(MISSING)
        data_dir.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # another process was faster: its key is the installation's
            _write(path, [new_key(chance(TOKEN_BYTES))], os.link)
    return Vault(_read(path))


def add_key(data_dir: Path, chance: Chance) -> Vault:
    """Put a new key before the old ones (rotation); secrets must be resealed before an old one is dropped.

    Raises VaultError, and leaves the file alone, when it holds no key.
    """
    path = data_dir / FILE_NAME
    keys = [new_key(chance(TOKEN_BYTES)), *_sound(path)]
    _write(path, keys, os.replace)
    return Vault(keys)


def drop_old_keys(data_dir: Path) -> None:
    """Keep only the newest key. Raises VaultError, and leaves the file alone, when it holds none."""
    path = data_dir / FILE_NAME
    _write(path, _sound(path)[:1], os.replace)


def _sound(path: Path) -> list[bytes]:
    """The keys of a file of which every one is a key."""
    keys = _read(path)
    Vault(keys)
    return keys


def _read(path: Path) -> list[bytes]:
    return path.read_bytes().split()


def _write(path: Path, keys: list[bytes], put: Callable[[str, Path], None]) -> None:
    """Put a whole file in its place in one step, and both on the disk: a crash leaves the old one or the new one."""
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=f"{FILE_NAME}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(b"\n".join(keys) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        put(fresh, path)
    finally:
        Path(fresh).unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
