"""The paper of a note on one core: from the bytes that the archive keeps to a PDF, each note another one.

Beside it a bare page of the same PDF library: one line of text and one QR code, which no layout can be faster than.
"""

from typing import Any, Final

import zxingcpp
from fpdf import FPDF
from PIL import Image

from bench.clock import micros
from tests.models.nfcom import golden
from tests.printing.notes import authorised
from zelo.printing.book import Sheaf, danfe

NAMES: Final = ("residential-internet", "pix", "reform-details", "discount-and-charges")
URL: Final = "https://dfe-portal.svrs.rs.gov.br/NFCom/QRCode?chNFCom={:044d}&tpAmb=1"
SECOND_MICROS: Final = 1_000_000


def run() -> dict[str, float]:
    """The figures of this bench by their stable names. Every note of the sample fills one page."""
    notes = [Sheaf(authorised(golden.read(name))) for name in NAMES]
    took = micros({"ours": lambda number: danfe(notes[number % len(notes)]), "bare": _bare})
    return {
        "danfecom_pages_s": SECOND_MICROS / took["ours"],
        "danfecom_bare_pages_s": SECOND_MICROS / took["bare"],
        "danfecom_x_bare": took["ours"] / took["bare"],
    }


def _bare(number: int) -> bytes:
    symbol = zxingcpp.create_barcode(URL.format(number), zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    seen: Any = symbol.to_image(scale=4, add_quiet_zones=False)
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=10)
    pdf.text(10, 10, "DANFE-COM")
    pixels = memoryview(seen).tobytes()
    pdf.image(Image.frombytes("L", (seen.shape[1], seen.shape[0]), pixels).convert("1"), 10, 20, 31, 31)
    return bytes(pdf.output())
