"""Numbers are taken once and without gaps, on both databases, whoever takes them at the same time."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from tests.house import new_house
from zelo.assemble import shell as numbers
from zelo.assemble.shell import LAST_NUMBER, SeriesError
from zelo.engine.contract import Engine

TAKERS: Final = 4
EACH: Final = 12
MODELO: Final = "62"


@pytest.fixture
def establishment_id(engine: Engine) -> str:
    """One whose série 1 begins at 1."""
    return new_house(engine).establishments["RS"]


def _take(engine: Engine, establishment_id: str, serie: int = 1) -> int:
    with engine.begin() as connection:
        return numbers.take_number(connection, establishment_id, MODELO, serie)


def _begin(engine: Engine, establishment_id: str, serie: int, next_nnf: int) -> None:
    with engine.begin() as connection:
        numbers.set_up(
            connection,
            establishment_id=establishment_id,
            modelo=MODELO,
            serie=serie,
            next_nnf=next_nnf,
            evidence="última nota do sistema anterior",
            evidence_chave=None,
        )


def test_takers_at_the_same_time_get_every_number_exactly_once(engine: Engine, establishment_id: str) -> None:
    with ThreadPoolExecutor(TAKERS) as pool:
        taken = list(pool.map(lambda _: _take(engine, establishment_id), range(TAKERS * EACH)))
    assert sorted(taken) == list(range(1, TAKERS * EACH + 1))


def test_a_number_of_a_transaction_that_failed_was_never_taken(engine: Engine, establishment_id: str) -> None:
    with pytest.raises(OSError, match="in the middle"), engine.begin() as connection:
        assert numbers.take_number(connection, establishment_id, MODELO, 1) == 1
        raise OSError("in the middle")
    assert _take(engine, establishment_id) == 1


def test_series_count_apart(engine: Engine, establishment_id: str) -> None:
    _begin(engine, establishment_id, serie=7, next_nnf=4001)
    assert [_take(engine, establishment_id, serie) for serie in (1, 7, 1, 7)] == [1, 4001, 2, 4002]
    with engine.read() as connection:
        rows = numbers.series(connection, establishment_id)
    assert [(row.serie, row.next_nnf) for row in rows] == [(1, 3), (7, 4003)]


def test_the_last_number_is_given_and_no_other_after_it(engine: Engine, establishment_id: str) -> None:
    _begin(engine, establishment_id, serie=2, next_nnf=LAST_NUMBER)
    assert _take(engine, establishment_id, 2) == 999_999_999
    with pytest.raises(SeriesError, match="série 2 não está cadastrada neste estabelecimento, ou acabou"):
        _take(engine, establishment_id, 2)


@pytest.mark.parametrize("establishment", ["own", "unknown"])
def test_a_serie_that_nobody_set_up_gives_none(engine: Engine, establishment_id: str, establishment: str) -> None:
    with pytest.raises(SeriesError):
        _take(engine, establishment_id if establishment == "own" else "0" * 26, serie=99)
