"""A coupon that one gateway does not know, and what the other says of it."""

import pytest

from tests.pos.edge.peer.side import TOKEN, Pair
from tests.pos.edge.shop import until
from zelo.pos.edge.peer.shell import link
from zelo.pos.edge.peer.shell.link import Link

STRANGE = "35261108723218000186599000000990000010000001"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "REST_SECONDS", 0.0)


def test_the_other_says_which_it_does_not_know(pair: Pair) -> None:
    one, two = pair
    with two.reached():
        ours = two.sell("one-sale")
        assert until(lambda: not two.shop.desk.units["B"].at_work)
        assert one.neighbour.unknown_there([ours, STRANGE]) == [STRANGE]


@pytest.mark.parametrize("state", ["at_work", "unsettled"])
def test_of_a_device_that_is_at_work_it_says_nothing(pair: Pair, state: str) -> None:
    one, two = pair
    unit = two.shop.desk.units["B"]
    assert until(lambda: bool(unit.nserie))
    there = STRANGE.replace("900000099", unit.nserie)
    with two.reached():
        assert until(lambda: one.neighbour.unknown_there([there]) == [there])
        setattr(unit, state, True)
        assert one.neighbour.unknown_there([there, STRANGE]) == [STRANGE]
        unit.nserie = ""
        assert one.neighbour.unknown_there([there, STRANGE]) == []


def test_one_that_is_silent_or_speaks_otherwise_says_nothing(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = pair
    assert one.neighbour.unknown_there([STRANGE]) == ()
    with two.reached():
        monkeypatch.setattr(Link, "_call", lambda *_: {"cupons": 5})
        assert Link("127.0.0.1", one.other, TOKEN).unknown([STRANGE]) == ()


def test_one_without_another_asks_nobody(pair: Pair) -> None:
    one, _ = pair
    one.neighbour._link = None
    assert one.neighbour.unknown_there([STRANGE]) == [STRANGE]
