"""Coupons that a device issued for another program, and what becomes of them."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import apsw
import pytest

from tests.pos.edge.shop import ELSEWHERE, Shop, until
from tests.sim.sat import sales
from zelo.fiscal.chave import check_digit
from zelo.models.cfe.chave import Chave
from zelo.models.cfe.functions import ASK_LAST, Function
from zelo.models.cfe.reply import Reply, read_reply
from zelo.models.cfe.status import read_status
from zelo.pos.edge.gather.seen import Stray
from zelo.pos.edge.gather.shell.gatherer import Gatherer
from zelo.pos.edge.gather.shell.strays import Strays
from zelo.pos.edge.journal.shell import coupons
from zelo.pos.edge.outbox.core import QueueFullError, Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.shell.shelf import SHELF
from zelo.pos.edge.shell.unit import Unit

SECONDS = 15


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    """A shop that has sold."""
    opened = open_shop(1)
    assert "|06000|" in opened.sell().result(SECONDS)
    return opened


@pytest.fixture
def gatherer(shop: Shop) -> Gatherer:
    """What gathers there, looked after by nobody."""
    made = Gatherer(shop.desk, shop.folder, "loja", shop.clock, has_centre=False)
    made.open()
    return made


def _sold_past(shop: Shop, total: str = "77.00") -> str:
    """Another program sells at the device: the chave."""
    given = [ELSEWHERE + next(shop.numbers), sales.CODE, sales.sale(sales.item(price=total), paid=("100.00",))]
    told: list[str] = []

    def sold() -> bool:
        told.append(str(shop.drivers["A"].device.call("EnviarDadosVenda", given).reply))
        return "|06098|" not in told[-1]

    assert until(sold)
    return read_reply(told[-1]).rest[2].removeprefix("CFe")


def _looked(shop: Shop, gatherer: Gatherer) -> Stray | None:
    """What is known after the device was looked at, and everything that follows from it was done."""
    unit = shop.desk.units["A"]
    assert until(lambda: not unit.at_work)
    unit.probe()
    gatherer.keep_house(unit)
    with closing(shop.store.connect()) as connection:
        gatherer.watch(connection)
        assert until(lambda: not shop.desk._errands["A"] and not unit.at_work)
        gatherer.watch(connection)
    return gatherer.devices()[0].stray


def _documents(shop: Shop) -> list[str]:
    batch = shop.store.read(lambda connection: queue.take(connection, 1000, 10**8))
    return [item.key for item in batch.items if item.rank is Rank.FISCAL]


def test_what_another_program_sold_is_kept_and_told(shop: Shop, gatherer: Gatherer) -> None:
    assert _looked(shop, gatherer) is None
    chave = _sold_past(shop)
    stray = _looked(shop, gatherer)
    assert stray is not None
    assert (str(stray.chave), stray.kept) == (chave, True)
    assert shop.store.read(queue.document, chave) == shop.drivers["A"].device.xml(chave)
    assert chave in gatherer.alarms["alheio", "A"].finding.sentence.replace(" ", "")


def test_it_is_kept_once_over_starts_and_told_for_a_day_though_the_shop_sells_on(
    shop: Shop, gatherer: Gatherer
) -> None:
    chave = _sold_past(shop)
    assert _looked(shop, gatherer) is not None
    again = Gatherer(shop.desk, shop.folder, "loja", shop.clock, has_centre=False)
    assert _looked(shop, again) is not None
    assert _documents(shop).count(chave) == 1
    assert "|06000|" in shop.sell().result(SECONDS)
    assert _looked(shop, gatherer) is not None
    shop.clock.ahead += timedelta(days=1)
    assert _looked(shop, gatherer) is None


def test_one_that_the_device_does_not_repeat_is_told_all_the_same(shop: Shop, gatherer: Gatherer) -> None:
    chave = _sold_past(shop)
    shop.forget("A")
    stray = _looked(shop, gatherer)
    assert stray is not None
    assert not stray.kept
    assert chave not in _documents(shop)
    assert "não repete o XML" in gatherer.alarms["alheio", "A"].finding.sentence


def test_a_full_queue_keeps_it_not(shop: Shop, gatherer: Gatherer, monkeypatch: pytest.MonkeyPatch) -> None:
    def put(*_: object) -> int:
        raise QueueFullError

    monkeypatch.setattr(shop.desk.units["A"], "shelf", replace(SHELF, put=put))
    _sold_past(shop)
    stray = _looked(shop, gatherer)
    assert stray is not None
    assert not stray.kept


def test_our_own_sales_and_cancels_are_none(shop: Shop, gatherer: Gatherer) -> None:
    sold = read_reply(shop.sell().result(SECONDS)).rest[2]
    assert _looked(shop, gatherer) is None
    assert "|07000|" in shop.cancel(sold).result(SECONDS)
    assert _looked(shop, gatherer) is None


def test_what_a_device_issued_before_it_was_ours_is_none(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    gatherer = Gatherer(shop.desk, shop.folder, "loja", shop.clock, has_centre=False)
    gatherer.open()
    _sold_past(shop)
    assert _looked(shop, gatherer) is None


@pytest.mark.parametrize("theirs", [True, False])
def test_what_the_other_gateway_sold_there_is_none(shop: Shop, gatherer: Gatherer, theirs: bool) -> None:  # noqa: FBT001
    asked: list[str] = []

    def elsewhere(chaves: Sequence[str]) -> Sequence[str]:
        asked.extend(chaves)
        return () if theirs else chaves

    gatherer.strays.elsewhere = elsewhere
    chave = _sold_past(shop)
    assert (_looked(shop, gatherer) is None) == theirs
    assert set(asked) == {chave}


def test_one_that_became_known_meanwhile_is_suspected_no_longer(shop: Shop) -> None:
    strays, unit = Strays(shop.desk, shop.clock, elsewhere=lambda _: ()), shop.desk.units["A"]
    gatherer = Gatherer(shop.desk, shop.folder, "loja", shop.clock, has_centre=False)
    gatherer.strays = strays
    _sold_past(shop)
    _looked(shop, gatherer)
    assert list(strays._suspects) == ["A"]
    assert "|06000|" in shop.sell().result(SECONDS)
    _looked(shop, gatherer)
    assert strays._suspects == {}
    assert not unit.unsettled


def test_while_a_call_is_in_doubt_no_coupon_is_a_stray(shop: Shop, gatherer: Gatherer) -> None:
    _sold_past(shop)
    unit = shop.desk.units["A"]
    assert until(lambda: not unit.at_work)
    assert unit.probe() is not None
    assert unit.status is not None
    status = read_status(unit.status)
    assert status is not None
    for unsettled in (True, False):
        unit.unsettled = unsettled
        gatherer.strays.look(unit, status)
        assert bool(gatherer.strays._suspects) != unsettled


def test_a_device_is_asked_once_for_each_stray(shop: Shop, gatherer: Gatherer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, inquire = list[str](), Unit.inquire

    def counted(self: Unit, function: Function, *given: str) -> Reply | None:
        asked.append(function.name)
        return inquire(self, function, *given)

    monkeypatch.setattr(Unit, "inquire", counted)
    _sold_past(shop)
    for _ in range(3):
        assert _looked(shop, gatherer) is not None
    assert asked.count(ASK_LAST.name) == 1


def test_where_the_device_has_sold_again_meanwhile_its_answer_is_of_another_coupon(
    shop: Shop, gatherer: Gatherer
) -> None:
    first, last = _sold_past(shop), _sold_past(shop, "88.00")
    unit = shop.desk.units["A"]
    assert until(lambda: not unit.at_work)
    gatherer.strays._take_in(Chave.parse(first), unit)
    stray = gatherer.strays.of("A")
    assert stray is not None
    assert not stray.kept
    assert not {first, last} & set(_documents(shop))


def _chave(aamm: str, ncfe: int, nserie: str = "900000059") -> Chave:
    bare = f"35{aamm}0872321800018659{nserie}{ncfe:06}000000"
    return Chave.parse(bare + check_digit(bare))


@pytest.mark.parametrize(
    ("ours", "last", "stray"),
    [
        (("2611", 5), ("2611", 6), True),
        (("2611", 5), ("2611", 5), False),
        (("2611", 5), ("2611", 4), False),
        (("2611", 5), ("2611", 0), False),
        (("2610", 5), ("2611", 6), True),
        (("2512", 5), ("2601", 6), True),
        (("2609", 5), ("2611", 6), False),
        (("2611", 5, "900000058"), ("2611", 6), False),
        (("2611", 5, "900000060"), ("2611", 6), False),
    ],
)
def test_only_a_number_beyond_ours_is_a_strays(ours: tuple[str, int], last: tuple[str, int], stray: bool) -> None:  # noqa: FBT001
    with closing(apsw.Connection(":memory:")) as connection:
        connection.execute("CREATE TABLE coupon (chave TEXT PRIMARY KEY, device TEXT) WITHOUT ROWID")
        connection.execute("INSERT INTO coupon VALUES (?, 'A')", (str(_chave(*ours)),))
        assert coupons.is_stray(connection, _chave(*last)) is stray
