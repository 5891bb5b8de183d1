"""Which device takes a call: one that this asking has not met, bound to its till, with the least done so far."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from zelo.pos.edge.decide import Attempt


class Place(NamedTuple):
    """A device as the shop wants it used. `tills`: whom it serves first. `weight`: its share of what anybody brings.

    `calls`: how many it has taken since the gateway started.
    """

    device: str
    tills: frozenset[str] = frozenset()
    weight: int = 1
    calls: int = 0


def choose(among: Collection[str], till: str, attempts: Sequence[Attempt], places: Mapping[str, Place]) -> str:
    """The device to call; `among` is not empty."""
    met = [attempt.device for attempt in attempts]

    def burden(device: str) -> tuple[int, bool, bool, float, str]:
        place = places[device]
        unbound = till not in place.tills
        return met.count(device), unbound and bool(place.tills), unbound, place.calls / place.weight, device

    return min(among, key=burden)


def keeper(till: str, places: Mapping[str, Place]) -> str:
    """The device that a till means when it changes one: the first that it is bound to, else the first of all."""
    bound = sorted(name for name, place in places.items() if till in place.tills)
    return bound[0] if bound else min(places)
