"""Answer codes: each has a class that the conductor knows, and the ones that matter have the right one."""

from typing import Final

import pytest

from tests.facts.shipped import rows
from zelo.facts.cstat import Classe, classe, texto

SURE: Final = {
    "100": Classe.OK,
    "101": Classe.CANCELLED,
    "102": Classe.SUBSTITUTED,
    "107": Classe.SERVICE_OK,
    "108": Classe.PAUSED,
    "109": Classe.PAUSED,
    "150": Classe.OK_LATE,
    "204": Classe.DUP_SAME_KEY,
    "213": Classe.CERT,
    "215": Classe.SCHEMA,
    "217": Classe.NOT_FOUND,
    "228": Classe.LATE,
    "297": Classe.SIGN,
    "539": Classe.DUP_OTHER_KEY,
    "678": Classe.BLOCKED,
}
"""Codes whose meaning decides whether somebody is blocked (MOC NFCom 1.00a, items 4 and 8.2)."""


SURE_OF_GOODS: Final = {
    "100": Classe.OK,
    "101": Classe.CANCELLED,
    "102": Classe.VOIDED,
    "103": Classe.RECEIPT,
    "104": Classe.CONTAINER,
    "105": Classe.PENDING,
    "107": Classe.SERVICE_OK,
    "108": Classe.PAUSED,
    "109": Classe.PAUSED,
    "128": Classe.CONTAINER,
    "135": Classe.EVENT_OK,
    "150": Classe.OK_LATE,
    "203": Classe.ISSUER,
    "204": Classe.DUP_SAME_KEY,
    "206": Classe.DUP_STATE,
    "213": Classe.CERT,
    "217": Classe.NOT_FOUND,
    "252": Classe.CONFIG,
    "266": Classe.DATA,
    "297": Classe.SIGN,
    "539": Classe.DUP_OTHER_KEY,
    "573": Classe.EVENT_DUP,
    "635": Classe.IN_FLIGHT,
    "656": Classe.BLOCKED,
    "703": Classe.CLOCK,
    "778": Classe.DATA,
    "935": Classe.DATA,
    "999": Classe.UNCAT,
}
"""The same for NF-e and NFC-e (MOC 7.0 Anexo I items 4.3 and 4.4, NT 2018.002)."""


@pytest.mark.parametrize("modelo", ["55", "65"])
@pytest.mark.parametrize(("code", "expected"), SURE_OF_GOODS.items())
def test_codes_of_goods_that_decide(modelo: str, code: str, expected: Classe) -> None:
    assert classe(modelo, code) is expected
    assert texto(modelo, code)


def test_goods_are_blocked_by_one_code_and_services_by_another() -> None:
    found = {(row["modelo"], row["cstat"]) for row in rows("cstat") if row["classe"] == "BLOCKED"}
    assert found == {("55", "656"), ("65", "656"), ("62", "678")}


@pytest.mark.parametrize(("code", "expected"), SURE.items())
def test_codes_that_decide(code: str, expected: Classe) -> None:
    assert classe("62", code) is expected
    assert texto("62", code)


def test_every_row_has_a_known_class_and_a_code_of_three_or_four_digits() -> None:
    for row in rows("cstat"):
        assert classe(row["modelo"], row["cstat"]) is Classe(row["classe"]), row
        assert row["cstat"].isdecimal()
        assert len(row["cstat"]) in (3, 4)


def test_only_the_two_official_codes_authorise() -> None:
    """Were any other read as an authorisation, a note would be taken for authorised that is not."""
    authorising = {row["cstat"] for row in rows("cstat") if row["classe"] in ("OK", "OK_LATE")}
    assert authorising - {"100", "120", "150"} == set()


@pytest.mark.parametrize("code", ["", "9", "000", "9999", "abc", " 100", "1001000"])
def test_a_code_that_no_table_knows_has_no_class(code: str) -> None:
    assert classe("62", code) is None
    assert texto("62", code) == ""
    assert classe("99", "100") is None
