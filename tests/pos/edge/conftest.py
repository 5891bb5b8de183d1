"""A shop for every test: its devices share one key, which takes long to make."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.pos.edge.shop import Shop, new_shop
from tests.sim.conftest import authority, key
from tests.sim.sat import sales
from tests.sim.world import NOW
from zelo.fiscal.uf import Uf
from zelo.sim.pki import Authority
from zelo.sim.sat.unit import Registry, Taxpayer, Unit, terms_on

__all__ = ["authority", "key"]


@pytest.fixture(scope="session")
def unit(authority: Authority, key: RSAPrivateKey) -> Unit:
    """A device of SP as it leaves the factory."""
    registry = Registry(taxpayer=Taxpayer(cnpj=sales.CNPJ, ie=sales.IE))
    return Unit(
        nserie="900000059", uf=Uf.SP, key=key, authority=authority, registry=registry, terms=terms_on(NOW.date())
    )


@pytest.fixture
def open_shop(unit: Unit, tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Opens a shop with so many devices."""
    opened: list[Shop] = []

    def make(devices: int = 2, **how: object) -> Shop:
        shop = new_shop(unit, tmp_path, devices, **how)
        shop.open()
        opened.append(shop)
        return shop

    yield make
    for shop in opened:
        shop.close()
