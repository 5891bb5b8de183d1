"""A device's code changes through the gateway, whatever becomes of the answer: it is learned, and never tried wrong."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from http.client import HTTPConnection

import pytest

from tests.pos.edge.page.site import BEARER, site
from tests.pos.edge.shop import QUICK, Shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import FUNCTIONS, Function
from zelo.models.cfe.reply import read_reply
from zelo.pos.edge.decide import Doubt
from zelo.pos.edge.journal.shell import rows
from zelo.pos.edge.request import Request
from zelo.pos.edge.verdict import Meaning, meaning
from zelo.sim.sat.faults import Order
from zelo.sim.sat.state import State

Open = Callable[..., Shop]
SECONDS = 15
NEW = "outro-codigo-1"
EMERGENCY = "99999999"
"""Of the emulated device, by a sealed letter."""
CHANGE, ACTIVATE = "TrocarCodigoDeAtivacao", "AtivarSAT"
ROUNDS_SECONDS = 2.5
"""In which a device that is in doubt is asked more than once."""
KNOWN_CODES = 2
"""The one that it had and the one that it was to get: each is tried once."""
MOST_WRONG = 1
"""In a row; the device blocks itself after some more."""


def change(shop: Shop) -> "Future[str]":
    return shop.ask(CHANGE, sales.CODE, 1, NEW, NEW)


def codes(shop: Shop) -> tuple[str, str]:
    """What the device has, and what the gateway takes it to have."""
    return shop.drivers["A"].device.state.code, shop.desk.units["A"].code()


def watch_wrong_codes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many wrong codes in a row the device counted after each call."""
    driver, counted = shop.drivers["A"], list[int]()
    call = driver.device.call

    def counting(*given: object) -> object:
        try:
            return call(*given)
        finally:
            counted.append(driver.device.state.wrong_codes)

    monkeypatch.setattr(driver.device, "call", counting)
    return counted


@pytest.mark.parametrize("trouble", ["", "lost_before", "lost_after", "busy", "own_error"])
def test_a_code_that_was_changed_is_learned_at_once(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    shop = open_shop(1)
    counted = watch_wrong_codes(shop, monkeypatch)
    if trouble:
        shop.trouble("A", trouble, CHANGE)
    reply = read_reply(change(shop).result(SECONDS))
    done = reply.eeeee == "18000"
    assert done or trouble == "own_error"
    assert codes(shop) == ((NEW, NEW) if done else (sales.CODE, sales.CODE))
    assert max(counted) <= MOST_WRONG


@pytest.mark.parametrize("trouble", ["crash_before", "crash_after"])
@pytest.mark.parametrize("killed", [False, True])
def test_a_code_whose_change_was_in_doubt_is_learned_when_the_device_returns(
    open_shop: Open,
    monkeypatch: pytest.MonkeyPatch,
    trouble: str,
    killed: bool,  # noqa: FBT001 pytest gives it by name
) -> None:
    """Also by a gateway that was started anew meanwhile; the code lies encrypted in its file."""
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=1.0))
    counted = watch_wrong_codes(shop, monkeypatch)
    shop.trouble("A", trouble, CHANGE)
    assert "não se sabe" in change(shop).result(SECONDS)
    if killed:
        shop.close()
        shop.open()
    shop.drivers["A"].put_back()
    assert until(lambda: not shop.desk.units["A"].has_open_questions())
    expected = NEW if trouble == "crash_after" else sales.CODE
    assert codes(shop) == (expected, expected)
    assert until(lambda: not shop.desk.units["A"].out)
    assert max(counted) <= MOST_WRONG
    assert NEW.encode() not in b"".join(file.read_bytes() for file in shop.folder.glob("edge.db*"))


def test_a_second_change_waits_until_the_first_is_found_out(open_shop: Open) -> None:
    """Else the code that the first brought would be forgotten, and nobody could ask the device any more."""
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=SECONDS, patience_seconds=1.0))
    driver, unit = shop.drivers["A"], shop.desk.units["A"]
    shop.trouble("A", "crash_after", CHANGE)
    first = change(shop)
    assert until(lambda: unit.unsettled)
    driver.device.order(Order("busy", "ConsultarNumeroSessao", times=2))
    driver.put_back()
    assert until(lambda: not unit.health.silent)
    second = shop.ask(CHANGE, sales.CODE, 1, "outro-codigo-2", "outro-codigo-2").result(SECONDS)
    assert "18000" not in second
    assert "18000" in first.result(SECONDS)
    assert codes(shop) == (NEW, NEW)


