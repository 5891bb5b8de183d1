"""Where documents stand, read the same from both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.drafts import internet
from tests.house import PLACES, House, new_house
from zelo.engine.contract import Engine
from zelo.fiscal.ambiente import Ambiente
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.monitor import shell as monitor
from zelo.monitor.shell import Backlog, Standing, Wanted


@pytest.fixture
def house(engine: Engine) -> House:
    """Three authorised notes in RS, a faulty one in MG, and one that nobody has looked at."""
    house = new_house(engine, places=PLACES[:2])
    for number, value in enumerate(("100.00", "50.10", "0.90")):
        house.submit(f"F_{number}", internet(value=value, name=f"Açaí & Cia {number}"))
        house.clock.advance(timedelta(milliseconds=1))
    draft = internet("MG", name="100% Fibra")
    house.submit("G%1", replace(draft, dest=replace(draft.dest, CPF="52998224726")), "MG")
    house.settle()
    house.clock.advance(timedelta(seconds=1))
    house.submit("F-9", internet())
    return house


def found(house: House, **wanted: Any) -> list[str]:
    """References of the documents asked for."""
    with house.tools.engine.read() as connection:
        rows = monitor.documents(connection, house.company_id, Wanted(**wanted), limit=50)
    return [row.reference for row in rows]


def test_counts_and_sums_are_exact(house: House) -> None:
    with house.tools.engine.read() as connection:
        standing = monitor.standing(connection, house.company_id, Wanted())
        nobody = monitor.standing(connection, "nobody", Wanted())
        counts = monitor.counts(connection)
    amounts = {state: (one.documents, str(one.total)) for state, one in standing.items()}
    assert amounts == {"AUTHORISED": (3, "151.00"), "INVALID": (1, "100.00"), "DRAFT": (1, "100.00")}
    assert isinstance(standing["DRAFT"], Standing)
    assert {state: one.documents for state, one in standing.items()} == counts
    assert nobody == {}


def test_one_field_searches_number_chave_reference_and_name(house: House) -> None:
    chave = next(row.chave for row in house.rows() if row.reference == "F_1")
    number = next(row.nnf for row in house.rows() if row.reference == "F_1")
    assert found(house, text=chave) == found(house, text=f" {chave[:20]} {chave[20:].lower()} ") == ["F_1"]
    assert "F_1" in found(house, text=str(number))
    assert found(house, text="cia 2") == ["F_2"]
    assert found(house, text="f_") == ["F_2", "F_1", "F_0"], "a wildcard of LIKE is a letter like any other"
    assert found(house, text="100%") == found(house, text="g%") == ["G%1"]
    assert found(house, text="9" * 40) == []
    assert found(house, reference="F_1") == ["F_1"]
    assert found(house, reference="f_1") == []


def test_lists_are_newest_first_narrowed_and_paged(house: House) -> None:
    assert found(house) == ["F-9", "G%1", "F_2", "F_1", "F_0"]
    assert found(house, establishment_id=house.establishments["MG"]) == ["G%1"]
    assert len(found(house, period="202611")) == 5
    assert found(house, period="202610") == found(house, batch_id="x") == []
    with house.tools.engine.read() as connection:
        wanted = Wanted(states=("AUTHORISED", "DRAFT"))
        first = monitor.documents(connection, house.company_id, wanted, limit=2)
        rest = monitor.documents(connection, house.company_id, wanted, limit=9, before=first[-1].id)
    assert [row.reference for row in [*first, *rest]] == ["F-9", "F_2", "F_1", "F_0"]
    assert first[0].cnpj == PLACES[0].cnpj


def test_the_pulse_changes_with_a_document_and_with_a_halt_and_not_by_itself(house: House) -> None:
    def pulse() -> str:
        with house.tools.engine.read() as connection:
            return monitor.pulse(connection, house.company_id)

    seen = [pulse()]
    assert pulse() == seen[0]
    house.settle()
    seen.append(pulse())
    with house.tools.engine.begin() as connection:
        scope = halt.of_authorizer("SVRS", Ambiente.HOMOLOGACAO)
        guard.stop(connection, scope=scope, reason=halt.AUTHORIZER, now=house.clock(), until=None)
    seen.append(pulse())
    house.submit("F-10", internet())
    seen.append(pulse())
    assert len(set(seen)) == 4


def test_what_is_due_waits_since_it_was(house: House) -> None:
    since = house.clock()
    house.clock.advance(timedelta(minutes=2))
    with house.tools.engine.read() as connection:
        assert monitor.backlog(connection, house.clock()) == Backlog(1, since)
        assert monitor.backlog(connection, since - timedelta(seconds=1)) == Backlog(0, None)


def test_calls_and_workers_are_told_without_raw_answers(house: House) -> None:
    note = next(row for row in house.rows() if row.reference == "F_0")
    with house.tools.engine.read() as connection:
        calls = monitor.attempts(connection, note.id)
        workers = monitor.workers(connection)
    assert [(call.service, call.outcome, call.cstat) for call in calls] == [("NFComRecepcao", "authorised", "100")]
    assert not hasattr(calls[0], "answer")
    assert [worker.id for worker in workers] == ["w1"]
