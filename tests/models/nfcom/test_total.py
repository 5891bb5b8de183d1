"""Totals as properties: signs, sums and scale, over any items."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.nfcom.changes import changed
from tests.models.nfcom.golden import read
from zelo.fiscal.money import Rounding
from zelo.models.nfcom.draft import Det
from zelo.models.nfcom.tax import RetTrib
from zelo.models.nfcom.total import Total, fits, sign_of, totals

unhurried = settings(deadline=None)
"""A busy machine is no failure."""

CENTS: Final = Rounding(2, "ROUND_HALF_UP")
PLAIN: Final = "0100401"
DEDUCTION: Final = "5900101"

_PARTS: Final = [det for name in ("residential-internet", "icms20-reduced-base", "withholding", "reform-details",
                                  "discount-and-charges", "item-without-cst", "simples-nacional")
                 for det in read(name).draft.det]  # fmt: skip


def _amount(places: int) -> st.SearchStrategy[Decimal]:
    return st.integers(0, 10**9).map(lambda n: Decimal(n).scaleb(-places))


@st.composite
def _det(draw: st.DrawFn) -> Det:
    """A golden item with another value, class and sign."""
    det = draw(st.sampled_from(_PARTS))
    prod = replace(
        det.prod,
        vProd=draw(_amount(8)),
        cClass=draw(st.sampled_from([PLAIN, DEDUCTION])),
        indDevolucao=draw(st.sampled_from([None, "1"])),
    )
    return replace(det, prod=prod)


def _total(items: list[Det], *, adds: bool = False) -> Total:
    return totals(items, CENTS, adds_ibs_cbs=adds)


def _leaves(value: object) -> list[Decimal]:
    names = getattr(type(value), "__dataclass_fields__", ())
    if not names:
        return [value] if isinstance(value, Decimal) else []
    return [leaf for name in names for leaf in _leaves(getattr(value, name))]


@pytest.mark.parametrize(
    ("cclass", "returned", "sign"), [(PLAIN, None, 1), (DEDUCTION, None, -1), (PLAIN, "1", -1), (DEDUCTION, "1", 1)]
)
def test_deduction_and_return_each_turn_the_sign(cclass: str, returned: str | None, sign: int) -> None:
    det = changed(_PARTS[0], {"prod.cClass": cclass, "prod.indDevolucao": returned})
    assert sign_of(det) == sign
    assert _total([det]).vProd == sign * det.prod.vProd


@unhurried
@given(st.lists(_det(), max_size=6))
def test_the_total_is_the_signed_sum_rounded_once(items: list[Det]) -> None:
    exact = sum((sign_of(det) * det.prod.vProd for det in items), Decimal(0))
    assert _total(items).vProd == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


@unhurried
@given(st.lists(_det(), max_size=6))
def test_every_total_has_two_places_and_no_negative_zero(items: list[Det]) -> None:
    for leaf in _leaves(_total(items, adds=True)):
        assert leaf.as_tuple().exponent == -2
        assert str(leaf) != "-0.00"


@unhurried
@given(st.lists(_det(), max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_matter(items: list[Det], chance: Random) -> None:
    mixed = items.copy()
    chance.shuffle(mixed)
    assert _total(mixed) == _total(items)


@unhurried
@given(st.lists(_det(), max_size=4))
def test_an_item_and_its_return_leave_nothing(items: list[Det]) -> None:
    back = [changed(det, {"prod.indDevolucao": None if det.prod.indDevolucao else "1"}) for det in items]
    assert all(leaf == 0 for leaf in _leaves(_total(items + back)))


@unhurried
@given(st.lists(_det(), max_size=4), _amount(2), _amount(2))
def test_what_is_withheld_lowers_vnf_alone(items: list[Det], pis: Decimal, irrf: Decimal) -> None:
    zero = Decimal("0.00")
    free = [changed(det, {"imposto.retTrib": None}) for det in items]
    last = changed(_PARTS[0], {"prod.cClass": PLAIN})
    taxed = changed(
        last, {"imposto.retTrib": RetTrib(vRetPIS=pis, vRetCofins=zero, vRetCSLL=zero, vBCIRRF=pis, vIRRF=irrf)}
    )
    before, after = _total([*free, last]), _total([*free, taxed])
    assert after.vProd == before.vProd
    assert before.vNF - after.vNF == pis + irrf


@unhurried
@given(st.lists(_det(), max_size=4))
def test_vtotdfe_comes_with_the_reform_and_adds_up_from_2027(items: list[Det]) -> None:
    now, later = _total(items), _total(items, adds=True)
    if not any(det.imposto.IBSCBS for det in items):
        assert now.vTotDFe is None
        assert later.vTotDFe is None
        return
    assert now.vTotDFe == now.vNF
    reform = later.IBSCBSTot
    assert later.vTotDFe == later.vNF + (reform.gIBS.vIBS + reform.gCBS.vCBS if reform else 0)


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+13", "1E+999999"])
def test_an_amount_that_no_tag_can_hold_is_left_to_the_layout(text: str) -> None:
    assert not fits(Decimal(text))
    odd = changed(_PARTS[0], {"prod.vProd": Decimal(text)})
    assert _total([odd, _PARTS[0]]).vProd == _PARTS[0].prod.vProd


@pytest.mark.parametrize("text", ["0", "0.00", "-5", "9999999999999.99", "1E-8"])
def test_an_amount_of_the_size_of_a_tag_counts(text: str) -> None:
    assert fits(Decimal(text))
