"""A program's key stands for one asking: from when it is written down, or while it is at work, and not before."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.pos.edge.page.site import BEARER, site
from tests.pos.edge.shop import Shop, new_shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import SALE
from zelo.pos.edge.journal.shell.store import FILE
from zelo.pos.edge.request import Request
from zelo.sim.sat.unit import Unit

SECONDS = 15
ASKED = Request("one", "001", SALE, (1, sales.CODE, sales.sale()))
Sell = Callable[..., tuple[int, Any]]


@pytest.fixture
def selling(open_shop: Callable[..., Shop]) -> Iterator[tuple[Shop, Sell]]:
    """A shop of one device, and what its API answers to a sale under a key."""
    shop = open_shop(1)
    with site(shop) as opened:

        def sell(key: str, xml: str = "", till: str = "001") -> tuple[int, Any]:
            line = HTTPConnection("127.0.0.1", opened.port, timeout=SECONDS)
            head = {**BEARER, "Idempotency-Key": key, "Content-Type": "application/xml"}
            line.request("POST", f"/v1/vendas?caixa={till}", xml or sales.sale(), head)
            answered = line.getresponse()
            told = answered.status, json.loads(answered.read())
            line.close()
            return told

        yield shop, sell


def test_a_key_of_which_nothing_came_serves_for_what_was_mended(selling: tuple[Shop, Sell]) -> None:
    shop, sell = selling
    too_large = sales.sale() + " " * 2_000_000
    assert sell("mended", too_large)[1]["estado"] == "recusada"
    status, told = sell("mended")
    assert (status, told["estado"]) == (200, "emitida")
    assert shop.standing() == {told["chave"]}


def test_a_program_that_is_refused_again_and_again_leaves_nothing_in_the_file(selling: tuple[Shop, Sell]) -> None:
    shop, sell = selling
    shop.drivers["A"].absent = True
    assert sell("first")[1]["estado"] == "recusada"
    before = shop.store.read(_rows)
    for number in range(5):
        assert sell(f"more-{number}")[1]["estado"] == "recusada"
    assert shop.store.read(_rows) == before


def test_a_key_that_is_at_work_serves_no_other_sale(selling: tuple[Shop, Sell]) -> None:
    shop, sell = selling
    shop.drivers["A"].slow_seconds = 1.0
    with ThreadPoolExecutor(1) as till:
        first = till.submit(sell, "at-work")
        assert until(lambda: shop.desk.selling)
        for other in (sales.sale(paid=("50.00",)), ""):
            assert sell("at-work", other, "001" if other else "002")[1]["regra"] == "API-CHAVE-USADA"
        chave = first.result()[1]["chave"]
    assert sell("at-work")[1]["chave"] == chave
    assert shop.standing() == {chave}


def test_two_sales_that_meet_under_one_id_are_not_one(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    shop.drivers["A"].slow_seconds = 0.5
    told = shop.desk.take(ASKED)
    other = shop.desk.take(replace(ASKED, arguments=(2, sales.CODE, sales.sale(paid=("50.00",)))))
    assert "outro conteúdo" in other.result(SECONDS)
    assert "|06000|" in told.result(SECONDS)
    assert len(shop.memory()) == 1


def test_a_file_that_kept_keys_by_themselves_is_opened_and_keeps_them_no_more(unit: Unit, tmp_path: Path) -> None:
    shop = new_shop(unit, tmp_path, 1)
    shop.open()
    shop.close()
    old = apsw.Connection(str(shop.folder / FILE))
    old.execute("CREATE TABLE bound (id TEXT PRIMARY KEY, digest TEXT NOT NULL, session INTEGER NOT NULL)")
    old.execute("INSERT INTO bound VALUES ('a', 'b', 1)")
    old.close()
    shop.open()
    assert "bound" not in {name for (name,) in shop.store.read(_tables)}
    assert "|06000|" in shop.sell().result(SECONDS)
    shop.close()


def _tables(connection: apsw.Connection) -> Any:
    return connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()


def _rows(connection: apsw.Connection) -> dict[str, int]:
    """How many rows each table of the gateway's file holds."""
    count = "SELECT count(*) FROM {}"
    return {name: int(connection.execute(count.format(name)).get) for (name,) in _tables(connection)}
