"""Two gateways that back each other."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.ports import free_ports
from tests.pos.edge.peer.side import Pair, Side
from tests.pos.edge.shop import new_shop
from zelo.sim.sat.unit import Unit


@pytest.fixture
def pair(unit: Unit, tmp_path: Path) -> Iterator[Pair]:
    """Each has a device of its own. The second tells the first what there is to tell."""
    ports, sides, stop = free_ports(2), list[Side](), threading.Event()
    with ExitStack() as stack:
        for place, name in enumerate("AB"):
            (tmp_path / name).mkdir()
            shop = new_shop(unit, tmp_path / name, 2)
            shop.drivers = {name: shop.drivers[name]}
            shop.open()
            stack.callback(shop.close)
            sides.append(Side(shop, ports[place], ports[1 - place]))
        telling = threading.Thread(target=sides[1].neighbour.serve, args=(stop,))
        telling.start()
        stack.callback(telling.join)
        stack.callback(stop.set)
        yield sides[0], sides[1]
