"""The extrato on paper: what another library reads and scans in the PDF, what a thermal printer makes of the bytes."""

import base64
import re
import subprocess
import sys
from decimal import Decimal

import pypdfium2 as pdfium
import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from tests.printing import coupons, thermal
from tests.printing.notes import codes, said, words
from tests.sim.sat import sales
from zelo.fiscal.fault import Fault
from zelo.fiscal.uf import Uf
from zelo.models.cfe.coupon import Coupon, read_coupon
from zelo.printing.extrato import escpos, wording
from zelo.printing.extrato import strip as extrato
from zelo.printing.extrato.piece import ROLLS, Strip

WIDTHS = (80, 58)
CP850 = escpos.PAGES["850"]


def whole(strip: Strip | Fault) -> Strip:
    assert isinstance(strip, Strip), strip
    return strip


def pdf_of(strip: Strip | Fault, width: int = 80) -> pdfium.PdfDocument:
    return pdfium.PdfDocument(extrato.pdf(whole(strip), ROLLS[width]))


def job_of(strip: Strip | Fault, width: int = 80, page: str = "850") -> thermal.Printed:
    roll = ROLLS[width]
    return thermal.run(escpos.stream(whole(strip), roll, escpos.PAGES[page]), roll.dots)


def texts_of(strip: Strip | Fault, width: int = 80) -> tuple[str, str]:
    """Of the PDF and of the thermal paper."""
    return said(pdf_of(strip, width)), job_of(strip, width).text


def coupon_of(xml: bytes) -> Coupon:
    found = read_coupon(xml)
    assert isinstance(found, Coupon)
    return found


def signed(qr_text: str) -> None:
    """Raises where the device did not sign what the code says."""
    text, _, signature = qr_text.rpartition("|")
    coupons.public_key().verify(base64.b64decode(signature), text.encode(), PKCS1v15(), SHA256())


def in_production(xml: bytes) -> bytes:
    return xml.replace(b"<tpAmb>2", b"<tpAmb>1").replace(sales.SIGN_AC.encode(), b"ASSINATURA DA CASA DE SOFTWARE")


@pytest.fixture(scope="module")
def sale() -> bytes:
    return coupons.sold(coupons.rich())


@pytest.mark.parametrize("width", WIDTHS)
def test_everything_that_the_manual_wants_is_on_both_papers(sale: bytes, width: int) -> None:
    """Written here as a person would read it: prices and taxes are those of the sale, shares those of the device."""
    for text in texts_of(wording.sale(in_production(sale)), width):
        for words_ in (
            "PADARIA SÃO JOSÉ", "PADARIA E CONFEITARIA SÃO JOSÉ LTDA", "RUA DAS ACÁCIAS, 1234",
            "CNPJ 08.723.218/0001-86", "IE 149626224113 IM 123", "Extrato No. 000001", "CUPOM FISCAL ELETRÔNICO - SAT",
            "CPF/CNPJ do Consumidor: 529.982.247-25", "001 1 CAFÉ TORRADO E MOÍDO 500 G", "2 UN X 17,90 (1,11) 35,80",
            "desconto sobre item -0,80", "002 2 PÃO FRANCÊS", "0,525 UN X 19,99 (1,11) 10,49", "Contém glúten",
            "003 3 SERVIÇO DE ENTREGA", "acréscimo sobre item +1,00", "base de cálculo ISSQN 13,00",
            "Total bruto de itens 58,29", "Total de descontos sobre item -0,80", "Desconto sobre subtotal -2,00",
            "Total de acréscimos sobre item +1,00", "TOTAL R$ 56,49", "Dinheiro 50,00", "Pix 30,00", "Troco R$ 23,51",
            "DADOS PARA ENTREGA", "Destinatário: MARIA DA CONCEIÇÃO", "OBSERVAÇÕES DO CONTRIBUINTE", "Pedido 3076",
            "*Valor aproximado dos tributos do item", "12.741/2012) 3,33", "SAT No. 900.000.059",
            "20/11/2026 - 10:00:00", "De Olho na Nota",
        ):  # fmt: skip
            assert words_ in text, words_
        assert "T E S T E" not in text


