"""The diagnosis page: a zip goes in, who did it comes out, and nothing stays."""

import io
import json
import re
import zipfile
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, table

from tests.guard import papers
from tests.web.test_notes import HOSTILE
from tests.web.town import Town, said, tree
from zelo.guard.diagnosis.report import Day
from zelo.web.pages.diagnosis import MOST_BARS, bars


def zipped(files: dict[str, bytes | str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def month() -> bytes:
    return zipped(dict(papers.month(40)))


def send(town: Town, content: bytes, persona: str = "user") -> Any:
    files = {"arquivo": ("mes.zip", content, "application/zip")}
    return town.post(persona, f"{town.home}/guarda/diagnostico", files=files)


def test_who_did_it_comes_first_with_its_proof(town: Town) -> None:
    answer = send(town, month())
    assert answer.status_code == 200
    page = tree(answer)
    assert page.xpath("string(//section[contains(@class,'verdict')]/p[@class='answer'])") == "Foi: NF-e 7, série 1."
    text = said(answer)
    for proof in (
        "Recusada 32 vezes com 539", "o limite oficial é 30", "contado 33 vezes", "Causou 1 bloqueio: 5 respostas 656",
        "ERP 1.0", "PROVEDOR DE TESTE LTDA", "4326 1011 2223 3300 0181 5500 1000 0000 0710 0000 0016",
    ):  # fmt: skip
        assert proof in text, proof
    figures = {
        li.text_content().split(maxsplit=1)[1]: li.xpath("string(b)") for li in page.xpath("//ul[@class='figures']/li")
    }
    assert figures["arquivos"] == "124"
    assert figures["recusas"] == "36"


def test_the_page_obeys_the_policy_and_stays_at_home(town: Town) -> None:
    for answer in (send(town, month()), town.get("user", f"{town.home}/guarda/diagnostico")):
        page = tree(answer)
        assert not page.xpath("//style") + page.xpath("//@style")
        for address in page.xpath("//@href | //@src | //@action"):
            assert re.match(r"(/(?!/)|#)", address), address
        assert len(page.xpath("//h1")) == 1


def test_the_json_of_the_page_is_taken_along(town: Town) -> None:
    page = tree(send(town, month()))
    [form] = page.xpath("//form[contains(@action,'/diagnostico/arquivo')]")
    data = {field.get("name"): field.get("value") for field in form.xpath(".//input")}
    answer = town.client("user").post(form.get("action"), data=data)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["content-type"].startswith("application/json")
    assert json.loads(answer.text)["culprits"][0]["standing"]["subject"]["number"] == 7


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": "x"}', "[" * 9_000])
def test_only_a_report_comes_back_as_a_file(town: Town, text: str) -> None:
    answer = town.post("user", f"{town.home}/guarda/diagnostico/arquivo", {"diagnostico": text})
    assert answer.status_code == 422
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04 garbage", b"<retEnviNFe/>"])
def test_what_is_no_zip_is_told(town: Town, content: bytes) -> None:
    answer = send(town, content)
    assert answer.status_code == 422
    assert tree(answer).xpath("//p[@class='fault' and @role='alert']")


def test_the_upload_is_bounded(town: Town) -> None:
    assert send(town.with_settings(upload_bytes=2_000), month()).status_code == 413


def test_nothing_of_the_upload_is_kept(town: Town) -> None:
    def rows() -> list[tuple[str, int]]:
        with town.engine.read() as connection:
            tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            names = [row[0] for row in tables]
            counts = [connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in names]
        return list(zip(names, counts, strict=True))

    before = rows()
    send(town, month())
    assert rows() == before


def test_what_a_document_says_is_text(town: Town) -> None:
    motivo = HOSTILE.replace("&", "&amp;").replace("<", "&lt;")
    files = {
        f"{HOSTILE.replace('/', '-')}{n}.xml": papers.rejected(papers.chave(9), "539", papers.after(n), motivo)
        for n in range(3)
    }
    block = papers.blocked("Consumo Indevido", papers.after(9))
    answer = send(town, zipped({**files, "z.xml": block}))
    assert "Recusada 3 vezes" in said(answer)
    assert "<script>alert" not in answer.text


def test_a_zip_without_answers_says_what_is_missing(town: Town) -> None:
    answer = send(town, zipped({"a.xml": papers.note(papers.chave(1))}))
    assert "Nenhum retorno da SEFAZ nestes arquivos." in said(answer)
    assert not tree(answer).xpath("//figure"), "no days, no picture"


def test_the_guard_leads_there_whoever_may_go(town: Town) -> None:
    path = f"{town.home}/guarda/diagnostico"
    assert path in town.get("user", f"{town.home}/guarda").text
    assert path not in town.get("reader", f"{town.home}/guarda").text


def test_days_between_count_as_empty_and_only_the_last_ones_are_drawn() -> None:
    drawn = bars((Day(date(2026, 10, 1), 50, 0), Day(date(2026, 10, 4), 1, 99)))
    assert [(day.day.day, rejected, blocked) for day, rejected, blocked in drawn] == [
        (1, 50, 0), (2, 0, 0), (3, 0, 0), (4, 1, 99),
    ]  # fmt: skip
    long = bars((Day(date(2020, 1, 1), 5, 0), Day(date(2026, 10, 4), 400, 1)))
    assert len(long) == MOST_BARS
    assert long[-1][1:] == (99, 1), "a little is still seen"
    assert bars(()) == []
