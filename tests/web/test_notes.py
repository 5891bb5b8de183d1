"""The list of notes: tiles that add up, filters, search, pages, and what a stranger's name may not do."""

from datetime import timedelta
from typing import Any, Final

import pytest

from tests.drafts import internet
from tests.web.town import Town, establish_other, later, said, tree
from zelo.flow.lifecycle import Event
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.monitor.wording import WORDING
from zelo.web.pages.notes import PAGE_ROWS, states_of
from zelo.web.words import GROUPS

HOSTILE: Final = '<script>alert("x")</script>\'&'
ADMITTED: Final = (Event.ADMITTED, later(3))


def tiles(page: Any) -> tuple[dict[str, int], dict[str, int]]:
    """Counts by tone, and by state where a tile has more than one."""
    whole = tree(page)
    by_tone = {
        tile.get("class").split()[1]: int(tile.xpath(".//*[@class='tile-count']/text()")[0])
        for tile in whole.xpath("//li[contains(@class, 'tile ')]")
    }
    chips = {a.text.strip(): int(a.xpath("./b/text()")[0]) for a in whole.xpath("//ul[@class='chips']//a")}
    return by_tone, chips


def rows(page: Any) -> list[str]:
    """References of the notes that are listed."""
    return [cell.text_content().split()[-1] for cell in tree(page).xpath("//table[contains(@class,'notes')]//td[1]")]


ENDED = ("CANCELLED", "UNUSED")


def test_every_state_is_in_one_group() -> None:
    grouped = [state for group in GROUPS for state in states_of(group.tone.value)]
    assert sorted(grouped) == sorted(WORDING)


def test_tiles_count_every_note_once(town: Town, notes: dict[str, str]) -> None:
    page = town.get("reader", f"{town.home}/notas")
    by_tone, by_state = tiles(page)
    assert sum(by_tone.values()) == len(notes)
    assert by_state == {WORDING[state].label: int(state not in ENDED) for state in WORDING if state != "AUTHORISED"}
    assert by_tone == {"action": 5, "waiting": 3, "moving": 3, "done": 0, "ended": 0}
    assert "0 de 11 notas autorizadas" in said(page)


@pytest.mark.usefixtures("notes")
def test_a_tile_filters_and_its_count_is_what_is_listed(town: Town) -> None:
    page = tree(town.get("reader", f"{town.home}/notas"))
    for tile in page.xpath("//li[contains(@class, 'tile ')]"):
        for link in tile.xpath(".//a"):
            count = int((link.xpath(".//b/text()") or link.xpath(".//*[@class='tile-count']/text()"))[0])
            assert len(rows(town.get("reader", link.get("href")))) == count, link.text_content()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=F-UNKNOWN", ["F-UNKNOWN"]),
        ("q=f-un", ["F-UNKNOWN"]),
        ("q=maria", 11),
        ("q=%25", 0),
        ("q=ninguém", 0),
        ("mes=2026-11", 11),
        ("mes=2026-10", 0),
        ("mes=bobagem", 11),
        ("estado=bobagem", 11),
        ("grupo=waiting", 3),
        ("grupo=waiting&q=F-PAUSED", ["F-PAUSED"]),
        ("estabelecimento=bobagem", 11),
        ("q=%00&antes=%00&lote=%00", 11),
    ],
)
@pytest.mark.usefixtures("notes")
def test_the_list_is_narrowed_by_what_the_address_says(town: Town, query: str, found: int | list[str]) -> None:
    got = rows(town.get("reader", f"{town.home}/notas?{query}"))
    assert got == found if isinstance(found, list) else len(got) == found


@pytest.mark.usefixtures("notes")
def test_a_number_finds_its_note(town: Town) -> None:
    number = next(row.nnf for row in town.house.rows() if row.reference == "F-HELD")
    assert rows(town.get("reader", f"{town.home}/notas?q={number}")) == ["F-HELD"]


