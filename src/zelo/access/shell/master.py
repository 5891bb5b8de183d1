"""The master key file: beside the database, never in it, readable by its owner only."""

import os
from pathlib import Path
from typing import Final

from zelo.access.token import TOKEN_BYTES, Chance
from zelo.access.vault import Vault, new_key

FILE_NAME: Final = "master.key"
_OWNER_ONLY: Final = 0o600


def open_vault(data_dir: Path, chance: Chance) -> Vault:
    """The installation's vault; the first start makes its key."""
    path = data_dir / FILE_NAME
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        _write(path, [new_key(chance(TOKEN_BYTES))])
    return Vault(_read(path))


def add_key(data_dir: Path, chance: Chance) -> Vault:
    """Put a new key before the old ones (rotation); secrets must be resealed before an old one is dropped."""
    path = data_dir / FILE_NAME
    _write(path, [new_key(chance(TOKEN_BYTES)), *_read(path)])
    return Vault(_read(path))


def drop_old_keys(data_dir: Path) -> None:
    """Keep only the newest key."""
    path = data_dir / FILE_NAME
    _write(path, _read(path)[:1])


def _read(path: Path) -> list[bytes]:
    return path.read_bytes().split()


def _write(path: Path, keys: list[bytes]) -> None:
    """Replace the file in one step: a crash leaves the old one or the new one."""
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(b"\n".join(keys) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
