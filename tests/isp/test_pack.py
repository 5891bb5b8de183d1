"""The month's pack: what is in it, that it can be checked and repeated, and that its figures are the authority's."""

import csv
import hashlib
import io
import subprocess
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2 as pdfium
import pytest
from lxml import etree
from sqlalchemy import Connection, insert, select, update

from tests.drafts import internet
from tests.house import START, House, new_house
from tests.printing.notes import said
from zelo.access.shell import companies
from zelo.archive import shell as archive
from zelo.engine.contract import Engine
from zelo.engine.schema.archive import xml
from zelo.engine.schema.flow import document
from zelo.flow.event import request
from zelo.flow.intake import Go
from zelo.isp.month.calendar import Month
from zelo.isp.month.shell import pack
from zelo.sim.journal import EVENTO, RECEPCAO
from zelo.sim.verdict import AUTHORISED

NOVEMBER = Month(2026, 11)
REASON = "Cobrança em duplicidade no mês"
NS = {"n": "http://www.portalfiscal.inf.br/nfcom"}


@dataclass(frozen=True)
class Packed:
    """A pack, opened."""

    content: bytes
    steps: Sequence[pack.Step]

    @property
    def files(self) -> dict[str, bytes]:
        """Every file by name, in the zip's order."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as opened:
            assert opened.testzip() is None
            return {name: opened.read(name) for name in opened.namelist()}

    def table(self, name: str) -> list[dict[str, str]]:
        """A CSV as a spreadsheet reads it."""
        return list(csv.DictReader(io.StringIO(self.files[name].decode("utf-8-sig")), delimiter=";"))


def packed(house: House, *, uf: str = "", papers: bool = False, by: str = "Caio Contador") -> Packed:
    """The pack of November."""
    emitter = None
    with house.tools.engine.read() as connection:
        if uf:
            emitter = companies.find_establishment(connection, house.establishments[uf])
    wanted = pack.Wanted(company_id=house.company_id, month=NOVEMBER, emitter=emitter, papers=papers)
    out = io.BytesIO()
    steps = list(pack.write(house.tools, wanted, out, by=by, now=house.clock()))
    return Packed(out.getvalue(), steps)


def month(engine: Engine) -> House:
    """Authorised at two places, one of them cancelled since; one with a fault, one that waits, one of another month."""
    house = new_house(engine)
    for number, uf in enumerate(("RS", "RS", "RS", "MT", "MT"), start=1):
        house.submit(f"{uf}-{number}", internet(uf, value=f"{number}01.1{number}"), uf)
    assert internet().gFat is not None
    draft = internet(value="999.99")
    house.submit("OLD", replace(draft, gFat=replace(internet().gFat, CompetFat="202610")))  # type: ignore[type-var]
    house.submit("BAD", replace(internet(value="60.06"), dest=replace(internet().dest, CPF="52998224726")))
    house.submit("WAITS", internet("MG", value="70.07"), "MG", go=Go.AWAITED)
    house.settle()
    house.clock.advance(timedelta(minutes=5))
    with engine.begin() as connection:
        cancelled = next(row.id for row in house.rows() if row.reference == "RS-2")
        request.cancel(connection, house.tools, cancelled, reason=REASON, actor="teste")
    house.settle()
    return house


def by_reference(house: House) -> dict[str, Any]:
    return {row.reference: row for row in house.rows()}


def test_it_holds_every_document_byte_for_byte_and_a_line_for_every_note(engine: Engine) -> None:
    house = month(engine)
    pack_, rows = packed(house), by_reference(house)
    files = pack_.files
    expected = {f"xml/{rows[name].chave}-nfcomProc.xml" for name in ("RS-1", "RS-2", "RS-3", "MT-4", "MT-5")}
    expected |= {f"xml/{rows['RS-2'].chave}-procEventoNFCom.xml"}
    tables = ["indice.csv", "indice.xlsx", "numeracao.csv", "resumo.txt", "manifesto.sha256"]
    assert set(files) == expected | set(tables)
    with engine.read() as connection:
        kept = {
            f"xml/{row.chave}-{row.kind}.xml": row.sha256
            for row in connection.execute(select(xml.c.chave, xml.c.kind, xml.c.sha256))
        }
    assert {name: hashlib.sha256(files[name]).hexdigest() for name in expected} == {
        name: kept[name] for name in expected
    }
    lines = {line["referencia"]: line for line in pack_.table("indice.csv")}
    assert list(lines) == ["RS-1", "RS-2", "RS-3", "BAD", "WAITS", "MT-4", "MT-5"], "by establishment and number"
    assert lines["RS-2"]["motivo"] == REASON
    assert [lines[name]["quadro"] for name in ("RS-2", "BAD", "WAITS")] == [
        "Encerradas",
        "Dados inválidos",
        "Conferidas",
    ]
    assert lines["BAD"]["motivo"].startswith("O CPF")
    assert [lines[name]["emissao"] for name in ("RS-1", "MT-4")] == ["20/11/2026 09:00:00", "20/11/2026 08:00:00"]
    assert lines["RS-2"]["protocolo_cancelamento"] == _registered(house)
    sheet = openpyxl.load_workbook(io.BytesIO(files["indice.xlsx"])).active
    assert sheet is not None
    [header, *cells] = sheet.iter_rows(values_only=True)
    assert [row[header.index("faturado")] for row in cells] == [101.11, 201.12, 301.13, 60.06, 70.07, 401.14, 501.15]


def _registered(house: House) -> str:
    [entry] = [one for one in house.sefaz.journal.entries if one.servico == EVENTO and one.nprot]
    return entry.nprot


def test_its_figures_are_those_of_the_authority(engine: Engine) -> None:
    """Summed from the XML of the pack over what the simulator's journal says of each chave."""
    house = month(engine)
    found = packed(house)
    journal = house.sefaz.journal.entries
    authorised = {one.chave for one in journal if one.servico == RECEPCAO and one.nprot and one.cstat in AUTHORISED}
    cancelled = {one.chave for one in journal if one.servico == EVENTO and one.nprot}
    assert (len(authorised), len(cancelled)) == (6, 1)
    values = {
        name[4:48]: Decimal(etree.fromstring(content).findtext(".//n:total/n:vProd", namespaces=NS) or "0")
        for name, content in found.files.items()
        if name.endswith("-nfcomProc.xml")
    }
    standing = sum((value for chave, value in values.items() if chave in authorised - cancelled), Decimal(0))
    lines = found.table("indice.csv")
    listed = sum((_decimal(one["faturado"]) for one in lines if one["lado"] == "autorizado"), Decimal(0))
    assert listed == standing == Decimal("1304.53")
    told = found.files["resumo.txt"].decode()
    assert "autorizado R$ 1.304,53 em 4 notas" in told
    assert "faturado   R$ 1.434,66 em 6 notas" in told
    assert "pendente   R$ 70,07 em 1 nota" in told
    assert "recusado   R$ 60,06 em 1 nota" in told
    assert "canceladas, substituídas ou trocadas): R$ 201,12 em 1 nota" in told
    assert "Conferidas (Sem erro; esperam você mandar enviar): R$ 70,07 em 1 nota" in told


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def test_the_manifest_is_checked_by_the_tool_that_everybody_has(engine: Engine, tmp_path: Path) -> None:
    found = packed(month(engine), papers=True)
    with zipfile.ZipFile(io.BytesIO(found.content)) as opened:
        opened.extractall(tmp_path)
    check = ["sha256sum", "--strict", "-c", "manifesto.sha256"]
    checked = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert len(checked.stdout.splitlines()) == len(found.files) - 1, "each file but the manifest itself"
    [one, *_] = sorted(tmp_path.glob("xml/*"))
    one.write_bytes(one.read_bytes()[:-1] + b" ")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_the_same_state_gives_the_same_bytes_but_for_who_asked_and_when(engine: Engine) -> None:
    house = month(engine)
    first = packed(house, papers=True)
    assert packed(house, papers=True).content == first.content
    with zipfile.ZipFile(io.BytesIO(first.content)) as opened:
        assert {entry.date_time for entry in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}, "no clock of the machine"
    book = openpyxl.load_workbook(io.BytesIO(first.files["indice.xlsx"]))
    assert book.properties.created == datetime(2026, 11, 1)  # noqa: DTZ001 workbooks know no zones
    house.clock.advance(timedelta(hours=1))
    later = packed(house, papers=True, by="Ana")
    assert list(later.files) == list(first.files)
    differ = {name for name, content in first.files.items() if later.files[name] != content}
    assert differ == {"resumo.txt", "manifesto.sha256"}
    changed = set(first.files["resumo.txt"].decode().splitlines()) ^ set(
        later.files["resumo.txt"].decode().splitlines()
    )
    assert all(line.startswith("Feito em ") for line in changed)
    assert len(changed) == 2


