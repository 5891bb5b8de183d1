"""Activation codes at rest: encrypted in the gateway's file by a key that lies beside it and only its owner reads.

Whoever takes the file alone has no code; whoever takes the whole folder has them all (docs/manual/pdv-gateway.md).
"""

import os
import threading
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

from zelo.pos.edge.journal.shell import rows
from zelo.pos.edge.journal.shell.store import Store

KEY_FILE: Final = "edge.key"
_NEXT: Final = "\x1f"
"""Before the name of a device; no name begins so."""


class LockedError(RuntimeError):
    """The key beside the file is not the one that the codes were written with."""


class Vault:
    """Codes by the name of a device, held in memory once read."""

    def __init__(self, folder: Path, store: Store) -> None:
        """Read the key, made when there is none, and every code. Raises LockedError."""
        self._store, self._cipher, self._lock = store, Fernet(_key(folder / KEY_FILE)), threading.Lock()
        try:
            held = store.read(rows.codes)
            self._codes = {name: self._cipher.decrypt(value).decode() for name, value in held.items()}
        except InvalidToken as error:
            sentence = f"O arquivo {KEY_FILE} não é o que cifrou os códigos. Restaure-o, ou grave cada código de novo."
            raise LockedError(sentence) from error

    def code(self, device: str) -> str:
        """The activation code of a device, "" when none was given."""
        return self._codes.get(device, "")

    def next_code(self, device: str) -> str:
        """The code that a function wanted to give a device, and of which it is perhaps not known whether it did."""
        return self._codes.get(_NEXT + device, "")

    def keep_next(self, device: str, code: str) -> None:
        """Before such a function is called; durable when it returns."""
        self.keep(_NEXT + device, code)

    def keep(self, device: str, code: str) -> None:
        """From now on this is its code; durable when it returns."""
        with self._lock:
            self._store.write(rows.keep_code, device, self._cipher.encrypt(code.encode()))
            self._codes[device] = code


def _key(path: Path) -> bytes:
    """The key, made by whoever comes first."""
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
    return path.read_bytes()
