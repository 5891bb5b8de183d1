"""Text with separators. Encoding and separator are found out from the content; a file with two encodings is read in the
one of most lines, and what the other spoiled is seen at its cell (`REPLACEMENT`).
"""

import codecs
import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final

from zelo.fiscal.fault import Fault
from zelo.isp.billing.source.rows import Kind, Row, Source, SourceError

REPLACEMENT: Final = "\ufffd"
"""Stands where bytes were no letters of the encoding."""
NOT_CSV: Final = Fault(
    "ARQUIVO-CSV",
    "Daqui em diante o arquivo é ilegível: aspas sem par, ou uma célula comprida demais.",
    "Confira aspas e separadores e envie o arquivo outra vez: nada dele foi aproveitado.",
)
BINARY: Final = Fault(
    "ARQUIVO-CODIFICACAO",
    "O arquivo não é texto em UTF-8, Windows-1252 ou UTF-16.",
    "Exporte de novo como CSV UTF-8, ou salve a planilha como .xlsx.",
)
_BLOCK_BYTES: Final = 1 << 20
_SAMPLE_BYTES: Final = 1 << 16
_SAMPLE_ROWS: Final = 40
_SEPARATORS: Final = (";", ",", "\t", "|")
_SEPARATOR_WORDS: Final = {";": "ponto e vírgula", ",": "vírgula", "\t": "tabulação", "|": "barra"}
_ENCODING_WORDS: Final = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "utf-16": "UTF-16"}


def opened(content: bytes) -> Source:
    """The rows of a text. Raises SourceError for what is no text, and while reading at the row that cannot be read."""
    encoding = _encoding(content)
    separator = _separator(content, encoding)
    words = f"{_ENCODING_WORDS[encoding.removesuffix('-le').removesuffix('-be')]}, {_SEPARATOR_WORDS[separator]}"
    return Source(Kind.TEXT, words, content.count(b"\n"), _rows(content, encoding, separator))


def _encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise SourceError(BINARY)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in content:
        return _without_mark(content)
    if _is_utf8(content):
        return "utf-8-sig"
    utf8 = others = 0
    for line in io.BytesIO(content):
        if not line.isascii():
            good = _decodes(line)
            utf8, others = utf8 + good, others + (not good)
    return "utf-8-sig" if utf8 > others else "cp1252"


def _without_mark(content: bytes) -> str:
    """UTF-16 of plain letters has a zero in every pair; zeros anywhere else are no text."""
    head = content[:_SAMPLE_BYTES]
    even, odd = head[::2].count(0), head[1::2].count(0)
    pairs = len(head) // 2
    if pairs and len(content) % 2 == 0 and min(even, odd) == 0 and max(even, odd) > pairs // 2:
        return "utf-16-le" if odd else "utf-16-be"
    raise SourceError(BINARY)


def _is_utf8(content: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(content)
    try:
        for start in range(0, len(view), _BLOCK_BYTES):
            decoder.decode(view[start : start + _BLOCK_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _decodes(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _text(content: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding, errors="replace", newline="")


def _separator(content: bytes, encoding: str) -> str:
    """The one that gives the widest row near the top; a semicolon where none separates."""
    head = list(itertools.islice(_text(content[:_SAMPLE_BYTES], encoding), _SAMPLE_ROWS))
    return max(_SEPARATORS, key=lambda separator: _width(head, separator))


def _width(lines: Sequence[str], separator: str) -> int:
    try:
        return max((len(row) for row in csv.reader(lines, delimiter=separator)), default=0)
    except csv.Error:
        return 0


def _rows(content: bytes, encoding: str, separator: str) -> Iterator[Row]:
    reader: Any = csv.reader(_text(content, encoding), delimiter=separator, strict=True)
    number = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise SourceError(NOT_CSV, reader.line_num) from error
        yield number, cells
        number = reader.line_num + 1
