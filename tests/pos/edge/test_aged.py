"""A gateway that has sold for months: what it asks its journal must not grow with what it has sold."""

import re
from collections.abc import Callable

import apsw
import pytest

from tests.pos.edge.page.site import BEARER, Visitor, site
from tests.pos.edge.shop import Shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import ASK_LAST, ASK_SESSION
from zelo.models.cfe.reply import read_reply
from zelo.pos.edge.journal.shell import reading
from zelo.pos.edge.journal.shell.prune import prune
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell.counter import Counter
from zelo.pos.edge.shell.neighbour import Neighbour

Open = Callable[..., Shop]
SECONDS = 15
SCAN = re.compile(r"SCAN (request|attempt|coupon|[rac])\b(?: USING (?:COVERING )?INDEX (\w+))?")
BLANK, NUMBERED = re.compile(r"\?"), re.compile(r"\?[0-9]")
FEW = {
    "request_unfinished",
    "request_claim",
    "request_looked",
    "request_given",
    "attempt_open",
    "attempt_forgotten",
    "coupon_open",
}
"""Indexes of what is open, which is never much."""


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Whatever is asked of a journal from now on."""
    heard: set[str] = set()
    connect = Store.connect

    def listen(_: object, statement: str, __: object) -> bool:
        heard.add(" ".join(statement.split()))
        return True

    def connected(self: Store) -> apsw.Connection:
        connection = connect(self)
        connection.exec_trace = listen
        return connection

    monkeypatch.setattr(Store, "connect", connected)
    return heard


def test_nothing_that_a_gateway_does_reads_its_journal_through(statements: set[str], open_shop: Open) -> None:
    shop = open_shop(2, tills_read=True)
    counter = Counter(shop.desk, Neighbour(shop.desk, None))
    sold = read_reply(shop.sell().result(SECONDS))
    assert "|07000|" in shop.cancel(sold.rest[2]).result(SECONDS)
    for function, arguments in ((ASK_SESSION, (900, sales.CODE, 1)), (ASK_LAST, (901, sales.CODE))):
        assert counter.answer(Request(function.name, "001", function, arguments)).result(SECONDS)
    shop.store.write(prune, shop.clock(), 10)
    with site(shop) as seen:
        seen.watch()
        assert Visitor(seen.port).get("/v1/local/status", **BEARER)[0] == 200
    assert until(lambda: reading.UNREAD in statements), "the last that the housework asks"
    scans = _scans(shop.store, statements)
    assert [scan for scan in scans if scan[2] not in FEW and "LIMIT" not in scan[0]] == []


def _scans(store: Store, statements: set[str]) -> list[tuple[str, ...]]:
    """Statement, table and index, for all that walk through a table of the journal or an index of one."""
    return [
        (statement, *found.groups(""))
        for statement in sorted(statements)
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH"))
        for step in store.read(_plan, statement)
        if (found := SCAN.match(step))
    ]


def _plan(connection: apsw.Connection, statement: str) -> list[str]:
    blanks = (None,) * len(set(NUMBERED.findall(statement)) or BLANK.findall(statement))
    return [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", blanks)]