def test_the_lines_of_both_papers_say_the_same(sale: bytes) -> None:
    """Word for word in one order; the PDF has a rule where the thermal head has dashes."""
    in_pdf, in_job = texts_of(wording.sale(sale))
    assert [word for word in in_job.split() if set(word) - set("->")] == [
        word for word in in_pdf.split() if set(word) - set("->")
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_codes_are_scanned_as_an_office_printer_draws_them_and_verify(sale: bytes, width: int) -> None:
    coupon = coupon_of(sale)
    paper = pdf_of(wording.sale(sale), width)
    [square] = codes(paper)
    assert square.text == coupon.qr_text
    signed(square.text)
    bars = codes(paper, zxingcpp.BarcodeFormat.Code128)
    chave = str(coupon.chave)
    assert sorted(found.text for found in bars) == sorted([chave] if width == 80 else [chave[:22], chave[22:]])
    job = job_of(wording.sale(sale), width)
    assert (job.squares, "".join(job.bars), job.cuts) == ([coupon.qr_text], chave, 1)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_cancel_shows_both_coupons_with_their_codes(width: int) -> None:
    sold, cancelled = coupons.sold_and_cancelled(coupons.rich())
    strip = wording.cancel(cancelled, sold)
    texts = [coupon_of(xml).qr_text for xml in (sold, cancelled)]
    found = codes(pdf_of(strip, width))
    assert sorted(code.text for code in found) == sorted(texts)
    for text in texts:
        signed(text)
    job = job_of(strip, width)
    assert job.squares == texts
    for text in texts_of(strip, width):
        assert "CUPOM FISCAL ELETRÔNICO - SAT CANCELAMENTO" in text
        assert text.count("TOTAL R$ 56,49") == 1
        cancelled_at = text.index("DADOS DO CUPOM FISCAL ELETRÔNICO CANCELADO")
        cancel_at = text.index("DADOS DO CUPOM FISCAL ELETRÔNICO DE CANCELAMENTO")
        assert cancelled_at < text.index("10:00:00") < cancel_at < text.index("10:05:00")
        assert "CAFÉ" not in text
    in_use = job_of(wording.cancel(in_production(cancelled), in_production(sold)), width)
    assert "Extrato No. 000002" in in_use.text


def test_a_cancel_needs_its_own_sale() -> None:
    sold, cancelled = coupons.sold_and_cancelled()
    device = coupons.bench()
    device.sell()
    other = device.sell().xml
    alone, wrong = wording.cancel(cancelled, b""), wording.cancel(cancelled, other)
    assert isinstance(alone, Fault)
    assert isinstance(wrong, Fault)
    assert alone.rule == wording.NO_SALE
    assert alone.value == str(coupon_of(sold).chave)
    assert wrong.rule == wording.OTHER_SALE
    assert isinstance(wording.cancel(sold, sold), Fault)


def test_a_brief_one_leaves_the_items_out_and_nothing_else(sale: bytes) -> None:
    for full, brief in zip(texts_of(wording.sale(sale)), texts_of(wording.sale(sale, brief=True)), strict=True):
        for gone in ("CAFÉ", "#|COD|DESC", "rateio", "Total bruto", "*Valor aproximado dos tributos do item"):
            assert gone in full
            assert gone not in brief
        for kept in ("TOTAL R$ 56,49", "Troco R$ 23,51", "DADOS PARA ENTREGA", "12.741/2012) 3,33", "SAT No."):
            assert kept in brief


@pytest.mark.parametrize("mark", [b"<tpAmb>2", sales.SIGN_AC.encode()])
def test_a_test_says_so_and_has_no_number(sale: bytes, mark: bytes) -> None:
    """Either of the two marks is enough: the environment, or the signature of the development kit."""
    tested = in_production(sale)
    if mark == b"<tpAmb>2":
        tested = tested.replace(b"<tpAmb>1", mark)
    else:
        tested = tested.replace(b"ASSINATURA DA CASA DE SOFTWARE", mark)
    for text in texts_of(wording.sale(tested)):
        assert "Extrato No. 000000" in text
        assert "= T E S T E =" in text
        assert ">>>>>>>>" in text
        assert "Extrato No. 000001" not in text


def test_in_ceara_it_is_a_mfe_and_the_application_of_sao_paulo_is_not_named() -> None:
    for text in texts_of(wording.sale(coupons.sold(uf=Uf.CE))):
        assert "CUPOM FISCAL ELETRÔNICO - MFE" in text
        assert "MFE No. 900.000.059" in text
        assert "/CE" in text
        assert "SAT" not in text
        assert "De Olho na Nota" not in text


@pytest.mark.parametrize(("width", "bars"), [(80, 2), (58, 4)])
def test_a_cnpj_with_letters_is_whole_in_text_and_bars(width: int, bars: int) -> None:
    sold = coupons.with_letters(coupons.sold())
    chave = str(coupon_of(sold).chave)
    assert coupons.LETTERS in chave
    strip = wording.sale(sold)
    for read in texts_of(strip, width):
        assert "12.ABC.345/01DE-35" in read
        assert " ".join(chave[place : place + 4] for place in range(0, 44, 4)) in read
    scanned = codes(pdf_of(strip, width), zxingcpp.BarcodeFormat.Code128)
    job = job_of(strip, width)
    assert "".join(job.bars) == chave
    assert sorted(code.text for code in scanned) == sorted(job.bars)
    assert len(job.bars) == bars


@pytest.mark.parametrize("width", WIDTHS)
def test_five_hundred_items_are_all_there(width: int) -> None:
    items = [coupons.item(number, f"ITEM DE NÚMERO {number:03d}", price="1.00") for number in range(1, 501)]
    strip = whole(wording.sale(coupons.sold(sales.sale(*items, paid=("600.00",)))))
    document = pdf_of(strip, width)
    assert all(page.get_height() <= 14_400 for page in document)
    for text in (said(document), job_of(strip, width).text):
        assert re.findall(r"ITEM DE NÚMERO (\d{3})", text) == [f"{number:03d}" for number in range(1, 501)]
        assert "TOTAL R$ 500,00" in text


def test_a_strip_longer_than_a_pdf_page_goes_on_over_sheets() -> None:
    items = [coupons.item(number, f"ITEM {number:03d}", price="1.00") for number in range(1, 501)]
    xml = coupons.sold(sales.sale(*items, paid=("600.00",)))
    xml = xml.replace(b"</det>", b"<infAdProd>" + b"palavra " * 60 + b"</infAdProd></det>")
    document = pdf_of(wording.sale(xml))
    assert len(document) > 1
    assert all(page.get_height() <= 14_400 for page in document)
    assert len(re.findall(r"\d{3} \d+ ITEM \d{3}", said(document))) == 500


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("letter", ["W", "i", "Ç", "(", "palavra "])
def test_the_longest_texts_stay_on_the_paper(width: int, letter: str) -> None:
    """Longer than the layout admits, too: a name of thousands of letters only makes the strip longer."""
    long = (letter * 4000)[:4000].strip()
    xml = coupons.sold(coupons.rich())
    for name in (*coupons.NAMES, "PADARIA E CONFEITARIA SÃO JOSÉ LTDA", "Operador: ANA"):
        xml = xml.replace(name.encode(), long.encode())
    strip = wording.sale(xml)
    document, edge = pdf_of(strip, width), (width - ROLLS[width].printed_mm) / 2
    for sheet in range(len(document)):
        for left, top, right, bottom in (box for text, box in words(document, sheet) if text.strip()):
            assert edge - 0.5 <= left < right <= width - edge + 0.5
            assert 0 < top < bottom < document[sheet].get_height() * 25.4 / 72
    job = job_of(strip, width)
    for text in (said(document), job.text):
        assert text.replace(" ", "").count(long.replace(" ", "")) >= 5


@pytest.mark.parametrize("page", escpos.PAGES)
@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("CAFÉ 😀 GRÁTIS", "CAFÉ ? GRÁTIS"),
        ("“ASPAS” – 5 €…", '"ASPAS" - 5 EUR...'),
        ("Cafe\u0301", "Café"),
        ("A\u200dB\ufe0f", "AB"),
        ("漢字", "??"),
        ("FUL\u0085ANO", "FUL ANO"),
        ("DEL\u007f\u009bX", "DEL??X"),
    ],
)
def test_a_letter_that_a_printer_lacks_is_spelled_or_marked(page: str, written: str, printed: str) -> None:
    """No letter of a text is a command: the printer of the test stops at one."""
    strip = wording.sale(coupons.sold(sales.sale(coupons.item(1, written))))
    wanted = {
        printed,
        printed.translate(str.maketrans("ÉÁé", "EAe")) if page == "ascii" else printed,
    }
    if page == "1252":
        wanted.add(written.strip())
    text = job_of(strip, page=page).text
    assert any(f"001 1 {each}" in text for each in wanted), text
    in_pdf = said(pdf_of(strip))
    assert f"001 1 {printed}" in in_pdf or page != "850", in_pdf


