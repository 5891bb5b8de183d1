"""What stands on the paper, read back by another library: texts as drawn, codes as a scanner sees them."""

from dataclasses import replace
from decimal import Decimal

import pytest
import zxingcpp

from tests.models.nfcom import golden
from tests.printing.notes import (
    BANK_SLIP,
    PLAIN,
    PROTOCOL,
    authorised,
    codes,
    in_production,
    longest,
    printed,
    refused,
    said,
    signed,
    with_items,
    words,
)
from zelo.fiscal.chave import Chave, in_blocks
from zelo.fiscal.situacao import Situacao
from zelo.models.nfcom.proc import nfcom_proc
from zelo.printing import reading, tag
from zelo.printing.danfecom import TITLE

LETTERS = "emitter-cnpj-with-letters"
MARGIN_MM = 9.0
SHEET_MM = (210.0, 297.0)


def test_every_field_of_the_official_quadros_is_there() -> None:
    """The amounts and dates are those of the golden note, written here as a person would."""
    text = said(printed(authorised(PLAIN)))
    for field in (
        TITLE, "PROVEDOR DE TESTE LTDA", "CNPJ 99.999.999/0001-91", "IE 0960000003",
        "Rua dos Provedores, 1234, Sala 501",
        "Centro · Porto Alegre/RS · CEP 90000-001", "Maria da Conceição Souza", "CPF 529.982.247-25",
        "Rua das Acácias, 100", "Nº do cliente", "000123", "2025-000123", "01/11/2026 a 30/11/2026", "11/2026",
        "10/12/2026", "R$ 99,90", "21/11/2026", "09:00:00", f"{PROTOCOL} - 21/11/2026 09:00:07",
        "https://dfe-portal.svrs.rs.gov.br/NFCom/Consulta", "INT500 - Internet fibra 500 Mbps", "0100401", "5307",
        "3,65", "16,98", "FUST", "FUNTTEL", "CBS", "RESERVADO AO FISCO", "ÁREA DO CONTRIBUINTE", "página 1 de 1",
    ):  # fmt: skip
        assert field in text, field


@pytest.mark.parametrize("name", golden.NAMES)
def test_each_kind_of_note_is_printed_with_its_chave_and_its_qr_code(name: str) -> None:
    """The square code is decoded from the picture of the sheet, and its level read from the symbol itself."""
    chave, xml = signed(name)
    paper = printed(authorised(name))
    assert in_blocks(chave) in said(paper)
    wanted = xml.partition(b"<qrCodNFCom>")[2].partition(b"</qrCodNFCom>")[0].decode().replace("&amp;", "&")
    found = {code.text: code for code in codes(paper)}
    assert wanted in found
    assert found[wanted].ec_level == "M"


def test_a_chave_with_letters_keeps_them() -> None:
    chave, _ = signed(LETTERS)
    assert not chave.isdecimal()
    assert " ".join(chave[i : i + 4] for i in range(0, 44, 4)) in said(printed(authorised(LETTERS)))


def test_a_note_issued_off_line_says_so_before_and_after_its_protocol() -> None:
    chave, xml = signed("contingency")
    before, after = said(printed(xml)), said(printed(authorised("contingency")))
    assert Chave.parse(chave).tpemis == "2"
    for text in (before, after):
        assert "EMITIDA EM CONTINGÊNCIA" in text
    assert "Pendente de autorização" in before
    assert "Pendente de autorização" not in after
    assert PROTOCOL in after
    assert "EMITIDA EM CONTINGÊNCIA" not in said(printed(authorised(PLAIN)))


def test_only_production_has_fiscal_value() -> None:
    note = golden.read(PLAIN)
    assert "SEM VALOR FISCAL" in said(printed(authorised(note)))
    assert "SEM VALOR FISCAL" not in said(printed(authorised(in_production(note))))


@pytest.mark.parametrize(
    ("situacao", "mark"), [(Situacao.CANCELADA, "CANCELADA"), (Situacao.SUBSTITUIDA, "SUBSTITUÍDA")]
)
def test_a_note_that_no_longer_counts_is_marked(situacao: Situacao, mark: str) -> None:
    xml = authorised(in_production(golden.read(PLAIN)))
    assert mark in said(printed(xml, situacao=situacao))
    assert mark not in said(printed(xml, situacao=Situacao.AUTORIZADA))


