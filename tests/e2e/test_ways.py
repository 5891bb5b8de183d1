"""Other ways of working: a phone, the keyboard alone, no script; and what the script adds."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.drafts import internet
from tests.e2e.conftest import EMAIL, PASSWORD, Site, enter, opened, watched
from tests.house import PLACES, a1, establish
from zelo.access.may import Role
from zelo.access.shell import people
from zelo.flow import record
from zelo.flow.lifecycle import Event
from zelo.guard import halt
from zelo.guard import shell as guard

PHONE: Final = 360
NOON: Final = datetime(2026, 11, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Ready:
    """A company with notes, of which one was refused."""

    home: str
    refused: str


@pytest.fixture
def ready(site: Site) -> Ready:
    """Set up by hand what test_first_note sets up by the forms."""
    house, tools = site.house, site.house.tools
    certificate = a1(PLACES[0].cnpj)
    for place in PLACES[:2]:
        house.establishments[place.uf] = establish(
            tools, house.company_id, place, certificate.pfx, certificate.password
        )
    with tools.engine.begin() as connection:
        account = people.find_account(connection, EMAIL)
        assert account is not None
        now, role = house.clock(), Role.ADMINISTRATOR
        people.grant(connection, now=now, account_id=account.id, company_id=house.company_id, role=role)
    for number in range(6):
        house.submit(f"2026-11-{number:04d}", internet(name="Condomínio Edifício Solar das Palmeiras Imperiais"))
    site.working.set()
    site.wait_for("AUTHORISED")
    site.working.clear()
    return Ready(f"/e/{house.company_id}", _refused(site))


def _refused(site: Site) -> str:
    """A note that the authority refused, and a halt, so that every part of a page has something to show."""
    house = site.house
    refused = house.submit("F-RECUSADA", internet()).document_id
    house.worker()._prepare(house.clock())
    with house.tools.engine.begin() as connection:
        now = house.clock()
        row = record.locked(connection, refused)
        record.move(connection, row, Event.ADMITTED, now=now, due_at=now + house.tools.lease, sent_at=now)
        row = record.locked(connection, refused)
        record.move(connection, row, Event.REJECTED, now=now, cstat="435", motivo="Rejeição: Valor do item difere")
        scope = halt.of_establishment(house.establishments["MG"])
        guard.stop(connection, scope=scope, reason=halt.ISSUER, now=now, until=None, detail="Emissor não habilitado")
    return refused


PAGES: Final = (
    "{home}/notas", "{home}/notas/nova", "{home}/notas/{refused}", "{home}/notas/{refused}/corrigir",
    "{home}/mes/2026-11", "{home}/numeros",
    "{home}/faturamento", "{home}/estabelecimentos", "{home}/estabelecimentos/novo", "{home}/certificados",
    "{home}/pessoas", "{home}/chaves", "{home}/auditoria", "{home}/situacao",
    "{home}/guarda", "{home}/guarda/parametros", "{home}/logotipo", "/conta", "/empresas", "/api/docs",
)  # fmt: skip


def test_no_page_scrolls_sideways_on_a_phone_and_none_complains(site: Site, ready: Ready, browser: Browser) -> None:
    with opened(browser, site, width=PHONE) as context:
        page, complaints = watched(context)
        enter(page)
        for template in PAGES:
            path = template.format(home=ready.home, refused=ready.refused)
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") == PHONE, path
            page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
            assert page.evaluate("document.documentElement.scrollWidth") == PHONE, f"{path}, opened"
        page.goto(f"{ready.home}/notas")
        page.get_by_text("Menu", exact=True).click()
        menu = page.get_by_role("navigation", name="Menu da empresa")
        menu.get_by_role("link", name="Situação").click()
        expect(page.get_by_role("heading", name="Situação")).to_be_visible()
        assert complaints == []


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))


def _tab_to(page: Page, text: str, most: int = 60) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if _focused(page).startswith(text):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline == "solid", "whoever uses the keyboard sees where they are"
            return
    pytest.fail(f"{text!r} is not reached by the keyboard")


def test_the_keyboard_alone_enters_filters_and_opens_a_note(site: Site, ready: Ready, browser: Browser) -> None:
    with opened(browser, site) as context:
        page, _ = watched(context)
        page.goto("/entrar")
        _tab_to(page, "email")
        page.keyboard.type(EMAIL)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Novembro/2026")).to_be_visible()
        page.goto(f"{ready.home}/notas")
        page.keyboard.press("Tab")
        assert _focused(page) == "Ir para o conteúdo"
        page.keyboard.press("Enter")
        _tab_to(page, "Recusada")
        page.keyboard.press("Enter")
        expect(page.locator("table.notes tbody tr")).to_have_count(1)
        _tab_to(page, "Nota 7")
        page.keyboard.press("Enter")
        expect(page.locator(".state .badge")).to_have_text("Recusada")
        assert page.url.endswith(ready.refused)


def test_everything_works_without_script(site: Site, ready: Ready, browser: Browser) -> None:
    with opened(browser, site, javascript=False) as context:
        page, _ = watched(context)
        enter(page)
        page.goto(f"{ready.home}/notas")
        page.get_by_role("link", name="Precisam de você").click()
        page.get_by_role("link", name="Nota 7").click()
        page.get_by_text("Reenviar sem mudar").click()
        button = page.get_by_role("button", name="Reenviar")
        button.click()
        assert site.house.row(ready.refused).state == "REJECTED", "the box asks first"
        page.get_by_label("O que estava errado já foi resolvido fora da nota").check()
        button.click()
        expect(page.get_by_text("Reenvio pedido")).to_be_visible()
        assert site.house.row(ready.refused).state == "SIGNED"
        page.goto(f"{ready.home}/situacao")
        page.get_by_text("Liberar", exact=True).first.click()
        page.get_by_label("Por que pode voltar").fill("Cadastro corrigido na SEFAZ.")
        page.get_by_role("button", name="Liberar").click()
        expect(page.get_by_text("Parada liberada")).to_be_visible()


def test_the_script_asks_before_what_cannot_be_undone(site: Site, ready: Ready, browser: Browser) -> None:
    with opened(browser, site) as context:
        page, complaints = watched(context)
        enter(page)
        page.goto(f"{ready.home}/notas/{ready.refused}")
        page.get_by_text("Reenviar sem mudar").click()
        page.get_by_role("button", name="Reenviar").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Conta como mais uma tentativa.")
        dialog.get_by_role("button", name="Voltar").click()
        expect(dialog).to_be_hidden()
        assert site.house.row(ready.refused).state == "REJECTED"
        page.get_by_role("button", name="Reenviar").click()
        dialog.get_by_role("button", name="Confirmar").click()
        expect(page.get_by_text("Reenvio pedido")).to_be_visible()
        assert site.house.row(ready.refused).state == "SIGNED"
        assert complaints == []


def test_a_question_is_not_taken_away_by_news_that_were_under_way(site: Site, ready: Ready, browser: Browser) -> None:
    with opened(browser, site) as context:
        page, complaints = watched(context)
        enter(page)
        page.goto(f"{ready.home}/notas/{ready.refused}")
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/fragmento", hold)
        site.house.submit("F-DEPOIS", internet())
        while not held:
            page.wait_for_timeout(50)
        page.get_by_text("Reenviar sem mudar").click()
        page.get_by_role("button", name="Reenviar").click()
        with page.expect_response(held[0].request.url):
            held[0].continue_()
        page.locator("dialog").get_by_role("button", name="Confirmar").click()
        expect(page.get_by_text("Reenvio pedido")).to_be_visible()
        assert site.house.row(ready.refused).state == "SIGNED"
        assert complaints == []


def test_a_chave_is_copied_and_a_lost_session_leads_to_the_way_in(site: Site, ready: Ready, browser: Browser) -> None:
    with opened(browser, site) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page, _ = watched(context)
        enter(page)
        page.clock.install(time=NOON)
        page.goto(f"{ready.home}/notas/{ready.refused}")
        page.clock.pause_at(NOON + timedelta(hours=1))
        page.get_by_role("button", name="Copiar").dblclick()
        expect(page.get_by_role("button", name="Copiado")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == site.house.row(ready.refused).chave
        page.clock.run_for(2000)
        expect(page.get_by_role("button", name="Copiar")).to_be_visible()
        page.clock.resume()
        context.clear_cookies()
        site.house.submit("F-DEPOIS", internet())
        expect(page.get_by_role("heading", name="Entrar")).to_be_visible()
