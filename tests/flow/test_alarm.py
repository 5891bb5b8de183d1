"""What happens to notes and certificates becomes a cause of a notice, in the same transaction, once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from tests.drafts import internet
from tests.house import DIES, House, new_house
from zelo.access.shell import companies
from zelo.engine.contract import Engine
from zelo.engine.schema.access import certificate, establishment
from zelo.engine.schema.guard import streak
from zelo.engine.schema.notify import cause
from zelo.flow import actions, alarm, nfcom, postman
from zelo.flow.lifecycle import State
from zelo.guard import halt
from zelo.sim.config import Config
from zelo.sim.reading import OFFICIAL

WRONG_CPF = "11144477736"
CNPJ = "11222333000181"
DAY = timedelta(days=1)


@pytest.fixture
def house(new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch) -> House:
    """An authority that tolerates two equal rejections, and rules of ours that let a faulty note out."""
    monkeypatch.setattr(nfcom, "RULES", ())
    return new_house(new_embedded(), config=Config(trusted=(), reading=replace(OFFICIAL, rejections=2)))


def causes(house: House) -> Sequence[Any]:
    with house.tools.engine.read() as connection:
        return connection.execute(select(cause).order_by(cause.c.at, cause.c.key)).fetchall()


def press(house: House, times: int = 4) -> str:
    """Send a note that is refused again and again; its id."""
    draft = internet()
    note = house.submit("F-RUIM", replace(draft, dest=replace(draft.dest, CPF=WRONG_CPF))).document_id
    worker = house.worker()
    for _ in range(times):
        while worker.turn():
            pass
        if State(house.row(note).state) is State.REJECTED:
            with house.tools.engine.begin() as connection:
                actions.send_again(connection, house.tools, note, "ana")
    return note


def test_a_block_is_told_once_with_its_hour_and_the_note_that_is_held(house: House) -> None:
    note = press(house)
    told = {row.kind: row for row in causes(house)}
    assert set(told) == {"block", "held"}
    assert "até 20/11/2026 às 10:05" in told["block"].text
    assert "1º bloqueio" in told["block"].text
    assert told["block"].path == told["held"].path == f"notas/{note}"
    assert told["held"].key == f"parada:{note}:{house.row(note).version}"
    assert WRONG_CPF not in str(causes(house))


@pytest.mark.parametrize(
    ("before", "kind"), [(38, "block"), (39, "near"), (40, "block"), (48, "block"), (49, "permanent")]
)
def test_the_fortieth_and_the_fiftieth_block_are_told_in_other_words(house: House, before: int, kind: str) -> None:
    scope = halt.of_transmitter("SVRS", house.tools.ambiente, CNPJ)
    with house.tools.engine.begin() as connection:
        connection.execute(insert(streak).values(scope=halt.blocks_of(scope), failures=before))
    press(house)
    assert kind in {row.kind for row in causes(house)}
    assert len([row for row in causes(house) if row.kind != "held"]) == 1


def test_another_company_behind_the_same_certificate_is_told_but_not_whose_note_it_was(house: House) -> None:
    with house.tools.engine.begin() as connection:
        other = companies.create_company(
            connection, now=house.clock(), chance=house.tools.chance, name="Outra", cnpj_base="99999999"
        )
        connection.execute(
            update(establishment).where(establishment.c.id == house.establishments["RS"]).values(company_id=other)
        )
        same = dict(connection.execute(select(establishment)).mappings().first() or {})
        same |= {"id": "E" * 26, "company_id": house.company_id, "cnpj": "11222333000505"}
        connection.execute(insert(establishment).values(**same))
    press(house)
    told = {row.company_id: row for row in causes(house) if row.kind == "block"}
    assert set(told) == {other, house.company_id}
    assert "F-RUIM" in told[other].text, "it was taken in for the establishment that is now the other company's"
    chave = house.rows()[0].chave
    assert chave in told[other].text
    assert "F-RUIM" not in told[house.company_id].text
    assert chave not in told[house.company_id].text, "SEFAZ names it in its text"
    assert told[house.company_id].path == "situacao"


def test_a_note_at_its_limit_is_told_with_who_may_release_it(new_embedded: Callable[[], Engine], house: House) -> None:
    patient = new_house(new_embedded(), config=Config(trusted=()))
    patient = replace(patient, tools=replace(patient.tools, settings=replace(patient.tools.settings, guard_safety=2)))
    note = press(patient)
    [held] = [row for row in causes(patient) if row.kind == "held"]
    assert State(patient.row(note).state) is State.HELD
    assert "limite de segurança: 2 de" in held.text
    assert "Última resposta: 423" in held.text
    assert causes(house) == []


def look(house: House) -> list[str]:
    """What was newly told when certificates were looked at now."""
    known = {row.key for row in causes(house)}
    with house.tools.engine.begin() as connection:
        alarm.expiring(connection, house.clock())
    return [row.headline for row in causes(house) if row.key not in known]


def test_a_certificate_is_told_of_at_each_threshold_and_only_once(house: House) -> None:
    told = []
    house.clock.now = DIES - 40 * DAY
    for _ in range(45 * 2):
        house.clock.advance(DAY / 2)
        told += look(house)
    assert [headline.split(" (")[0] for headline in told] == [
        *(f"Certificado vence em {days} dias" for days in (30, 15, 7, 3)), "Certificado vence amanhã",
        "Certificado venceu",
    ]  # fmt: skip


def test_a_certificate_that_nobody_uses_any_more_is_not_told_of(house: House) -> None:
    house.clock.now = DIES - 10 * DAY
    with house.tools.engine.begin() as connection:
        connection.execute(update(establishment).values(certificate_id=None, transmitter_id=None))
    assert look(house) == []
    with house.tools.engine.begin() as connection:
        used = connection.execute(select(certificate.c.id)).scalar_one()
        connection.execute(update(establishment).values(transmitter_id=used))
    assert len(look(house)) == 1


def test_the_postman_looks_at_certificates_by_itself(house: House) -> None:
    house.clock.now = DIES - 10 * DAY
    postman.turn(house.tools)
    assert [row.kind for row in causes(house)] == ["certificate"]
    assert causes(house)[0].notice_id is not None
