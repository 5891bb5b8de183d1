"""A file that was sent is read behind the page: shown while it is, found again, given up with a remedy."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from tests.web.test_billing import figures, month, read, send, waiting
from tests.web.test_notes import HOSTILE
from tests.web.town import Town, said, tree
from zelo.engine.schema.isp import importing as imports
from zelo.engine.schema.isp import reading as readings
from zelo.flow.tools import Tools
from zelo.isp import importing, order, reading, shell


def hand_in(town: Town, name: str = "novembro.csv") -> str:
    """Send the month, which nobody reads yet; the page of the file."""
    billing, composicoes = month()
    files = {"faturas": (name, billing, "text/csv"), "composicoes": ("composicoes.csv", composicoes, "text/csv")}
    answer = town.post("user", f"{town.home}/faturamento", {}, files=files)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def broken(town: Town, monkeypatch: pytest.MonkeyPatch, kind: order.Kind, times: int) -> None:
    """A defect of ours, met so often."""
    with monkeypatch.context() as patch:
        patch.setattr(shell, "understand", lambda *_: 1 / 0)
        for _ in range(times):
            assert order.turn(town.house.tools, kind) == 1
            town.clock.advance(order.PUT_OFF)


def with_reader(town: Town, looks: int) -> Town:
    """The same town, in which a worker reads what was sent when somebody has looked so often whether it is read."""
    tools = town.house.tools
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == looks:
            assert order.turn(tools, reading.KIND) == 1

    patient: Tools = replace(tools, sleep=sleep)
    return replace(town, house=replace(town.house, tools=patient), _app=None)


def test_a_small_file_is_never_seen_being_read(town: Town) -> None:
    quick = with_reader(town, looks=3)
    path = hand_in(quick)
    assert figures(town.get("user", path))["notas boas"] > 10


def test_a_file_is_read_while_people_look(town: Town) -> None:
    began = town.clock()
    path = hand_in(town)
    assert timedelta(0) < town.clock() - began < timedelta(seconds=2), "a short while, and nobody waits for long"
    assert "Na fila: a leitura começa" in said(town.get("user", path))
    with town.engine.begin() as connection:
        half = {"stage": "judging", "done": 20, "whole": 40, "began_at": began, "version": 2, "faults": 1}
        connection.execute(update(readings).values(**half))
    for page in (town.get("user", path), town.get("user", f"{path}/leitura")):
        told = said(page)
        assert "20 de 40 faturas conferidas" in told
        assert "1 erro até agora" in told
        assert "Guardar as notas" not in told, "a reading keeps none"
        assert tree(page).xpath("//p[@class='age']//time/@datetime")
    read(town)
    assert town.get("user", f"{path}/leitura").headers["location"] == path
    assert "O que foi entendido" in said(town.get("user", path))


def test_what_is_being_read_is_not_confirmed_nor_mapped(town: Town) -> None:
    path = hand_in(town)
    for way in ("", "/colunas"):
        assert town.post("user", f"{path}{way}", {"nome": "Meu ERP"}).headers["location"] == path
    read(town)
    assert order.turn(town.house.tools, importing.KIND) == 0
    assert town.house.rows() == []


def test_whoever_closed_the_page_finds_the_file_again(town: Town) -> None:
    path = hand_in(town, name=f"{HOSTILE}.csv")
    assert "<script>alert" not in town.get("user", path).text
    listed = town.get("user", f"{town.home}/faturamento")
    assert "<script>alert" not in listed.text
    assert path in tree(listed).xpath("//table//a/@href")
    assert "lendo" in said(listed)
    read(town)
    assert "notas boas" in said(town.get("user", f"{town.home}/faturamento"))
    assert path not in town.get("reader", f"{town.home}/faturamento").text, "who may not send has nothing to confirm"
    confirmed = town.post("user", path)
    assert path not in town.get("user", f"{town.home}/faturamento").text
    again = town.get("user", path).headers["location"]
    assert again.partition("?")[0] == confirmed.headers["location"]


def test_a_file_that_a_defect_keeps_from_being_read_says_when_and_then_that_it_stopped(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = hand_in(town)
    broken(town, monkeypatch, reading.KIND, 1)
    told = said(town.get("user", path))
    assert "O zelo tenta de novo" in told
    assert f"tentativa 1 de {order.MOST_TRIES}" in told
    assert "ZeroDivisionError" in told
    broken(town, monkeypatch, reading.KIND, order.MOST_TRIES - 1)
    stopped = town.get("user", path)
    assert order.DEFECT.sentence in said(stopped)
    assert "parou" in said(town.get("user", f"{town.home}/faturamento"))
    [action] = tree(stopped).xpath("//form[contains(@action,'de-novo')]/@action")
    assert town.post("stranger", action).status_code == 404
    assert order.turn(town.house.tools, reading.KIND) == 0
    assert town.post("user", action).headers["location"] == f"{path}?aviso=de-novo"
    read(town)
    assert figures(town.get("user", path))["notas boas"] > 10
    assert "tentou de novo a leitura do arquivo" in said(town.get("administrator", f"{town.home}/auditoria"))


def test_a_file_that_stopped_coming_in_goes_on_when_a_person_says_so(town: Town) -> None:
    path = town.post("user", send(town, *month()).url.path).headers["location"]
    with town.engine.begin() as connection:
        connection.execute(update(imports).values(tries=order.MOST_TRIES, stored=7))
    assert order.turn(town.house.tools, importing.KIND) == 0, "three processes died at it"
    stopped: Any = town.get("reader", path)
    assert order.DIED.sentence in said(stopped)
    assert "7 notas já estão guardadas" in said(stopped)
    assert "Tentar de novo" not in said(stopped), "not who only looks"
    assert "parou" in said(town.get("reader", f"{town.home}/faturamento"))
    assert town.post("reader", f"{path}/de-novo").status_code == 403
    with town.engine.begin() as connection:
        connection.execute(update(imports).values(stored=0))
    assert town.post("user", f"{path}/de-novo").status_code == 303
    assert order.turn(town.house.tools, importing.KIND) == 1
    assert figures(town.get("reader", path))["novas"] == len(town.house.rows())
    assert waiting(town) == 0


def test_another_companys_reading_is_not_to_be_seen(town: Town) -> None:
    path = hand_in(town).replace(town.company_id, town.other_id)
    for answer in (town.get("stranger", f"{path}/leitura"), town.post("stranger", f"{path}/de-novo")):
        assert (answer.status_code, answer.text) == (303, "")
    assert town.get("stranger", path).headers["location"].endswith("aviso=envio")
    assert waiting(town) == 1
