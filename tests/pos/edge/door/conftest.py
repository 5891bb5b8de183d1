"""One emulated device, one gateway and one socket for all of these tests; each finds the gateway's memory empty."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.pos.edge.door.world import TERMS, World
from zelo.pos.edge.door.shell.app import application
from zelo.pos.edge.door.shell.listen import serving
from zelo.sim.sat.shell.server import Setup, started


@pytest.fixture(scope="session")
def only_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A device by the book, activated, that sends nothing to SEFAZ while we look."""
    with started(tmp_path_factory.mktemp("sat"), Setup(transmit_seconds=3600, slow_seconds=1.0)) as (port, _):
        world = World(port, count(1))
        yield world
        world.close()


@pytest.fixture(scope="session")
def port(only_world: World) -> Iterator[int]:
    """The doors that speak HTTP, on a socket."""
    with serving(application(only_world.gateway, TERMS)) as port:
        yield port


@pytest.fixture
def world(only_world: World) -> World:
    """The gateway as it begins."""
    only_world.forget()
    return only_world
