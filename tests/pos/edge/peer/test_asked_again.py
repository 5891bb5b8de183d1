"""A till that goes back to the first gateway, as the library does in its second round, while the other is silent."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import apsw
import pytest

from tests.pos.edge.peer.side import SECONDS, Pair, Side, link_of
from tests.pos.edge.peer.test_neighbour import ASKED, OTHER, Knowing, refused
from tests.pos.edge.shop import QUICK, Shop, until
from zelo.pos.edge.decide import Attempt, Doubt, End, Outcome
from zelo.pos.edge.door.api.reading import ELSEWHERE_HEADER
from zelo.pos.edge.journal import entry
from zelo.pos.edge.journal.shell import rows
from zelo.pos.edge.peer.word import Claim, Intent, State, Word, outlasts
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell.asking import Policy
from zelo.pos.edge.shell.counter import Counter
from zelo.pos.edge.shell.neighbour import Neighbour

KEY = "cut-off"
AGAIN = replace(ASKED, elsewhere=True, lost=2)


@contextmanager
def telling(sides: Sequence[Side]) -> Iterator[None]:
    """Inside the block they tell each other what there is to tell."""
    stop = threading.Event()
    threads = [threading.Thread(target=side.neighbour.serve, args=(stop,)) for side in sides]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("asked", [[0, 1], [0, 1, 0], [0, 1, 0, 1], [1, 0], [1, 0, 1]])
def test_of_two_coupons_that_of_the_gateway_that_was_asked_last_stands(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, asked: Sequence[int]
) -> None:
    told = ""
    with monkeypatch.context() as cut:
        for side in pair:
            cut.setattr(link_of(side), "_call", lambda *_: None)
        for lost, place in enumerate(asked):
            with pair[place].reached():
                told = pair[place].sell(KEY, **{ELSEWHERE_HEADER: str(lost)})
    assert len({*pair[0].shop.standing(), *pair[1].shop.standing()}) == 2
    with pair[0].reached(), pair[1].reached(), telling(pair):
        assert until(lambda: pair[0].shop.standing() | pair[1].shop.standing() == {told})
        assert until(lambda: all(side.shop.store.read(rows.unclaimed) == [] for side in pair))
        assert [side.sell(KEY, **{ELSEWHERE_HEADER: "9"}) for side in pair] == [told, told]


def test_a_coupon_that_outlasts_is_answered_before_the_other_has_heard_so(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = pair
    with monkeypatch.context() as cut:
        for side in pair:
            cut.setattr(link_of(side), "_call", lambda *_: None)
        with one.reached(), two.reached():
            sold = one.sell(KEY)
            assert two.sell(KEY, **{ELSEWHERE_HEADER: "1"}) != sold
            assert one.sell(KEY, **{ELSEWHERE_HEADER: "2"}) == sold
    monkeypatch.setattr(link_of(two), "claim", lambda _: False)
    with one.reached(), two.reached():
        assert one.sell(KEY, **{ELSEWHERE_HEADER: "3"}) == sold


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("lost", range(4))
@pytest.mark.parametrize("lost_there", range(4))
def test_no_two_gateways_both_let_their_coupon_stand(side: int, lost: int, lost_there: int) -> None:
    ours, theirs = outlasts(lost, side, lost_there), outlasts(lost_there, 1 - side, lost)
    assert not (ours and theirs)
    assert ours or theirs or not lost or not lost_there
    assert ours or lost <= lost_there


def test_what_was_refused_here_is_not_known_where_the_other_was_asked_since_and_is_silent(
    open_shop: Callable[..., Shop],
) -> None:
    shop, link = open_shop(1), Knowing(None)
    counter = Counter(shop.desk, Neighbour(shop.desk, link))
    shop.store.write(refused, shop)
    assert "não se sabe" in counter.answer(AGAIN).result(SECONDS).lower()
    assert shop.memory() == []
    assert [each.device for each in shop.store.read(rows.questions)] == [entry.OTHER]
    link._says = Word(State.DONE, OTHER)
    Neighbour(shop.desk, link).look_back()
    assert counter.answer(ASKED).result(SECONDS) == OTHER
    assert shop.store.read(rows.questions) == []


@pytest.mark.parametrize("doubt", list(Doubt))
def test_what_ends_in_nothing_while_the_till_was_at_the_other_is_not_known(
    open_shop: Callable[..., Shop], doubt: Doubt
) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=doubt, wait_seconds=2.0, patience_seconds=SECONDS))
    counter = Counter(shop.desk, Neighbour(shop.desk, Knowing(None)))
    for driver in shop.drivers.values():
        driver.absent = True
    counter.answer(ASKED)
    assert until(lambda: bool(shop.desk.live))
    assert "não se sabe" in counter.answer(AGAIN).result(SECONDS).lower()
    assert [(each.device, each.request_id) for each in shop.store.read(rows.questions)] == [(entry.OTHER, ASKED.id)]


def test_a_refusal_that_was_decided_before_the_till_came_back_is_a_doubt_with_an_owner(
    open_shop: Callable[..., Shop],
) -> None:
    shop = open_shop(1)
    told = Neighbour(shop.desk, Knowing(None)).asked_again(AGAIN, "Nada foi emitido.", open_still=True)
    assert "não se sabe" in told.lower()
    assert [each.request_id for each in shop.store.read(rows.questions)] == [ASKED.id]


def test_a_shop_that_waits_in_doubt_sells_nothing_that_the_till_took_to_the_other(
    open_shop: Callable[..., Shop],
) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=2.0))
    counter = Counter(shop.desk, Neighbour(shop.desk, Knowing(None)))
    shop.desk.units["A"].unsettled = True
    counter.answer(ASKED)
    assert until(lambda: bool(shop.desk.live))
    again = counter.answer(AGAIN)
    assert until(lambda: shop.desk._live[ASKED.id].elsewhere)
    shop.desk.units["A"].unsettled = False
    assert "não se sabe" in again.result(SECONDS).lower()
    assert shop.memory() == []


@pytest.mark.parametrize("policy", [QUICK, replace(QUICK, doubt=Doubt.WAIT, wait_seconds=0.5)])
@pytest.mark.parametrize("ended", [False, True])
def test_a_call_of_the_other_to_our_device_is_left_to_the_other_where_there_was_one_of_our_own(
    open_shop: Callable[..., Shop],
    policy: Policy,
    ended: bool,  # noqa: FBT001
) -> None:
    shop = open_shop(1, policy=policy)
    unit = shop.desk.units["A"]
    assert until(lambda: bool(unit.nserie))
    neighbour = Neighbour(shop.desk, Knowing(None))
    neighbour.announced(Intent(ASKED.id, unit.nserie, 700_003))
    shop.store.write(refused if ended else called, shop)
    told = Counter(shop.desk, neighbour).answer(AGAIN).result(SECONDS)
    known = shop.store.read(rows.find, ASKED.id)
    assert known is not None
    assert known.elsewhere
    assert [each.session for each in known.attempts if each.device == unit.name and each.session == 700_003] == []
    assert known.end is (End.DOUBT if ended or policy.doubt is Doubt.WAIT else End.DONE)
    assert ("não se sabe" in told.lower()) is (known.end is End.DOUBT)


def called(connection: apsw.Connection, shop: Shop) -> None:
    """As after a call that its device never executed."""
    rows.begin(connection, ASKED, shop.clock())
    number = rows.call(connection, ASKED.id, Attempt(0, "A", 5), shop.clock())
    rows.outcome(connection, number, Outcome.ABSENT, None, shop.clock())


def test_a_claim_that_is_heard_while_the_till_comes_back_is_told_anew(open_shop: Callable[..., Shop]) -> None:
    shop, link = open_shop(1), Knowing(None)
    neighbour = Neighbour(shop.desk, link)
    counter = Counter(shop.desk, neighbour)
    counter.answer(replace(ASKED, elsewhere=True, lost=1)).result(SECONDS)
    [before] = neighbour._claims()
    counter.answer(AGAIN).result(SECONDS)
    shop.store.write(rows.heard, before.id, before.lost)
    assert [each.lost for each in neighbour._claims()] == [2]
    counter.answer(replace(AGAIN, lost=1)).result(SECONDS)
    assert [each.lost for each in neighbour._claims()] == [2]


def test_a_refusal_does_not_outlast_a_claim(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    neighbour = Neighbour(shop.desk, None)
    asked: Request = replace(ASKED, lost=3)
    shop.store.write(refused, shop, asked)
    theirs = Claim(asked.id, asked.till, asked.session, asked.function, asked.matter, OTHER, lost=1)
    assert neighbour.claimed(theirs)
    known = shop.store.read(rows.find, asked.id)
    assert known is not None
    assert (known.end, known.reply) == (End.DONE, OTHER)


def test_what_was_given_away_stays_given_while_the_other_is_silent(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    shop.store.write(rows.give, ASKED, "Nada foi emitido.", shop.clock())
    counter = Counter(shop.desk, Neighbour(shop.desk, Knowing(None)))
    assert "assumiu este pedido" in counter.answer(AGAIN).result(SECONDS)
    assert shop.store.read(rows.given) == [ASKED.id]
    assert shop.store.read(rows.questions) == []
