"""Thirty minutes, once, on the device that issued."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.sim.sat import sales
from tests.sim.sat.till import Bench, bench
from tests.sim.world import NOW
from zelo.sim.sat.state import Kind


@pytest.mark.parametrize(
    ("minutes", "seconds", "answer"),
    [(29, 59, ("07000", "0000")), (30, 0, ("07000", "0000")), (30, 1, ("07007", "1412")), (600, 0, ("07007", "1412"))],
)
def test_a_cancel_has_thirty_minutes(sat: Bench, minutes: int, seconds: int, answer: tuple[str, str]) -> None:
    chave = sat.sell().chave
    sat.wait(minutes=minutes, seconds=seconds)
    told = sat.cancel(chave)
    assert (told.eeeee, told.cccc) == answer
    assert len(sat.device.memory()) == (2 if answer[0] == "07000" else 1)


def test_the_clock_may_not_go_back_for_a_cancel_either(sat: Bench) -> None:
    chave = sat.sell().chave
    sat.wait(hours=-1)
    told = sat.cancel(chave)
    assert (told.eeeee, told.cccc, sat.sell().cccc) == ("07007", "1258", "1258")
    sat.wait(hours=1)
    assert sat.cancel(chave).eeeee == "07000"


def test_any_coupon_of_the_last_thirty_minutes_can_be_cancelled(sat: Bench) -> None:
    first, second = sat.sell().chave, sat.sell().chave
    assert [sat.cancel(chave).eeeee for chave in (first, second)] == ["07000", "07000"]
    assert [each.issued.of for each in sat.device.memory()] == ["", "", first[3:], second[3:]]


def test_a_coupon_is_cancelled_once(sat: Bench) -> None:
    chave = sat.sell().chave
    assert sat.cancel(chave).eeeee == "07000"
    assert (again := sat.cancel(chave)).eeeee == "07007"
    assert again.cccc == "1218"


def test_a_cancel_cannot_be_cancelled(sat: Bench) -> None:
    cancelled = sat.cancel(sat.sell().chave).chave
    assert sat.cancel(cancelled).cccc == "1412"


@pytest.mark.parametrize("named", ["CFe", "CFe" + "1" * 44, ""])
def test_call_and_document_name_the_same_chave(sat: Bench, named: str) -> None:
    told = sat.cancel(named, sales.cancel(sat.sell().chave))
    assert (told.eeeee, told.cccc) == ("07007", "1270")


def test_another_device_knows_nothing_of_it(sat: Bench, unit, tmp_path) -> None:  # type: ignore[no-untyped-def]
    other = bench(replace(unit, nserie="900000060"), tmp_path / "other", NOW)
    assert other.cancel(sat.sell().chave).cccc == "1412"


def test_the_observed_emulator_renumbers_and_leaves_cccc_out(new: Callable[..., Bench]) -> None:
    sat = new(profile="emulador-sp")
    told = sat.cancel("CFe", "<CFeCanc/>")
    assert (told.eeeee, len(told.fields)) == ("07010", 5)
    chave = sat.sell().chave
    sat.wait(minutes=30, seconds=1)
    assert sat.cancel(chave).eeeee == "07099"


def test_a_cancel_needs_the_link_of_the_sale(sat: Bench) -> None:
    chave = sat.sell().chave
    assert sat.cancel(chave, sales.cancel(chave, sign_ac="OUTRA")).eeeee == "07099"
    assert [each.issued.kind for each in sat.device.memory()] == [Kind.SALE]
