"""Whatever a draft holds: rules answer and never raise, and what assembles is valid for the official schema."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.models.nfcom.changes import changed
from tests.models.nfcom.golden import NAMES, Golden, compose, read, sign
from tests.models.nfcom.test_golden import is_valid
from zelo.assemble.nfcom import Assembled
from zelo.models.canonical.facet import SCHEMA_CSTAT
from zelo.models.nfcom.rules.table import RULES
from zelo.prevalidate.core import MAX_FAULTS, run

_TEXT: Final = st.text(max_size=12) | st.sampled_from(["", "0", "1", "9", "EX", "ISENTO", "1200101", "5307", "P0", "²"])
_NUMBER: Final = (
    st.decimals(allow_nan=True, allow_infinity=True)
    | st.integers(-(10**15), 10**15).map(lambda n: Decimal(n).scaleb(-4))
    | st.sampled_from([Decimal(t) for t in ("NaN", "sNaN", "-Infinity", "1E+999999", "1E-999999", "0E+50", "-0.00")])
)
_ANY: Final[dict[object, st.SearchStrategy[Any]]] = {
    str: _TEXT,
    int: st.integers(-1, 10**6),
    Decimal: _NUMBER,
    date: st.dates(),
    NoneType: st.none(),
}

REPEATED_NUMBER: Final = "NFCOM-Z05"
"""The one constraint of the schema that the layout table does not hold (pk_nItem): a rule does."""


def _paths(value: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Path, declared type and present value of every field in a tree of dataclasses."""
    hints = get_type_hints(type(value))
    for field in fields(value):
        inner, below = f"{path}.{field.name}", getattr(value, field.name)
        yield inner, hints[field.name], below
        for index, part in enumerate(below if isinstance(below, tuple) else ()):
            if is_dataclass(part):
                yield from _paths(part, f"{inner}.{index}")
        if is_dataclass(below):
            yield from _paths(below, inner)


@cache
def places(name: str) -> list[tuple[str, Any, Any]]:
    """Everything that may be changed in the draft of a golden note."""
    return list(_paths(read(name).draft, "draft"))


def _values(hint: Any, present: Any) -> st.SearchStrategy[Any]:
    """Any value of the declared type; of a group, the present one, for its fields have their turn."""
    if isinstance(hint, UnionType):
        return st.one_of([_values(option, present) for option in get_args(hint)])
    if get_origin(hint) is tuple:
        return st.sampled_from([(), present or (), (present or ()) * 2])
    return _ANY.get(hint, st.just(present))


@st.composite
def _odd(draw: st.DrawFn) -> Golden:
    """A golden note with up to four fields that hold anything; inner ones change first."""
    name = draw(st.sampled_from(NAMES))
    chosen = draw(st.lists(st.sampled_from(places(name)), min_size=1, max_size=4, unique_by=lambda place: place[0]))
    inner_first = sorted(chosen, key=lambda place: -place[0].count("."))
    return changed(read(name), {path: draw(_values(hint, present)) for path, hint, present in inner_first})


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_odd())
def test_rules_answer_for_any_draft(golden: Golden) -> None:
    known = {rule.id for rule in RULES}
    faults = run(RULES, golden.note)
    assert {fault.rule for fault in faults} <= known
    assert len(faults) <= MAX_FAULTS


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_odd())
def test_what_assembles_is_valid_unless_a_rule_objects_and_the_rest_says_where(golden: Golden) -> None:
    made = compose(golden)
    if isinstance(made, Assembled):
        repeated = any(fault.rule == REPEATED_NUMBER for fault in run(RULES, golden.note))
        assert is_valid(sign(golden, made).xml) is not repeated
    else:
        assert made != []
        assert {fault.cstat for fault in made} == {SCHEMA_CSTAT}
        assert all(fault.where.startswith("infNFCom") and fault.sentence and fault.remedy for fault in made)
