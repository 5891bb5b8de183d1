"""Every page as markup: usable by keyboard and by ear, and obedient to the content security policy."""

import re
from typing import Any, Final

import pytest

from tests.web.town import Town, said, tree

PAGES: Final = (
    "/entrar",
    "/conta",
    "/empresas",
    "/api/docs",
    "/nada",
    "{home}/notas",
    "{home}/notas/nova",
    "{home}/notas/{note}",
    "{home}/notas/{note}/corrigir",
    "{home}/faturamento",
    "{home}/estabelecimentos",
    "{home}/estabelecimentos/novo",
    "{home}/estabelecimentos/{establishment}",
    "{home}/certificados",
    "{home}/pessoas",
    "{home}/chaves",
    "{home}/auditoria",
    "{home}/situacao",
    "{home}/guarda/diagnostico",
    "{home}/avisos",
)


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, opened: dict[str, Any], town: Town, notes: dict[str, str]) -> Any:
    """Each page as an administrator sees it, opened once."""
    template: str = request.param
    if template not in opened:
        parts = {"home": town.home, "note": notes["REJECTED"], "establishment": town.house.establishments["RS"]}
        opened[template] = tree(town.get("administrator", template.format(**parts)))
    return opened[template]


@pytest.fixture(scope="module")
def opened() -> dict[str, Any]:
    """The pages that were opened."""
    return {}


def test_a_page_is_sound(page: Any) -> None:
    assert page.get("lang") == "pt-BR"
    assert page.xpath("//meta[@name='viewport']")
    assert page.findtext(".//title").endswith(" · zelo")
    assert page.findtext(".//title") != " · zelo"
    assert len(page.xpath("//h1")) == 1
    assert len(page.xpath("//main")) == 1
    assert page.xpath("//a[@class='skip']/@href") == ["#conteudo"]
    assert page.xpath("//*[@id='conteudo']")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert bool(page.xpath("//time[@data-age]")) is bool(page.xpath("//header")), "data has an age"
    assert not page.xpath("//img[not(@alt)]")
    assert not page.xpath("//a[not(@href)]")
    assert "HOMOLOGAÇÃO" in page.xpath("//p[@class='ambiente']")[0].text_content()


def test_a_page_obeys_the_policy_and_stays_at_home(page: Any) -> None:
    assert not page.xpath("//style") + page.xpath("//@style")
    assert not page.xpath("//script[not(@src)]")
    assert not [name for element in page.iter() for name in element.attrib if name.startswith("on")]
    for address in page.xpath("//@href | //@src | //@action | //@data-live | //@data-events"):
        assert re.match(r"(/(?!/)|#)", address), address


def test_every_field_has_a_name_for_those_who_do_not_see_it(page: Any) -> None:
    labels = {label.get("for") for label in page.xpath("//label[@for]")}
    for field in page.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        named = field.get("id") in labels or field.get("aria-label") or field.xpath("ancestor::label")
        assert named, field.get("name")
        for described in (field.get("aria-describedby") or "").split():
            assert page.xpath(f"//*[@id='{described}']"), described


def test_every_form_says_where_it_goes_and_has_a_button(page: Any) -> None:
    for form in page.xpath("//form"):
        assert form.get("method") in ("get", "post")
        assert form.xpath(".//button")
        assert all(button.get("type") in (None, "submit", "button") for button in form.xpath(".//button"))


def test_production_cannot_be_mistaken(town: Town) -> None:
    page = tree(town.with_settings(ambiente="producao").get("administrator", f"{town.home}/notas"))
    assert page.xpath("//body/@class") == ["producao"]
    assert "PRODUÇÃO com valor fiscal" in " ".join(page.xpath("//p[@class='ambiente']")[0].text_content().split())
    assert tree(town.get("administrator", f"{town.home}/notas")).xpath("//body/@class") == ["homologacao"]


def test_production_says_that_it_is_locked(town: Town) -> None:
    told = "A produção está travada neste estabelecimento."
    assert told in said(town.with_settings(ambiente="producao").get("administrator", f"{town.home}/notas"))
    assert told not in said(town.get("administrator", f"{town.home}/notas"))


def test_the_menu_shows_what_one_may(town: Town) -> None:
    def menu(persona: str) -> list[str]:
        page = tree(town.get(persona, f"{town.home}/notas"))
        return [str(text) for text in page.xpath("//nav[@class='menu-wide']//li/a/text()")]

    everybody = [
        "Mês",
        "Notas",
        "Faturamento",
        "Cancelamentos",
        "Estabelecimentos",
        "Números",
        "Certificados",
        "Guarda",
    ]
    everybody += ["Situação", "Avisos", "Contingência"]
    assert menu("reader") == menu("user") == everybody
    assert menu("administrator") == [*everybody, "Pessoas", "Chaves de API", "Auditoria"]
    page = tree(town.get("reader", f"{town.home}/notas"))
    assert page.xpath("//nav[@class='menu-wide']//a[@aria-current='page']/text()") == ["Notas"]
