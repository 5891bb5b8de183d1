"""Secrets at rest: sealed with a key that never lies in the database. The first key seals, all of them open."""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class VaultError(RuntimeError):
    """A secret that none of the keys opens; the message tells what to restore."""


class Vault:
    """Seals and opens with the installation's keys, newest first. Raises VaultError for keys that are none."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise VaultError("O arquivo master.key está vazio ou danificado: restaure o original.") from error

    def seal(self, secret: bytes) -> bytes:
        """Encrypt and authenticate with the newest key."""
        return self._fernet.encrypt(secret)

    def open(self, sealed: bytes) -> bytes:
        """The secret. Raises VaultError."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise VaultError("A chave-mestra não abre este segredo: restaure o arquivo master.key original.") from error

    def reseal(self, sealed: bytes) -> bytes:
        """The same secret under the newest key."""
        return self.seal(self.open(sealed))


def new_key(chance: bytes) -> bytes:
    """A key from 32 bytes of chance."""
    return base64.urlsafe_b64encode(chance)
