"""Running rules: their order, the bound, and the causes that a person sees first."""

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zelo.fiscal.fault import Fault, Found, Rule
from zelo.prevalidate.core import MAX_FAULTS, MAX_PER_RULE, PLACES_SHOWN, run, summary

unhurried = settings(deadline=None)
"""A busy machine is no failure."""


def _rule(name: str, places: Iterable[str]) -> Rule[str]:
    def check(subject: str) -> Iterator[Found]:
        return ((f"{subject}/{place}", place) for place in places)

    return Rule(name, "", f"Frase de {name}.", f"Remédio de {name}.", "fonte", "bom", "mau", check)


def test_faults_come_in_the_order_of_the_rules_and_then_of_the_document() -> None:
    faults = run([_rule("B", ["x", "a"]), _rule("A", []), _rule("C", ["m"])], "nota")
    assert [(fault.rule, fault.where, fault.value) for fault in faults] == [
        ("B", "nota/x", "x"),
        ("B", "nota/a", "a"),
        ("C", "nota/m", "m"),
    ]


def test_no_rules_and_no_faults() -> None:
    assert run([], "nota") == []
    assert run([_rule("A", [])], "nota") == []
    assert summary([]) == []


def test_faults_are_bounded_and_no_rule_runs_in_vain() -> None:
    def never(subject: str) -> Iterator[Found]:
        raise AssertionError(subject)

    places = [str(place) for place in range(MAX_PER_RULE + 1)]
    assert len(run([_rule("A", places)], "nota")) == MAX_PER_RULE
    many = [_rule(f"A{n}", places) for n in range(MAX_FAULTS // MAX_PER_RULE)]
    late = Rule("Z", "", "Frase.", "Remédio.", "fonte", "bom", "mau", never)
    assert len(run([*many, late], "nota")) == MAX_FAULTS


def test_a_rule_that_raises_is_not_hidden() -> None:
    def broken(subject: str) -> Iterator[Found]:
        raise ZeroDivisionError(subject)

    with pytest.raises(ZeroDivisionError):
        run([Rule("A", "", "Frase.", "Remédio.", "fonte", "bom", "mau", broken)], "nota")


def test_causes_are_counted_the_biggest_first_equals_as_they_came() -> None:
    faults = run([_rule("A", ["1"]), _rule("B", "1234567"), _rule("C", ["1"])], "nota")
    causes = summary(faults)
    assert [(cause.rule, cause.count) for cause in causes] == [("B", 7), ("A", 1), ("C", 1)]
    assert causes[0].places == ("nota/1", "nota/2", "nota/3", "nota/4", "nota/5")
    assert (causes[0].sentence, causes[0].remedy) == ("Frase de B.", "Remédio de B.")


@unhurried
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.text(max_size=2))))
def test_causes_lose_no_fault(pairs: list[tuple[str, str]]) -> None:
    faults = [Fault(rule, "Frase.", "Remédio.", where) for rule, where in pairs]
    causes = summary(faults)
    assert sum(cause.count for cause in causes) == len(faults)
    assert len({cause.rule for cause in causes}) == len(causes)
    for cause in causes:
        wheres = [fault.where for fault in faults if fault.rule == cause.rule]
        assert cause.count == len(wheres)
        assert list(cause.places) == wheres[:PLACES_SHOWN]