def test_the_paper_of_each_note_is_there_where_it_is_asked_for_and_marked_where_cancelled(engine: Engine) -> None:
    house = month(engine)
    files, rows = packed(house, papers=True).files, by_reference(house)
    papers = {name for name in files if name.startswith("danfe/")}
    assert papers == {
        f"danfe/{row.chave}-danfecom.pdf" for row in rows.values() if row.nprot and row.period == "202611"
    }
    told = said(pdfium.PdfDocument(files[f"danfe/{rows['RS-2'].chave}-danfecom.pdf"]))
    assert "CANCELADA" in told.upper()


def test_a_part_is_one_establishment_only(engine: Engine) -> None:
    found = packed(month(engine), uf="MT")
    assert [line["referencia"] for line in found.table("indice.csv")] == ["MT-4", "MT-5"]
    assert sum(name.startswith("xml/") for name in found.files) == 2
    assert "faturado   R$ 902,29 em 2 notas" in found.files["resumo.txt"].decode()


def test_what_is_damaged_is_told_and_the_rest_goes_on(engine: Engine) -> None:
    house = month(engine)
    row = by_reference(house)["RS-3"]
    with engine.begin() as connection:
        kept = connection.execute(select(xml).where(xml.c.chave == row.chave, xml.c.kind == "nfcomProc")).one()
        broken = {**kept._mapping, "id": "7" + kept.id[1:], "sha256": "0" * 64}
        connection.execute(insert(xml).values(**broken))
    found = packed(house, papers=True)
    names = [f"xml/{row.chave}-nfcomProc.xml", f"danfe/{row.chave}-danfecom.pdf"]
    assert not set(names) & set(found.files)
    lines = found.files["faltando.txt"].decode().splitlines()
    assert [line.partition(":")[0] for line in lines] == names
    told = found.files["resumo.txt"].decode()
    assert "arquivos que faltam: 2" in told
    assert all(name in told for name in names)
    assert found.steps[-1] == pack.Step(6, 6, 2)
    assert len(found.table("indice.csv")) == 7


