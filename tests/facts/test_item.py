"""Item codes: the CFOPs of the manual and no other, cClasses as the table and deductions by their first digit."""

from datetime import date
from typing import Final

import pytest

from tests.facts.shipped import rows
from zelo.facts.item import accepts_cfop, cclass, subtracts

TODAY: Final = date(2026, 11, 21)
BEFORE: Final = date(2022, 4, 11)
OFFICIAL_CFOPS: Final = {
    "1205", *map(str, range(5301, 5308)), "5933", *map(str, range(6301, 6308)), "7301",
}  # fmt: skip
"""MOC NFCom Visão Geral 1.00a item 7.6."""


def test_the_cfops_of_the_manual_and_no_other() -> None:
    accepted = {code for number in range(1000, 8000) if accepts_cfop(code := str(number), TODAY)}
    assert accepted == OFFICIAL_CFOPS
    assert not accepts_cfop("5307", BEFORE)
    assert not accepts_cfop("", TODAY)


@pytest.mark.parametrize("row", rows("cclass"), ids=lambda row: row["cclass"])
def test_every_cclass_of_the_table(row: dict[str, str]) -> None:
    found = cclass(row["cclass"], TODAY)
    assert found is not None
    assert (found.cclass, found.descricao, found.grupo) == (row["cclass"], row["descricao"], row["cclass"][:3])
    assert found.pre_pago is (row["pre_pago"] == "1")
    assert len(row["cclass"]) == 7
    assert row["cclass"].isdecimal()


def test_prepaid_services_are_marked() -> None:
    assert {row["pre_pago"] for row in rows("cclass")} == {"0", "1"}


def test_deductions_are_known_by_their_first_digit() -> None:
    deduction = cclass("5000101", TODAY)
    assert deduction is not None
    assert deduction.grupo == "500"
    assert subtracts("5000101")
    assert not subtracts("0100401")
    for row in rows("cclass"):
        assert subtracts(row["cclass"]) is (row["grupo"] == "590"), row


def test_unknown_codes_and_days_before() -> None:
    assert cclass("9999999", TODAY) is None
    assert cclass("", TODAY) is None
    assert cclass("0100401", BEFORE) is None
