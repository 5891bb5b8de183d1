"""The library, built once, and an emulated device behind a gateway."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pos.edge.gateway import Forward, forwarding
from tests.pos.edge.libsat.build import IMPATIENT, build_library
from tests.pos.edge.libsat.till import Till, load, settings
from zelo.sim.sat.shell.server import Setup, started

QUIET = Setup(transmit_seconds=3600)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_library(tmp_path_factory.mktemp("libsat"))


@pytest.fixture(scope="session")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same library with short waits."""
    return build_library(tmp_path_factory.mktemp("libsat"), *IMPATIENT)


@pytest.fixture(scope="session")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """An emulated device by the book: its port."""
    with started(tmp_path_factory.mktemp("sat"), QUIET) as (port, _):
        yield port


@pytest.fixture
def gateway(device: int) -> Iterator[tuple[int, Forward]]:
    with forwarding(device) as open_door:
        yield open_door


@pytest.fixture
def till(library: Path, tmp_path: Path, gateway: tuple[int, Forward]) -> Till:
    return load(library, tmp_path, settings([gateway[0]]))
