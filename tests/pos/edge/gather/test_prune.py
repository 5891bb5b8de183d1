"""What the journal lets go of, judged row by row against the rule said in words."""

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from secrets import token_hex

import apsw
import pytest

from tests.pos.edge.shop import Shop
from tests.sim.sat import sales
from zelo.fiscal.instant import to_micros
from zelo.models.cfe.functions import SALE
from zelo.models.cfe.reply import read_reply
from zelo.pos.edge.journal.shell.prune import prune
from zelo.pos.edge.journal.shell.rows import packed
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.request import identity
from zelo.pos.edge.shell.counter import Counter
from zelo.pos.edge.shell.neighbour import Neighbour

NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path, 16)
    yield opened
    opened.close()


def ask(connection: apsw.Connection, number: int, days: float, **other: object) -> str:
    """An asking of that age, with an attempt and a coupon."""
    told = {"till": "001", "end": "done", "delivered": 1, "outcome": "answered", "standing": "sold", "elsewhere": 0}
    told |= other
    name, at, reply = f"id-{number}", to_micros(NOW - days * DAY), packed("000001|06000|0000|ok||")
    connection.execute(
        "INSERT INTO request (id, till, session, function, matter, at, end, reply, delivered, elsewhere)"
        " VALUES (?, ?, ?, 'EnviarDadosVenda', 'x', ?, ?, ?, ?, ?)",
        (name, told["till"], number, at, told["end"], reply, told["delivered"], told["elsewhere"]),
    )
    connection.execute(
        "INSERT INTO attempt (id, request_id, device, session, at, outcome, reply) VALUES (?, ?, 'A', ?, ?, ?, ?)",
        (number, name, number, at, told["outcome"], reply),
    )
    connection.execute(
        "INSERT INTO coupon (chave, request_id, attempt_id, device, at, total_cents, standing)"
        " VALUES (?, ?, ?, 'A', ?, 500, ?)",
        (f"chave-{number}", name, number, at, told["standing"]),
    )
    return name


def replies(store: Store) -> set[str]:
    """The askings whose answer is held."""
    rows = store.read(lambda c: c.execute("SELECT id FROM request WHERE reply IS NOT NULL").fetchall())
    return {str(row[0]) for row in rows}


def everything(store: Store) -> set[str]:
    return {str(row[0]) for row in store.read(lambda c: c.execute("SELECT id FROM request").fetchall())}


def drain(store: Store) -> int:
    """Prune until nothing goes; how many turns that took."""
    turns = 1
    while store.write(prune, NOW, 50):
        turns += 1
        assert turns < 100
    return turns


def test_the_last_two_hundred_answers_of_a_till_stay_however_old(store: Store) -> None:
    store.write(lambda c: [ask(c, number, 100 - number / 10) for number in range(300)])
    store.write(lambda c: [ask(c, 1000 + number, 90, till="002") for number in range(10)])
    assert drain(store) > 2
    assert replies(store) == {f"id-{number}" for number in range(100, 300)} | {f"id-{1000 + n}" for n in range(10)}
    assert len(everything(store)) == 310
    held = store.read(lambda c: c.execute("SELECT count(*) FROM attempt WHERE reply IS NOT NULL").fetchall())
    assert held == [(210,)]


def test_answers_of_the_week_stay(store: Store) -> None:
    store.write(lambda c: [ask(c, number, 6.9) for number in range(300)])
    drain(store)
    assert len(replies(store)) == 300


def test_rows_go_after_120_days_with_what_belongs_to_them(store: Store) -> None:
    store.write(lambda c: [ask(c, number, 121) for number in range(300)])
    store.write(lambda c: [ask(c, 1000 + number, 1) for number in range(200)])
    drain(store)
    assert everything(store) == {f"id-{1000 + number}" for number in range(200)}
    assert store.read(lambda c: c.execute("SELECT count(*) FROM attempt").get) == 200
    assert store.read(lambda c: c.execute("SELECT count(*) FROM coupon").get) == 200


