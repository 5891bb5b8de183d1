"""Each rule of NFCom is provoked alone and spared at its edge; the catalogue is complete and says what it must."""

import re

import pytest

from tests.models.nfcom.changes import changed
from tests.models.nfcom.golden import read
from tests.models.nfcom.rules.case import Case
from tests.models.nfcom.rules.cases import CASES
from zelo.facts import cstat
from zelo.fiscal.fault import Rule
from zelo.models.nfcom.rules.subject import Note
from zelo.models.nfcom.rules.table import RULES
from zelo.prevalidate.core import run

BY_ID = {rule.id: rule for rule in RULES}


def _note(case: Case, changes: dict[str, object]) -> Note:
    return changed(read(case.base).note, changes)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_bad_note_gets_this_fault_and_no_other(case: Case) -> None:
    faults = run(RULES, _note(case, case.bad))
    assert {fault.rule for fault in faults} == {case.rule} | case.beside
    assert tuple((f.where, f.value) for f in faults if f.rule == case.rule) == case.found
    assert {f.cstat for f in faults if f.rule == case.rule} == {case.cstat}


@pytest.mark.parametrize("case", [case for case in CASES if case.fine], ids=str)
def test_a_note_at_the_edge_is_good(case: Case) -> None:
    assert run(RULES, _note(case, case.fine)) == []


def test_every_rule_has_a_case() -> None:
    assert {case.rule for case in CASES} == set(BY_ID)


def test_identifiers_are_unique_and_name_their_origin() -> None:
    assert len(BY_ID) == len(RULES)
    assert [rule_id for rule_id in BY_ID if not re.fullmatch(r"NFCOM-(G[0-9]+[a-d]?|Z[0-9]{2})", rule_id)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_people_need(rule: Rule[Note]) -> None:
    for words in (rule.sentence, rule.remedy):
        assert re.fullmatch(r"[A-ZÁÉÍÓÚÂÊÔÃÕÇ][^\n]{10,140}\.", words), words
    assert rule.source
    assert rule.good
    assert rule.bad
    assert rule.good != rule.bad
    assert rule.cstat == "" or cstat.texto("62", rule.cstat).startswith("Rejeição")


def test_no_two_rules_share_a_sentence() -> None:
    assert len({rule.sentence for rule in RULES}) == len(RULES)
