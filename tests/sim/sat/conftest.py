"""One device for all of these tests: a key takes long to make."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.sim.sat import sales, till
from tests.sim.world import NOW
from zelo.fiscal.uf import Uf
from zelo.sim.pki import Authority
from zelo.sim.sat.unit import Registry, Taxpayer, Unit, terms_on


@pytest.fixture(scope="session")
def unit(authority: Authority, key: RSAPrivateKey) -> Unit:
    """A device of SP as it leaves the factory."""
    registry = Registry(taxpayer=Taxpayer(cnpj=sales.CNPJ, ie=sales.IE))
    return Unit(
        nserie="900000059", uf=Uf.SP, key=key, authority=authority, registry=registry, terms=terms_on(NOW.date())
    )


@pytest.fixture
def new(unit: Unit, tmp_path: Path) -> Callable[..., till.Bench]:
    """Makes a device with what the test wants of it."""
    return lambda **how: till.bench(unit, tmp_path / "device.sqlite3", NOW, **how)


@pytest.fixture
def sat(new: Callable[..., till.Bench]) -> till.Bench:
    """A device by the book, activated and linked."""
    return new()
