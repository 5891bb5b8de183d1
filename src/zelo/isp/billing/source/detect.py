"""What a file is, by its first bytes and never by its name."""

from typing import Final

from zelo.fiscal.fault import Fault
from zelo.isp.billing.source import delimited, page, records, workbook
from zelo.isp.billing.source.rows import Source, SourceError

_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""OLE2: .xls of Excel 97 to 2003, or a workbook with a password."""
_OTHERS: Final = (b"%PDF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff")

EMPTY: Final = Fault("ARQUIVO-VAZIO", "O arquivo não tem linhas de faturas.", "Confira o que foi exportado.")
OLD: Final = Fault(
    "ARQUIVO-XLS",
    "É uma planilha antiga (.xls) ou com senha.",
    "Abra-a e salve como Pasta de Trabalho do Excel (.xlsx), sem senha.",
)
XML: Final = Fault("ARQUIVO-XML", "É um arquivo XML, não uma planilha.", "Exporte como .xlsx ou CSV UTF-8.")
UNKNOWN: Final = Fault(
    "ARQUIVO-FORMATO", "Não é CSV, XLSX, JSON nem tabela HTML.", "Exporte do ERP como CSV UTF-8 ou .xlsx."
)


def opened(content: bytes) -> Source:
    """The rows of a file of any kind that is understood. Raises SourceError."""
    start = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start and not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise SourceError(EMPTY)
    if content.startswith(workbook.MARK):
        return workbook.opened(content)
    if content.startswith(_OLD_WORKBOOK):
        raise SourceError(OLD)
    if content.startswith(_OTHERS):
        raise SourceError(UNKNOWN)
    if start.startswith((b"[", b"{")):
        return records.opened(content)
    if page.is_page(content):
        return page.opened(content)
    if start.startswith(b"<?xml"):
        raise SourceError(XML)
    return delimited.opened(content)
