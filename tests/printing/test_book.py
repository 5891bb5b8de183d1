"""Many notes: one PDF with an outline, a zip that is written as it goes and costs no memory."""

import io
import tracemalloc
import zipfile
from collections.abc import Iterator

import pypdfium2 as pdfium
import pytest

from tests.models.nfcom import golden
from tests.printing.notes import PLAIN, authorised, said, signed
from zelo.fiscal.fault import Fault
from zelo.printing import book
from zelo.printing.book import LEFT_OUT, MOST_NOTES, Sheaf, danfe, together, zipped

MONTH = 10_000
MOST_MEGABYTES = 20


def test_the_same_bytes_give_the_same_paper() -> None:
    xml = authorised(PLAIN)
    assert danfe(Sheaf(xml)) == danfe(Sheaf(xml))


def test_many_in_one_with_an_outline_that_leads_to_each() -> None:
    names = golden.NAMES[:6]
    pdf = together(Sheaf(authorised(name)) for name in names)
    assert isinstance(pdf, bytes)
    document = pdfium.PdfDocument(pdf)
    numbers = [golden.read(name).numbering.nnf for name in names]
    outline = list(document.get_toc())
    assert [mark.get_title() for mark in outline] == [f"NFCom {number} série 1" for number in numbers]
    for number, mark in zip(numbers, outline, strict=True):
        target = mark.get_dest().get_index()
        assert f"NFCom {number} · série 1" in said(document, target)
        assert "página 1 de" in said(document, target)


def test_one_pdf_is_bounded_and_never_empty() -> None:
    xml = authorised(PLAIN)
    too_many = together(Sheaf(xml) for _ in range(MOST_NOTES + 1))
    none = together([])
    assert isinstance(too_many, Fault)
    assert isinstance(none, Fault)


def test_what_cannot_be_printed_is_left_out_of_the_zip_and_listed() -> None:
    chave, xml = signed(PLAIN)
    out = io.BytesIO()
    good, bad = Sheaf(authorised(PLAIN)), Sheaf(xml)
    told = list(zipped([("a.pdf", good), (f"{chave}.pdf", bad), ("b.pdf", good)], out))
    assert [isinstance(one, Fault) for one in told] == [False, True, False]
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["a.pdf", "b.pdf", LEFT_OUT]
        assert archive.read("a.pdf") == danfe(good)
        assert chave in archive.read(LEFT_OUT).decode()


class _Sink(io.RawIOBase):
    """A stream that cannot seek and keeps nothing, as a connection."""

    def __init__(self) -> None:
        self.written = 0

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        size = len(memoryview(content))  # type: ignore[arg-type]
        self.written += size
        return size


def test_a_month_of_ten_thousand_notes_costs_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The printing is replaced by its bytes: what is measured is that nothing piles up on the way."""
    pdf = danfe(Sheaf(authorised(PLAIN)))
    assert isinstance(pdf, bytes)

    def month() -> Iterator[tuple[str, Sheaf]]:
        for number in range(MONTH):
            yield f"{number:044d}-danfecom.pdf", Sheaf(bytes(xml))

    xml, sink = bytearray(authorised(PLAIN)), _Sink()
    monkeypatch.setattr(book, "danfe", lambda _: bytes(bytearray(pdf)))
    tracemalloc.start()
    try:
        names = sum(1 for _ in zipped(month(), sink))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert names == MONTH
    assert sink.written > MONTH * len(pdf)
    assert peak < MOST_MEGABYTES * 1_000_000
