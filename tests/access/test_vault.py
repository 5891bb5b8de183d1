"""The vault: what is sealed opens with the installation's keys only, and every tampered byte is noticed."""

import os

import pytest
from cryptography.fernet import Fernet
from hypothesis import given, settings
from hypothesis import strategies as st

from zelo.access.vault import Vault, VaultError, new_key

KEYS = [new_key(bytes([number]) * 32) for number in range(3)]

unhurried = settings(deadline=None)


@unhurried
@given(st.binary(max_size=3000))
def test_a_secret_comes_back(secret: bytes) -> None:
    vault = Vault(KEYS[:1])
    sealed = vault.seal(secret)
    assert vault.open(sealed) == secret
    assert len(secret) < 8 or secret not in sealed
    assert Fernet(KEYS[0]).decrypt(sealed) == secret


def test_sealing_twice_gives_different_bytes() -> None:
    vault = Vault(KEYS[:1])
    assert vault.seal(b"x") != vault.seal(b"x")


def test_after_a_rotation_old_secrets_open_and_new_ones_are_sealed_with_the_new_key() -> None:
    old = Vault([KEYS[0]])
    rotated = Vault([KEYS[1], KEYS[0]])
    sealed = old.seal(b"secret")
    assert rotated.open(sealed) == b"secret"
    again = rotated.reseal(sealed)
    assert Vault([KEYS[1]]).open(again) == b"secret"
    with pytest.raises(VaultError, match=r"master\.key"):
        old.open(again)
    with pytest.raises(VaultError, match="restaure"):
        Vault([KEYS[1]]).open(sealed)


def test_every_tampered_byte_is_noticed() -> None:
    vault = Vault(KEYS[:1])
    sealed = vault.seal(b"secret")
    for place in range(len(sealed)):
        tampered = bytearray(sealed)
        tampered[place] ^= 1
        with pytest.raises(VaultError):
            vault.open(bytes(tampered))
    for cut in (b"", sealed[:-1], sealed[1:], b"\xff" * 100):
        with pytest.raises(VaultError):
            vault.open(cut)


@pytest.mark.parametrize("keys", [[], [b""], [b"short"], [KEYS[0], b"x"], [b"\xff" * 44], [KEYS[0][:-4]]])
def test_keys_that_are_none_are_told_in_a_sentence(keys: list[bytes]) -> None:
    with pytest.raises(VaultError, match=r"master\.key .*restaure"):
        Vault(keys)


def test_a_key_is_its_chance() -> None:
    chance = os.urandom(32)
    assert Fernet(new_key(chance)).decrypt(Fernet(new_key(chance)).encrypt(b"x")) == b"x"
    assert new_key(chance) != new_key(os.urandom(32))
