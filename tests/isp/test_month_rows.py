"""The month as the databases tell it: the same on both, list and tile agree, few statements, and exact figures."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import event, update

from tests.drafts import internet
from tests.house import PLACES, House, new_house
from zelo.access.shell import companies
from zelo.assemble.shell import series
from zelo.engine.contract import Engine
from zelo.engine.schema.flow import document
from zelo.fiscal.situacao import Situacao
from zelo.flow import go
from zelo.flow.intake import Arrival, Go, submit
from zelo.flow.lifecycle import State
from zelo.isp.month.balance import balance
from zelo.isp.month.scope import Scope
from zelo.isp.month.shell import numbers, preview, standing
from zelo.isp.month.tile import TILES, Side, Tile
from zelo.models.nfcom.draft import NfcomDraft


def hand_in(house: House, reference: str, draft: NfcomDraft, uf: str = "RS", wanted: Go = Go.AWAITED) -> str:
    """A note that waits for a person, or goes."""
    with house.tools.engine.begin() as connection:
        emitter = companies.find_establishment(connection, house.establishments[uf])
        assert emitter is not None
        arrival = Arrival(
            establishment=emitter, reference=reference, content=draft, serie=1, actor="t", now=house.clock(), go=wanted
        )
        return submit(connection, house.tools, arrival).document_id


def in_month(draft: NfcomDraft, period: str, contract: str = "C-1") -> NfcomDraft:
    assert draft.gFat is not None
    customer = replace(draft.assinante, nContrato=contract)
    return replace(draft, gFat=replace(draft.gFat, CompetFat=period), assinante=customer)


def whole(house: House) -> Scope:
    return Scope(company_id=house.company_id, period="202611")


def test_a_note_without_a_go_is_checked_and_gets_neither_number_nor_date(engine: Engine) -> None:
    house = new_house(engine, places=PLACES[:1])
    good, bad = internet(), replace(internet(), dest=replace(internet().dest, CPF="52998224726"))
    first, wrong = hand_in(house, "F1", good), hand_in(house, "F2", bad)
    long = hand_in(house, "F3", replace(good, dest=replace(good.dest, xNome="João " * 30)))
    house.settle()
    row = house.row(first)
    assert (row.state, row.nnf, row.chave, row.emitted_at, row.go_at) == ("CHECKED", None, None, None, None)
    assert [house.row(one).state for one in (wrong, long)] == ["INVALID", "INVALID"], "rules and layout alike"
    assert house.sefaz.journal.entries == []
    house.clock.advance(timedelta(hours=9))
    later = house.clock()
    assert go.let_go(house.tools, [document.c.id == first], seen=later, actor="Ana") == 1
    assert go.let_go(house.tools, [document.c.id == first], seen=later, actor="Rui") == 0, (
        "the second click does nothing"
    )
    house.settle()
    row = house.row(first)
    assert (row.state, row.nnf, row.emitted_at) == ("AUTHORISED", 1, later)


def test_other_content_waits_again_and_what_changed_after_the_look_is_not_sent(engine: Engine) -> None:
    house = new_house(engine, places=PLACES[:1])
    note = hand_in(house, "F1", internet())
    house.settle()
    seen = house.clock()
    house.clock.advance(timedelta(seconds=1))
    hand_in(house, "F1", internet(value="120.00"))
    house.settle()
    assert house.row(note).state == "CHECKED"
    assert go.let_go(house.tools, [document.c.id == note], seen=seen, actor="Ana") == 0
    assert go.let_go(house.tools, [document.c.id == note], seen=house.clock(), actor="Ana") == 1
    house.settle()
    assert (house.row(note).state, house.row(note).billed) == ("AUTHORISED", Decimal("120.00"))


def test_handing_the_same_in_again_with_a_go_sends_it(engine: Engine) -> None:
    house = new_house(engine, places=PLACES[:1])
    note = hand_in(house, "F1", internet())
    house.settle()
    hand_in(house, "F1", internet(), wanted=Go.GIVEN)
    house.settle()
    assert house.row(note).state == "AUTHORISED"


def test_list_and_tile_agree_over_every_state_and_situacao(engine: Engine) -> None:
    """Rows put into every combination by hand: what the page counts and what it lists are the same notes."""
    house = new_house(engine, places=PLACES[:1])
    combinations = [
        (state, situacao, cstat, tpemis)
        for state in State
        for situacao in (None, Situacao.CANCELADA.value)
        for cstat in (None, "428", "276")
        for tpemis in ("", "1", "2")
    ]
    for number, (state, situacao, cstat, tpemis) in enumerate(combinations):
        note = hand_in(house, f"F{number}", internet(value=f"{number + 1}.01"))
        values = {"state": state.value, "situacao": situacao, "cstat": cstat}
        chave = f"{number:034d}{tpemis}00000000" if tpemis else None
        with engine.begin() as connection:
            connection.execute(update(document).where(document.c.id == note).values(**values, chave=chave))
    with engine.read() as connection:
        found = balance(standing.spots(connection, whole(house)))
        listed = {
            one: standing.documents(connection, replace(whole(house), tile=one), limit=len(combinations))
            for one in Tile
        }
    assert {one: len(rows) for one, rows in listed.items()} == {one: found.tiles[one].notes for one in TILES}
    assert sum(len(rows) for rows in listed.values()) == len(combinations)
    assert found.known.value == sum(row.billed for row in house.rows())
    assert sum((found.side(side).value for side in Side), Decimal(0)) == found.known.value


def test_a_month_is_read_in_as_many_statements_however_many_notes_it_has(engine: Engine) -> None:
    def statements(notes: int) -> int:
        for number in range(notes):
            hand_in(house, f"N{notes}-{number}", internet())
        house.settle()
        seen = list[str]()
        with engine.read() as connection:
            event.listen(connection, "before_cursor_execute", lambda *said: seen.append(said[2]))
            scope = whole(house)
            standing.spots(connection, scope)
            standing.authorised_by_day(connection, scope, timedelta(hours=-3))
            standing.oldest_unauthorised(connection, scope, house.clock())
            standing.faulty(connection, scope)
            standing.waiting_batches(connection, scope)
            standing.documents(connection, scope, limit=51)
            preview.parts(connection, scope)
            preview.compare(connection, house.company_id, list(house.establishments.values()), "202611", "202610", 20)
        return len(seen)

    house = new_house(engine, places=PLACES[:1])
    few = statements(2)
    assert statements(20) == few < 12


def test_two_months_are_compared_contract_by_contract(engine: Engine) -> None:
    house = new_house(engine, places=PLACES[:1])
    for reference, period, contract, value in (
        ("O1", "202610", "same", "100.00"), ("N1", "202611", "same", "110.00"),
        ("O2", "202610", "moved", "100.00"), ("N2", "202611", "moved", "130.00"),
        ("O3", "202610", "gone", "50.00"), ("N4", "202611", "new", "70.00"),
    ):  # fmt: skip
        hand_in(house, reference, in_month(internet(value=value), period, contract))
    with engine.read() as connection:
        rs = [house.establishments["RS"]]
        found = preview.compare(connection, house.company_id, rs, "202611", "202610", 20)
        [part] = preview.parts(connection, whole(house))
    assert (found.now, found.before, found.difference) == (Decimal("310.00"), Decimal("250.00"), Decimal("60.00"))
    assert found.counts == {"missing": 1, "new": 1, "changed": 1}
    assert [one.contract for kind in ("missing", "new", "changed") for one in found.shown[kind]] == [
        "1001/gone", "1001/new", "1001/moved",
    ]  # fmt: skip
    assert (part.cfop, part.cclass, part.notes, part.items, part.value) == ("5307", "0100401", 3, 3, Decimal("310.00"))


def test_a_sample_is_of_as_many_establishments_as_possible(engine: Engine) -> None:
    house = new_house(engine, places=PLACES)
    for number in range(6):
        hand_in(house, f"RS{number}", internet())
    for uf in ("MG", "MS", "MT"):
        hand_in(house, uf, internet(uf), uf)
    house.settle()
    with engine.read() as connection:
        chosen = preview.sample(connection, whole(house), 5)
    assert sorted(row.uf for row in chosen) == ["MG", "MS", "MT", "RS", "RS"]


def test_numbers_without_a_note_are_found_in_the_rows(engine: Engine) -> None:
    house = new_house(engine, places=PLACES[:1])
    for number in range(5):
        hand_in(house, f"F{number}", internet(), wanted=Go.GIVEN)
    house.settle()
    third = next(row for row in house.rows() if row.nnf == 3)
    with engine.begin() as connection:
        connection.execute(update(document).where(document.c.id == third.id).values(state="REJECTED", cstat="428"))
    with engine.read() as connection:
        [serie] = series(connection, house.establishments["RS"])
        [gap] = numbers.gaps_of(connection, serie)
    assert (gap.first, gap.last, gap.reference, gap.reason.label) == (3, 3, third.reference, "Recusada e não corrigida")
