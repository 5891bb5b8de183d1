"""Tests of a device that hangs: however many ask for one, it is one, and no sale of another device waits for it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.pos.edge.page.site import BEARER, FORM, Site, Visitor
from tests.pos.edge.page.test_routes import ask
from tests.pos.edge.shop import until
from tests.sim.sat import sales
from zelo.models.cfe.functions import ASK_ALIVE, Function
from zelo.pos.edge.gather.shell.gatherer import Gatherer
from zelo.pos.edge.shell import local

MANY = 45
"""More than the threads that the doors share."""
SECONDS = 15


class Hung:
    """A driver that answers when it is let go."""

    def __init__(self, site: Site, name: str) -> None:
        self.let_go, self.asked = threading.Event(), list[str]()
        self._call = site.shop.drivers[name].call
        site.shop.drivers[name].call = self.call  # type: ignore[method-assign]

    def call(self, function: Function, arguments: tuple[int | str, ...], seconds: float) -> str:
        """What the device answers, late."""
        self.asked.append(function.name)
        self.let_go.wait(SECONDS)
        return self._call(function, arguments, seconds)


def sell(site: Site) -> str:
    """A sale of a till by SATHub."""
    connection = HTTPConnection("127.0.0.1", site.port, timeout=SECONDS / 2)
    try:
        form = urlencode({"numero_caixa": "2", "dados_venda": sales.sale()})
        connection.request("POST", "/hub/v1/enviardadosvenda", form, FORM)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def test_many_tests_of_a_device_that_hangs_are_one_and_hold_no_sale(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, devices = list[None](), Gatherer.devices

    def counted(self: Gatherer) -> Any:
        looks.append(None)
        return devices(self)

    monkeypatch.setattr(Gatherer, "devices", counted)
    hung = Hung(site, "A")
    with ThreadPoolExecutor(MANY) as crowd:
        try:
            asked = [crowd.submit(ask, site, "POST", "teste", {"equipamento": "A"}, **BEARER) for _ in range(MANY)]
            assert until(lambda: len(looks) == MANY and bool(hung.asked))
            threading.Event().wait(0.2)
            assert "06000" in sell(site)
            assert not any(each.done() for each in asked)
        finally:
            hung.let_go.set()
        answers = [each.result() for each in asked]
    assert all(each == answers[0] for each in answers)
    assert answers[0][0] == 200
    assert [each["bem"] for each in answers[0][1]["testes"]] == [True, True]
    assert hung.asked.count(ASK_ALIVE.name) == 1
    assert ask(site, "POST", "teste", {"equipamento": "A"}, **BEARER)[0] == 200
    assert hung.asked.count(ASK_ALIVE.name) == 2, "the next one is another"


def test_whoever_asks_hears_after_a_while_that_the_device_is_busy(
    site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "TEST_SECONDS", 0.2)
    hung = Hung(site, "A")
    try:
        tests = ask(site, "POST", "teste", {}, **BEARER)[1]["testes"]
        well = [(each["equipamento"], each["bem"]) for each in tests]
        assert well == [("A", False), ("B", True), ("B", True)]
        assert "Está ocupado" in tests[0]["frase"]
        assert "Está ocupado" in visitor.send("/equipamentos/A/teste")[1]
    finally:
        hung.let_go.set()
    assert until(lambda: not site.shop.desk.units["A"].at_work)
    assert hung.asked.count(ASK_ALIVE.name) == 1
