"""The month's pack through the pages: who gets it, what the audit is told, and that it is sent while it is written."""

import io
import re
import zipfile

import pytest

from tests.web.town import Town, said, tree
from zelo.access.shell import audit


@pytest.fixture
def path(town: Town) -> str:
    """Three authorised notes, and the address of their pack."""
    for number in (1, 2, 3):
        town.submit(f"F-{number}")
    town.house.settle()
    return f"{town.home}/mes/2026-11/pacote"


def _names(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        return opened.namelist()


def test_a_reader_takes_the_month_away_and_the_audit_is_told(town: Town, path: str) -> None:
    answer = town.get("reader", path)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="pacote-2026-11.zip"'
    assert sum(name.startswith("xml/") for name in _names(answer.content)) == 3
    assert not any(name.startswith("danfe/") for name in _names(answer.content))
    with town.engine.read() as connection:
        [line] = audit.latest(connection, town.company_id, 1)
    assert (line.action, line.detail) == (
        "baixou o pacote do mês",
        {"mes": "2026-11", "estabelecimento": "todos", "danfe": False},
    )
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        told = opened.read("resumo.txt").decode()
    assert f"por {line.actor.partition(' (')[0]}" in told


def test_the_form_of_the_page_asks_for_what_it_says(town: Town, path: str) -> None:
    page = tree(town.get("reader", f"{town.home}/mes/2026-11"))
    [form] = page.xpath("//section[@id='pacote']//form")
    assert form.get("action") == path
    first = str(form.xpath(".//option/@value")[1])
    assert first in town.house.establishments.values()
    answer = town.get("reader", f"{path}?estabelecimento={first}&danfe=sim")
    assert re.search(r'"pacote-2026-11-[0-9]{14}\.zip"', answer.headers["content-disposition"])
    counted = [sum(name.startswith(f"{folder}/") for name in _names(answer.content)) for folder in ("xml", "danfe")]
    rows = [row for row in town.house.rows() if row.establishment_id == first]
    assert counted == [len(rows), len(rows)]


def test_the_equation_of_the_summary_is_that_of_the_page(town: Town, path: str) -> None:
    with zipfile.ZipFile(io.BytesIO(town.get("reader", path).content)) as opened:
        told = opened.read("resumo.txt").decode()
    [billed] = re.findall(r"Total\r\n  faturado   (R\$ [0-9.,]+)", told)
    assert billed in said(town.get("reader", f"{town.home}/mes/2026-11")).replace("\u00a0", " ")


@pytest.mark.parametrize("bad", ["x", "01M7WD7V4XZXTZ24Q8K7AGDPRZ", "other"])
def test_an_establishment_that_is_not_of_the_company_is_not_found(town: Town, path: str, bad: str) -> None:
    wanted = town.house.establishments["RS"] if bad == "other" else bad
    persona, home = ("stranger", f"/e/{town.other_id}/mes/2026-11/pacote") if bad == "other" else ("reader", path)
    assert town.get(persona, f"{home}?estabelecimento={wanted}").status_code == 404


def test_it_is_sent_while_it_is_written(town: Town, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Archived rows are read some at a time, each time anew, so no transaction lasts as long as a download."""
    monkeypatch.setattr("zelo.isp.month.shell.pack.AT_A_TIME", 1)
    assert sum(name.startswith("xml/") for name in _names(town.get("reader", path).content)) == 3


def test_a_month_without_notes_offers_no_pack_and_a_month_that_is_none_has_none(town: Town) -> None:
    assert not tree(town.get("reader", f"{town.home}/mes/2026-11")).xpath("//*[@id='pacote']")
    assert town.get("reader", f"{town.home}/mes/2026-13/pacote").status_code == 404


def test_the_welcome_of_an_invited_person_survives_the_way_to_the_month(town: Town) -> None:
    answer = town.get("reader", f"{town.home}/mes?aviso=bem-vindo")
    assert answer.headers["location"] == f"{town.home}/mes/2026-11?aviso=bem-vindo"
    assert "Convite aceito." in said(town.get("reader", answer.headers["location"]))
    assert town.get("reader", f"{town.home}/mes?aviso=x%0d%0a").headers["location"] == f"{town.home}/mes/2026-11"
