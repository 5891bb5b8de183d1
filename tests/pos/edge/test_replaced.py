"""Devices that get another name, swap cables, or give way to another one: each is known by its number."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pos.edge.shop import ELSEWHERE, Direct, Shop, new_shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import SALE
from zelo.models.cfe.reply import read_reply
from zelo.pos.edge.decide import Attempt, Outcome
from zelo.pos.edge.journal.entry import CouponStanding, Question
from zelo.pos.edge.journal.shell import coupons, rows
from zelo.pos.edge.page.words import asked
from zelo.pos.edge.sessions import is_of
from zelo.pos.edge.shell.aftermath import keep_house
from zelo.pos.edge.shell.consult import consult
from zelo.sim.sat.unit import Unit

Open = Callable[..., Shop]
SECONDS = 15


def _reopened(shop: Shop, drivers: Mapping[str, Direct]) -> None:
    """The gateway starts with these devices in its configuration, and has heard them all."""
    shop.close()
    shop.drivers = drivers
    shop.open()
    assert until(lambda: all(shop.desk.numbers.values()))


def _sold_at(shop: Shop, device: str) -> str:
    """The chave, with its prefix, of a coupon of that device."""
    others = [driver for name, driver in shop.drivers.items() if name != device]
    for driver in others:
        driver.absent = True
    chave = read_reply(shop.sell().result(SECONDS)).rest[2]
    for driver in others:
        driver.absent = False
    assert shop.drivers[device].device.unit.nserie in chave
    return chave


def _questions(shop: Shop) -> list[Question]:
    return shop.store.read(rows.questions)


def _is_cancelled(shop: Shop) -> bool:
    """Whether one coupon of two stands, and the journal knows of the other that it does not."""
    return len(shop.standing()) == 1 and not shop.store.read(coupons.to_look_at) and not _questions(shop)


@pytest.mark.parametrize("names", [("Balcão", "B"), ("B", "A")])
def test_a_coupon_is_cancelled_by_its_device_whatever_that_is_called_now(
    open_shop: Open, names: tuple[str, str]
) -> None:
    shop = open_shop(2)
    assert until(lambda: all(shop.desk.numbers.values()))
    chave = _sold_at(shop, "A")
    _reopened(shop, dict(zip(names, shop.drivers.values(), strict=True)))
    assert "|07000|" in shop.cancel(chave).result(SECONDS)
    assert shop.standing() == set()


def test_of_a_coupon_whose_device_is_gone_it_is_said_which(open_shop: Open) -> None:
    shop = open_shop(2)
    chave = _sold_at(shop, "A")
    _reopened(shop, {"A": shop.drivers["B"]})
    told = shop.cancel(chave).result(SECONDS)
    assert "|07099|" in told
    assert f"número de série {chave[25:34]}" in told


def test_one_that_was_not_heard_since_the_start_is_known_by_its_name(open_shop: Open) -> None:
    shop = open_shop(1)
    chave = _sold_at(shop, "A")
    shop.close()
    shop.drivers["A"].absent = True
    shop.open()
    assert until(lambda: shop.desk.units["A"].health.silent)
    assert "O equipamento A não responde" in shop.cancel(chave).result(SECONDS)


def test_a_renamed_device_is_asked_about_the_call_that_nobody_knows_the_end_of(open_shop: Open) -> None:
    shop = open_shop(2, tills_read=True)
    assert until(lambda: all(shop.desk.numbers.values()))
    shop.trouble("A", "crash_after")
    assert "06000" in shop.sell().result(SECONDS)
    assert len(shop.standing()) == 2
    shop.drivers["A"].put_back()
    _reopened(shop, {"Balcão": shop.drivers["A"], "B": shop.drivers["B"]})
    assert until(lambda: _is_cancelled(shop))


@pytest.mark.parametrize("names", ["B", "AB"])
def test_a_second_coupon_of_a_device_that_is_not_heard_is_a_persons_once_nobody_could_cancel_it(
    open_shop: Open, names: str
) -> None:
    shop = open_shop(2, tills_read=True)
    chave = _sold_at(shop, "A").removeprefix("CFe")
    shop.store.write(coupons.stand, chave, CouponStanding.SURPLUS, "")
    assert [each.chave for each in shop.store.read(coupons.surplus, chave[22:31])] == [chave]
    assert shop.store.read(coupons.surplus, shop.drivers["B"].device.unit.nserie) == []
    shop.close()
    shop.drivers["A"].absent = True
    shop.drivers = {name: shop.drivers[name] for name in names}
    shop.open()
    assert until(lambda: bool(shop.desk.units["B"].nserie))
    keep_house(shop.desk, shop.desk.units["B"])
    assert [each.standing for each in shop.store.read(coupons.to_look_at)] == [CouponStanding.SURPLUS]
    shop.clock.ahead += timedelta(minutes=31)
    assert until(lambda: [each.standing for each in shop.store.read(coupons.to_look_at)] == [CouponStanding.LISTED])
    assert "não responde aqui" in shop.store.read(coupons.to_look_at)[0].note


def test_a_session_of_the_same_number_at_another_device_is_not_the_call(unit: Unit, tmp_path: Path) -> None:
    shop = new_shop(unit, tmp_path, 2)
    shop.drivers, other = {"A": shop.drivers["A"]}, shop.drivers["B"].device
    shop.open()
    asked = Attempt(7, "A", ELSEWHERE, nserie=other.unit.nserie)
    place = shop.desk.units["A"]
    assert until(lambda: bool(place.nserie) and not place.at_work)
    sold = shop.drivers["A"].device.call("EnviarDadosVenda", [ELSEWHERE, sales.CODE, sales.sale()])
    assert "|06000|" in str(sold.reply)
    assert consult(place, SALE, asked).attempt == asked
    assert consult(place, SALE, asked._replace(nserie=place.nserie)).attempt.outcome is Outcome.ANSWERED
    shop.close()


def test_what_another_device_sold_before_says_nothing_of_the_call(open_shop: Open) -> None:
    shop = open_shop(1)
    place = shop.desk.units["A"]
    _sold_at(shop, "A")
    assert until(lambda: not place.at_work)
    session = next(number for number in (1, 2) if is_of(place.side, number))
    asked = Attempt(99, "A", session, nserie="900000099")
    assert consult(place, SALE, asked).attempt == asked
    ours = asked._replace(nserie=place.nserie)
    assert consult(place, SALE, ours).attempt.outcome is Outcome.ABSENT


def test_another_device_remembers_nothing_of_the_one_before(open_shop: Open) -> None:
    shop = open_shop(1)
    place = shop.desk.units["A"]
    _sold_at(shop, "A")
    assert until(lambda: not place.at_work)
    assert place.witness
    place._is_known_as("900000099")
    assert place.witness == 0
    assert shop.store.read(coupons.surplus, "900000099") == []


def test_another_device_in_its_place_is_not_taken_for_it(unit: Unit, tmp_path: Path) -> None:
    shop = new_shop(unit, tmp_path, 3)
    old, new = shop.drivers["A"], shop.drivers["C"]
    shop.drivers = {"A": old, "B": shop.drivers["B"]}
    shop.open()
    assert until(lambda: all(shop.desk.numbers.values()))
    shop.trouble("A", "crash_after")
    assert "06000" in shop.sell().result(SECONDS)
    place = shop.desk.units["A"]
    place.driver, place.look_at = new, 0.0
    assert until(lambda: _questions(shop)[0].is_for_person(shop.desk.numbers))
    assert until(lambda: not place.unsettled), "the new one sells"
    [question] = _questions(shop)
    assert question.outcome is Outcome.DOUBT, "the new one never says that it forgot"
    told = asked(question, shop.desk.numbers)
    assert told.standing == f"outro equipamento está no lugar do {old.device.unit.nserie}"
    old.put_back()
    place.driver, place.look_at = old, 0.0
    shop.drivers = {"A": old, "B": shop.drivers["B"]}
    assert until(lambda: _is_cancelled(shop))
    shop.close()
