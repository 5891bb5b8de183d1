"""Notes on paper through the pages and the API: one, a search in one PDF or a zip, and the logo on them."""

import io
import zipfile
from io import BytesIO

import pypdfium2 as pdfium
import pytest
from PIL import Image

from tests.printing.notes import said
from tests.web.town import Town, tree
from tests.web.town import said as page_says
from zelo.access.shell import audit
from zelo.web.pages.paper import FILE


@pytest.fixture
def authorised(town: Town) -> list[str]:
    """Three authorised notes; ids."""
    ids = [town.submit(f"F-{number}") for number in (1, 2, 3)]
    town.house.settle()
    assert {town.house.row(each).state for each in ids} == {"AUTHORISED"}
    return ids


def _names(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def _png(colour: str = "black") -> bytes:
    out = BytesIO()
    Image.new("RGB", (300, 200), colour).save(out, "PNG")
    return out.getvalue()


def test_the_paper_of_a_note_is_what_the_authorizer_answered(town: Town, authorised: list[str]) -> None:
    row = town.house.row(authorised[0])
    answer = town.get("reader", f"{town.home}/notas/{row.id}/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'inline; filename="{row.chave}-danfecom.pdf"'
    text = said(pdfium.PdfDocument(answer.content))
    assert row.nprot in text
    assert f"NFCom {row.nnf}" in text
    by_key = town.client("key reader").get(f"{town.api}/documents/{row.id}/pdf")
    assert by_key.content == answer.content


def test_the_page_of_a_note_leads_to_its_paper_once_there_is_one(town: Town, authorised: list[str]) -> None:
    waiting = town.submit("F-9")
    for note, there in ((authorised[0], True), (waiting, False)):
        links = tree(town.get("reader", f"{town.home}/notas/{note}")).xpath("//a/@href")
        assert (f"{town.home}/notas/{note}/pdf" in links) is there


def test_a_note_that_is_not_authorised_has_no_paper_yet(town: Town) -> None:
    note = town.submit("F-1")
    assert town.get("reader", f"{town.home}/notas/{note}/pdf").status_code == 404
    town.sign(note)
    answer = town.get("reader", f"{town.home}/notas/{note}/pdf")
    assert answer.status_code == 409
    assert "ainda não foi autorizada" in page_says(answer)
    assert town.client("key reader").get(f"{town.api}/documents/{note}/pdf").status_code == 409


def test_a_search_in_one_pdf_and_in_a_zip(town: Town, authorised: list[str]) -> None:
    town.sign(town.submit("F-9"))  # not authorised: in neither
    one = pdfium.PdfDocument(town.get("reader", f"{town.home}/danfecom?mes=2026-11").content)
    assert len(list(one.get_toc())) == 3
    chaves = [town.house.row(each).chave for each in authorised]
    wanted = [f"{chave}-danfecom.pdf" for chave in chaves]
    answer = town.get("reader", f"{town.home}/danfecom.zip?mes=2026-11")
    assert answer.headers["content-disposition"] == 'attachment; filename="danfecom-202611.zip"'
    assert sorted(_names(answer.content)) == sorted(wanted)
    assert _names(town.client("key reader").get(f"{town.api}/danfecom.zip?period=202611").content) == _names(
        answer.content
    )
    assert _names(town.get("reader", f"{town.home}/danfecom.zip?mes=2026-10").content) == []
    assert town.get("reader", f"{town.home}/danfecom?mes=2026-10").status_code == 409


def test_a_company_gets_its_own_paper_only(town: Town, authorised: list[str]) -> None:
    assert _names(town.get("stranger", f"/e/{town.other_id}/danfecom.zip").content) == []
    assert town.get("stranger", f"/e/{town.other_id}/notas/{authorised[0]}/pdf").status_code == 404
    assert town.get("stranger", f"{town.home}/notas/{authorised[0]}/pdf").status_code == 404


def test_a_zip_goes_out_while_it_is_printed(town: Town, authorised: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page of the search is read by itself, so no transaction lasts as long as a download."""
    monkeypatch.setattr("zelo.flow.paper.AT_A_TIME", 1)
    assert len(_names(town.get("reader", f"{town.home}/danfecom.zip").content)) == len(authorised)


def test_a_logo_is_kept_shown_printed_and_taken_away(town: Town, authorised: list[str]) -> None:
    paper = f"{town.home}/notas/{authorised[0]}/pdf"
    plain = town.get("reader", paper).content
    sent = town.post("administrator", f"{town.home}/logotipo", files={FILE: ("x.png", _png(), "image/png")})
    assert sent.headers["location"] == f"{town.home}/logotipo?aviso=logotipo"
    picture = town.get("reader", f"{town.home}/logotipo/imagem")
    assert picture.headers["content-type"] == "image/jpeg"
    with Image.open(BytesIO(picture.content)) as seen:
        assert seen.size == (300, 200)
    assert picture.content in town.get("reader", paper).content
    assert town.get("stranger", f"{town.home}/logotipo/imagem").status_code == 404
    town.post("administrator", f"{town.home}/logotipo/retirar")
    assert town.get("reader", f"{town.home}/logotipo/imagem").status_code == 404
    assert town.get("reader", paper).content == plain
    with town.engine.read() as connection:
        told = {row.action for row in audit.latest(connection, town.company_id, 2)}
    assert told == {"retirou o logotipo", "trocou o logotipo"}


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"\x89PNG"])
def test_what_is_no_logo_is_refused_beside_its_field(town: Town, content: bytes) -> None:
    answer = town.post("administrator", f"{town.home}/logotipo", files={FILE: ("x.svg", content, "image/svg+xml")})
    assert answer.status_code == 422
    assert tree(answer).xpath("//p[@class='fault']")
    assert town.get("reader", f"{town.home}/logotipo/imagem").status_code == 404
