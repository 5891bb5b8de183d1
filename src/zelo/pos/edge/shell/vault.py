"""Activation codes at rest: encrypted in the gateway's file by a key that lies beside it and only its owner reads.

Whoever takes the file alone has no code; whoever takes the whole folder has them all (docs/manual/pdv-gateway.md).
"""

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken

from zelo.pos.edge.journal.shell import rows
from zelo.pos.edge.journal.shell.store import Store

LOG: Final = logging.getLogger("zelo.edge")
KEY_FILE: Final = "edge.key"
_NEXT: Final = "\x1f"
"""Before the name of a device; no name begins so."""


class Vault:
    """Codes by the name of a device, held in memory once read."""

    def __init__(self, folder: Path, store: Store) -> None:
        """Read the key, made when there is none, and every code. One of another key is none, and is given anew.

        A key that was damaged is put aside, and another one made.
        """
        self._store, self._lock = store, threading.Lock()
        self._cipher = _cipher(folder / KEY_FILE)
        held = store.read(rows.codes)
        self._codes = {name: code for name, value in held.items() if (code := self._opened(value))}
        if len(self._codes) < len(held):
            LOG.warning("%s is not the key of every code that is kept; those are to be given anew", KEY_FILE)

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

    def _opened(self, encrypted: bytes) -> str:
        try:
            return self._cipher.decrypt(encrypted).decode()
        except InvalidToken:
            return ""


def _cipher(path: Path) -> Fernet:
    try:
        return Fernet(secret(path, Fernet.generate_key))
    except ValueError:
        LOG.error("%s is damaged: it is put aside, and every code is to be given anew", path)
        path.replace(path.with_name(f"{path.name}.danificada"))
        return Fernet(secret(path, Fernet.generate_key))


def secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """What a file of the owner's holds, made by the first start; one that was cut off then is made anew."""
    if not path.exists() or not path.stat().st_size:
        draft = path.with_name(f"{path.name}.new")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    return path.read_bytes()