@pytest.mark.usefixtures("notes")
def test_a_chave_finds_its_note_however_it_was_pasted(town: Town) -> None:
    chave = next(row.chave for row in town.house.rows() if row.reference == "F-HELD")
    blocks = " ".join(chave[i : i + 4] for i in range(0, 44, 4))
    for text in (chave, blocks):
        assert rows(town.client("reader").get(f"{town.home}/notas", params={"q": text})) == ["F-HELD"]


def test_pages_hold_every_note_once_newest_first(town: Town) -> None:
    count = PAGE_ROWS + 7
    for number in range(count):
        town.submit(f"F-{number:03d}")
        town.clock.advance(timedelta(milliseconds=1))
    first = town.get("reader", f"{town.home}/notas")
    older = tree(first).xpath("//nav[@class='pages']/a[text()='Mais antigas']/@href")[0]
    second = town.get("reader", older)
    assert rows(first) + rows(second) == [f"F-{number:03d}" for number in reversed(range(count))]
    assert not tree(second).xpath("//a[text()='Mais antigas']")


@pytest.mark.usefixtures("notes")
def test_notes_of_another_company_are_not_shown(town: Town) -> None:
    establish_other(town)
    page = town.get("stranger", f"/e/{town.other_id}/notas")
    assert "Ainda não há notas" in said(page)
    assert "MARIA" not in page.text


def test_names_and_references_are_shown_as_they_are_and_do_nothing(town: Town) -> None:
    note = town.submit(HOSTILE, internet(name=HOSTILE))
    for path in ("notas", "notas/fragmento", f"notas/{note}", f"notas/{note}/fragmento"):
        page = town.get("reader", f"{town.home}/{path}")
        assert HOSTILE in tree(page).text_content()
        assert "<script>alert" not in page.text


def test_the_search_comes_back_escaped(town: Town) -> None:
    page = town.client("reader").get(f"{town.home}/notas", params={"q": HOSTILE})
    assert tree(page).xpath("//input[@name='q']/@value") == [HOSTILE]
    assert "<script>alert" not in page.text


def test_an_empty_company_is_told_which_step_comes_first(town: Town) -> None:
    page = town.get("stranger", f"/e/{town.other_id}/notas")
    following = tree(page).xpath("//ol[@class='steps']/li[@class='next']//a")
    assert [a.get("href") for a in following] == [f"/e/{town.other_id}/estabelecimentos/novo"]
    establish_other(town)
    page = town.get("stranger", f"/e/{town.other_id}/notas")
    following = tree(page).xpath("//ol[@class='steps']/li[@class='next']//a")
    assert [a.get("href") for a in following] == [f"/e/{town.other_id}/certificados"]


def test_the_list_says_when_nobody_works_and_what_is_halted(town: Town) -> None:
    town.submit("F-1")
    assert "Nada está andando" in said(town.get("reader", f"{town.home}/notas"))
    town.house.worker().turn()
    with town.engine.begin() as connection:
        scope = halt.of_establishment(town.house.establishments["MG"])
        guard.stop(connection, scope=scope, reason=halt.ISSUER, now=town.clock(), until=None)
    page = said(town.get("reader", f"{town.home}/notas"))
    assert "Nada está andando" not in page
    assert "A SEFAZ recusou o emitente ou o certificado (MG): espera uma pessoa" in page


def test_amounts_and_hours_are_brazilian_and_local(town: Town) -> None:
    town.submit("F-1", internet(value="1234.50"))
    page = said(town.get("reader", f"{town.home}/notas"))
    assert "R$ 1.234,50" in page
    assert "Dados de 09:00:00" in page, "noon in UTC is nine in Porto Alegre"


def test_a_batch_shows_only_its_notes(town: Town) -> None:
    note = town.submit("F-1")
    assert rows(town.get("reader", f"{town.home}/notas?lote={note}")) == []
