"""The equation of a month: faturado = autorizado + pendente + recusado, to the cent, by tile and place. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from zelo.fiscal.money import ZERO
from zelo.isp.month.tile import TILES, Side, Tile

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Sum:
    """So many notes, and what they bill (vProd) together."""

    notes: int = 0
    value: Decimal = ZERO

    def __add__(self, other: "Sum") -> "Sum":
        """Both together."""
        return Sum(self.notes + other.notes, self.value + other.value)


@dataclass(frozen=True, slots=True)
class Spot:
    """Notes of one establishment that stand in one tile for one reason."""

    establishment_id: str
    tile: Tile
    cstat: str
    sum: Sum


NOTHING: Final = Sum()


@dataclass(frozen=True, slots=True)
class Balance:
    """A month, or an establishment's part of it."""

    tiles: Mapping[Tile, Sum]

    def side(self, side: Side) -> Sum:
        """One side of the equation."""
        return _total(found for tile, found in self.tiles.items() if TILES[tile].side is side)

    @property
    def billed(self) -> Sum:
        """Everything that is still billed: the other side of the equation."""
        return _total(found for tile, found in self.tiles.items() if TILES[tile].side is not Side.OUT)

    @property
    def known(self) -> Sum:
        """Every note, the cancelled ones too."""
        return _total(self.tiles.values())


def balance(spots: Iterable[Spot]) -> Balance:
    """The tiles of these notes, each of the twelve, empty ones too."""
    found = added(spots, lambda spot: spot.tile)
    return Balance({tile: found.get(tile, NOTHING) for tile in TILES})


def by_establishment(spots: Iterable[Spot]) -> dict[str, Balance]:
    """A balance for each establishment that has notes."""
    apart: dict[str, list[Spot]] = {}
    for spot in spots:
        apart.setdefault(spot.establishment_id, []).append(spot)
    return {establishment_id: balance(mine) for establishment_id, mine in apart.items()}


def refusals(spots: Iterable[Spot]) -> list[tuple[str, Sum]]:
    """What the authority refused, by cStat, the most frequent first."""
    told = [spot for spot in spots if spot.tile in (Tile.ERRO_NOTA, Tile.ERRO_ITEM) and spot.cstat]
    return sorted(added(told, lambda spot: spot.cstat).items(), key=lambda one: (-one[1].notes, one[0]))


def added(spots: Iterable[Spot], key: Callable[[Spot], Key]) -> dict[Key, Sum]:
    """The sums of spots that share a key."""
    found: dict[Key, Sum] = {}
    for spot in spots:
        found[key(spot)] = found.get(key(spot), NOTHING) + spot.sum
    return found


def _total(sums: Iterable[Sum]) -> Sum:
    return sum(sums, start=NOTHING)
