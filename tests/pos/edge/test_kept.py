"""What the journal keeps of an answer: a name in place of the coupon, and the same answer for who asks again."""

import base64
from collections.abc import Callable
from zlib import crc32

import apsw
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.pos.edge.shop import Shop
from tests.sim.sat import sales
from zelo.models.cfe.functions import ASK_SESSION, SALE
from zelo.models.cfe.reply import read_reply
from zelo.pos.edge.decide import End
from zelo.pos.edge.journal.answer import left_out, named, put_back
from zelo.pos.edge.journal.entry import Elsewhere
from zelo.pos.edge.journal.shell import rows
from zelo.pos.edge.peer.word import State
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell.counter import Counter
from zelo.pos.edge.shell.neighbour import Neighbour

Open = Callable[..., Shop]
SECONDS = 15
CHAVE = "35261108723218000186599000000590000010000010"
SALE_ASKED = Request("one", "001", SALE, (77, sales.CODE, sales.sale()))
RECALL = Request("two", "001", ASK_SESSION, (78, sales.CODE, 77))


def _reply(written: str, chave: str = CHAVE) -> str:
    return f"000077|06000|0000|Emitido com sucesso + conteúdo notas|||{written}|20261123120000|CFe{chave}|10.00||sig"


def _stored(connection: apsw.Connection) -> str:
    return str(connection.execute("SELECT reply FROM request WHERE id = 'one'").get)


@given(st.binary(min_size=1, max_size=300))
@example(b"\0")
def test_what_was_left_out_is_put_back_to_the_letter(xml: bytes) -> None:
    whole = _reply(base64.b64encode(xml).decode())
    kept = left_out(read_reply(whole), CHAVE, xml, crc32(xml)).worded(77)
    assert named(kept) == (CHAVE, crc32(xml))
    assert base64.b64encode(xml).decode() not in kept.split("|")
    assert put_back(kept, xml) == whole


@pytest.mark.parametrize(
    ("written", "chave", "xml"),
    [
        ("QR==", CHAVE, b"A"),  # the same byte is usually written QQ==
        ("<CFe/>", CHAVE, b"<CFe/>"),
        ("", CHAVE, b""),
        ("QQ==", "of another form", b"A"),
    ],
)
def test_what_could_not_be_put_back_as_it_was_is_left_as_it_is(written: str, chave: str, xml: bytes) -> None:
    reply = read_reply(_reply(written, chave))
    assert left_out(reply, chave, xml, crc32(xml)) == reply
    assert named(reply.worded(77)) is None


def test_a_till_that_asks_again_gets_the_whole_answer_and_so_it_does_after_a_restart(open_shop: Open) -> None:
    shop = open_shop(1)
    told = shop.desk.take(SALE_ASKED).result(SECONDS)
    stored = shop.store.read(_stored)
    assert len(stored) < len(told) / 4, "the coupon lies in the outbox, and only there"
    for _ in range(2):
        assert shop.desk.take(SALE_ASKED).result(SECONDS) == told
        assert Counter(shop.desk, Neighbour(shop.desk, None)).answer(RECALL).result(SECONDS) == told
        shop.close()
        shop.open()


@pytest.mark.parametrize("harm", ["DELETE FROM outbox_item", "UPDATE outbox_item SET body = zeroblob(10)"])
def test_where_the_coupon_is_gone_the_answer_says_which_it_was_and_nobody_sells_again(
    open_shop: Open, harm: str
) -> None:
    shop = open_shop(1)
    neighbour = Neighbour(shop.desk, None)
    counter = Counter(shop.desk, neighbour)
    chave = read_reply(shop.desk.take(SALE_ASKED).result(SECONDS)).rest[2].removeprefix("CFe")
    shop.store.write(lambda connection: connection.execute(harm))
    for asked in (SALE_ASKED, RECALL):
        again = counter.answer(asked).result(SECONDS)
        assert chave in again
        assert "Não venda de novo" in again
    found = counter.find("one")
    assert found is not None
    assert found.in_doubt
    assert neighbour.known("one").state is State.DOUBT
    assert len(shop.memory()) == 1
    shop.store.write(rows.elsewhere, "one", Elsewhere.UNSURE)
    assert [chave in claim.reply for claim in neighbour._claims()] == [True], "the other gateway hears which it was"


def test_an_answer_of_earlier_days_is_read_as_it_was_written(open_shop: Open) -> None:
    shop = open_shop(1)
    told = shop.desk.take(SALE_ASKED).result(SECONDS)
    shop.store.write(rows.end, "one", End.DONE, told, shop.clock())
    assert shop.store.read(lambda c: c.execute("SELECT typeof(reply) FROM request").get) == "blob"
    assert shop.desk.take(SALE_ASKED).result(SECONDS) == told
