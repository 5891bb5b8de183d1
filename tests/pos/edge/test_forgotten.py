"""A device that does not know a session never executed it, or has forgotten it: only the first is believed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pos.edge.shop import QUICK, REMEMBERED, Shop, new_shop, until
from tests.sim.sat import sales
from zelo.pos.edge.decide import Doubt, Outcome
from zelo.pos.edge.journal.entry import CouponStanding
from zelo.pos.edge.journal.shell import rows
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.shell import aftermath
from zelo.pos.edge.shell.unit import Unit
from zelo.sim.sat.unit import Unit as Bare

Open = Callable[..., Shop]
SECONDS = 15


def _outcomes(shop: Shop) -> list[Outcome]:
    return [each.outcome for each in shop.store.read(rows.questions)]


def test_a_sale_that_its_device_may_have_forgotten_is_not_taken_for_unsold(open_shop: Open) -> None:
    shop = open_shop(2)
    shop.trouble("A", "crash_after")
    assert "06000" in shop.sell().result(SECONDS)
    shop.distract("A")
    shop.drivers["A"].put_back()
    assert until(lambda: _outcomes(shop) == [Outcome.FORGOTTEN])
    assert until(lambda: not shop.desk.units["A"].unsettled), "it sells again"
    assert len(shop.standing()) == 2
    assert shop.store.read(rows.open_coupons) == []


def test_a_till_that_waits_is_told_at_once_that_nobody_will_know(open_shop: Open) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=60.0))
    shop.trouble("A", "crash_after")
    told = shop.sell(session=5)
    assert until(lambda: _outcomes(shop) == [Outcome.DOUBT])
    shop.distract("A")
    shop.drivers["A"].put_back()
    assert "não se sabe" in told.result(SECONDS)
    assert "não se sabe" in shop.sell(session=5).result(SECONDS), "nor is it sold again"
    assert len(shop.standing()) == 1


def test_an_asking_without_a_till_ends_in_doubt_and_not_with_nothing(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1)
    monkeypatch.setattr(shop.desk, "_record", _refuses)
    monkeypatch.setattr(aftermath, "_closed", _refuses)
    assert "consulte antes de repetir" in shop.sell(session=6).result(SECONDS)
    shop.close()
    monkeypatch.undo()
    shop.distract("A")
    shop.open()
    assert until(lambda: _outcomes(shop) == [Outcome.FORGOTTEN])
    assert "não se sabe" in shop.ask("ConsultarNumeroSessao", sales.CODE, 6).result(SECONDS)
    shop.close()
    shop.open()
    assert "não se sabe" in shop.sell(session=6).result(SECONDS), "nor after another start"


def test_a_sale_that_a_device_never_took_is_sold_there_when_it_is_back(open_shop: Open) -> None:
    shop = open_shop(1, policy=replace(QUICK, patience_seconds=SECONDS, wait_seconds=SECONDS))
    shop.trouble("A", "crash_before")
    told = shop.sell()
    assert until(lambda: shop.drivers["A"].absent)
    shop.distract("A", REMEMBERED // 2)
    shop.drivers["A"].put_back()
    assert "06000" in told.result(SECONDS)
    assert len(shop.memory()) == 1


def test_a_device_that_says_nothing_after_a_start_is_asked_for_its_last_coupon(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1, policy=replace(QUICK, patience_seconds=SECONDS, wait_seconds=SECONDS))
    assert "06000" in shop.sell().result(SECONDS)
    shop.close()
    monkeypatch.setattr(Unit, "inquire", lambda *_: None)
    shop.open()
    shop.trouble("A", "lost_before")
    assert "06000" in shop.sell().result(SECONDS)
    assert len(shop.memory()) == 2


@pytest.mark.parametrize(("trouble", "issued"), [("crash_after", 1), ("crash_before", 0)])
def test_a_device_that_remembers_only_its_last_answer_is_asked_before_anything_else(
    unit: Bare, tmp_path: Path, trouble: str, issued: int
) -> None:
    forgetful = replace(unit, profile=replace(unit.profile, replies_kept=1))
    shop = new_shop(forgetful, tmp_path, 1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=0.5))
    shop.open()
    assert until(lambda: shop.desk.units["A"].witness > 0)
    shop.trouble("A", trouble)
    assert "não se sabe" in shop.sell().result(SECONDS)
    shop.close()
    shop.drivers["A"].put_back()
    shop.open()
    assert until(lambda: _outcomes(shop) == [])
    assert [each.standing for each in shop.store.read(rows.open_coupons)] == [CouponStanding.UNDELIVERED] * issued
    shop.close()


def test_a_cancel_that_its_device_may_have_forgotten_leaves_the_coupon_to_a_person(open_shop: Open) -> None:
    shop = open_shop(2)
    shop.trouble("A", "crash_after")
    shop.trouble("A", "crash_after", "CancelarUltimaVenda")
    assert "06000" in shop.sell().result(SECONDS)
    shop.drivers["A"].put_back()
    assert until(lambda: shop.drivers["A"].absent), "while it cancels the second coupon"
    shop.distract("A")
    shop.drivers["A"].put_back()
    assert until(lambda: [each.standing for each in shop.store.read(rows.open_coupons)] == [CouponStanding.LISTED])
    assert _outcomes(shop) == [Outcome.FORGOTTEN]


def test_a_file_of_an_earlier_version_is_given_what_it_lacks(tmp_path: Path) -> None:
    store = Store(tmp_path, 16)
    store.write(lambda connection: connection.execute("DROP INDEX attempt_forgotten"))
    store.write(lambda connection: connection.execute("ALTER TABLE attempt DROP COLUMN witness"))
    store.close()
    store = Store(tmp_path, 16)
    assert store.read(rows.questions) == []
    assert store.read(rows.unsettled, "A") == []
    store.close()


def _refuses(*_: object) -> None:
    raise OSError("no room")
