"""A plan becomes items: not a cent is lost or made, taxes are the file's rates, and a wrong plan gives nothing."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.isp.billing.files import NOTE, PART, PARTS, read, told
from zelo.fiscal.money import Rounding
from zelo.isp.billing.composicao import split
from zelo.models.nfcom.tax import Imposto

CENT: Final = Decimal("0.01")
RULE: Final = Rounding(2, "ROUND_HALF_UP")
TAXES: Final = {
    "pis_cst": "01",
    "pis_aliquota": "0,65",
    "cofins_cst": "01",
    "cofins_aliquota": "3",
    "fust_aliquota": "1",
    "funttel_aliquota": "0,5",
    "ibscbs_cst": "000",
    "ibscbs_cclasstrib": "000001",
}

amounts = st.integers(0, 10_000_000).map(lambda cents: Decimal(cents) / 100)
weights = st.lists(st.integers(1, 100_000).map(lambda share: Decimal(share) / 1000), min_size=1, max_size=30)


def half_up(value: Decimal) -> Decimal:
    """To the cent, as taught at school."""
    return value.quantize(CENT, ROUND_HALF_UP)


@given(amounts, weights)
def test_splitting_never_loses_or_makes_a_cent_and_no_part_is_negative(value: Decimal, parts: list[Decimal]) -> None:
    pieces = split(value, parts, RULE)
    assert len(pieces) == len(parts)
    assert sum(pieces) == value
    assert min(pieces) >= 0
    assert all(piece == piece.quantize(CENT) for piece in pieces)


@given(amounts, weights)
def test_every_part_is_its_share_to_within_a_cent(value: Decimal, parts: list[Decimal]) -> None:
    for piece, weight in zip(split(value, parts, RULE), parts, strict=True):
        assert abs(piece - value * weight / sum(parts)) < CENT + Decimal("1e-9")


@given(st.lists(st.integers(0, 1_000_000), min_size=1, max_size=30), st.data())
def test_a_discount_never_passes_the_part_that_it_is_taken_from(cents: list[int], data: st.DataObject) -> None:
    gross = [Decimal(amount) / 100 for amount in cents]
    discount = Decimal(data.draw(st.integers(0, sum(cents)))) / 100
    cuts = split(discount, gross, RULE)
    assert sum(cuts) == discount
    assert all(0 <= cut <= amount for cut, amount in zip(cuts, gross, strict=True))


def test_four_equal_parts_of_two_cents() -> None:
    """Each part rounded by itself would be a cent, and the last one would pay for them."""
    pieces = split(Decimal("0.02"), [Decimal(25)] * 4, RULE)
    assert (sum(pieces), min(pieces), max(pieces)) == (Decimal("0.02"), Decimal(0), CENT)


def items(**changes: str) -> list[tuple[Decimal, Decimal | None, Decimal]]:
    """Value, discount and unit value of each item of a note of one line."""
    billing = read(NOTE | changes)
    assert told(billing) == []
    [note] = billing.notes
    return [(det.prod.vProd, det.prod.vDesc, det.prod.vItem) for det in note.draft.det]


def test_a_plan_of_one_part_is_one_item_with_the_line_as_it_stands() -> None:
    assert items(quantidade="3", valor_unitario="33,335") == [(Decimal("100.01"), None, Decimal("33.335"))]


def test_a_plan_of_two_parts_is_two_items() -> None:
    assert items(plano="HALVES", valor_unitario="149,90") == [
        (Decimal("104.93"), None, Decimal("104.93")),
        (Decimal("44.97"), None, Decimal("44.97")),
    ]


def test_a_discount_is_shared_by_the_parts_and_taken_off() -> None:
    assert items(plano="HALVES", valor_unitario="100", desconto="10,01") == [
        (Decimal("62.99"), Decimal("7.01"), Decimal("70.00")),
        (Decimal("27.00"), Decimal("3.00"), Decimal("30.00")),
    ]


@given(
    st.integers(1, 99_999).map(lambda n: Decimal(n) / 1000),
    st.integers(0, 999_999).map(lambda n: Decimal(n) / 100),
    st.integers(1, 99_999),
)
def test_the_items_of_any_line_add_up_to_quantity_times_unit_value(
    quantity: Decimal, unit: Decimal, share: int
) -> None:
    percent = Decimal(share) / 1000
    parts = _parts(tuple(f"{part:.3f}".replace(".", ",") for part in (percent, 100 - percent)))
    row = NOTE | {"quantidade": f"{quantity:f}".replace(".", ","), "valor_unitario": f"{unit:.2f}"}
    [note] = read(row, parts=parts).notes
    assert sum(det.prod.vProd for det in note.draft.det) == half_up(quantity * unit)
    for det in note.draft.det:
        assert abs(det.prod.vItem * det.prod.qFaturada - det.prod.vProd) < CENT / 2


def taxed(value: str, **changes: str) -> Imposto:
    """The taxes of an item of that value."""
    [note] = read(NOTE | {"valor_unitario": value}, parts=[PART | TAXES | changes]).notes
    return note.draft.det[0].imposto


def test_every_tax_is_its_rate_of_the_value() -> None:
    imposto = taxed("149,90")
    value = Decimal("149.90")
    assert imposto.ICMS00 is not None
    assert (imposto.ICMS00.vBC, imposto.ICMS00.pICMS, imposto.ICMS00.vICMS) == (value, Decimal(17), Decimal("25.48"))
    assert imposto.PIS is not None
    assert (imposto.PIS.vBC, imposto.PIS.vPIS) == (value, Decimal("0.97"))
    assert imposto.COFINS is not None
    assert (imposto.COFINS.vBC, imposto.COFINS.vCOFINS) == (value, Decimal("4.50"))
    assert imposto.FUST is not None
    assert (imposto.FUST.vBC, imposto.FUST.vFUST) == (value, Decimal("1.50"))
    assert imposto.FUNTTEL is not None
    assert (imposto.FUNTTEL.vBC, imposto.FUNTTEL.vFUNTTEL) == (value, Decimal("0.75"))
    assert imposto.IBSCBS is not None
    assert imposto.IBSCBS.gIBSCBS is not None
    assert imposto.IBSCBS.gIBSCBS.vBC == value - Decimal("25.48") - Decimal("0.97") - Decimal("4.50")


def test_the_taxes_of_the_reform_in_the_year_of_the_test() -> None:
    """LC 214/2025 art. 343: 0.1 % IBS and 0.9 % CBS in 2026."""
    imposto = taxed("100,00", icms_cst="40", icms_aliquota="", pis_cst="", cofins_cst="")
    assert imposto.IBSCBS is not None
    group = imposto.IBSCBS.gIBSCBS
    assert group is not None
    assert (group.vBC, group.vIBS, group.gCBS.vCBS) == (Decimal(100), Decimal("0.10"), Decimal("0.90"))


def test_a_reduced_base_bears_less_icms() -> None:
    imposto = taxed("100,00", icms_cst="20", icms_reducao="33,33")
    assert imposto.ICMS20 is not None
    assert (imposto.ICMS20.vBC, imposto.ICMS20.vICMS) == (Decimal("66.67"), Decimal("11.33"))


@pytest.mark.parametrize(
    ("cst", "group"),
    [("40", "ICMS40"), ("41", "ICMS40"), ("51", "ICMS51"), ("90", "ICMS90"), ("SN", "ICMSSN"), ("SEM", "indSemCST")],
)
def test_every_cst_has_its_one_group(cst: str, group: str) -> None:
    imposto = taxed("100,00", icms_cst=cst, icms_aliquota="")
    names = ("ICMS00", "ICMS20", "ICMS40", "ICMS51", "ICMS90", "ICMSSN", "indSemCST")
    assert [name for name in names if getattr(imposto, name)] == [group]
    if cst in ("40", "41"):
        assert imposto.ICMS40 is not None
        assert cst == imposto.ICMS40.CST


def test_what_the_file_does_not_name_is_not_on_the_note() -> None:
    [note] = read(NOTE).notes
    imposto = note.draft.det[0].imposto
    assert [imposto.PIS, imposto.COFINS, imposto.FUST, imposto.FUNTTEL, imposto.IBSCBS] == [None] * 5


@pytest.mark.parametrize("shares", [("70", "30,01"), ("70", "29,99"), ("100", "100"), ("50",)])
def test_a_plan_whose_parts_do_not_add_up_gives_no_note_and_says_what_they_are(shares: tuple[str, ...]) -> None:
    billing = read(NOTE, NOTE | {"fatura": "F2", "plano": "HALVES"}, parts=[*PARTS[1:], *_parts(shares)])
    assert told(billing) == [(2, "PLANO", "plano"), (4, "COMPOSICAO-SOMA", "composicoes: percentual")]
    total = sum(Decimal(share.replace(",", ".")) for share in shares)
    assert f" {total} %.".replace(".", ",", f"{total}".count(".")) in billing.faults[1].fault.sentence
    assert [note.reference for note in billing.notes] == ["F2"]


def test_a_plan_of_which_a_line_is_faulty_gives_no_note_even_if_the_others_add_up() -> None:
    billing = read(NOTE, parts=[PART, PART | {"percentual": "abc"}])
    assert told(billing) == [(2, "PLANO", "plano"), (3, "CELULA-NUMERO", "composicoes: percentual")]
    assert list(billing.notes) == []


def _parts(shares: tuple[str, ...]) -> list[dict[str, str]]:
    return [PART | {"percentual": share} for share in shares]


@pytest.mark.parametrize("count", [3, 7, 12])
def test_shares_add_up_exactly_or_not_at_all(count: int) -> None:
    """A third has no decimal end: the last part takes what is missing, in the file."""
    share = (Decimal(100) / count).quantize(CENT)
    rest = Decimal(100) - share * (count - 1)
    even = [f"{share}".replace(".", ",")] * count
    assert (2, "COMPOSICAO-SOMA", "composicoes: percentual") in told(read(NOTE, parts=_parts(tuple(even))))
    [note] = read(NOTE, parts=_parts((*even[1:], f"{rest}".replace(".", ",")))).notes
    values = [det.prod.vProd for det in note.draft.det]
    assert sum(values) == Decimal("99.90")
    assert all(abs(one - other) <= CENT * 10 for one, other in pairwise(values))