@pytest.mark.parametrize("letters", ["ÁÀÂÃÇÉÊÍÓÔÕÚÜ", "áàâãçéêíóôõúü"])
@pytest.mark.parametrize("page", ["850", "860", "1252"])
def test_portuguese_is_printed_as_itself_on_every_page_but_ascii(page: str, letters: str) -> None:
    strip = wording.sale(coupons.sold(sales.sale(coupons.item(1, letters))))
    assert letters in job_of(strip, page=page).text


@pytest.mark.parametrize("width", WIDTHS)
def test_the_total_is_the_largest_word_of_the_paper_however_long_it_is(sale: bytes, width: int) -> None:
    huge = sale.replace(b"<vCFe>56.49", b"<vCFe>999999999999999.99")
    for xml, total in ((sale, "56,49"), (huge, "999.999.999.999.999,99")):
        strip = wording.sale(xml)
        job = job_of(strip, width)
        [line] = [line for line in job.lines if line.startswith("TOTAL")]
        assert line.split() == ["TOTAL", "R$", total]
        assert line in job.high & job.bold
        drawn = {text.strip(): bottom - top for text, (_, top, _, bottom) in words(pdf_of(strip, width), 0)}
        assert drawn[total] > max(high for text, high in drawn.items() if text in ("35,80", "50,00", "23,51"))


