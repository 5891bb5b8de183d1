"""A status read: what the emulated device says of itself, and the forms in which makers write the same thing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.sim.conftest import authority, key
from tests.sim.sat.conftest import new, sat, unit
from tests.sim.sat.till import Bench
from zelo.models.cfe.reply import read_reply
from zelo.models.cfe.status import FIELDS, Battery, Operation, Status, read_status

__all__ = ["authority", "key", "new", "sat", "unit"]
NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
TOLD = (
    "900000059|DHCP|10.0.0.59|00:00:00:00:00:59|255.255.255.0|10.0.0.1|10.0.0.1|10.0.0.2|CONECTADO|ALTO|4 GB|1 GB|"
    "20261121115500|01.00.00|00.08|||||20261119120000|20240101|20261201|0"
)
"""As makers print it."""


def status(**fields: str) -> Status:
    """A status in which these fields, by their place, say something else."""
    told = TOLD.split("|")
    for place, value in fields.items():
        told[int(place.removeprefix("f"))] = value
    read = read_status(read_reply("|".join(("000001", "10000", "Resposta com Sucesso.", "", "", *told))))
    assert read is not None
    return read


def test_what_a_device_says_of_itself(sat: Bench) -> None:
    sat.sell()
    read = read_status(read_reply("|".join(sat.status().fields)))
    assert read is not None
    assert (read.nserie, read.battery, read.operation) == (sat.device.unit.nserie, Battery.HIGH, Operation.OPEN)
    assert (read.pending, read.connected) == (1, True)
    assert read.clock == sat.now.replace(microsecond=0)
    assert read.memory_total_bytes == sat.device.unit.terms.memory_total_bytes
    assert read.certificate_days(sat.now) in (5 * 365 - 1, 5 * 365)


def test_what_follows_at_an_instant() -> None:
    read = status()
    assert read.memory_percent == 25
    assert read.drift_seconds(NOW) == -300
    assert read.silent_days(NOW) == 2
    assert read.certificate_days(NOW) == 10
    assert read.certificate_until == date(2026, 12, 1)
    assert read.pending == 0


@pytest.mark.parametrize(
    ("told", "size"),
    [
        ("1073741824", 1 << 30),
        ("1073741824 BYTES", 1 << 30),
        ("1.073.741.824 bytes", 1 << 30),
        ("4 GB", 4 << 30),
        ("4GB", 4 << 30),
        ("512 Mbytes", 512 << 20),
        ("3,5 GB", 7 << 29),
        ("3.5 GiB", 7 << 29),
        ("0", 0),
        ("", None),
        ("muita", None),
        ("-1 GB", None),
        ("1.07.3", None),
        ("9" * 70, None),
    ],
)
def test_memory_is_free_text(told: str, size: int | None) -> None:
    assert status(f10=told).memory_total_bytes == size


def test_what_cannot_be_read_is_none_and_the_rest_stands() -> None:
    read = status(f0="", f8="?", f9="CHEIO", f12="20261399999999", f14="", f19="", f21="0", f22="7")
    assert (read.nserie, read.connected, read.battery, read.clock, read.layout) == (None,) * 5
    assert (read.contact_at, read.certificate_until, read.operation) == (None,) * 3
    assert read.silent_days(NOW) is None
    assert read.drift_seconds(NOW) is None
    assert read.certificate_days(NOW) is None
    assert read.software == "01.00.00"


def test_more_taken_than_there_is_says_nothing() -> None:
    assert status(f10="1 GB", f11="2 GB").memory_percent is None
    assert status(f10="0", f11="0").memory_percent is None


def test_pending_is_counted_between_the_lists(sat: Bench) -> None:
    for _ in range(3):
        sat.sell()
    told = sat.status().fields
    full = read_status(read_reply("|".join(told)))
    assert full is not None
    assert full.pending == 3
    short = read_status(read_reply("|".join((*told[:22], *told[23:]))))
    assert short is not None
    assert (short.last_pending, short.pending) == (None, 3)
    garbled = replace(full, first_pending=None)
    assert garbled.pending is None


def test_a_clock_stands_in_the_zone_of_the_device() -> None:
    assert status(f12="20261121120000").drift_seconds(NOW) == 0
    assert status().clock == NOW - timedelta(minutes=5)


@pytest.mark.parametrize("reply", ["000001|10001|Codigo errado||", "000001|10000|ok||", "000001|08000|ok|||a|b"])
def test_a_reply_without_a_status_has_none(reply: str) -> None:
    assert read_status(read_reply(reply)) is None


@given(
    some.lists(
        some.text(max_size=80).filter(lambda text: "|" not in text and "\0" not in text),
        min_size=FIELDS,
        max_size=FIELDS,
    )
)
def test_nothing_that_a_device_says_stops_the_reading(fields: list[str]) -> None:
    read = read_status(read_reply("|".join(("000001", "10000", "ok", "", "", *fields))))
    assert read is None or read.pending is None or read.pending >= 0
