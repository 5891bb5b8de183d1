"""Where a till may go on offline, and by when what it issued must be sent: whichever day it is, never too late."""

from datetime import date, datetime
from typing import Final

import pytest

from zelo.facts.offline import deadline, offline
from zelo.facts.place import zone
from zelo.fiscal.uf import Uf

TODAY: Final = date(2026, 11, 20)
EMITTED: Final = {
    "a Friday, in RS": (Uf.RS, "2026-11-20T12:00:00-03:00", "2026-11-23T23:59:59-03:00"),
    "a Friday late, when it is Saturday in London": (
        Uf.RS, "2026-11-20T22:30:00-03:00", "2026-11-23T23:59:59-03:00",
    ),
    "a Saturday": (Uf.MG, "2026-11-21T09:00:00-03:00", "2026-11-23T23:59:59-03:00"),
    "a Monday": (Uf.SP, "2026-11-23T09:00:00-03:00", "2026-11-24T23:59:59-03:00"),
    "two hours west": (Uf.AC, "2026-11-23T22:00:00-05:00", "2026-11-24T23:59:59-05:00"),
    "by hours": (Uf.PE, "2026-11-20T12:00:00-03:00", "2026-11-21T12:00:00-03:00"),
}  # fmt: skip


@pytest.mark.parametrize(("uf", "emitted", "until"), EMITTED.values(), ids=EMITTED)
def test_the_deadline(uf: Uf, emitted: str, until: str) -> None:
    row = offline("65", uf, TODAY)
    assert row is not None
    assert deadline(row, datetime.fromisoformat(emitted), zone(uf)) == datetime.fromisoformat(until)


def test_only_coupons_and_only_where_and_since_it_is_allowed() -> None:
    assert all(offline("65", uf, TODAY) for uf in Uf)
    assert offline("65", Uf.SP, date(2024, 6, 30)) is None
    assert offline("65", Uf.SP, date(2024, 7, 1)) is not None
    assert offline("55", Uf.RS, TODAY) is None
    assert offline("65", Uf.RS, date(2016, 1, 1)) is None
