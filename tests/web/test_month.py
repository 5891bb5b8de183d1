"""The month's page and a file's go through the forms: what is sent, to whom it is told, and what leaves as a file."""

import csv
import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from tests.drafts import internet
from tests.web.test_billing import confirm, month, send
from tests.web.town import Town, said, tree
from zelo.flow import record
from zelo.flow.intake import Go


def checked(town: Town) -> tuple[str, Any]:
    """The example's month, taken in and checked; its address and its page."""
    page = confirm(town, send(town, *month()))
    worker = town.house.worker()
    while worker._prepare(town.clock()):
        pass
    path = str(page.url.path)
    return path, town.get("user", path)


def go(town: Town, path: str, page: Any, persona: str = "user") -> Any:
    """Press "Enviar 5" as the page has it."""
    form = tree(page).xpath("//form[contains(@action, '/amostra')]")[0]
    data = {"csrf": town.csrf(persona), "visto": form.xpath(".//input[@name='visto']/@value")[0]}
    notes = [str(one) for one in form.xpath(".//input[@name='nota']/@value")]
    return town.client(persona).post(f"{path}/amostra", data={**data, "nota": notes})


def states(town: Town) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in town.house.rows():
        found[row.state] = found.get(row.state, 0) + 1
    return found


def test_a_sample_goes_once_however_often_it_is_pressed_and_the_history_names_who(town: Town) -> None:
    path, page = checked(town)
    before = states(town)["CHECKED"]
    assert go(town, path, page).status_code == 303
    assert "nada-a-enviar" in go(town, path, page, "administrator").headers["location"]
    assert states(town)["CHECKED"] == before - 5
    [one, *_] = [row for row in town.house.rows() if row.go_at is not None]
    with town.engine.read() as connection:
        [line] = [line for line in record.past(connection, one.id) if line.event == "let go"]
    assert line.actor.startswith("Ugo Usuário")
    assert line.detail == "amostra do arquivo novembro.csv"
    assert "mandou enviar" in said(town.get("administrator", f"{town.home}/auditoria"))


def test_the_rest_goes_only_when_somebody_is_sure_and_has_looked(town: Town) -> None:
    path, page = checked(town)
    seen = str(tree(page).xpath("//form[contains(@action, '/resto')]//input[@name='visto']/@value")[0])
    for data in ({"visto": seen}, {"certeza": "sim"}, {"certeza": "sim", "visto": "9" * 20}):
        assert town.post("user", f"{path}/resto", data).status_code == 422
    assert "DRAFT" not in states(town)
    assert town.post("user", f"{path}/resto", {"certeza": "sim", "visto": seen}).status_code == 303
    page = said(town.get("user", path))
    assert "Mandando enviar: 0 de" in page
    assert "Enviar o resto" not in page
    town.house.worker().turn()
    assert "CHECKED" not in states(town)
    assert "Mandando enviar" not in said(town.get("user", path))


def test_a_certain_correction_is_shown_made_and_told(town: Town) -> None:
    draft = internet()
    wrong = replace(draft, dest=replace(draft.dest, enderDest=replace(draft.dest.enderDest, cMun="3550308")))
    note = town.house.submit("F1", wrong, go=Go.AWAITED).document_id
    town.house.worker()._prepare(town.clock())
    page = town.get("user", f"{town.home}/mes/2026-11")
    [path] = tree(page).xpath("//a[starts-with(text(), 'Corrigir')]/@href")
    shown = tree(town.get("user", path))
    assert (shown.xpath("//del/text()"), shown.xpath("//ins/text()")) == (["3550308"], ["4314902"])
    town.post("user", path)
    row = town.house.row(note)
    assert (row.state, row.revision, row.go_at) == ("DRAFT", 2, None)
    with town.engine.read() as connection:
        assert "correção certa de NFCOM-G29" in record.past(connection, note)[-1].detail


def test_where_nobody_wants_to_look_a_file_goes_at_once(town: Town) -> None:
    data = {"conferir": "nao", "variacao": "15"}
    assert town.post("administrator", f"{town.home}/mes/2026-11/parametros", data).status_code == 303
    confirm(town, send(town, *month()))
    assert all(row.go_at is not None for row in town.house.rows())


@pytest.mark.usefixtures("notes")
def test_the_month_counts_each_note_once_and_lists_what_it_counts(town: Town) -> None:
    page = tree(town.get("reader", f"{town.home}/mes/2026-11"))
    counts = {
        tile.xpath("string(.//span[@class='tile-label'])"): int(tile.xpath("string(.//span[@class='tile-count'])"))
        for tile in page.xpath("//ul[contains(@class, 'month')]/li")
    }
    assert sum(counts.values()) == len(town.house.rows())
    named = [counts[name] for name in ("Conferidas", "Erro SEFAZ na nota", "Erro SEFAZ no item", "Dados inválidos")]
    assert named == [1, 2, 1, 1], "435 names its item"
    assert "Recalcule o item" in said(town.get("reader", f"{town.home}/mes/2026-11"))
    for link in page.xpath("//ul[contains(@class, 'month')]/li/a/@href"):
        listed = tree(town.get("reader", link.partition("#")[0]))
        chosen = int(listed.xpath("string(//li[contains(@class, 'chosen')]//span[@class='tile-count'])"))
        assert len(listed.xpath("//table[contains(@class, 'notes')]/tbody/tr")) == chosen


def test_chosen_notes_are_sent_again_through_the_guard_and_the_others_say_why_not(
    town: Town, notes: dict[str, str]
) -> None:
    data = {"csrf": town.csrf("user"), "ato": "reenviar", "nota": [notes["REJECTED"], notes["HELD"]]}
    answer = town.client("user").post(f"{town.home}/mes/2026-11/agir", data=data)
    assert "1 nota voltou à fila" in said(answer)
    assert "Só se reenvia, sem mudar, uma nota recusada." in said(answer)
    assert [town.house.row(notes[one]).state for one in ("REJECTED", "HELD")] == ["SIGNED", "HELD"]


def test_no_cell_of_a_file_is_a_formula(town: Town) -> None:
    town.submit("=1+1", internet(name="@SUM(A1)", value="1234.50"))
    home = f"{town.home}/mes/2026-11/arquivo"
    [row] = csv.DictReader(io.StringIO(town.get("reader", f"{home}/csv").content.decode("utf-8-sig")), delimiter=";")
    assert (row["referencia"], row["assinante"], row["faturado"]) == ("'=1+1", "'@SUM(A1)", "1234,50")
    sheet = openpyxl.load_workbook(io.BytesIO(town.get("reader", f"{home}/xlsx").content)).active
    assert sheet is not None
    cells = dict(zip([cell.value for cell in sheet[1]], sheet[2], strict=True))
    assert (cells["referencia"].value, cells["referencia"].data_type) == ("=1+1", "s")
    assert cells["faturado"].value == 1234.5
