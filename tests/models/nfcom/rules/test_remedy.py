"""What helps against a refusal: of every code that a note or an event of ours can get, and only of those."""

import re
from typing import Final

from tests.facts.shipped import rows
from zelo.facts.cstat import Classe
from zelo.models.nfcom.rules.cancel import CANCEL_RULES
from zelo.models.nfcom.rules.remedy import remedy
from zelo.models.nfcom.rules.table import RULES

ASKS_A_PERSON: Final = {Classe.DATA, Classe.ISSUER, Classe.CERT, Classe.CONFIG, Classe.CLOCK, Classe.LATE, Classe.SIGN}
NOT_OURS: Final = re.compile(
    "208|21[01]|219|221|23[458]|24[1256]|25[015]|26[24567]|288|41[1234]|484|49[68]|51[5-9]|52[017]|53[1-4]|54[234]"
)
"""Codes of substitution, ajuste and cofaturamento, which zelo does not emit."""


def test_every_refusal_that_a_note_of_ours_can_get_has_a_remedy() -> None:
    asks = {row["cstat"] for row in rows("cstat") if row["modelo"] == "62" and Classe(row["classe"]) in ASKS_A_PERSON}
    assert {code for code in asks if not remedy(code) and not NOT_OURS.fullmatch(code)} == set()


def test_a_row_stands_only_where_no_rule_of_ours_speaks() -> None:
    table = {row["cstat"] for row in rows("remedio")}
    ours = {rule.cstat for rule in RULES} | {rule.cstat for rule in CANCEL_RULES}
    assert table & ours == set()
    assert table <= {row["cstat"] for row in rows("cstat") if row["modelo"] == "62"}
    assert not any(map(NOT_OURS.fullmatch, table))


def test_a_rule_of_ours_speaks_first() -> None:
    assert "planilha" in remedy("423")
    assert "produtor rural" in remedy("430")
    assert remedy("999") == ""
