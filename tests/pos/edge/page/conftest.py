"""A site for each test, with two devices."""

from collections.abc import Callable, Iterator

import pytest

from tests.pos.edge.page import site as sites
from tests.pos.edge.page.site import Site, Visitor
from tests.pos.edge.shop import Shop


@pytest.fixture
def site(open_shop: Callable[..., Shop]) -> Iterator[Site]:
    """A shop that sells, and its page."""
    with sites.site(open_shop(2)) as opened:
        yield opened


@pytest.fixture
def visitor(site: Site) -> Visitor:
    """Somebody who typed the token."""
    entered = Visitor(site.port)
    entered.enter()
    return entered
