"""What programs are told of a sale while it waits, after a disk refused, and when nothing can sell: never the wrong."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any

import apsw
import pytest

from tests.pos.edge.page.site import BEARER, site
from tests.pos.edge.shop import QUICK, Shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import SALE
from zelo.pos.edge.decide import End
from zelo.pos.edge.journal.shell import coupons, rows
from zelo.pos.edge.peer.shell.link import Link
from zelo.pos.edge.peer.word import State, Word
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell import aftermath, desk
from zelo.pos.edge.shell.counter import Counter
from zelo.pos.edge.shell.neighbour import Neighbour
from zelo.pos.edge.shell.unit import Unit

Open = Callable[..., Shop]
SECONDS = 15
KEY = {"Idempotency-Key": "k1", "Content-Type": "application/xml"}


@pytest.fixture
def ask(open_shop: Open) -> Iterator[tuple[Shop, Callable[..., tuple[int, Any]]]]:
    """A shop of two devices, and what its API answers."""
    shop = open_shop(2)
    with site(shop) as opened:

        def asked(method: str, path: str, body: str | None = None, **more: str) -> tuple[int, Any]:
            line = HTTPConnection("127.0.0.1", opened.port, timeout=SECONDS)
            line.request(method, path, body, {**BEARER, **KEY, **more})
            answered = line.getresponse()
            told = answered.status, json.loads(answered.read())
            line.close()
            return told

        yield shop, asked


Asked = tuple[Shop, Callable[..., tuple[int, Any]]]


def test_a_coupon_that_the_disk_would_not_take_is_not_told_as_refused(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, asked = ask
    monkeypatch.setattr(desk, "_record", _refuse)
    monkeypatch.setattr(aftermath, "_closed", _refuse)
    told = asked("POST", "/v1/vendas?caixa=001", sales.sale())[1]
    assert told["estado"] == "em_duvida"
    monkeypatch.undo()
    assert until(lambda: asked("GET", "/v1/vendas/k1")[1]["estado"] == "emitida")
    assert len(shop.memory()) == 1


def test_a_first_device_in_doubt_is_not_forgotten_where_the_second_call_cannot_be_written(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, asked = ask
    shop.trouble("A", "crash_after")
    intend = Unit._intend

    def once(unit: Unit, connection: apsw.Connection, request: Request, session: int) -> int:
        if rows.find(connection, request.id) is not None:
            _refuse()
        return intend(unit, connection, request, session)

    monkeypatch.setattr(Unit, "_intend", once)
    assert asked("POST", "/v1/vendas?caixa=001", sales.sale())[1]["estado"] == "em_duvida"
    assert len(shop.memory()) == 1


def test_what_no_device_was_called_for_is_refused_and_no_doubt(ask: Asked) -> None:
    shop, asked = ask
    for name, driver in shop.drivers.items():
        driver.absent = True
        shop.desk.units[name].look_at = 0.0
    assert until(lambda: all(unit.health.silent for unit in shop.desk.units.values()))
    status, told = asked("POST", "/v1/vendas?caixa=001", sales.sale())
    assert (status, told["estado"]) == (200, "recusada")
    assert "Nada foi emitido" in told["frase"]


@pytest.mark.parametrize(
    "question", [("ConsultarNumeroSessao", sales.CODE, 7), ("ConsultarUltimaSessaoFiscal", sales.CODE)]
)
def test_a_sale_that_waits_for_a_device_is_not_told_as_never_asked(open_shop: Open, question: tuple[Any, ...]) -> None:
    shop = open_shop(1, policy=replace(QUICK, wait_seconds=SECONDS))
    assert "06000" in shop.sell(session=5).result(SECONDS)
    shop.drivers["A"].slow_seconds = 1.0
    busy, waits = shop.sell(till="002"), shop.sell(session=7)
    told = shop.ask(*question).result(SECONDS)
    assert "098|" in told.split("|", 1)[1]
    assert "ainda está em andamento" in told
    assert "06000" in busy.result(SECONDS)
    assert "06000" in waits.result(SECONDS)


def test_the_last_coupon_of_a_till_is_its_sale_and_not_what_the_gateway_cancelled(open_shop: Open) -> None:
    shop = open_shop(2)
    shop.trouble("A", "crash_after")
    sold = shop.sell(session=5).result(SECONDS)
    shop.drivers["A"].put_back()
    assert until(lambda: len(shop.standing()) == 1)
    assert until(lambda: shop.store.read(coupons.to_look_at) == [])
    assert shop.ask("ConsultarUltimaSessaoFiscal", sales.CODE).result(SECONDS) == sold


class _Working(Link):
    """The other gateway, which is at it."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1", 9, "")

    def ask(self, request_id: str) -> Word:
        del request_id
        return Word(State.OPEN)


