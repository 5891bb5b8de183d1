"""A month through the browser: a file goes up, five notes go, a person looks, the rest goes, and it balances."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from tests.e2e.conftest import EMAIL, Site, enter, opened, watched
from tests.house import PLACES, a1, establish
from zelo.access.may import Role
from zelo.access.shell import people
from zelo.cli import example
from zelo.engine.schema.isp import reading as readings
from zelo.isp import importing, order
from zelo.sim.journal import RECEPCAO

SIZES: Final = (1280, 360)
FAULTY: Final = 2
"""Notes of the example that the rules refuse at the four establishments of this house."""


@pytest.fixture
def home(site: Site) -> str:
    """The example provider's company, with the four of its establishments that this house has."""
    house, tools = site.house, site.house.tools
    certificate = a1(PLACES[0].cnpj)
    for place in PLACES:
        house.establishments[place.uf] = establish(
            tools, house.company_id, place, certificate.pfx, certificate.password
        )
    with tools.engine.begin() as connection:
        account = people.find_account(connection, EMAIL)
        assert account is not None
        now, role = house.clock(), Role.ADMINISTRATOR
        people.grant(connection, now=now, account_id=account.id, company_id=house.company_id, role=role)
    return f"/e/{house.company_id}"


def send(page: Page, home: str, tmp_path: Path) -> None:
    """Hand the example's month in."""
    billing, composicoes = tmp_path / "novembro.csv", tmp_path / "composicoes.csv"
    billing.write_text(example.billing_csv(), "utf-8")
    composicoes.write_text(example.composicoes_csv(), "utf-8")
    page.goto(f"{home}/faturamento")
    page.get_by_label("Faturas").set_input_files(billing)
    page.get_by_label("Composições").set_input_files(composicoes)
    page.get_by_role("button", name="Ler o arquivo").click()


def upload(page: Page, home: str, tmp_path: Path) -> None:
    """Hand the example's month in, and confirm what was understood."""
    send(page, home, tmp_path)
    page.get_by_role("button", name="Seguir com as").click()


def sent(site: Site) -> int:
    """Notes that reached the authority, by its own journal."""
    return sum(entry.servico == RECEPCAO for entry in site.house.sefaz.journal.entries)


def term(page: Page, label: str) -> Decimal:
    """An amount of the equation, in reais."""
    text = page.locator(".term", has_text=label).locator("strong").inner_text()
    digits = re.sub(r"[^0-9]", "", text)
    return Decimal(digits) / 100


@pytest.mark.parametrize("width", SIZES)
def test_a_month_is_looked_at_before_it_is_sent(
    site: Site, home: str, browser: Browser, tmp_path: Path, width: int
) -> None:
    with opened(browser, site, width=width) as context:
        page, complaints = watched(context)
        enter(page)
        upload(page, home, tmp_path)
        site.working.set()
        expect(page.get_by_role("button", name="Enviar 5")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert sent(site) == 0, "nothing leaves before a person said so"
        assert all(row.nnf is None and row.emitted_at is None for row in site.house.rows())
        page.get_by_role("button", name="Enviar 5").click()
        expect(page.get_by_text("Todas as enviadas foram autorizadas.")).to_be_visible()
        assert sent(site) == 5
        waiting = len(site.house.rows()) - 5 - FAULTY
        page.get_by_role("button", name=f"Enviar o resto ({waiting})").click()
        page.get_by_role("button", name="Confirmar").click()
        expect(page.get_by_role("heading", name="Tudo o que estava certo foi enviado")).to_be_visible()
        expect(page.locator(".term.waiting strong")).to_have_text("R$\u00a00,00", timeout=20_000)
        assert sent(site) == len(site.house.rows()) - FAULTY
        page.goto(f"{home}/mes/2026-11")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        billed = term(page, "Faturado")
        assert billed == sum(row.billed for row in site.house.rows())
        assert billed == term(page, "Autorizado") + term(page, "Pendente") + term(page, "Recusado")
        counts = page.locator(".tile-count").all_inner_texts()
        assert sum(map(int, counts)) == len(site.house.rows())
        page.goto(f"{home}/numeros")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert complaints == []


@pytest.mark.parametrize("width", SIZES)
def test_a_file_is_read_while_its_page_is_open(
    site: Site, home: str, browser: Browser, tmp_path: Path, width: int
) -> None:
    """The page becomes what was understood by itself; a file that stopped is read when a person says so."""
    site.reading.clear()
    with opened(browser, site, width=width) as context:
        page, complaints = watched(context)
        enter(page)
        send(page, home, tmp_path)
        expect(page.get_by_role("heading", name="Na fila")).to_be_visible()
        with site.house.tools.engine.begin() as connection:
            half = {"stage": "judging", "done": 20, "whole": 50, "began_at": site.house.clock(), "version": 2}
            connection.execute(update(readings).values(**half))
        expect(page.get_by_text("20 de 50 faturas conferidas")).to_be_visible()
        with site.house.tools.engine.begin() as connection:
            connection.execute(update(readings).values(due_at=None, stopped_at=site.house.clock(), tries=3))
        expect(page.get_by_text("nenhum processo chegou ao fim")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.get_by_role("button", name="Tentar de novo").click()
        expect(page.get_by_text("O zelo tenta de novo: acompanhe aqui.")).to_be_visible()
        site.reading.set()
        expect(page.get_by_role("heading", name="O que foi entendido")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert complaints == []


def test_the_same_without_script(site: Site, home: str, browser: Browser, tmp_path: Path) -> None:
    with opened(browser, site, javascript=False) as context:
        page, _ = watched(context)
        enter(page)
        upload(page, home, tmp_path)
        expect(page.get_by_text("Na fila")).to_be_visible()
        assert order.turn(site.house.tools, importing.KIND) == 1
        site.house.worker().turn()
        while any(row.state == "DRAFT" for row in site.house.rows()):
            site.house.worker().turn()
        page.reload()
        page.get_by_role("button", name="Enviar 5").click()
        expect(page.get_by_text("Envio mandado")).to_be_visible()
        site.working.set()
        button = page.get_by_role("button", name="Enviar o resto")
        button.click()
        assert sum(row.go_at is not None for row in site.house.rows()) == 5, "the box asks first"
        page.get_by_label("Conferi as somas e o que a SEFAZ disse da amostra").check()
        button.click()
        expect(page.get_by_text("Envio mandado")).to_be_visible()
        page.get_by_role("link", name=re.compile("^Corrigir 1$")).first.click()
        expect(page.locator("ins").first).to_be_visible()
        page.get_by_role("button", name="Corrigir 1").click()
        expect(page.get_by_text("Correções feitas")).to_be_visible()
