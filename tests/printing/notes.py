"""Notes to be printed: golden ones changed, signed again, with a protocol around them."""

from collections.abc import Iterator
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any, Final

import pypdfium2 as pdfium
import zxingcpp
from PIL import Image

from tests.models.nfcom import golden
from tests.models.nfcom.golden import Golden
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.models.nfcom.document import NAMESPACE
from zelo.models.nfcom.draft import InfAdic
from zelo.models.nfcom.proc import nfcom_proc
from zelo.printing.book import Sheaf, danfe

PROTOCOL: Final = "3432600000012345"
BANK_SLIP: Final = "23793381286000782713695000063305975520000370000"
PLAIN: Final = "residential-internet"
DPI_OF_POINT: Final = 72


def signed(note: Golden | str) -> tuple[str, bytes]:
    """Chave and bytes of the signed note."""
    assembled, done = golden.issue(golden.read(note) if isinstance(note, str) else note)
    return assembled.chave, done.xml


def protocol(chave: str) -> bytes:
    """What came back for that chave: accepted at 12:00:07 in UTC, 09:00:07 in most of Brazil."""
    return (
        f'<protNFCom xmlns="{NAMESPACE}" versao="1.00"><infProt><tpAmb>2</tpAmb><verAplic>S1</verAplic>'
        f"<chNFCom>{chave}</chNFCom><dhRecbto>2026-11-21T12:00:07+00:00</dhRecbto><nProt>{PROTOCOL}</nProt>"
        f"<digVal>AAAA</digVal><cStat>100</cStat><xMotivo>Autorizado</xMotivo></infProt></protNFCom>"
    ).encode()


def authorised(note: Golden | str) -> bytes:
    """The nfcomProc."""
    chave, xml = signed(note)
    return nfcom_proc(xml, protocol(chave))


def printed(xml: bytes, **more: Any) -> pdfium.PdfDocument:
    """Its DANFE-COM, read by another library."""
    pdf = danfe(Sheaf(xml, **more))
    assert not isinstance(pdf, Fault), pdf
    return pdfium.PdfDocument(pdf)


def refused(xml: bytes) -> Fault:
    """Why there is none."""
    fault = danfe(Sheaf(xml))
    assert isinstance(fault, Fault)
    return fault


def said(document: pdfium.PdfDocument, sheet: int | None = None) -> str:
    """The text of all sheets, or of one, blanks evened out."""
    pages = range(len(document)) if sheet is None else [sheet]
    return " ".join(" ".join(document[page].get_textpage().get_text_range().split()) for page in pages)


def picture(document: pdfium.PdfDocument, dpi: int = 200) -> Image.Image:
    """The first sheet as an office printer or scanner would have it: grey."""
    seen: Image.Image = document[0].render(scale=dpi / DPI_OF_POINT, grayscale=True).to_pil()
    return seen


def codes(
    document: pdfium.PdfDocument, kind: Any = zxingcpp.BarcodeFormat.QRCode, dpi: int = 200
) -> list[zxingcpp.Barcode]:
    """The codes that a scanner finds on the first sheet."""
    return list(zxingcpp.read_barcodes(picture(document, dpi), formats=kind))


def with_items(note: Golden, count: int) -> Golden:
    """The same with its first item so many times."""
    [item] = note.draft.det
    items = tuple(
        replace(item, nItem=n, prod=replace(item.prod, cProd=f"P{n:03d}", xProd=f"Serviço de número {n:03d}"))
        for n in range(1, count + 1)
    )
    return replace(note, draft=replace(note.draft, det=items))


def in_production(note: Golden) -> Golden:
    """The same in production."""
    return replace(note, numbering=replace(note.numbering, ambiente=Ambiente.PRODUCAO))


def longest(letter: str = "W") -> Golden:
    """The richest note with every free text as long as the layout allows, in one letter, without a blank."""
    note = golden.read("pix")
    [item] = note.draft.det
    prod = replace(item.prod, cProd=letter * 60, xProd=letter * 120, qFaturada=Decimal("99999999999.9999"))
    prod = replace(prod, vItem=Decimal("9999999999999.99999999"), vProd=Decimal("9999999999999.99"))
    charged = note.draft.gFat
    assert charged is not None
    draft = replace(
        note.draft,
        dest=replace(_long(note.draft.dest, letter), CPF=None, idOutros=letter * 20, IM=letter * 15),
        assinante=replace(
            note.draft.assinante, iCodAssinante=letter * 30, nContrato=letter * 20, NroTermPrinc="519999912345",
            cUFPrinc="43",
        ),
        det=(replace(item, prod=prod, infAdProd=letter * 500),),
        gFat=replace(charged, codBarras="9" * 48, codAgencia=letter * 10, codBanco=letter * 5, codDebAuto="9" * 20),
        infAdic=InfAdic(infAdFisco=letter * 2000, infCpl=(letter * 3000,) * 5),
    )  # fmt: skip
    return replace(note, draft=draft, emit=_long(note.emit, letter))


_LONG: Final = {"xNome": 60, "xLgr": 60, "nro": 60, "xCpl": 60, "xBairro": 60, "xMun": 60}


def _long(value: Any, letter: str) -> Any:
    """Name and address as long as can be."""
    changed = {name: letter * chars for name, chars in _LONG.items() if hasattr(value, name)}
    changed |= {f.name: _long(getattr(value, f.name), letter) for f in fields(value) if f.name.startswith("ender")}
    return replace(value, **changed)


def words(document: pdfium.PdfDocument, sheet: int) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """Each text of a sheet as it was drawn, with its box in millimetres from the top left: left, top, right, bottom."""
    page = document[sheet]
    high = page.get_height()
    text = page.get_textpage()
    for number in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(number)
        box = [edge * 25.4 / DPI_OF_POINT for edge in (left, high - top, right, high - bottom)]
        yield text.get_text_bounded(left, bottom, right, top), (box[0], box[1], box[2], box[3])