def test_the_slip_of_a_bank_is_drawn_and_typed() -> None:
    """The bars hold the 44 digits of the published slip whose 47 the note carries."""
    note = golden.read(PLAIN)
    assert note.draft.gFat is not None
    draft = replace(note.draft, gFat=replace(note.draft.gFat, codBarras=BANK_SLIP))
    paper = printed(authorised(replace(note, draft=draft)))
    [bars] = codes(paper, zxingcpp.BarcodeFormat.ITF)
    assert bars.text == "23799755200003700003381260007827139500006330"
    assert "23793.38128 60007.827136 95000.063305 9 75520000370000" in said(paper)


def test_digits_that_are_no_slip_are_printed_without_bars() -> None:
    note = golden.read(PLAIN)
    assert note.draft.gFat is not None
    paper = printed(
        authorised(replace(note, draft=replace(note.draft, gFat=replace(note.draft.gFat, codBarras="12345"))))
    )
    assert codes(paper, zxingcpp.BarcodeFormat.ITF) == []
    assert "12345" in said(paper)


def test_pix_is_a_code_and_a_text_to_copy() -> None:
    note = golden.read("pix")
    assert note.draft.gFat is not None
    assert note.draft.gFat.gPIX is not None
    paper = printed(authorised(note))
    pix = note.draft.gFat.gPIX.urlQRCodePIX
    assert pix in {code.text for code in codes(paper)}
    assert pix.replace(" ", "") in said(paper).replace(" ", "")


def test_a_pix_of_any_legal_length_can_be_scanned() -> None:
    note = golden.read("pix")
    fat = note.draft.gFat
    assert fat is not None
    assert fat.gPIX is not None
    longest_pix = "0123456789abcdef" * 125
    changed = replace(fat, gPIX=replace(fat.gPIX, urlQRCodePIX=longest_pix))
    paper = printed(authorised(replace(note, draft=replace(note.draft, gFat=changed))))
    assert longest_pix in {code.text for code in codes(paper, dpi=600)}


@pytest.mark.parametrize(("items", "sheets"), [(1, 1), (30, 2), (500, 11)])
def test_items_go_on_over_sheets_each_with_its_head_and_number(items: int, sheets: int) -> None:
    paper = printed(authorised(with_items(golden.read(PLAIN), items)))
    assert len(paper) == sheets
    texts = [said(paper, sheet) for sheet in range(sheets)]
    for number, text in enumerate(texts, 1):
        assert f"página {number} de {sheets}" in text
        assert "PROVEDOR DE TESTE LTDA" in text
        assert "SEM VALOR FISCAL" in text
        assert ("ITENS DA FATURA" in text) is ("Serviço de número" in text)
    whole = " ".join(texts)
    assert [whole.count(f"P{n:03d} - Serviço de número {n:03d}") for n in range(1, items + 1)] == [1] * items


@pytest.mark.parametrize("letter", ["W", "ÿ", "(", "\\"])
def test_the_longest_legal_texts_stay_on_the_sheet_and_apart(letter: str) -> None:
    """No text leaves the margins; no two texts lie on one another but for the watermark, which is drawn behind."""
    paper = printed(authorised(in_production(longest(letter))))
    for sheet in range(len(paper)):
        boxes = [box for text, box in words(paper, sheet) if text.strip()]
        for left, top, right, bottom in boxes:
            assert MARGIN_MM < left < right < SHEET_MM[0] - MARGIN_MM
            assert 0 < top < bottom < SHEET_MM[1]
        assert not [(a, b) for n, a in enumerate(boxes) for b in boxes[n + 1 :] if _overlap(a, b)]
    everything = said(paper).replace(" ", "")
    assert everything.count(letter) >= 15_000 + 2_000 + 500


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Whether two boxes share more than a hair: half a millimetre each way."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return wide > 0.5 and high > 0.5


