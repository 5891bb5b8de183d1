"""Who signs and who transmits: certificates opened once, one transmitter for many, and every fault before a send."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from tests.drafts import internet
from tests.house import BORN, DIES, House, a1, authority, new_house
from zelo.access.shell import companies
from zelo.engine.embedded import Embedded
from zelo.engine.schema.access import certificate, establishment
from zelo.fiscal.fault import Fault
from zelo.flow import emitter as emitters
from zelo.flow.emitter import Keyring
from zelo.flow.lifecycle import State
from zelo.sign.certificate import load_pkcs12
from zelo.sim import journal as journals
from zelo.sim import pki

ACCOUNTANT = "99888777000100"


@pytest.fixture
def house(new_embedded: Callable[[], Embedded]) -> House:
    """One company with four establishments and one certificate, which nobody has opened yet."""
    house = new_house(new_embedded())
    house.keyring = Keyring(house.tools.engine, house.tools.vault)
    return house


def _install(house: House, cnpj: str, born: datetime = BORN, dies: datetime = DIES) -> str:
    made = a1(cnpj) if (born, dies) == (BORN, DIES) else pki.issue_a1(authority(), cnpj, "OUTRO", born, dies)
    loaded = load_pkcs12(made.pfx, made.password)
    assert not isinstance(loaded, Fault)
    with house.tools.engine.begin() as connection:
        return companies.keep_certificate(
            connection,
            now=house.clock(),
            chance=house.tools.chance,
            vault=house.tools.vault,
            company_id=house.company_id,
            file=made.pfx,
            password=made.password,
            shown=loaded.shown(),
        )


def _choose(house: House, **chosen: str | None) -> None:
    with house.tools.engine.begin() as connection:
        connection.execute(update(establishment).values(**chosen))


def test_one_transmitter_sends_for_many_emitters_each_signing_with_its_own(house: House) -> None:
    _choose(house, transmitter_id=_install(house, ACCOUNTANT))
    for uf in house.establishments:
        house.submit(f"F-{uf}", internet(uf), uf)
    house.settle()
    sent = [entry for entry in house.sefaz.journal.entries if entry.servico == journals.RECEPCAO]
    assert {entry.transmitter for entry in sent} == {ACCOUNTANT}
    assert len({entry.emitter for entry in sent}) == len(house.establishments)
    assert house.states() == {State.AUTHORISED: len(house.establishments)}


def test_a_certificate_is_opened_once_for_all_its_notes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []

    def counted(content: bytes, password: str) -> object:
        opened.append(len(content))
        return load_pkcs12(content, password)

    monkeypatch.setattr(emitters, "load_pkcs12", counted)
    for number in range(5):
        house.submit(f"F-{number}", internet())
    house.settle()
    assert house.states() == {State.AUTHORISED: 5}
    assert len(opened) == 1


def _expired(house: House) -> str:
    return _install(house, "11222333000181", BORN, house.clock() - timedelta(days=1))


def _not_yet(house: House) -> str:
    return _install(house, "11222333000181", house.clock() + timedelta(days=1), DIES)


WRONG: dict[str, tuple[Callable[[House], dict[str, str | None]], str]] = {
    "none": (lambda _: {"certificate_id": None}, "CERT-FALTA"),
    "expired": (lambda house: {"certificate_id": _expired(house)}, "CERT-VENCIDO"),
    "not yet valid": (lambda house: {"certificate_id": _not_yet(house)}, "CERT-FUTURO"),
    "of another company": (lambda house: {"certificate_id": _install(house, ACCOUNTANT)}, "CERT-CNPJ"),
    "transmitter expired": (lambda house: {"transmitter_id": _expired(house)}, "CERT-VENCIDO"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_certificate_is_a_clear_fault_before_anything_is_sent(house: House, case: str) -> None:
    choose, rule = WRONG[case]
    _choose(house, **choose(house))
    note = house.submit("F-1", internet()).document_id
    house.settle()
    row = house.row(note)
    assert (row.state, row.nnf) == (State.INVALID, None), "no number is spent on it"
    assert [fault["rule"] for fault in row.faults] == [rule]
    assert all(fault["remedy"] for fault in row.faults)
    assert house.sefaz.journal.entries == []


def test_a_certificate_that_the_vault_cannot_open_says_so(house: House) -> None:
    with house.tools.engine.begin() as connection:
        connection.execute(update(certificate).values(sealed_file=b"sealed with another key"))
    note = house.submit("F-1", internet()).document_id
    house.settle()
    [fault] = house.row(note).faults
    assert fault["rule"] == "CERT-COFRE"
    assert "master.key" in fault["remedy"]
