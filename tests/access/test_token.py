"""Tokens and passwords: enough chance in them, and nothing kept that could be used again."""

import base64
import hashlib
import random
import re
import secrets
import time

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from zelo.access.token import (
    NOBODY,
    TOKEN_BYTES,
    hash_password,
    hash_token,
    new_password,
    new_token,
    password_matches,
)  # fmt: skip

AMBIGUOUS = set("ilo01")


def test_a_token_is_all_its_chance_and_safe_in_a_url() -> None:
    chance = secrets.token_bytes(TOKEN_BYTES)
    token = new_token(lambda count: chance[:count])
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert base64.urlsafe_b64decode(token + "=") == chance


def test_of_a_token_only_a_hash_is_kept() -> None:
    token = new_token(secrets.token_bytes)
    assert hash_token(token) == hashlib.sha256(token.encode()).hexdigest()
    assert token not in hash_token(token)
    assert hash_token(token) != hash_token(token[:-1])


def test_a_generated_password_can_be_read_aloud() -> None:
    made = {new_password(random.Random(seed).randbytes) for seed in range(200)}
    assert len(made) == 200
    for password in made:
        assert re.fullmatch(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", password)
        assert not AMBIGUOUS & set(password)


def test_a_password_is_known_again_and_no_other() -> None:
    kept = hash_password("correct horse ç 😀")
    assert kept.startswith("$argon2id$")
    assert "correct" not in kept
    assert password_matches(kept, "correct horse ç 😀")
    for wrong in ("", "correct horse", "correct horse ç 😀 ", "Correct horse ç 😀", kept):
        assert not password_matches(kept, wrong)


def test_another_library_call_agrees() -> None:
    assert PasswordHasher().verify(hash_password("senha"), "senha")
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(hash_password("senha"), "Senha")


def test_equal_passwords_have_different_hashes() -> None:
    assert hash_password("senha") != hash_password("senha")


def test_nobody_has_a_password_and_asking_takes_as_long() -> None:
    def seconds(kept: str) -> float:
        start = time.perf_counter()
        password_matches(kept, "senha")
        return time.perf_counter() - start

    assert not password_matches(NOBODY, "")
    kept = hash_password("another")
    fastest = [min(seconds(each) for _ in range(4)) for each in (NOBODY, kept)]
    assert max(fastest) < 3 * min(fastest)
    assert NOBODY.split("$")[:4] == kept.split("$")[:4], "the same cost"
