"""Which asking of a till came last hangs on no clock: a machine's steps back when somebody sets it right."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.pos.edge.shop import Clock, Shop
from tests.sim.sat import sales
from zelo.pos.edge.journal.shell.store import Store

Open = Callable[..., Shop]
SECONDS = 15
AHEAD = timedelta(minutes=5)


@pytest.mark.parametrize("older", [False, True])
def test_the_last_sale_is_the_last_though_the_clock_stepped_back(open_shop: Open, older: bool) -> None:  # noqa: FBT001
    shop = _of_its_own_clock(open_shop(1))
    shop.clock.ahead = AHEAD
    first = shop.sell().result(SECONDS)
    if older:
        shop.close()
        _grow_old(shop)
        shop.open()
    shop.clock.ahead = timedelta()
    assert shop.ask("ConsultarUltimaSessaoFiscal", sales.CODE).result(SECONDS) == first
    second = shop.sell().result(SECONDS)
    assert "|06000|" in second
    assert shop.ask("ConsultarUltimaSessaoFiscal", sales.CODE).result(SECONDS) == second


def test_a_session_that_returns_after_the_clock_stepped_back_is_the_later_one(open_shop: Open) -> None:
    shop = _of_its_own_clock(open_shop(1))
    shop.clock.ahead = AHEAD
    shop.sell(session=7).result(SECONDS)
    shop.clock.ahead = timedelta()
    later = shop.sell(session=7, xml=sales.sale(sales.item(price="7.00"))).result(SECONDS)
    assert "|06000|" in later
    assert shop.ask("ConsultarNumeroSessao", sales.CODE, 7).result(SECONDS) == later


def _of_its_own_clock(shop: Shop) -> Shop:
    """Its devices keep theirs, which is right."""
    shop.close()
    shop.clock = Clock()
    shop.open()
    return shop


def _grow_old(shop: Shop) -> None:
    """As the version before made its file."""
    store = Store(shop.folder, 16)
    for statement in (
        "DROP INDEX request_of_session",
        "DROP INDEX request_answered",
        "ALTER TABLE request DROP COLUMN turn",
        "CREATE INDEX request_session ON request (till, session, at)",
        "CREATE INDEX request_reply ON request (till, at) WHERE reply IS NOT NULL",
    ):
        store.write(lambda connection, statement=statement: connection.execute(statement))  # type: ignore[misc]
    store.close()
