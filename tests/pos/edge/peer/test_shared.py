"""A device that both gateways may call: what the other was going to sell there, the device is asked when it is gone."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from tests.pos.edge.peer.test_neighbour import ASKED, SECONDS, Knowing
from tests.pos.edge.shop import QUICK, Shop, until
from tests.sim.sat import sales
from zelo.pos.edge.peer.word import Intent
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell.neighbour import Neighbour

WITNESS, SESSION = 700_001, 700_003
"""Sessions of the other gateway."""


def _other(shop: Shop, *, sells: bool) -> Intent:
    """The other gateway announces that it sells at our device, and then is gone; whether the device took the call."""
    device = shop.drivers["A"].device
    assert "08000" in str(device.call("ConsultarSAT", [WITNESS]).reply)
    if sells:
        device.call("EnviarDadosVenda", [SESSION, sales.CODE, sales.sale()])
    return Intent(ASKED.id, device.unit.nserie, SESSION, WITNESS)


def _asked_here(shop: Shop, intent: Intent) -> "Future[str]":
    """The till asks us under the same id, and we the other, which does not answer."""
    assert until(lambda: bool(shop.desk.units["A"].nserie))
    neighbour = Neighbour(shop.desk, Knowing(None))
    neighbour.announced(intent)
    resolved = neighbour.resolve(replace(ASKED, elsewhere=True), 1)
    assert isinstance(resolved, Request)
    told = neighbour.admit(resolved)
    assert told is not None
    return told


def _shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop(1, policy=replace(QUICK, patience_seconds=SECONDS, wait_seconds=SECONDS))


def test_what_the_other_sold_there_is_the_tills(open_shop: Callable[..., Shop]) -> None:
    shop = _shop(open_shop)
    told = _asked_here(shop, _other(shop, sells=True)).result(SECONDS)
    [chave] = shop.standing()
    assert chave in told


def test_what_the_device_never_took_is_sold_here(open_shop: Callable[..., Shop]) -> None:
    shop = _shop(open_shop)
    assert "06000" in _asked_here(shop, _other(shop, sells=False)).result(SECONDS)
    assert len(shop.memory()) == 1


def test_what_the_device_may_have_forgotten_is_not_sold_again_there(open_shop: Callable[..., Shop]) -> None:
    shop = _shop(open_shop)
    intent = _other(shop, sells=True)
    shop.forget("A")
    assert "não se sabe" in _asked_here(shop, intent).result(SECONDS)
    assert len(shop.memory()) == 1


def test_what_the_other_sold_there_is_found_as_the_devices_last_coupon(open_shop: Callable[..., Shop]) -> None:
    shop = _shop(open_shop)
    intent = _other(shop, sells=True)
    shop.distract("A")
    told = _asked_here(shop, intent).result(SECONDS)
    [chave] = shop.standing()
    assert chave in told


def test_a_coupon_of_ours_says_nothing_of_what_the_other_sold_before_it(open_shop: Callable[..., Shop]) -> None:
    shop = _shop(open_shop)
    intent = _other(shop, sells=True)
    assert "06000" in shop.sell().result(SECONDS)
    shop.distract("A")
    assert "não se sabe" in _asked_here(shop, intent).result(SECONDS)
    assert len(shop.memory()) == 2
