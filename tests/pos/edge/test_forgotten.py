"""A device that does not know a session never executed it, or has forgotten it: only the first is believed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.pos.edge.shop import QUICK, REMEMBERED, Direct, Shop, new_shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import ASK_LAST, ASK_SESSION, Function
from zelo.pos.edge.decide import Attempt, Doubt, Outcome
from zelo.pos.edge.driver.contract import MissingError
from zelo.pos.edge.journal.entry import CouponStanding
from zelo.pos.edge.journal.shell import coupons, rows
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.shell import aftermath, desk
from zelo.pos.edge.shell.unit import Unit
from zelo.sim.sat.unit import Unit as Bare

Open = Callable[..., Shop]
SECONDS = 15
CHAVE = 8
"""Where it stands in the answer to a sale."""


def _outcomes(shop: Shop) -> list[Outcome]:
    return [each.outcome for each in shop.store.read(rows.questions)]


def _sold_at_the_other(open_shop: Open) -> Shop:
    """A took the sale and died, so B sold it."""
    shop = open_shop(2)
    shop.trouble("A", "crash_after")
    assert "06000" in shop.sell().result(SECONDS)
    return shop


def test_a_sale_that_its_device_may_have_forgotten_is_not_taken_for_unsold(open_shop: Open) -> None:
    shop = _sold_at_the_other(open_shop)
    shop.forget("A")
    shop.drivers["A"].put_back()
    assert until(lambda: _outcomes(shop) == [Outcome.FORGOTTEN])
    assert until(lambda: not shop.desk.units["A"].unsettled), "it sells again"
    assert len(shop.standing()) == 2
    assert shop.store.read(coupons.to_look_at) == []


def test_a_till_that_waits_is_told_at_once_that_nobody_will_know(open_shop: Open) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=60.0))
    shop.trouble("A", "crash_after")
    told = shop.sell(session=5)
    assert until(lambda: _outcomes(shop) == [Outcome.DOUBT])
    shop.forget("A")
    shop.drivers["A"].put_back()
    assert "não se sabe" in told.result(SECONDS)
    assert "não se sabe" in shop.sell(session=5).result(SECONDS), "nor is it sold again"
    assert len(shop.standing()) == 1


def test_an_asking_without_a_till_ends_in_doubt_and_not_with_nothing(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1)
    monkeypatch.setattr(desk, "_record", _refuses)
    monkeypatch.setattr(aftermath, "_closed", _refuses)
    assert "consulte antes de repetir" in shop.sell(session=6).result(SECONDS)
    shop.close()
    monkeypatch.undo()
    shop.forget("A")
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


def test_a_coupon_that_is_its_devices_last_is_found_though_its_session_is_forgotten(open_shop: Open) -> None:
    shop = _sold_at_the_other(open_shop)
    shop.distract("A")
    shop.drivers["A"].put_back()
    assert until(lambda: len(shop.standing()) == 1), "the second coupon is found and cancelled"
    assert until(lambda: _outcomes(shop) == [])


def test_a_cancel_that_is_its_devices_last_is_found_as_well(open_shop: Open) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=SECONDS, patience_seconds=0.1))
    sold = shop.sell().result(SECONDS).split("|")
    shop.trouble("A", "crash_after", "CancelarUltimaVenda")
    told = shop.cancel(sold[CHAVE])
    assert until(lambda: _outcomes(shop) == [Outcome.DOUBT])
    shop.distract("A")
    shop.drivers["A"].put_back()
    assert "07000" in told.result(SECONDS)
    assert shop.standing() == set()


def test_a_sale_was_never_made_where_the_devices_last_coupon_is_one_from_before(open_shop: Open) -> None:
    shop = open_shop(1, policy=replace(QUICK, patience_seconds=SECONDS, wait_seconds=SECONDS))
    assert "06000" in shop.sell().result(SECONDS)
    shop.trouble("A", "crash_before")
    told = shop.sell()
    assert until(lambda: shop.drivers["A"].absent)
    shop.distract("A")
    shop.drivers["A"].put_back()
    assert "06000" in told.result(SECONDS)
    assert len(shop.memory()) == 2


def test_a_cancel_was_never_made_where_the_devices_last_coupon_is_the_sale(open_shop: Open) -> None:
    shop = open_shop(1, policy=replace(QUICK, patience_seconds=SECONDS, wait_seconds=SECONDS))
    sold = shop.sell().result(SECONDS).split("|")
    shop.trouble("A", "crash_before", "CancelarUltimaVenda")
    told = shop.cancel(sold[CHAVE])
    assert until(lambda: shop.drivers["A"].absent)
    shop.distract("A")
    shop.drivers["A"].put_back()
    assert "07000" in told.result(SECONDS)
    assert shop.standing() == set()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("", Outcome.FORGOTTEN),
        ("000001|19003|Não existe sessão fiscal", Outcome.FORGOTTEN),
        ("000001|19098|SAT em processamento", Outcome.DOUBT),
    ],
)
def test_what_a_device_says_of_its_last_coupon_may_be_of_no_help(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch, answer: str, outcome: Outcome
) -> None:
    shop = _sold_at_the_other(open_shop)
    shop.distract("A")
    asked = _says_of_its_last(shop.drivers["A"], answer, monkeypatch)
    shop.drivers["A"].put_back()
    assert until(lambda: bool(asked))
    assert until(lambda: _outcomes(shop) == [outcome])
    assert len(shop.standing()) == 2


def test_an_error_about_the_witness_is_no_memory_of_it(open_shop: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = open_shop(2)
    assert until(lambda: shop.desk.units["A"].witness > 0 and not shop.desk.units["A"].at_work)
    shop.trouble("A", "crash_after")
    assert "06000" in shop.sell().result(SECONDS)
    [(_, attempt)] = shop.desk.units["A"].open_questions()
    driver, asked = shop.drivers["A"], list[int | str]()
    call = driver.call

    def says(function: Function, arguments: tuple[int | str, ...], seconds: float) -> str:
        if function is not ASK_SESSION:
            return call(function, arguments, seconds)
        asked.append(arguments[-1])
        wanted = int(arguments[-1])
        return f"{wanted:06d}|{'11003|Nao existe' if wanted == attempt.session else '11099|Erro desconhecido'}"

    monkeypatch.setattr(driver, "call", says)
    driver.put_back()
    assert until(lambda: asked.count(attempt.witness) > 1), "it is asked again, and nothing is concluded"
    assert _outcomes(shop) == [Outcome.DOUBT]


def test_a_coupon_is_none_from_before_its_own_call(open_shop: Open) -> None:
    shop = open_shop(1)
    shop.sell().result(SECONDS)
    [sold] = shop.store.read(coupons.newest, 2)
    own = Attempt(sold.attempt_id, "A", 1)
    assert not shop.store.read(coupons.is_before, sold.chave, own)
    assert shop.store.read(coupons.is_before, sold.chave, own._replace(id=sold.attempt_id + 1))


def test_a_library_that_lacks_the_question_leaves_it_to_a_person(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = _sold_at_the_other(open_shop)
    shop.distract("A")
    _says_of_its_last(shop.drivers["A"], None, monkeypatch)
    shop.drivers["A"].put_back()
    assert until(lambda: _outcomes(shop) == [Outcome.FORGOTTEN])
    assert not shop.desk.units["A"].health.silent, "it is well"


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
    assert [each.standing for each in shop.store.read(coupons.to_look_at)] == [CouponStanding.UNDELIVERED] * issued
    shop.close()


def test_a_cancel_that_its_device_may_have_forgotten_leaves_the_coupon_to_a_person(open_shop: Open) -> None:
    shop = open_shop(2)
    shop.trouble("A", "crash_after")
    shop.trouble("A", "crash_after", "CancelarUltimaVenda")
    assert "06000" in shop.sell().result(SECONDS)
    shop.drivers["A"].put_back()
    assert until(lambda: shop.drivers["A"].absent), "while it cancels the second coupon"
    shop.forget("A")
    shop.drivers["A"].put_back()
    assert until(lambda: [each.standing for each in shop.store.read(coupons.to_look_at)] == [CouponStanding.LISTED])
    assert _outcomes(shop) == [Outcome.FORGOTTEN]


@pytest.mark.parametrize("column", ["witness", "nserie"])
def test_a_file_of_an_earlier_version_is_given_what_it_lacks(tmp_path: Path, column: str) -> None:
    store = Store(tmp_path, 16)
    store.write(lambda connection: connection.execute("DROP INDEX attempt_forgotten"))
    store.write(lambda connection: connection.execute(f"ALTER TABLE attempt DROP COLUMN {column}"))
    store.close()
    store = Store(tmp_path, 16)
    assert store.read(rows.questions) == []
    assert store.read(rows.unsettled, "A", "") == []
    store.close()


def _says_of_its_last(driver: Direct, answer: str | None, monkeypatch: pytest.MonkeyPatch) -> list[Function]:
    """One more entry whenever it is asked. `answer` None: its library has no such function."""
    call, asked = driver.call, list[Function]()

    def says(function: Function, arguments: tuple[int | str, ...], seconds: float) -> str:
        if function is not ASK_LAST:
            return call(function, arguments, seconds)
        asked.append(function)
        if answer is None:
            raise MissingError("a biblioteca não tem a função")
        return answer

    monkeypatch.setattr(driver, "call", says)
    return asked


def _refuses(*_: object) -> None:
    raise OSError("no room")