def test_every_letter_that_the_layout_allows_is_printed_as_itself() -> None:
    """U+0021 to U+00FF but for controls, which have no shape; a soft hyphen is drawn as a hyphen."""
    letters = "".join(chr(code) for code in [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)])
    note = golden.read(PLAIN)
    for start in range(0, len(letters), 30):
        part = letters[start : start + 30]
        draft = replace(note.draft, dest=replace(note.draft.dest, xNome=part))
        assert part in said(printed(authorised(replace(note, draft=draft))))


def test_controls_leave_a_dot_and_shift_nothing() -> None:
    note = golden.read(PLAIN)
    draft = replace(note.draft, dest=replace(note.draft.dest, xNome="JOS\x85E \x7fDA \x9fSILVA"))
    assert "JOS·E ·DA ·SILVA" in said(printed(authorised(replace(note, draft=draft))))


def test_an_item_that_takes_away_bears_a_minus() -> None:
    text = said(printed(authorised("deduction")))
    assert "-15,00" in text
    assert "84,90" in text


def test_times_are_those_of_the_emitter_whatever_offset_the_protocol_has() -> None:
    """Campo Grande is an hour behind Brasília; the protocol says 12:00:07 in UTC."""
    assert f"{PROTOCOL} - 21/11/2026 08:00:07" in said(printed(authorised("authorizer-ms")))


def test_amounts_keep_their_places() -> None:
    note = golden.read(PLAIN)
    [item] = note.draft.det
    prod = replace(item.prod, qFaturada=Decimal("1.2500"), vItem=Decimal("1234.56780000"), vProd=Decimal("1543.21"))
    text = said(printed(authorised(replace(note, draft=replace(note.draft, det=(replace(item, prod=prod),))))))
    for amount in (" 1,25 ", "1.234,5678", "1.543,21"):
        assert amount in text


@pytest.mark.parametrize(
    "xml",
    [
        b"", b"<a", b"<a/>", "não é XML".encode(), b'<nfcomProc xmlns="http://www.portalfiscal.inf.br/nfcom"/>',
        b'<!DOCTYPE a [<!ENTITY b "c">]><NFCom xmlns="http://www.portalfiscal.inf.br/nfcom">&b;</NFCom>',
        b"<a>" * 5000, b" " * 2_000_000, b"<NFe xmlns='http://www.portalfiscal.inf.br/nfe'/>",
    ],
)  # fmt: skip
def test_what_is_no_note_is_refused_with_a_sentence(xml: bytes) -> None:
    fault = refused(xml)
    assert fault.rule == reading.UNREADABLE
    assert fault.sentence
    assert fault.remedy


def test_entities_are_never_resolved() -> None:
    xml = authorised(PLAIN).replace(b"<?xml version", b"<?xml version", 1)
    head, _, rest = xml.partition(b"?>")
    bomb = head + b'?><!DOCTYPE nfcomProc [<!ENTITY who SYSTEM "file:///etc/hostname">]>' + rest
    assert refused(bomb.replace(b"Maria da Concei", b"&who;", 1)).rule == reading.UNREADABLE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<vNF>99.90", b"<vNF>NaN"), (b"<vNF>99.90", b"<vNF>1e9"), (b"<dVencFat>2026-12-10", b"<dVencFat>2026-13-10"),
        (b"<tpAmb>2", b"<tpAmb>9"), (b"<dhEmi>2026", b"<dhEmi>x"), (b"<xNome>Maria", b"<xNome>" + b"M" * 4000),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_is_named(old: bytes, new: bytes) -> None:
    xml = authorised(PLAIN)
    assert old in xml
    fault = refused(xml.replace(old, new, 1))
    assert fault.rule == tag.UNFIT
    assert fault.where


def test_without_its_own_protocol_there_is_no_paper() -> None:
    chave, xml = signed(PLAIN)
    other, _ = signed("pix")
    assert refused(xml).rule == reading.NO_PROTOCOL
    assert refused(nfcom_proc(xml, authorised("pix").partition(b"</NFCom>")[2].removesuffix(b"</nfcomProc>"))).rule == (
        reading.NO_PROTOCOL
    )
    assert chave != other
