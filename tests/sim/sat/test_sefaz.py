"""Coupons on their way: lots within limits, what is taken leaves the device, what is not true is refused."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.sim.sat.till import Bench
from zelo.sim.sat.sefaz import Lot, Office, receive


def cods(bench: Bench) -> list[str]:
    return [each.cod for each in bench.device.memory()]


def test_sales_and_cancels_are_taken_in_lots_of_fifty(sat: Bench) -> None:
    chaves = [sat.sell().chave for _ in range(51)]
    sat.cancel(chaves[0])
    first, second = sat.device.transmit(), sat.device.transmit()
    assert first is not None
    assert second is not None
    assert (len(first.coupons), len(second.coupons), sat.device.transmit()) == (50, 2, None)
    assert cods(sat) == ["100"] * 51 + ["101"]


def test_a_lot_is_bounded_in_bytes(new: Callable[..., Bench]) -> None:
    sat = new(terms={"lot_bytes": 10_000})
    for _ in range(5):
        sat.sell()
    sent = sat.device.transmit()
    assert sent is not None
    assert len(sent.coupons) == 2
    assert len(sat.device.state.pending) == 3


def test_nothing_leaves_without_a_way(sat: Bench) -> None:
    sat.sell()
    sat.device.register(reachable=False)
    assert sat.device.transmit() is None
    assert cods(sat) == [""]


def test_a_rejected_coupon_goes_to_the_errors(sat: Bench) -> None:
    sat.device.reject({"203": 1000})
    chave = sat.sell().chave.removeprefix("CFe")
    sat.device.transmit()
    assert (cods(sat), sat.device.state.refused, sat.device.state.pending) == (["203"], (chave,), ())


def test_a_postponed_coupon_stays(sat: Bench) -> None:
    sat.device.reject({"124": 1000})
    sat.sell()
    sat.device.transmit()
    assert (cods(sat), len(sat.device.state.pending)) == ([""], 1)
    sat.device.reject({})
    sat.device.transmit()
    assert cods(sat) == ["100"]


def test_what_is_postponed_is_drawn_anew_each_time_so_that_a_full_lot_of_it_stops_nothing(sat: Bench) -> None:
    sat.device.reject({"124": 600})
    for _ in range(150):
        sat.sell()
    waiting = list[int]()
    while sat.device.transmit() is not None and len(waiting) < 50:
        waiting.append(len(sat.device.state.pending))
    assert cods(sat) == ["100"] * 150, waiting
    assert all(0 < before - after < 50 for before, after in zip([150, *waiting][:4], waiting[:4], strict=True)), waiting


def test_rejections_are_drawn_by_seed(new: Callable[..., Bench]) -> None:
    sat = new()
    sat.device.reject({"203": 300})
    for _ in range(40):
        sat.sell()
    sat.device.transmit()
    found = cods(sat)
    assert 3 <= found.count("203") <= 25
    assert set(found) == {"100", "203"}


@pytest.fixture
def sold(sat: Bench) -> tuple[str, bytes]:
    told = sat.sell()
    return told.chave.removeprefix("CFe"), told.xml


def judged(sat: Bench, chave: str, xml: bytes, office: Office | None = None) -> tuple[Office, str]:
    office = office or Office(trusted=sat.device.unit.authority.trusted)
    lot = Lot(chave[22:31], {chave: xml})
    after, answer = receive(office, lot, sat.device.unit.terms, sat.now)
    return after, answer.coupons[chave]


def test_a_coupon_is_taken_once(sat: Bench, sold: tuple[str, bytes]) -> None:
    office, cod = judged(sat, *sold)
    assert (cod, judged(sat, *sold, office)[1]) == ("100", "204")
    assert judged(sat, sold[0], sold[1].replace(b"COXINHA", b"EMPADA"), office)[1] == "539"


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml.replace(b"<vCFe>5.00", b"<vCFe>4.00"),
        lambda xml: re.sub(rb"<SignatureValue>....", b"<SignatureValue>AAAA", xml),
        lambda xml: re.sub(rb"<DigestValue>....", b"<DigestValue>AAAA", xml),
        lambda xml: re.sub(rb"<X509Certificate>[^<]*", b"<X509Certificate>", xml),
        lambda xml: re.sub(rb"<Signature .*</Signature>", b"", xml),
        lambda xml: xml.replace(b"</CFe>", b"<infCFe/></CFe>"),
    ],
    ids=["value", "signature", "digest", "certificate", "unsigned", "second"],
)
def test_a_forged_coupon_is_refused(sat: Bench, sold: tuple[str, bytes], change: Callable[[bytes], bytes]) -> None:
    assert judged(sat, sold[0], change(sold[1]))[1] == "202"


def test_a_foreign_certificate_is_refused(sat: Bench, sold: tuple[str, bytes], foreign) -> None:  # type: ignore[no-untyped-def]
    assert judged(sat, *sold, Office(trusted=foreign.trusted))[1] == "202"


@pytest.mark.parametrize("xml", [b"", b"<a>", b"<a/>", b"<CFe><b/></CFe>"])
def test_what_is_no_coupon_is_refused(sat: Bench, sold: tuple[str, bytes], xml: bytes) -> None:
    assert judged(sat, sold[0], xml)[1] in {"215", "216"}


def test_a_cancel_needs_its_sale(sat: Bench, sold: tuple[str, bytes]) -> None:
    cancelled = sat.cancel(f"CFe{sold[0]}")
    row = (cancelled.chave.removeprefix("CFe"), cancelled.xml)
    assert judged(sat, *row)[1] == "217"
    office, _ = judged(sat, *sold)
    assert judged(sat, *row, office)[1] == "101"
    hurried = replace(sat.device.unit.terms, cancel=timedelta(seconds=-1))
    late = receive(office, Lot(row[0][22:31], {row[0]: row[1]}), hurried, sat.now)[1]
    assert late.coupons[row[0]] == "210"


def test_an_office_remembers_across_restarts(new: Callable[..., Bench]) -> None:
    sat = new()
    sat.cancel(sat.sell().chave)
    sat.device.transmit()
    assert new().device.office.taken == sat.device.office.taken
    assert new().device.office.cancelled == sat.device.office.cancelled
