"""The month of January 2027 is not the month of December with another date: one file, around midnight in two zones."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from lxml import etree

from tests.house import House, VirtualClock, new_house
from zelo.archive import shell as archive
from zelo.cli import example
from zelo.engine.contract import Engine
from zelo.flow.lifecycle import State
from zelo.isp.importing import Imported, import_billing
from zelo.models.nfcom.document import ROOT
from zelo.sim import journal as journals

BEFORE = datetime(2027, 1, 1, 2, 30, tzinfo=UTC)
"""Half past eleven in the evening of 31 December in Brasília, an hour earlier in Cuiabá and Campo Grande."""
AFTER = BEFORE + timedelta(hours=1)
"""2027 in Brasília, not yet further west."""
LATER = BEFORE + timedelta(hours=2)
ENDED = "NFCOM-Z04"
NS = {"n": "http://www.portalfiscal.inf.br/nfcom"}


def _take_in(house: House, month: str) -> Imported:
    """The example's file of 2026-11 under other references; what the example spoils falls away."""
    return import_billing(
        house.tools,
        company_id=house.company_id,
        name=f"{month}.csv",
        billing=example.billing_csv().replace("2026-11-", f"{month}-").encode(),
        composicoes=example.composicoes_csv().encode(),
        actor="teste",
    )


def _federal(house: House, month: str) -> dict[str, set[bool]]:
    """By UF: whether the signed notes of that reference bear PIS and COFINS."""
    found: defaultdict[str, set[bool]] = defaultdict(set)
    with house.tools.engine.read() as connection:
        for row in house.rows():
            content = archive.read(connection, row.chave, ROOT) if row.chave else None
            if content is None or not row.reference.startswith(month):
                continue
            note = etree.fromstring(content)
            taxed = {bool(note.findall(f".//n:{tax}", NS)) for tax in ("PIS", "COFINS")}
            assert len(taxed) == 1, "one without the other"
            text = {tag: Decimal(note.findtext(f".//n:total/{path}", "0", NS)) for tag, path in _TOTALS.items()}
            reform = text["vIBS"] + text["vCBS"] if note.findtext(".//n:dhEmi", "", NS) >= "2027" else 0
            assert text["vTotDFe"] == text["vNF"] + reform
            found[note.findtext(".//n:enderEmit/n:UF", "", NS)] |= taxed
    return found


_TOTALS = {
    "vNF": "n:vNF",
    "vTotDFe": "n:vTotDFe",
    "vIBS": "n:IBSCBSTot/n:gIBS/n:vIBS",
    "vCBS": "n:IBSCBSTot/n:gCBS/n:vCBS",
}


def test_the_same_month_is_built_by_the_year_of_each_emitters_clock(engine: Engine) -> None:
    house = new_house(engine, clock=VirtualClock(BEFORE))
    for at, month in ((BEFORE, "A"), (AFTER, "B"), (LATER, "C")):
        house.clock.now = at
        imported = _take_in(house, month)
        house.settle(most=timedelta(minutes=20))
        assert imported.notes > 20
    assert _federal(house, "A") == {"RS": {True}, "MG": {True}, "MS": {True}, "MT": {True}}
    assert _federal(house, "B") == {"RS": {False}, "MG": {False}, "MS": {True}, "MT": {True}}
    assert _federal(house, "C") == {"RS": {False}, "MG": {False}, "MS": {False}, "MT": {False}}
    assert {State.AUTHORISED, State.INVALID} == set(house.states())
    assert set(journals.authorised(house.sefaz.journal).values()) == {1}


def test_a_draft_of_december_numbered_in_january_is_refused_until_it_is_made_anew(engine: Engine) -> None:
    house = new_house(engine, clock=VirtualClock(BEFORE))
    _take_in(house, "A")
    house.clock.now = LATER
    house.settle(most=timedelta(minutes=20))
    refused = [row for row in house.rows() if ENDED in {fault["rule"] for fault in row.faults or ()}]
    assert len(refused) == len(house.rows())
    assert all(row.nnf is None for row in refused), "nothing was numbered by the wrong year"
    again = _take_in(house, "A")
    assert again.notes == len(refused)
    house.settle(most=timedelta(minutes=20))
    assert house.states()[State.AUTHORISED] > 20
    assert not any(ENDED in {fault["rule"] for fault in row.faults or ()} for row in house.rows())
