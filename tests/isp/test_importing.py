"""A billing file taken in: good notes reach the conductor once, what is wrong is kept with the file."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.house import PLACES, House, new_house
from tests.isp.billing.files import NOTE, PARTS, written
from zelo.assemble import shell as numbers
from zelo.engine.contract import Engine
from zelo.engine.schema.flow import document
from zelo.flow.intake import Taken
from zelo.flow.lifecycle import State
from zelo.isp import importing, shell
from zelo.isp.billing.stage import Stage
from zelo.isp.importing import Imported, import_billing
from zelo.isp.shell import batch_faults, batches


def take(house: House, *rows: dict[str, str], **changes: object) -> Imported:
    """Take these rows in."""
    return import_billing(
        house.tools,
        company_id=house.company_id,
        name="novembro.csv",
        billing=written(rows),
        composicoes=written(PARTS),
        actor="teste",
        **changes,  # type: ignore[arg-type]
    )


def month(count: int) -> list[dict[str, str]]:
    """So many faturas of a line."""
    return [NOTE | {"fatura": f"F{number}"} for number in range(count)]


def documents_of(house: House, imported: Imported) -> list[str]:
    """The documents that the notes of the file are."""
    query = select(document.c.id).where(shell.of_batch(imported.batch_id)).order_by(document.c.id)
    with house.tools.engine.read() as connection:
        return [*connection.execute(query).scalars()]


def taken(imported: Imported) -> dict[str, int]:
    """How the notes were taken, without the zeros."""
    return {kind.value: count for kind, count in imported.taken.items() if count}


def test_the_same_file_again_changes_nothing_and_names_the_same_documents(engine: Engine) -> None:
    house = new_house(engine, places=PLACES[:1])
    first, again = take(house, *month(3)), take(house, *month(3))
    assert (taken(first), taken(again)) == ({Taken.NEW: 3}, {Taken.SAME: 3})
    assert documents_of(house, first) == documents_of(house, again) == [row.id for row in house.rows()]


def test_a_corrected_line_is_a_revision(engine: Engine) -> None:
    house = new_house(engine, places=PLACES[:1])
    take(house, *month(2))
    rows = month(2)
    rows[1]["valor_unitario"] = "10,00"
    assert taken(take(house, *rows)) == {Taken.SAME: 1, Taken.REVISED: 1}


def test_good_notes_are_authorised_and_faults_are_kept_with_the_file(engine: Engine) -> None:
    house = new_house(engine, places=PLACES[:1])
    imported = take(house, *month(2), NOTE | {"fatura": "BAD", "uf": "XX"})
    house.settle()
    assert house.states() == {State.AUTHORISED: 2}
    with engine.read() as connection:
        [batch] = batches(connection, house.company_id, 10)
        [fault] = batch_faults(connection, imported.batch_id)
    assert (batch.id, batch.lines, batch.notes, batch.faults) == (imported.batch_id, 3, 2, 1)
    assert (fault.line, fault.reference, fault.place, fault.rule) == (4, "BAD", "uf", "CELULA-OPCAO")


def test_a_long_file_is_taken_a_chunk_at_a_time(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK_NOTES", 3)
    house, seen = new_house(engine, places=PLACES[:1]), list[tuple[Stage, int, int, int]]()
    imported = take(house, *month(7), NOTE | {"fatura": "BAD", "uf": "XX"}, tell=lambda *told: seen.append(told))
    assert seen == [
        (Stage.JUDGING, 0, 7, 1),
        (Stage.STORING, 3, 7, 1),
        (Stage.STORING, 6, 7, 1),
        (Stage.STORING, 7, 7, 1),
    ]
    assert imported.notes == len(house.rows()) == 7


def test_no_more_faults_are_kept_than_a_person_reads(
    new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "KEPT_FAULTS", 2)
    house = new_house(new_embedded(), places=PLACES[:1])
    imported = take(house, *(row | {"uf": "XX"} for row in month(4)))
    with house.tools.engine.read() as connection:
        assert [row.line for row in batch_faults(connection, imported.batch_id)] == [2, 3]
    assert len(imported.faults) == 4


def test_the_serie_must_be_named_where_there_is_more_than_one(engine: Engine) -> None:
    house = new_house(engine, places=PLACES[:1])
    with engine.begin() as connection:
        numbers.set_up(
            connection,
            establishment_id=house.establishments["RS"],
            modelo="62",
            serie=2,
            next_nnf=1,
            evidence="nunca emitiu",
            evidence_chave=None,
        )
    rows = month(3)
    rows[1]["serie"], rows[2]["serie"] = "2", "3"
    imported = take(house, *rows)
    assert taken(imported) == {Taken.NEW: 1, Taken.REFUSED: 2}
    assert [(found.line, found.fault.where) for found in imported.faults] == [(2, "serie"), (4, "serie")]
    assert [row.serie for row in house.rows()] == [2]


@pytest.mark.parametrize("reference", ["x" * 61, "x\0y", "x\ny"])
def test_a_reference_that_cannot_identify_is_a_fault_on_either_database(engine: Engine, reference: str) -> None:
    house = new_house(engine, places=PLACES[:1])
    imported = take(house, NOTE | {"fatura": reference})
    assert len(imported.faults) == 1
    assert house.rows() == []
