"""Who is logged in at the page: a cookie that only this gateway's token can make, and the word that forms carry."""

import hmac
from datetime import datetime, timedelta
from typing import Final

COOKIE: Final = "zelo-pagina"
LIFE: Final = timedelta(hours=12)
_MOST_CHARACTERS: Final = 200


def cookie(token: str, now: datetime, nonce: str) -> str:
    """A cookie that holds for a working day. `nonce`: random, so that no two visits share their word."""
    until = f"{int((now + LIFE).timestamp())}.{nonce}"
    return f"{until}.{_seal(token, 'visita', until)}"


def holds(token: str, shown: str, now: datetime) -> bool:
    """Whether a cookie is ours and not over."""
    until, _, seal = shown[:_MOST_CHARACTERS].rpartition(".")
    end, _, nonce = until.partition(".")
    if not (nonce and end.isascii() and end.isdigit()) or not _same(seal, _seal(token, "visita", until)):
        return False
    return now.timestamp() < int(end)


def word(token: str, shown: str) -> str:
    """What a form of this visit carries (CSRF)."""
    return _seal(token, "formulario", shown)


def may_post(token: str, shown: str, carried: str) -> bool:
    """Whether a form comes from a page of this visit."""
    return _same(carried, word(token, shown))


def is_token(token: str, typed: str) -> bool:
    """Whether the token was typed."""
    return _same(typed.strip(), token)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())


def _seal(token: str, purpose: str, text: str) -> str:
    return hmac.digest(token.encode(), f"{purpose}\0{text}".encode(), "sha256").hex()
