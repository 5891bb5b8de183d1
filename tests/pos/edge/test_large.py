"""What no device could take in reaches none: a till that sends it takes no device out of rotation."""

from collections.abc import Callable

import pytest

from tests.pos.edge.shop import Shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import CODE, FUNCTIONS, Function
from zelo.pos.edge.driver.shell.wire import packed
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell.gate import MOST_TAKEN_BYTES

SECONDS = 15
BEARING = [function for function in FUNCTIONS.values() if any(kind is str for _, kind in function.parameters)]


def _large(function: Function, text: str) -> Request:
    """A call of that function whose last text is this one."""
    last = [name for name, kind in function.parameters if kind is str][-1]
    own = {CODE: sales.CODE, last: text}
    arguments = tuple(1 if kind is int else own.get(name, "") for name, kind in function.parameters)
    return Request(f"large-{function.name}", "002", function, arguments)


@pytest.mark.parametrize("character", ["é", "\x01", "a"])
@pytest.mark.parametrize("function", BEARING, ids=[each.name for each in BEARING])
def test_what_is_too_large_is_refused_and_no_device_is_taken_for_mute(
    open_shop: Callable[..., Shop], function: Function, character: str
) -> None:
    shop = open_shop(1)
    assert until(lambda: shop.desk.units["A"].spoke_at is not None)
    told = shop.desk.take(_large(function, character * (MOST_TAKEN_BYTES + 1))).result(SECONDS)
    assert "passa de 2 MB" in told or told.split("|")[1] in ("06005", f"{function.prefix}001")
    assert not shop.desk.units["A"].health.silent
    assert "|06000|" in shop.sell().result(SECONDS)


def test_what_just_fits_goes_over_the_wire_however_it_is_written() -> None:
    arguments = (999_999, "x" * 64, "\x01" * MOST_TAKEN_BYTES)
    assert packed({"function": "TesteFimAFim", "arguments": arguments})
