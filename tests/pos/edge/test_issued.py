"""What an answer brings, by the emulated device's own answers: whole, short, damaged."""

import base64
from collections.abc import Callable

import pytest

from tests.pos.edge.shop import Shop
from tests.sim.sat import sales
from zelo.models.cfe.chave import PREFIX
from zelo.models.cfe.functions import ASK_STATUS, CANCEL, SALE
from zelo.models.cfe.reply import Reply, read_reply
from zelo.pos.edge.issued import issued
from zelo.pos.edge.journal.answer import left_out, named, put_back

SECONDS = 15


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    """With one device."""
    return open_shop(1)


def answer(shop: Shop) -> Reply:
    """What a till is told of a sale of 5.00."""
    return read_reply(shop.sell(xml=sales.sale()).result(SECONDS))


@pytest.mark.parametrize("fields", [6, 4, 3, 1])
def test_a_sale_is_noted_however_short_its_answer(shop: Shop, fields: int) -> None:
    """What the answer leaves out the XML says."""
    whole = answer(shop)
    found = issued(SALE, whole._replace(rest=whole.rest[:fields]))
    assert found is not None
    assert found.brief is not None
    assert {found.chave, str(found.brief.chave), whole.rest[2].removeprefix(PREFIX)} == shop.standing()
    assert (str(found.brief.total), found.brief.cancels) == ("5.00", None)
    assert found.xml == base64.b64decode(whole.rest[0])


def test_a_cancel_says_which_sale_it_cancels(shop: Shop) -> None:
    sold = answer(shop).rest[2]
    found = issued(CANCEL, read_reply(shop.cancel(sold).result(SECONDS)))
    assert found is not None
    assert found.brief is not None
    assert f"{PREFIX}{found.brief.cancels}" == sold
    assert found.chave == str(found.brief.chave)


@pytest.mark.parametrize("written", ["", "não é base64", base64.b64encode(b"<CFe/>").decode()])
def test_bytes_that_are_no_coupon_are_kept_under_the_chave_that_was_told(shop: Shop, written: str) -> None:
    whole = answer(shop)
    found = issued(SALE, whole._replace(rest=(written, *whole.rest[1:])))
    assert found is not None
    assert (f"{PREFIX}{found.chave}", found.brief) == (whole.rest[2], None)
    assert found.xml in (written.encode(), b"<CFe/>")


@pytest.mark.parametrize(
    "write",
    [
        lambda xml: base64.encodebytes(xml).decode(),
        lambda xml: base64.encodebytes(xml).decode().replace("\n", "\r\n"),
        lambda xml: base64.b64encode(xml).decode().rstrip("="),
    ],
)
@pytest.mark.parametrize("spaces", range(3))
def test_a_coupon_in_lines_or_without_padding_is_that_coupon(
    shop: Shop, write: Callable[[bytes], str], spaces: int
) -> None:
    whole = answer(shop)
    xml = base64.b64decode(whole.rest[0]) + b" " * spaces
    told = whole._replace(rest=(write(xml), *whole.rest[1:]))
    found = issued(SALE, told)
    assert found is not None
    assert found.brief is not None
    assert found.xml == xml
    kept = left_out(told, found.chave, xml, 7).worded(1)
    assert named(kept) is None or put_back(kept, xml) == told.worded(1)


def test_what_issues_nothing_brings_nothing(shop: Shop) -> None:
    whole = answer(shop)
    assert issued(ASK_STATUS, whole) is None
    assert issued(SALE, whole._replace(eeeee="06099")) is None
