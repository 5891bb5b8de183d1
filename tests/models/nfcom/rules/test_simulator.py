"""The simulated authority, which shares no logic with the rules, passes the same sentence on the same notes."""

from dataclasses import replace
from datetime import UTC, timedelta
from functools import cache
from typing import Final

import pytest

from tests.models.nfcom.changes import changed
from tests.models.nfcom.golden import NAMES, Golden, certificates, compose, read, sign
from tests.models.nfcom.rules.case import Case
from tests.models.nfcom.rules.cases import CASES
from tests.sim.world import World, world
from zelo.assemble.nfcom import Assembled
from zelo.facts.authorizer import autorizador
from zelo.fiscal.cnpj import base
from zelo.fiscal.uf import Uf
from zelo.sign.certificate import Certificate, load_pkcs12
from zelo.sim.pki import A1, Authority, issue_a1, new_authority

AUTORIZADA: Final = "100"
READ_OTHERWISE: Final = {"NFCOM-G30-subscriber-abroad"}
"""Abroad with a Brazilian municipality: the simulator reads the note of G29 as 405, the rule G30 itself as 406."""
_EVER: Final = timedelta(days=2000)
_MOMENT: Final = timedelta(minutes=1)
_START: Final = read("residential-internet").numbering.emitted_at.astimezone(UTC)


@cache
def _authority() -> Authority:
    return new_authority(_START - _EVER)


@cache
def _a1(cnpj_base: str) -> A1:
    """A certificate that the simulator trusts, on the key of the golden documents."""
    known = certificates()[cnpj_base]
    return issue_a1(_authority(), known.cnpj, "PROVEDOR", _START - _EVER, _START + _EVER, key=known.key)


@cache
def _signer(cnpj_base: str) -> Certificate:
    a1 = _a1(cnpj_base)
    loaded = load_pkcs12(a1.pfx, a1.password)
    assert isinstance(loaded, Certificate)
    return loaded


def _answer(golden: Golden, cnpj: str) -> str:
    """The cStat that the note gets a minute after it was issued, signed for that CNPJ."""
    made = compose(golden)
    assert isinstance(made, Assembled), made
    asked: World = world(_authority(), _a1(base(cnpj)))
    asked.now = golden.numbering.emitted_at.astimezone(UTC) + _MOMENT
    asked.autorizador = autorizador("62", Uf(golden.emit.enderEmit.UF), golden.day)
    return asked.submit(sign(golden, made, _signer(base(cnpj))).xml).cstat


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_note_is_authorised(name: str) -> None:
    golden = read(name)
    assert _answer(golden, golden.emit.CNPJ) == AUTORIZADA


def _changed(case: Case, changes: dict[str, object]) -> Golden:
    golden = read(case.base)
    note = changed(golden.note, changes)
    return replace(golden, draft=note.draft, emit=note.emit)


def _can_be_sent(case: Case, changes: dict[str, object]) -> bool:
    """Whether the authority could see it: written on the note's own day, by the company that signs."""
    emitter = read(case.base).emit.CNPJ
    return "on" not in changes and base(str(changes.get("emit.CNPJ", emitter))) == base(emitter)


_JUDGED: Final = [case for case in CASES if case.cstat and not case.beside and _can_be_sent(case, case.bad)]
_NEGATIVE: Final = [case for case in _JUDGED if case.found[0][0].startswith("total/")]
_SENT: Final = [case for case in _JUDGED if case not in _NEGATIVE and str(case) not in READ_OTHERWISE]
_SPARED: Final = [case for case in CASES if case.fine and _can_be_sent(case, case.fine)]


@pytest.mark.parametrize("case", _SENT, ids=str)
def test_a_bad_note_is_rejected_for_the_reason_that_the_rule_gives(case: Case) -> None:
    assert _answer(_changed(case, case.bad), read(case.base).emit.CNPJ) == case.cstat


@pytest.mark.parametrize("case", _SPARED, ids=str)
def test_a_note_that_the_rules_spare_is_authorised(case: Case) -> None:
    assert _answer(_changed(case, case.fine), read(case.base).emit.CNPJ) == AUTORIZADA


@pytest.mark.parametrize("case", _NEGATIVE, ids=str)
def test_a_negative_total_would_not_even_assemble(case: Case) -> None:
    made = compose(_changed(case, case.bad))
    assert isinstance(made, list)
    assert f"infNFCom/{case.found[0][0]}" in {fault.where for fault in made}
