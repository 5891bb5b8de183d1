"""A table in HTML, which many programs export under the name of a spreadsheet. Rows are taken as they go by, without
network, and let go of.
"""

import io
import re
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from zelo.fiscal.fault import Fault
from zelo.isp.billing.source.rows import MOST_COLUMNS, Kind, Row, Source, SourceError

_START: Final = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|meta|body|table|style|div)\b", re.I | re.S
)
_HEAD_BYTES: Final = 4_096
_BLANKS: Final = re.compile(r"\s+")
NOT_A_TABLE: Final = Fault(
    "ARQUIVO-HTML",
    "O arquivo é uma página HTML cuja tabela não se lê.",
    "Abra-o na planilha e salve como .xlsx ou CSV UTF-8.",
)


def is_page(content: bytes) -> bool:
    """Whether the content begins as HTML does, whatever the file is called."""
    return _START.match(content.removeprefix(b"\xef\xbb\xbf")[:_HEAD_BYTES]) is not None


def opened(content: bytes) -> Source:
    """The rows of all tables of the page. Raises SourceError while reading."""
    encoding = _encoding(content)
    words = "página HTML em " + ("UTF-8" if encoding == "utf-8" else "Windows-1252")
    about = content.count(b"<tr") + content.count(b"<TR")
    return Source(Kind.PAGE, words, about, _rows(content, encoding))


def _encoding(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _rows(content: bytes, encoding: str) -> Iterator[Row]:
    parts: Any = etree.iterparse(
        io.BytesIO(content), events=("end",), tag="tr", html=True, encoding=encoding, no_network=True, recover=True
    )
    number = 0
    try:
        for _, row in parts:
            number += 1
            cells = [_text(cell) for cell in row if cell.tag in ("td", "th")]
            if len(cells) > MOST_COLUMNS:
                cells = cells[: MOST_COLUMNS + 1]
            yield number, cells
            row.clear()
            while row.getprevious() is not None:
                del row.getparent()[0]
    except etree.LxmlError as error:
        raise SourceError(NOT_A_TABLE, number + 1) from error


def _text(cell: Any) -> str:
    return _BLANKS.sub(" ", "".join(cell.itertext())).strip()