def test_a_shop_that_sells_much_keeps_two_thirds_of_the_file_for_its_documents(tmp_path: Path) -> None:
    """Every document is with the centre at once; each day the journal lets go of what it may."""
    store = Store(tmp_path, 16)
    numbers = count()
    for day in range(60):
        store.write(_sold, numbers, day)
        while store.write(prune, NOW + day * DAY, 50):
            continue
    journal = "SELECT sum(pgsize) FROM dbstat WHERE name NOT LIKE 'outbox%'"
    assert 0.2 < store.read(lambda c: c.execute(journal).get) / store.read(queue.fill).file_bytes < 0.4
    assert len(replies(store)) >= 200
    store.close()


def _sold(connection: apsw.Connection, numbers: Iterable[int], day: int) -> None:
    for number in islice(numbers, 200):
        _sale(connection, number, day)


def _sale(connection: apsw.Connection, number: int, day: int) -> None:
    """As the journal has it, with its copy in the queue."""
    queue.make_room(connection, 10_000, NOW)
    name, chave, at = token_hex(32), f"{number:044d}", to_micros(NOW + day * DAY)
    answer = packed(f"000001|06000|0000|Emitido com sucesso|||{token_hex(240)}||")
    connection.execute(
        "INSERT INTO request (id, till, session, function, matter, at, end, reply, delivered, turn)"
        " VALUES (?, '001', ?, 'EnviarDadosVenda', ?, ?, 'done', ?, 1, ?)",
        (name, number, token_hex(32), at, answer, number),
    )
    connection.execute(
        "INSERT INTO attempt (id, request_id, device, session, at, outcome) VALUES (?, ?, 'A', ?, ?, 'answered')",
        (number, name, number, at),
    )
    connection.execute(
        "INSERT INTO coupon (chave, request_id, attempt_id, device, at, total_cents, standing)"
        " VALUES (?, ?, ?, 'A', ?, 500, 'sold')",
        (chave, name, number, at),
    )
    queue.put(connection, Rank.FISCAL, "900000001", chave, bytes(5_000), NOW)
    connection.execute("UPDATE outbox_shelf SET settled = 1 WHERE settled = 0")


def test_a_doubt_that_a_person_looked_into_goes_as_others_do(store: Store) -> None:
    store.write(lambda c: ask(c, 1, 121, end="doubt", outcome="checked"))
    store.write(lambda c: [ask(c, 1000 + number, 1) for number in range(200)])
    drain(store)
    assert everything(store) == {f"id-{1000 + number}" for number in range(200)}


@pytest.mark.parametrize(
    "kept",
    [
        {"end": None},
        {"end": "doubt"},
        {"delivered": 0},
        {"outcome": "doubt"},
        {"outcome": "called"},
        {"outcome": "forgotten"},
        {"standing": "surplus"},
        {"standing": "undelivered"},
        {"standing": "listed"},
        {"elsewhere": 1},
    ],
)
def test_what_is_open_in_doubt_or_not_delivered_never_goes(store: Store, kept: dict[str, object]) -> None:
    chance = random.Random(1)
    store.write(lambda c: [ask(c, number, 400 + chance.random()) for number in range(60)])
    names = store.write(lambda c: [ask(c, 500 + number, 500, **kept) for number in range(5)])
    store.write(lambda c: [ask(c, 1000 + number, 1) for number in range(200)])
    drain(store)
    assert everything(store) == {*names, *(f"id-{1000 + number}" for number in range(200))}
    assert set(names) <= replies(store)


@pytest.mark.parametrize("opened", [{"standing": "listed"}, {"outcome": "doubt"}])
def test_what_opens_again_after_its_answer_went_stays(store: Store, opened: dict[str, object]) -> None:
    name = store.write(lambda c: ask(c, 1, 500, **opened))
    store.write(lambda c: c.execute("UPDATE request SET reply = NULL").fetchall())
    drain(store)
    assert everything(store) == {name}


def test_a_till_that_repeats_itself_after_months_is_told_of_its_coupon(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    chave = read_reply(shop.sell(session=1).result(15)).rest[2].removeprefix("CFe")
    request_id = identity("001", SALE.name, (1, sales.CODE, sales.sale()))
    shop.store.write(lambda c: c.execute("UPDATE request SET reply = NULL"))
    told = read_reply(shop.sell(session=1).result(15))
    assert told.eeeee == "06099"
    assert chave in told.text
    assert shop.standing() == {chave}
    counter = Counter(shop.desk, Neighbour(shop.desk, None))
    found = counter.find(request_id)
    assert found is not None
    assert found.in_doubt
