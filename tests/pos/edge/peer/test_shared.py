"""A device that both gateways may call: what the other was going to sell there, the device is asked when it is gone."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

import pytest

from tests.pos.edge.peer.test_neighbour import ASKED, SECONDS, Knowing
from tests.pos.edge.shop import QUICK, Shop, until
from tests.sim.sat import sales
from zelo.pos.edge.decide import Doubt, End
from zelo.pos.edge.journal.entry import OTHER, CouponStanding
from zelo.pos.edge.journal.shell import coupons, rows
from zelo.pos.edge.page.words import asked
from zelo.pos.edge.peer.word import Claim, Intent, State, Word
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


def _shop(open_shop: Callable[..., Shop], doubt: Doubt = Doubt.SELL) -> Shop:
    return open_shop(1, policy=replace(QUICK, doubt=doubt, patience_seconds=SECONDS, wait_seconds=SECONDS))


def test_what_the_other_sold_there_is_the_tills(open_shop: Callable[..., Shop]) -> None:
    shop = _shop(open_shop)
    told = _asked_here(shop, _other(shop, sells=True)).result(SECONDS)
    [chave] = shop.standing()
    assert chave in told


@pytest.mark.parametrize("doubt", Doubt)
def test_what_the_device_never_took_is_sold_here(open_shop: Callable[..., Shop], doubt: Doubt) -> None:
    shop = _shop(open_shop, doubt)
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


def _in_doubt(shop: Shop) -> Request:
    """Taken over from the other gateway, which is dead; what this one then called was never taken."""
    taken = replace(ASKED, elsewhere=True)
    shop.trouble("A", "crash_before")
    assert "não se sabe" in shop.desk.take(taken).result(SECONDS)
    shop.drivers["A"].put_back()
    assert until(lambda: not shop.desk.units["A"].unsettled)
    return taken


def test_what_the_other_may_have_sold_stays_in_doubt_when_this_one_surely_did_not(
    open_shop: Callable[..., Shop],
) -> None:
    shop = open_shop(1, policy=replace(QUICK, wait_seconds=1.0))
    assert "06000" in shop.sell(session=9).result(SECONDS)
    taken = _in_doubt(shop)
    assert "não se sabe" in shop.desk.take(taken).result(SECONDS)
    assert [each.device for each in shop.store.read(rows.questions)] == [OTHER]


def test_a_crash_before_the_call_leaves_that_doubt_as_well(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    assert "06000" in shop.sell(session=9).result(SECONDS)
    shop.desk.units["A"]._begin(replace(ASKED, elsewhere=True))
    shop.close()
    shop.open()
    assert until(lambda: [each.device for each in shop.store.read(rows.questions)] == [OTHER])
    known = shop.store.read(rows.find, ASKED.id)
    assert known is not None
    assert known.end is End.DOUBT


def test_a_till_that_asks_again_after_that_crash_is_not_sold_to_blindly(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=3.0))
    assert "06000" in shop.sell(session=9).result(SECONDS)
    shop.desk.units["A"]._begin(replace(ASKED, elsewhere=True))
    shop.close()
    shop.drivers["A"].absent = True
    shop.open()
    told = shop.desk.take(ASKED)
    shop.drivers["A"].put_back()
    assert "não se sabe" in told.result(SECONDS)
    assert len(shop.memory()) == 1


def test_a_doubt_about_the_other_is_a_persons_until_it_is_heard_of(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=0.5))
    assert "não se sabe" in shop.desk.take(replace(ASKED, elsewhere=True)).result(SECONDS)
    [found] = shop.store.read(rows.questions)
    assert (found.device, found.is_for_person(shop.desk.numbers)) == (OTHER, True)
    assert "outro gateway" in asked(found, shop.desk.numbers).standing
    claim = Claim(ASKED.id, ASKED.till, ASKED.session, ASKED.function, ASKED.matter, "000077|06000|0000|feito")
    assert Neighbour(shop.desk, None).claimed(claim)
    assert shop.store.read(rows.questions) == []
    assert "feito" in shop.desk.take(ASKED).result(SECONDS)


@pytest.mark.parametrize(
    ("word", "heard"),
    [
        (Word(State.DONE, "000001|06000|0000|feito"), "feito"),
        (Word(State.REFUSED), "Nada foi emitido"),
        (Word(State.UNKNOWN), "Nada foi emitido"),
        (Word(State.DOUBT), "não se sabe"),
        (None, "não se sabe"),
    ],
)
def test_the_other_is_asked_again_when_it_speaks(open_shop: Callable[..., Shop], word: Word | None, heard: str) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=0.5))
    assert "não se sabe" in shop.desk.take(replace(ASKED, elsewhere=True)).result(SECONDS)
    Neighbour(shop.desk, Knowing(word)).look_back()
    assert bool(shop.store.read(rows.questions)) == (heard == "não se sabe")
    known = shop.store.read(rows.find, ASKED.id)
    assert known is not None
    assert heard in known.reply


def test_the_other_says_that_it_did_nothing_and_the_asking_goes_on(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    assert "06000" in shop.sell(session=9).result(SECONDS)
    taken = replace(ASKED, elsewhere=True)
    shop.store.write(rows.begin, taken, shop.clock())
    neighbour = Neighbour(shop.desk, Knowing(Word(State.UNKNOWN)))
    resolved = neighbour.resolve(taken, 1)
    assert isinstance(resolved, Request)
    told = neighbour.admit(resolved)
    assert told is not None
    assert "06000" in told.result(SECONDS)
    assert shop.store.read(rows.unclaimed) == []


def test_a_late_word_of_the_other_does_not_revive_a_coupon_that_was_cancelled(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    sold = shop.desk.take(ASKED).result(SECONDS)
    chave = sold.split("|")[8]
    assert "07000" in shop.cancel(chave).result(SECONDS)
    claim = Claim(ASKED.id, ASKED.till, ASKED.session, ASKED.function, ASKED.matter, sold)
    assert Neighbour(shop.desk, None).claimed(claim)
    standing = shop.store.read(coupons.sold, chave.removeprefix("CFe"))
    assert standing is not None
    assert standing.standing is CouponStanding.CANCELLED