SERVICES_ONLY = sales.sale(
    sales.item(tax=sales.ISSQN, extra="<vOutro>0.50</vOutro>"),
    subtotal="<DescAcrEntr><vDescSubtot>0.17</vDescSubtot></DescAcrEntr>",
)
"""With indRatISSQN N: nobody takes the discount."""
INCREASED = SERVICES_ONLY.replace("vDescSubtot", "vAcresSubtot")


@pytest.mark.parametrize(
    ("sold", "expected"), [(coupons.rich(), "56.49"), (SERVICES_ONLY, "5.50"), (INCREASED, "5.67")]
)
def test_the_amounts_on_paper_add_up(sold: str, expected: str) -> None:
    """What is printed before the total, added by the reader of the paper, is the total that the device reckoned."""
    text = job_of(wording.sale(coupons.sold(sold))).text
    part = text[text.index("Total bruto") : text.index("Dinheiro")]
    *parts, total = [Decimal(found.replace(",", ".")) for found in re.findall(r"[-+]?\d+,\d\d", part)]
    assert sum(parts) == total == Decimal(expected)


def test_the_same_bytes_give_the_same_paper(sale: bytes) -> None:
    strip = whole(wording.sale(sale))
    assert extrato.pdf(strip, ROLLS[80]) == extrato.pdf(strip, ROLLS[80])


def test_remarks_of_the_fisco_are_read_where_each_layout_has_them(sale: bytes) -> None:
    remark = '<obsFisco xCampo="Campo"><xTexto>Nota do {}</xTexto></obsFisco>'
    text = sale.decode().replace("</infAdic>", remark.format("velho") + "</infAdic>" + remark.format("novo"))
    for paper in texts_of(wording.sale(text.encode())):
        assert "Campo: Nota do velho Campo: Nota do novo" in paper


def test_an_emitter_of_the_simples_says_so(sale: bytes) -> None:
    simples = sale.replace(b"<cRegTrib>3", b"<cRegTrib>1")
    for normal, told in zip(texts_of(wording.sale(sale)), texts_of(wording.sale(simples)), strict=True):
        assert "LC 123/2006" not in normal
        assert "ICMS a ser recolhido conforme LC 123/2006 - Simples Nacional" in told


def test_the_way_to_the_bytes_needs_no_pdf_and_no_picture() -> None:
    """So that the till's gateway, whose installation has neither, may print."""
    code = "import sys, zelo.printing.extrato.escpos, zelo.printing.extrato.wording; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "zelo.printing.extrato.wording" in loaded
    assert not {"fpdf", "PIL", "zxingcpp", "sqlalchemy"} & set(loaded)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<vTroco>23.51", "<vTroco>NaN"), ("<vMP>50.00", "<vMP>1e9"), ("<qCom>2.0000", "<qCom>"),
        ("<cMP>17", "<cMP>1"), ("<infCpl>", "<infCpl>" + "x" * 5001), ("</total>", "</total>" + "<det/>" * 501),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_is_named(sale: bytes, old: str, new: str) -> None:
    text = sale.decode()
    assert old in text
    fault = wording.sale(text.replace(old, new, 1).encode())
    assert isinstance(fault, Fault)
    assert fault.where
    assert fault.remedy


@pytest.mark.parametrize("xml", [b"", b"<CFe/>", b"<CFeCanc/>", b"\xff\xfe", b"<a>" * 5000, b" " * 5_000_000])
def test_what_is_no_coupon_is_refused_with_a_sentence(xml: bytes) -> None:
    for fault in (wording.sale(xml), wording.cancel(xml, xml)):
        assert isinstance(fault, Fault)
        assert fault.sentence


def test_letters_in_an_issued_coupon_are_those_of_the_sale(sale: bytes) -> None:
    """Each name that the XML holds is on the paper: read by another parser."""
    names = [node.text for node in etree.fromstring(sale).iter("xProd")]
    for text in texts_of(wording.sale(sale)):
        for name in names:
            assert name is not None
            assert name in text