@pytest.mark.parametrize("trouble", ["crash_before", "crash_after"])
def test_an_activation_in_doubt_is_found_out_with_the_code_that_it_brought(open_shop: Open, trouble: str) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=1.0))
    device, unit = shop.drivers["A"].device, shop.desk.units["A"]
    device.state = State()
    unit.keep_code("")
    shop.trouble("A", trouble, ACTIVATE)
    assert "não se sabe" in shop.ask(ACTIVATE, 1, NEW, sales.CNPJ, 35).result(SECONDS)
    shop.drivers["A"].put_back()
    assert until(lambda: not unit.has_open_questions())
    assert (device.state.active, *codes(shop)) == ((True, NEW, NEW) if trouble == "crash_after" else (False, "", ""))


def test_a_device_whose_code_is_neither_is_asked_no_more_until_a_person_keeps_another(open_shop: Open) -> None:
    shop = open_shop(1, policy=replace(QUICK, doubt=Doubt.WAIT, wait_seconds=1.0))
    driver, unit = shop.drivers["A"], shop.desk.units["A"]
    shop.trouble("A", "crash_after", CHANGE)
    assert "não se sabe" in change(shop).result(SECONDS)
    driver.device.state = replace(driver.device.state, code="quem-sabe-qual")
    driver.put_back()
    assert until(lambda: "código de ativação guardado está errado" in unit.out)
    assert until(lambda: driver.device.state.wrong_codes == KNOWN_CODES)
    threading.Event().wait(ROUNDS_SECONDS)
    assert driver.device.state.wrong_codes == KNOWN_CODES
    unit.recode("quem-sabe-qual")
    assert until(lambda: not unit.has_open_questions())


def test_a_request_for_a_certificate_of_icp_brasil_is_done_with_its_own_code() -> None:
    reply = read_reply("000001|04006|CSR ICP-BRASIL criado com sucesso|||Q1NS")
    assert meaning(FUNCTIONS[ACTIVATE], reply) is Meaning.DONE


def test_a_code_that_is_put_right_during_a_call_is_not_called_wrong_by_its_answer(open_shop: Open) -> None:
    shop = open_shop(1, policy=replace(QUICK, wait_seconds=SECONDS))
    unit, driver = shop.desk.units["A"], shop.drivers["A"]
    assert until(lambda: unit.status is not None)
    assert "18000" in str(driver.device.call(CHANGE, [700_001, sales.CODE, 1, NEW, NEW]).reply)
    driver.slow_seconds = 1.0
    told = shop.sell()
    assert until(lambda: unit.called_at is not None)
    unit.recode(NEW)
    assert "06000" not in told.result(SECONDS)
    assert until(lambda: unit.out == "")


def test_a_change_that_brings_another_code_than_the_kept_one_reaches_no_device(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1)
    counted = watch_wrong_codes(shop, monkeypatch)
    told = shop.ask(CHANGE, "codigo-errado", 1, NEW, NEW).result(SECONDS)
    assert "|18001|" in told
    assert "nenhum equipamento foi chamado" in told
    assert "|18000|" in shop.ask(CHANGE, EMERGENCY, 2, NEW, NEW).result(SECONDS)
    assert not any(counted)


def test_a_change_may_bring_the_right_code_where_the_kept_one_is_wrong(open_shop: Open) -> None:
    shop = open_shop(1)
    unit = shop.desk.units["A"]
    unit.recode("codigo-errado")
    assert until(lambda: "código de ativação guardado está errado" in unit.out)
    assert "|18000|" in change(shop).result(SECONDS)
    assert until(lambda: codes(shop) == (NEW, NEW))


def test_a_device_that_is_switched_off_or_will_not_be_deactivated_is_asked_once(
    open_shop: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(1)
    assert until(lambda: shop.desk.units["A"].status is not None)
    called, call = list[str](), shop.drivers["A"].call

    def counting(function: Function, arguments: tuple[int | str, ...], seconds: float) -> str:
        called.append(function.name)
        return call(function, arguments, seconds)

    monkeypatch.setattr(shop.drivers["A"], "call", counting)
    assert "19099" in shop.ask("DesativarSAT").result(SECONDS)
    off = Request("off", "001", FUNCTIONS["DesligarSAT"], ())
    assert "será desligado" in shop.desk.take(off).result(SECONDS)
    assert (called.count("DesativarSAT"), called.count("DesligarSAT")) == (1, 1)
    assert shop.store.read(rows.questions) == []


def test_a_device_whose_code_is_wrong_does_not_pass_its_test(open_shop: Open) -> None:
    shop = open_shop(1)
    with site(shop) as opened:
        shop.desk.units["A"].recode("errado-123")
        assert until(lambda: "errado" in shop.desk.units["A"].out)
        line = HTTPConnection("127.0.0.1", opened.port, timeout=SECONDS)
        line.request("POST", "/v1/local/teste", "{}", {**BEARER, "Content-Type": "application/json"})
        told = json.loads(line.getresponse().read())
        line.close()
    assert [each["bem"] for each in told["testes"]] == [True, False]
