"""Tokens and passwords: what is given to a person once and kept only as a hash."""

import base64
import hashlib
from collections.abc import Callable
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

Chance = Callable[[int], bytes]
"""Where random bytes come from: the system in production, a seed in tests."""

TOKEN_BYTES: Final = 32
PASSWORD_LEAST_CHARS: Final = 10
PASSWORD_MOST_CHARS: Final = 200
_READABLE: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GENERATED_CHARS: Final = 16
# 35 ms a check on one core (domain: fleet §5); the library's default costs seven times that.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def new_token(chance: Chance) -> str:
    """A token of 256 bits, safe in a URL."""
    return base64.urlsafe_b64encode(chance(TOKEN_BYTES)).decode().rstrip("=")


def hash_token(token: str) -> str:
    """What is kept of a token: it has enough chance in it not to need a slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_password(chance: Chance) -> str:
    """A password that can be read aloud; about 79 bits."""
    letters = [_READABLE[byte % len(_READABLE)] for byte in chance(_GENERATED_CHARS)]
    return "-".join("".join(letters[i : i + 4]) for i in range(0, _GENERATED_CHARS, 4))


def hash_password(password: str) -> str:
    """Argon2id."""
    return _HASHER.hash(password)


def password_matches(password_hash: str, password: str) -> bool:
    """Whether it is the password; takes the same time for a wrong one."""
    try:
        return _HASHER.verify(password_hash, password)
    except VerificationError:
        return False


NOBODY: Final = hash_password("nobody has this password")
"""Checked when an account does not exist, so that the answer takes as long."""
