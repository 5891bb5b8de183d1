"""Two gateways, each with a device of its own: a till whose first gateway can do nothing sells through the second."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.pos.edge.libsat.till import Till, load, settings
from tests.pos.edge.shop import Shop, new_shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import Function
from zelo.pos.edge.door.line.shell import Line, Setup
from zelo.pos.edge.outbox.core import QueueFullError
from zelo.pos.edge.shell import unit as units
from zelo.pos.edge.shell.counter import Counter
from zelo.pos.edge.shell.neighbour import Neighbour
from zelo.sim.sat.unit import Unit

SALE = (sales.CODE, sales.sale())


@dataclass
class Pair:
    """Two shops in one: each gateway's, and the ports of their lines."""

    one: Shop
    two: Shop
    ports: list[int]


@pytest.fixture
def pair(unit: Unit, tmp_path: Path, paired: bool) -> Iterator[Pair]:  # noqa: FBT001
    """Each gateway's device has a number of its own."""
    shops, ports = list[Shop](), list[int]()
    with ExitStack() as stack:
        for name in "AB":
            (tmp_path / name).mkdir()
            shop = new_shop(unit, tmp_path / name, 2)
            shop.drivers = {name: shop.drivers[name]}
            shop.open()
            stack.callback(shop.close)
            counter = Counter(shop.desk, Neighbour(shop.desk, None))
            line = Line(partial(counter.answer, stay=True), Setup(port=0, paired=paired))
            ports.append(line.open())
            stack.callback(line.close)
            shops.append(shop)
        one, two = shops
        yield Pair(one, two, ports)


@pytest.fixture
def till(library: Path, tmp_path: Path, pair: Pair) -> Till:
    """It asks the first gateway first."""
    return load(library, tmp_path, settings(pair.ports))


@pytest.fixture
def paired() -> bool:
    """Whether the gateways know that there are two."""
    return True


def test_a_till_whose_gateway_has_no_device_left_sells_through_the_other(till: Till, pair: Pair) -> None:
    pair.one.drivers["A"].absent = True
    told = till.fields("EnviarDadosVenda", 1, *SALE)
    assert told[1] == "06000"
    assert pair.one.memory() == []
    assert {told[8].removeprefix("CFe")} == pair.two.standing()


def test_a_till_whose_devices_are_blocked_sells_through_the_other_gateway(till: Till, pair: Pair) -> None:
    def blocked(_: Function, arguments: tuple[int | str, ...], seconds: float) -> str:
        del seconds
        return f"{arguments[0]:06d}|06008|0000|SAT bloqueado||"

    pair.one.drivers["A"].call = blocked  # type: ignore[method-assign,assignment]
    assert till.fields("EnviarDadosVenda", 1, *SALE)[1] == "06000"
    assert len(pair.two.standing()) == 1


def test_a_till_whose_gateway_cannot_write_sells_through_the_other(
    till: Till, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    intend = units.Unit._intend

    def refuse(self: units.Unit, *given: object) -> int:
        if self.name == "A":
            raise QueueFullError
        return intend(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(units.Unit, "_intend", refuse)
    assert till.fields("EnviarDadosVenda", 1, *SALE)[1] == "06000"
    assert pair.one.memory() == []


def test_a_cancel_goes_to_the_gateway_whose_device_issued_the_coupon(
    till: Till, pair: Pair, library: Path, tmp_path: Path
) -> None:
    sold = load(library, tmp_path, settings(pair.ports[1:])).fields("EnviarDadosVenda", 1, *SALE)
    told = till.fields("CancelarUltimaVenda", 2, sales.CODE, sold[8], sales.cancel(sold[8]))
    assert told[1] == "07000"
    assert pair.two.standing() == set()


def test_where_neither_can_sell_the_till_hears_why(till: Till, pair: Pair) -> None:
    for shop in (pair.one, pair.two):
        for driver in shop.drivers.values():
            driver.absent = True
    told = till.fields("EnviarDadosVenda", 1, *SALE)
    assert told[1] == "06099"
    assert "Nenhum equipamento pode vender agora. Nada foi emitido." in told[3]


def test_what_is_wrong_with_the_sale_is_the_tills_and_no_other_gateway_is_asked(till: Till, pair: Pair) -> None:
    told = till.fields("EnviarDadosVenda", 1, sales.CODE, sales.sale(paid=("0.01",)))
    assert told[1] == "06010"
    assert until(lambda: pair.two.desk.receipts.at_hand == {})
    assert pair.two.memory() == []


def test_a_doubt_is_not_handed_on(till: Till, pair: Pair) -> None:
    pair.one.trouble("A", "crash_after")
    assert "não se sabe" in till.call("EnviarDadosVenda", 1, *SALE)
    assert pair.two.memory() == []


def test_a_function_that_changes_a_device_goes_to_no_other_gateways_device(till: Till, pair: Pair) -> None:
    pair.one.drivers["A"].absent = True
    told = till.fields("DesligarSAT")
    assert told[1].endswith("099")
    assert pair.two.desk.units["B"].called_at is None


@pytest.mark.parametrize("paired", [False])
def test_a_gateway_that_knows_no_other_answers_itself(till: Till, pair: Pair) -> None:
    pair.one.drivers["A"].absent = True
    assert till.fields("EnviarDadosVenda", 1, *SALE)[1] == "06099"
    assert pair.two.memory() == []
