"""Two gateways of a shop behind their API: what one may have taken is asked of it before the other sells."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.pos.edge.door.knock import knock
from tests.pos.edge.peer.side import BODY, SECONDS, Pair, Side
from tests.pos.edge.peer.test_neighbour import ASKED, refused
from tests.pos.edge.shop import until
from tests.sim.sat import sales
from zelo.models.cfe.functions import ASK_LAST, ASK_SESSION, FUNCTIONS, SALE
from zelo.pos.edge.door.api.reading import identity
from zelo.pos.edge.door.api.telling import Found
from zelo.pos.edge.journal.entry import CouponStanding
from zelo.pos.edge.journal.shell import coupons, reading
from zelo.pos.edge.peer.word import State, Word
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell.receipt import UNREAD

ELSEWHERE = {"Idempotency-Elsewhere": "1"}


def test_the_second_answers_what_the_first_sold(pair: Pair) -> None:
    one, two = pair
    with one.reached(), two.reached():
        sold = one.sell("lost-on-the-way")
        assert two.sell("lost-on-the-way", **ELSEWHERE) == sold
        assert two.shop.memory() == []
        assert two.sell("lost-on-the-way-2") != sold


@pytest.mark.parametrize("taken", [False, True])
def test_the_second_sells_for_a_first_that_is_gone_and_one_coupon_stands(pair: Pair, taken: bool) -> None:  # noqa: FBT001
    one, two = pair
    if taken:
        with one.reached():
            assert one.sell("gone")
    with two.reached():
        sold = two.sell("gone", **ELSEWHERE)
        assert two.sell("gone", **ELSEWHERE) == sold
    with one.reached():
        assert until(lambda: one.shop.standing() == set() and not two.shop.store.read(_owed))
        assert one.sell("gone") == sold, "the coupon that stands, also where another was sold before"
    assert one.shop.standing() | two.shop.standing() == {sold}


def test_a_session_that_was_sold_at_one_gateway_is_known_at_both(pair: Pair) -> None:
    one, two = pair
    sold = Request("one-sale", "001", SALE, (77, sales.CODE, sales.sale()))
    told = two.counter.answer(sold).result(SECONDS)
    assert "06000" in told
    assert "não se sabe" in two.ask(ASK_SESSION, 78).lower(), "nobody answers at the other"
    assert "não se sabe" in two.ask(ASK_LAST).lower()
    assert two.ask(ASK_SESSION, 77) == told
    assert "não se sabe" in one.ask(ASK_SESSION, 77).lower()
    with one.reached(), two.reached():
        for side in pair:
            assert until(lambda side=side: side.ask(ASK_SESSION, 77) == told)  # type: ignore[misc]
            assert side.ask(ASK_LAST) == told
            assert "|11003|" in side.ask(ASK_SESSION, 78)
        later = one.counter.answer(replace(sold, id="later", arguments=(79, *sold.arguments[1:]))).result(SECONDS)
        assert {side.ask(ASK_LAST) for side in pair} == {later}
        assert one.ask(ASK_SESSION, 77) == told


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("way", ["sale", "session", "key"])
def test_a_coupon_of_one_that_is_read_at_two_is_for_nobody_to_look_at(
    pair: Pair,
    way: str,
    listed: bool,  # noqa: FBT001
) -> None:
    one, two = pair
    sale = Request("cut-off", "001", SALE, (77, sales.CODE, sales.sale()))
    sold = one.counter.answer(sale).result(SECONDS)
    if listed:
        one.shop.clock.ahead += UNREAD + timedelta(seconds=1)
        assert until(lambda: len(one.shop.store.read(coupons.to_look_at)) == 1)
    with one.reached(), two.reached():
        if way == "sale":
            asked = replace(sale, elsewhere=True)
            two.counter.arrived(asked, two.counter.answer(asked).result(SECONDS))
        elif way == "session":
            recall = Request("recall", "001", ASK_SESSION, (78, sales.CODE, 77))
            two.counter.arrived(recall, two.counter.answer(recall).result(SECONDS))
        else:
            found = two.counter.find("cut-off")
            assert found is not None
            two.counter.read("cut-off", found.retorno or "")
        assert until(lambda: not one.shop.store.read(coupons.to_look_at) and not one.shop.store.read(_unread, one))
    [coupon] = one.shop.store.read(coupons.newest, 9)
    assert coupon.chave in sold
    assert (coupon.standing, coupon.note) == (CouponStanding.SOLD, "")


def _unread(connection: Any, side: Side) -> list[tuple[str, str]]:
    """What a person is going to be shown, if nothing is heard of it."""
    return reading.unread(connection, side.shop.clock() + UNREAD)


def test_a_coupon_of_ones_own_is_not_told_to_the_other_as_read(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = pair
    told: list[list[str]] = []
    link = two.neighbour._link
    assert link is not None
    monkeypatch.setattr(link, "read", told.append)
    with one.reached(), two.reached():
        assert two.sell("of-its-own")
        theirs = one.sell("of-the-other")
        assert two.sell("of-the-other", **ELSEWHERE) == theirs
        assert until(lambda: told == [[theirs]])


def test_a_session_about_which_the_other_is_being_asked_is_under_way(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, two = pair
    free = threading.Event()

    def slow(_: str) -> None:
        free.wait(SECONDS)

    monkeypatch.setattr(two.neighbour._link, "ask", slow)
    told = two.counter.answer(Request("slow", "001", SALE, (88, sales.CODE, sales.sale()), elsewhere=True))
    assert "|11098|" in two.ask(ASK_SESSION, 88)
    assert two.counter.find("slow") == Found(None)
    free.set()
    assert "06000" in told.result(SECONDS)
    assert two.ask(ASK_SESSION, 88) == told.result()


def test_no_door_takes_back_what_the_other_is_being_asked(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    _, two = pair
    free = threading.Event()

    def slow(asked: object) -> Word | None:
        free.wait(SECONDS)
        return Word(State.DONE, "what the other answered") if asked == "sale" else None

    for question in ("recall", "ask"):
        monkeypatch.setattr(two.neighbour._link, question, slow)
    recall = two.counter.answer(Request("recall", "001", ASK_SESSION, (502, sales.CODE, 77)))
    sale = two.counter.answer(Request("sale", "001", SALE, (503, sales.CODE, sales.sale()), elsewhere=True))
    assert not recall.cancel()
    assert not sale.cancel()
    free.set()
    assert "|11099|" in recall.result(SECONDS)
    assert sale.result(SECONDS) == "what the other answered"


def test_what_stands_under_a_key_is_told_by_either_gateway(pair: Pair) -> None:
    one, two = pair
    with one.reached():
        assert one.find("sold-at-two") == (202, "em_duvida"), "two may know it, and is not there"
        with two.reached():
            assert two.sell("sold-at-two")
            assert until(lambda: one.find("sold-at-two") == two.find("sold-at-two") == (200, "emitida"))
            assert one.find("of-nobody") == (404, "")
            assert one.neighbour.known(identity("of-nobody")).state is State.UNKNOWN
            assert one.find("of-nobody") == (404, ""), "given away, and the other did nothing either"


def test_a_sale_that_one_refused_and_the_other_made_is_a_sale_at_both(pair: Pair) -> None:
    one, two = pair
    one.shop.drivers["A"].absent = True
    with one.reached():
        status, answer, _ = knock(one.port, "POST", "/v1/vendas", BODY, one.headers("tried-twice"))
        assert (status, answer["estado"]) == (200, "recusada")
        one.shop.store.write(refused, one.shop, replace(ASKED, id=identity("tried-twice")))
        assert one.find("tried-twice") == (202, "em_duvida"), "two may have done it, and is not there"
        with two.reached():
            sold = two.sell("tried-twice", **ELSEWHERE)
            assert until(lambda: not two.shop.store.read(_owed))
        assert one.find("tried-twice") == (200, "emitida"), "though the other is gone"
        one.shop.drivers["A"].absent = False
        assert one.sell("tried-twice") == sold
    assert one.shop.standing() | two.shop.standing() == {sold}


def test_what_the_other_hands_back_is_taken_again(pair: Pair) -> None:
    one, two = pair
    with one.reached(), two.reached():
        assert two.neighbour.known(identity("there-and-back")).state is State.UNKNOWN
        assert one.neighbour.known(identity("there-and-back")).state is State.UNKNOWN
        assert two.sell("there-and-back", **ELSEWHERE)


def test_a_code_that_no_device_has_is_refused_before_anybody_is_asked(pair: Pair) -> None:
    one, _ = pair
    request = Request("recall", "001", ASK_SESSION, (501, "codigo-errado", 77))
    assert "|11001|" in one.counter.answer(request).result(SECONDS)


def _owed(connection: Any) -> bool:
    return bool(connection.execute("SELECT count(*) FROM request WHERE elsewhere IN (1, 3)").get)


def test_what_is_asked_is_the_same_at_two_gateways_whose_codes_differ() -> None:
    one, two = (Request("k", "001", SALE, (session, code, "<CFe/>")) for session, code in ((1, "a" * 8), (2, "b" * 8)))
    assert one.matter == two.matter
    assert one.matter != Request("k", "001", SALE, (1, "a" * 8, "<CFe></CFe>")).matter
    change = FUNCTIONS["TrocarCodigoDeAtivacao"]
    asked = [Request("k", "001", change, (1, code, 1, "c" * 8, "c" * 8)).matter for code in ("a" * 8, "b" * 8)]
    assert asked[0] != asked[1]
