"""From an empty installation to an authorised note, as a person does it: company, establishment, certificate, note."""

import re
from typing import Final

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Site, enter, opened, watched
from tests.house import PLACES, a1
from zelo.sim import pki

LINHA: Final = "99990000040000000000000000000018916560000009990"
BASE: Final = "12.ABC.345/01DE-35"
NOTE: Final = {
    "Referência": "FAT-1",
    "Nome ou razão social": "Maria da Conceição",
    "CPF ou CNPJ": "529.982.247-25",
    "CEP": "90010-000",
    "Logradouro": "Rua das Flores",
    "Número": "10",
    "Bairro": "Centro",
    "Município": "Porto Alegre",
    "Código do assinante": "1001",
    "Número do contrato": "C-1001",
    "Início do contrato": "2024-03-01",
    "Código": "SCM500",
    "Descrição": "Internet fibra 500 Mbps",
    "CFOP": "5307",
    "Valor unitário (R$)": "99,90",
    "Alíquota do ICMS (%)": "17",
    "Competência": "2026-11",
    "Vencimento": "2026-12-10",
    "Linha digitável do boleto": LINHA,
}
CHOICES: Final = {
    "Contribuinte do ICMS": "9",
    "UF": "RS",
    "Tipo de assinante": "3",
    "Tipo de serviço": "4",
    "Classificação (cClass)": "0100401",
    "ICMS": "00",
}


def fill(page: Page, values: dict[str, str], choices: dict[str, str] | None = None) -> None:
    """Type into fields by the names that people read."""
    for label, text in values.items():
        page.get_by_role("main").get_by_label(re.compile(rf"^{re.escape(label)}( opcional)?$")).fill(text)
    for label, value in (choices or {}).items():
        page.get_by_role("main").get_by_label(re.compile(rf"^{re.escape(label)}( opcional)?$")).select_option(value)


def set_up(page: Page) -> None:
    """A company that may emit, made by the forms alone."""
    place = PLACES[0]
    page.goto("/empresas")
    fill(page, {"Nome da empresa": "Fibra Sul", "CNPJ de um estabelecimento": BASE})
    page.get_by_role("button", name="Cadastrar").click()
    expect(page.get_by_role("heading", name="Novo estabelecimento")).to_be_visible()
    register = {
        "CNPJ": BASE, "Inscrição estadual": place.ie, "Razão social": "FIBRA SUL LTDA", "CEP": place.cep,
        "Logradouro": "Avenida Central", "Número": "100", "Bairro": "Centro", "Município": "Porto Alegre",
    }  # fmt: skip
    fill(page, register, {"Regime tributário (CRT)": "3", "UF": "RS"})
    page.get_by_role("button", name="Cadastrar").click()
    expect(page.get_by_role("heading", name="FIBRA SUL LTDA")).to_be_visible()
    here = page.url
    page.get_by_role("link", name="Instalar o certificado A1").click()
    certificate = {"name": "a1.pfx", "mimeType": "application/x-pkcs12", "buffer": a1("12ABC34501DE35").pfx}
    page.get_by_label("Arquivo .pfx ou .p12").set_input_files(certificate)  # type: ignore[arg-type]
    fill(page, {"Senha do arquivo": pki.PASSWORD})
    page.get_by_role("button", name="Instalar").click()
    expect(page.get_by_text("Certificado instalado.")).to_be_visible()
    page.goto(here)
    page.get_by_label("Certificado que assina").select_option(index=1)
    page.locator("#certificados").get_by_role("button", name="Gravar").click()
    expect(page.get_by_text("Estabelecimento gravado.")).to_be_visible()
    fill(page, {"Série": "1"}, {"De onde vem a numeração": "nunca"})
    page.get_by_role("button", name="Cadastrar a série").click()
    expect(page.get_by_text("Série gravada.")).to_be_visible()


def test_a_person_gets_a_first_note_authorised_and_sees_it_move(site: Site, browser: Browser) -> None:
    with opened(browser, site) as context:
        page, complaints = watched(context)
        enter(page)
        set_up(page)
        page.get_by_role("navigation", name="Menu").get_by_role("link", name="Notas").click()
        expect(page.get_by_text("Está tudo pronto.")).to_be_visible()
        page.get_by_role("link", name="Nova nota").click()
        fill(page, NOTE | {"CPF ou CNPJ": "529.982.247-26"}, CHOICES)
        page.get_by_role("button", name="Emitir a nota").click()
        expect(page.locator("#f-cpf_cnpj")).to_contain_text("CPF ou CNPJ inválido.")
        expect(page.get_by_label("Logradouro")).to_have_value("Rua das Flores")
        complaints.clear()
        page.get_by_label("CPF ou CNPJ").fill(NOTE["CPF ou CNPJ"])
        page.get_by_role("button", name="Emitir a nota").click()
        expect(page.get_by_text("Nota recebida")).to_be_visible()
        expect(page.locator(".state .badge")).to_have_text("Na fila")
        listing = context.new_page()
        listing.goto(page.url.rpartition("/")[0])
        expect(listing.locator("tr .badge")).to_have_text("Na fila")
        site.working.set()
        expect(page.locator(".state .badge")).to_have_text("Autorizada")
        expect(page.locator(".timeline li")).to_have_count(4)
        expect(listing.locator("tr .badge")).to_have_text("Autorizada")
        expect(listing.locator(".progress")).to_contain_text("1 de 1 nota autorizada")
        with page.expect_download() as download:
            page.get_by_role("link", name="Baixar XML").click()
        assert re.fullmatch(r"43[0-9]{4}12ABC34501DE35.*-procNFCom\.xml", download.value.suggested_filename)
        assert complaints == []
