"""Which answers tills have read: written down sooner or later, and what nobody has read is for a person."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import apsw
import pytest

from tests.pos.edge.page.site import site
from tests.pos.edge.shop import QUICK, Shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import ASK_LAST, ASK_SESSION, SALE
from zelo.pos.edge.door.line.frame import pack
from zelo.pos.edge.door.line.shell import Line, Setup
from zelo.pos.edge.journal.entry import CouponStanding
from zelo.pos.edge.journal.shell import coupons, rows
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell.counter import Counter
from zelo.pos.edge.shell.neighbour import Neighbour
from zelo.pos.edge.shell.receipt import MOST_HELD, UNREAD, Receipts

Open = Callable[..., Shop]
SECONDS = 15
SLOW = 0.6
"""Seconds of a device: time enough for a till to hang up while it works."""
WRITTEN_SECONDS = 2.0
"""In which a desk that has nothing to do writes down what was read."""
REQUEST = Request("one", "001", SALE, (5, sales.CODE, sales.sale()))


def _listed(shop: Shop) -> list[CouponStanding]:
    return [each.standing for each in shop.store.read(coupons.to_look_at)]


def _is_read(shop: Shop) -> bool:
    known = shop.store.read(rows.last_fiscal, "001", (SALE.name,))
    return known is not None and known.delivered


def test_a_coupon_that_nobody_has_read_is_for_a_person_until_its_till_asks_again(open_shop: Open) -> None:
    shop = open_shop(1)
    sold = shop.desk.take(REQUEST).result(SECONDS)
    shop.clock.ahead += UNREAD + timedelta(seconds=1)
    assert until(lambda: _listed(shop) == [CouponStanding.UNDELIVERED])
    assert shop.desk.take(REQUEST).result(SECONDS) == sold
    shop.desk.receipts.arrived(REQUEST, sold)
    assert until(lambda: _listed(shop) == [])
    assert _is_read(shop)


def test_who_read_that_it_is_in_doubt_has_not_read_the_coupon_that_is_found_later(open_shop: Open) -> None:
    shop = open_shop(1, policy=replace(QUICK, wait_seconds=0.5))
    shop.trouble("A", "crash_after")
    doubt = shop.desk.take(REQUEST).result(SECONDS)
    shop.drivers["A"].put_back()
    assert until(lambda: _listed(shop) == [CouponStanding.UNDELIVERED])
    shop.desk.receipts.arrived(REQUEST, doubt)
    assert until(lambda: _is_read(shop))
    assert _listed(shop) == [CouponStanding.UNDELIVERED]


def test_a_coupon_that_was_read_is_nobodys(open_shop: Open) -> None:
    shop = open_shop(1)
    sold = shop.desk.take(REQUEST).result(SECONDS)
    shop.desk.receipts.arrived(REQUEST, sold)
    shop.clock.ahead += UNREAD + timedelta(seconds=1)
    assert until(lambda: _is_read(shop))
    shop.close()
    shop.open()
    assert _listed(shop) == []


@pytest.mark.parametrize(
    "other",
    [
        replace(REQUEST, id="two"),
        Request("three", "001", ASK_SESSION, (6, sales.CODE, 5)),
        Request("four", "001", ASK_LAST, (6, sales.CODE)),
    ],
    ids=["the same under another id", "by its session", "the last"],
)
def test_an_answer_that_is_read_under_another_id_is_read(open_shop: Open, other: Request) -> None:
    shop = open_shop(1)
    sold = shop.desk.take(REQUEST).result(SECONDS)
    assert shop.desk.take(other).result(SECONDS) == sold
    shop.desk.receipts.arrived(other, sold)
    assert until(lambda: _is_read(shop))


def test_who_asked_for_the_last_sale_has_not_read_the_one_that_came_after_it(open_shop: Open) -> None:
    shop = open_shop(1)
    counter = Counter(shop.desk, Neighbour(shop.desk, None))
    first = counter.answer(REQUEST).result(SECONDS)
    recall = Request("recall", "001", ASK_LAST, (6, sales.CODE))
    assert counter.answer(recall).result(SECONDS) == first
    counter.answer(replace(REQUEST, id="two", arguments=(7, *REQUEST.arguments[1:]))).result(SECONDS)
    counter.arrived(recall, first)
    assert until(lambda: not shop.desk.receipts.at_hand)
    assert not _is_read(shop)
    read = shop.store.read(rows.find, "one")
    assert read is not None
    assert read.delivered


@pytest.mark.parametrize("standing", [CouponStanding.SURPLUS, CouponStanding.CANCELLED])
def test_what_was_decided_of_a_coupon_meanwhile_is_not_undone_by_the_list(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch, standing: CouponStanding
) -> None:
    shop = open_shop(1)
    shop.desk.take(REQUEST).result(SECONDS)
    [chave] = shop.standing()
    shop.store.write(coupons.stand, chave, standing, "decided")
    receipts = Receipts(shop.store, shop.clock)
    monkeypatch.setattr(shop.store, "read", lambda *_: [(REQUEST.id, chave)])
    receipts.list_unread()
    monkeypatch.undo()
    coupon = shop.store.read(coupons.sold, chave)
    assert coupon is not None
    assert coupon.standing is not CouponStanding.UNDELIVERED


def test_what_the_disk_refuses_is_written_down_later(open_shop: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = open_shop(1)
    sold = shop.desk.take(REQUEST).result(SECONDS)
    asked = threading.Event()

    def refuse(*_: object) -> None:
        asked.set()
        raise apsw.FullError("no room")

    monkeypatch.setattr(shop.store, "write", refuse)
    shop.desk.receipts.arrived(REQUEST, sold)
    assert asked.wait(SECONDS)
    monkeypatch.undo()
    assert until(lambda: _is_read(shop))


def test_a_program_that_hung_up_has_not_read(open_shop: Open) -> None:
    shop = open_shop(1, policy=replace(QUICK, wait_seconds=SECONDS))
    shop.drivers["A"].slow_seconds = SLOW
    form = urlencode({"numero_caixa": "1", "dados_venda": sales.sale()}).encode()
    head = (
        "POST /hub/v1/enviardadosvenda HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded"
    )
    with site(shop) as opened:
        _ask_and_hang_up(opened.port, f"{head}\r\nContent-Length: {len(form)}\r\n\r\n".encode() + form)
        assert until(lambda: len(shop.standing()) == 1)
        time.sleep(WRITTEN_SECONDS)
        assert not _is_read(shop)


def test_a_till_that_hung_up_has_not_read(open_shop: Open) -> None:
    shop = open_shop(1, policy=replace(QUICK, wait_seconds=SECONDS))
    shop.drivers["A"].slow_seconds = SLOW
    fields = ("zelo1", "", "one", "001", "0", SALE.name, "5", sales.CODE, sales.sale())
    with _line(shop) as port:
        _ask_and_hang_up(port, pack(field.encode() for field in fields))
        assert until(lambda: len(shop.standing()) == 1)
        time.sleep(WRITTEN_SECONDS)
        assert not _is_read(shop)


@contextmanager
def _line(shop: Shop) -> Iterator[int]:
    gateway = Counter(shop.desk, Neighbour(shop.desk, None)).gateway()
    line = Line(gateway.answer, Setup(port=0), gateway.arrived)
    try:
        yield line.open()
    finally:
        line.close()


def _ask_and_hang_up(port: int, asked: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(asked)
        time.sleep(SLOW / 2)


@pytest.mark.parametrize("most", [0, 64])
def test_what_was_read_is_taken_along_by_a_sale_only_where_no_second_is_left_for_it(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("zelo.pos.edge.shell.desk.IDLE_SECONDS", 60.0)
    monkeypatch.setattr("zelo.pos.edge.shell.receipt.MOST_AT_HAND", most)
    shop = open_shop(1)
    shop.desk.receipts.arrived(REQUEST, shop.desk.take(REQUEST).result(SECONDS))
    shop.sell().result(SECONDS)
    known = shop.store.read(rows.find, REQUEST.id)
    assert known is not None
    assert known.delivered is (most == 0)
    assert (REQUEST.id in shop.desk.receipts.at_hand) is (most > 0)


def test_what_was_read_of_a_large_refusal_takes_no_room(open_shop: Open) -> None:
    receipts = open_shop(1).desk.receipts
    for number in range(MOST_HELD + 10):
        large = replace(REQUEST, id=f"large-{number}", arguments=(5, sales.CODE, "y" * 1_000))
        receipts.arrived(large, "000005|06005|0000|Tamanho||")
    assert len(receipts.at_hand) == MOST_HELD
    assert "large-9" not in receipts.at_hand
    assert all("y" not in str(receipt) for receipt in receipts.at_hand.values())