def test_a_doubt_that_was_found_out_before_it_is_told_is_told_as_the_coupon(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, asked = ask
    shop.desk.policy = replace(QUICK, wait_seconds=0.5)
    shop.trouble("A", "crash_after")
    shop.drivers["B"].absent = True
    take = shop.desk.take

    def slowly(request: Request, **how: Any) -> Any:
        doubt = take(request, **how)
        assert "não se sabe" in doubt.result(SECONDS)
        shop.drivers["A"].put_back()
        assert until(lambda: getattr(shop.store.read(rows.find, request.id), "end", None) is End.DONE)
        return doubt

    monkeypatch.setattr(shop.desk, "take", slowly)
    status, told = asked("POST", "/v1/vendas?caixa=001", sales.sale())
    assert (status, told["estado"]) == (200, "emitida")
    assert shop.standing() == {told["chave"]}
    assert until(lambda: shop.store.read(coupons.to_look_at) == [])


def test_a_doubt_that_the_disk_would_not_take_is_a_doubt(ask: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, asked = ask
    elsewhere = {"Idempotency-Elsewhere": "1", "Idempotency-Key": "k2"}
    assert asked("POST", "/v1/vendas?caixa=001", sales.sale())[1]["estado"] == "emitida"
    for driver in shop.drivers.values():
        driver.absent = True
    assert asked("POST", "/v1/vendas?caixa=001", sales.sale())[1]["estado"] == "emitida", (
        "the devices need not be there"
    )
    monkeypatch.setattr(shop.store, "write", _refuse)
    status, told = asked("POST", "/v1/vendas?caixa=001", sales.sale(), **elsewhere)
    assert (status, told["estado"]) == (202, "em_duvida")
    assert "não se sabe" in told["frase"]
    alone = {"Idempotency-Key": "k3"}
    assert asked("POST", "/v1/vendas?caixa=001", sales.sale(), **alone)[1]["estado"] == "recusada", "nothing was called"


def test_an_asking_is_known_while_the_other_gateway_is_asked_about_it(open_shop: Open) -> None:
    shop = open_shop(1, policy=replace(QUICK, wait_seconds=1.0))
    counter = Counter(shop.desk, Neighbour(shop.desk, _Working()))
    told = counter.answer(Request("one", "001", SALE, (5, sales.CODE, sales.sale()), elsewhere=True))
    found = counter.find("one")
    assert found is not None
    assert found.retorno is None
    told.result(SECONDS)


def test_a_till_is_answered_though_the_disk_refuses_to_note_its_doubt(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1, policy=replace(QUICK, wait_seconds=0.5))
    shop.trouble("A", "crash_after")
    monkeypatch.setattr(desk, "_record", _refuse)
    assert "consulte antes" in shop.sell(session=6).result(SECONDS)
    monkeypatch.undo()
    shop.close()
    shop.open()
    monkeypatch.setattr(shop.store, "write", _refuse)
    assert "não se sabe" in shop.sell(session=6).result(SECONDS)


def _refuse(*_: object) -> None:
    raise apsw.FullError("no room")


def test_an_end_that_the_disk_refused_is_not_forgotten_while_the_till_asks_again(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1)
    shop.desk.stop()
    shop.store.write(rows.begin, Request("one", "001", SALE, (7, sales.CODE, sales.sale())), shop.clock())
    shop.desk.unended.append("one")
    monkeypatch.setattr(shop.desk, "asked_for", lambda _: True)
    aftermath._end_unended(shop.desk)
    assert list(shop.desk.unended) == ["one"], "its till is here: what comes of that is not known yet"
    monkeypatch.undo()
    aftermath._end_unended(shop.desk)
    assert not shop.desk.unended
    known = shop.store.read(rows.find, "one")
    assert known is not None
    assert known.end is End.REFUSED


def test_an_asking_ends_though_a_commit_that_was_made_looked_as_if_it_had_failed(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1)
    shop.trouble("A", "busy")
    write_down = Unit.write_down

    def complain(unit: Unit, heard: Any, work: Any) -> None:
        monkeypatch.undo()
        write_down(unit, heard, work)
        raise apsw.FullError("no room, said after it was made")

    monkeypatch.setattr(Unit, "write_down", complain)
    request = Request("one", "001", SALE, (7, sales.CODE, sales.sale()))
    assert "|06099|" in shop.desk.take(request).result(SECONDS)
    assert until(lambda: getattr(shop.store.read(rows.find, "one"), "end", None) is not None)
    assert shop.memory() == []
