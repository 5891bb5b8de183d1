"""One test authority and few keys for all of the simulator's tests: keys are slow to make."""

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.sim import notes
from tests.sim.world import NOW, World, a1_of, world
from zelo.sim.pki import A1, Authority, new_authority, new_key


@pytest.fixture(scope="session")
def authority() -> Authority:
    """The authority that the simulator trusts."""
    return new_authority(NOW)


@pytest.fixture(scope="session")
def foreign() -> Authority:
    """Another authority with the same names."""
    return new_authority(NOW)


@pytest.fixture(scope="session")
def key() -> RSAPrivateKey:
    """One key for every certificate of tests."""
    return new_key()


@pytest.fixture(scope="session")
def a1(authority: Authority, key: RSAPrivateKey) -> A1:
    """The emitter's certificate."""
    return a1_of(authority, notes.CNPJ, key=key)


@pytest.fixture
def sim(authority: Authority, a1: A1) -> World:
    """An authority to which nothing has happened yet."""
    return world(authority, a1)