def test_what_zelo_never_had_is_told_too(engine: Engine) -> None:
    """A note that was cancelled by somebody else, and one whose authorised XML is not there."""
    house = month(engine)
    elsewhere, lost = (by_reference(house)[name] for name in ("RS-1", "RS-3"))
    unknown = f"{lost.chave[:-1]}{(int(lost.chave[-1]) + 1) % 10}"
    with engine.begin() as connection:
        for row, values in ((elsewhere, {"state": "CANCELLED", "situacao": "cancelada"}), (lost, {"chave": unknown})):
            connection.execute(update(document).where(document.c.id == row.id).values(**values))
    found = packed(house)
    lines = found.files["faltando.txt"].decode().splitlines()
    assert lines == [
        f"xml/{elsewhere.chave}-procEventoNFCom.xml: {pack.ELSEWHERE}",
        f"xml/{unknown}-nfcomProc.xml: {pack.LOST}",
    ]
    assert f"xml/{elsewhere.chave}-nfcomProc.xml" in found.files


def test_a_large_pack_is_a_zip64(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a zip of the old kind, such as the workbook inside, held twelve files and not 65,535."""
    house = month(engine)
    plain = packed(house, papers=True)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 12)
    large = packed(house, papers=True)
    end = b"PK\x06\x06"
    assert (end in plain.content, end in large.content) == (False, True)
    assert large.files == plain.files


def test_no_more_than_some_rows_are_read_at_a_time(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    house = month(engine)
    whole = packed(house)
    asked = list[int]()
    read_each = archive.read_each

    def counted(connection: Connection, row_ids: Sequence[str]) -> Any:
        asked.append(len(row_ids))
        return read_each(connection, row_ids)

    monkeypatch.setattr(archive, "read_each", counted)
    monkeypatch.setattr(pack, "AT_A_TIME", 4)
    assert packed(house).content == whole.content
    assert asked == [4, 2]


def test_a_number_without_a_note_is_told_with_its_reason(engine: Engine) -> None:
    house = new_house(engine)
    for reference in ("A", "B", "C"):
        house.submit(reference, internet())
    house.settle()
    refused = document.c.nnf == 2
    with engine.begin() as connection:
        connection.execute(update(document).where(refused).values(state="REJECTED", cstat="428", nprot=None))
    found = packed(house)
    gaps = found.table("numeracao.csv")
    assert [(gap["uf"], gap["primeiro"], gap["motivo"]) for gap in gaps][:1] == [
        ("RS", "2", "Recusada e não corrigida")
    ]
    assert "Recusada e não corrigida: 1" in found.files["resumo.txt"].decode()


def test_an_empty_month_is_a_pack_that_says_so(engine: Engine) -> None:
    house = new_house(engine)
    assert START.month == NOVEMBER.month
    found = packed(house)
    assert found.table("indice.csv") == []
    assert "faturado   R$ 0,00 em 0 notas" in found.files["resumo.txt"].decode()
    assert found.steps[-1] == pack.Step(0, 0, 0)
