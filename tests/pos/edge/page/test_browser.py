"""The page in a real Chromium: wide, narrow, by keyboard, without its script; nothing overflows or complains."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import browser
from tests.pos.edge.page.site import TOKEN, Site
from tests.pos.edge.page.test_routes import doubtful, sold
from tests.pos.edge.shop import until
from zelo.pos.edge.page.frame import REFRESH_SECONDS

__all__ = ["browser"]
PATIENCE_MS = 8_000
RENEWAL_MS = 1_000 * REFRESH_SECONDS


@pytest.fixture(params=[(1280, True), (360, True), (360, False)], ids=["wide", "phone", "no script"])
def page(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[tuple[Page, list[str]]]:
    """A window on the site, and what its console complains of."""
    width, javascript = request.param
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{site.port}",
        viewport={"width": width, "height": 800},
        java_script_enabled=javascript,
        locale="pt-BR",
    )
    context.set_default_timeout(PATIENCE_MS)
    opened, complaints = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    yield opened, complaints
    context.close()


def fits(page: Page) -> bool:
    """Whether nothing sticks out to the side; asked of the box, since the page may have no script."""
    box = page.locator("main").bounding_box()
    assert box is not None
    viewport = page.viewport_size
    assert viewport is not None
    rightmost = "all => Math.max(...all.map(each => each.getBoundingClientRect().right))"
    inner = page.locator("main *").evaluate_all(rightmost)
    return box["width"] <= viewport["width"] and float(inner) <= viewport["width"]


def test_a_person_decides_a_sale_in_doubt(site: Site, page: tuple[Page, list[str]]) -> None:
    opened, complaints = page
    chave = doubtful(site)
    site.shop.tills_read = True
    sold(site)
    site.shop.silence("B")
    site.watch()
    site.shop.clock.ahead += timedelta(minutes=2)
    site.watch()
    opened.goto("/")
    opened.get_by_label("Token").fill(TOKEN)
    opened.keyboard.press("Enter")
    opened.get_by_role("heading", name="1 de 2 equipamentos prontos").wait_for()
    assert fits(opened)
    opened.get_by_role("link", name="A", exact=True).click()
    opened.get_by_role("button", name="Testar agora").click()
    opened.get_by_role("heading", name="Resultado do teste").wait_for()
    assert fits(opened)
    opened.get_by_role("link", name="Início").click()
    opened.get_by_role("link", name="Ver e decidir").click()
    assert fits(opened)
    opened.get_by_label("Quem decide").fill("Ana")
    opened.get_by_label("Por quê").fill("o cliente levou")
    opened.keyboard.press("Enter")
    opened.get_by_role("status").get_by_text("A venda passa a valer").wait_for()
    assert opened.get_by_role("link", name="Ver e decidir").count() == 0
    assert chave not in opened.content()
    assert complaints == []


def test_a_person_cancels_with_the_second_button(site: Site, page: tuple[Page, list[str]]) -> None:
    opened, complaints = page
    doubtful(site)
    opened.goto("/")
    opened.get_by_label("Token").fill(TOKEN)
    opened.keyboard.press("Enter")
    opened.get_by_role("link", name="Ver e decidir").click()
    opened.get_by_label("Quem decide").fill("Ana")
    opened.get_by_label("Por quê").fill("o cliente desistiu")
    opened.get_by_role("button", name="Cancelar o cupom").click()
    opened.get_by_role("status").get_by_text("O cancelamento foi pedido").wait_for()
    assert until(lambda: site.shop.standing() == set())
    assert complaints == []


@pytest.fixture
def wall(browser: Browser, site: Site) -> Iterator[Page]:
    """The first page, as it hangs on a wall; the test moves its clock."""
    context = browser.new_context(base_url=f"http://127.0.0.1:{site.port}", locale="pt-BR")
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    opened.clock.install()
    opened.goto("/")
    opened.get_by_label("Token").fill(TOKEN)
    opened.keyboard.press("Enter")
    opened.get_by_text("Nenhuma venda ainda").wait_for()
    yield opened
    context.close()


def test_the_page_renews_itself(wall: Page, site: Site) -> None:
    sold(site)
    wall.get_by_text("1 venda, R$ 5,00").wait_for(timeout=2 * PATIENCE_MS)


def test_a_click_on_its_text_stops_no_renewal_and_a_gateway_that_is_gone_is_seen(wall: Page, site: Site) -> None:
    wall.locator("#idade").click()
    sold(site)
    wall.clock.fast_forward(RENEWAL_MS)
    wall.get_by_text("1 venda, R$ 5,00").wait_for()
    wall.route("**/*", lambda route: route.fulfill(status=500, body="{}"))
    wall.clock.fast_forward(RENEWAL_MS)
    wall.locator("main.stale").wait_for()
    assert wall.get_by_text("1 venda, R$ 5,00").is_visible(), "what was seen last stays"
    wall.unroute_all()
    wall.clock.fast_forward(RENEWAL_MS)
    wall.locator("main:not(.stale)").wait_for()


def test_who_goes_through_the_page_by_keyboard_stays_where_they_are(wall: Page, site: Site) -> None:
    wall.get_by_role("link", name="B", exact=True).focus()
    sold(site)
    wall.clock.fast_forward(RENEWAL_MS)
    wall.get_by_text("1 venda, R$ 5,00").wait_for()
    assert wall.evaluate("document.activeElement.textContent") == "B"


def test_nothing_is_replaced_under_a_pressed_button_or_a_field_and_what_grows_old_says_so(
    wall: Page, site: Site
) -> None:
    wall.get_by_role("link", name="B", exact=True).hover()
    wall.mouse.down()
    sold(site)
    wall.clock.fast_forward(4 * RENEWAL_MS)
    wall.locator("main.stale").wait_for()
    assert wall.get_by_text("Nenhuma venda ainda").is_visible()
    wall.mouse.move(0, 0)
    wall.mouse.up()
    wall.clock.fast_forward(RENEWAL_MS)
    wall.locator("main:not(.stale)").get_by_text("1 venda, R$ 5,00").wait_for()
    wall.evaluate("main.append(document.createElement('input')); main.lastChild.focus()")
    wall.clock.fast_forward(4 * RENEWAL_MS)
    wall.locator("main.stale > input:focus").wait_for()
