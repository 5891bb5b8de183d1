"""How a reviewer reads codes: the newest row whose day has come, never a code that authorises or blocks."""

from datetime import UTC, date, datetime
from typing import Final

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from zelo.engine.contract import Engine
from zelo.engine.schema.guard import override
from zelo.facts import cstat
from zelo.facts.cstat import Classe
from zelo.guard import review, shell
from zelo.guard.review import Override

TODAY: Final = date(2026, 11, 20)
NOON: Final = datetime(2026, 11, 20, 15, tzinfo=UTC)


def row(number: int, classe: Classe | None, desde: date = TODAY, code: str = "778") -> Override:
    return Override(f"{number:026d}", "55", code, classe, desde, NOON, "Rui (1)", "texto da NT")


def test_the_newest_row_whose_day_has_come_holds_and_one_without_a_class_undoes() -> None:
    rows = [row(1, Classe.SCHEMA), row(2, Classe.CLOCK, date(2026, 11, 25)), row(3, None, date(2026, 12, 1))]
    read = {
        day: review.classify(rows, date(2026, *day))("55", "778") for day in ((11, 19), (11, 20), (11, 25), (12, 1))
    }
    assert read == {(11, 19): Classe.DATA, (11, 20): Classe.SCHEMA, (11, 25): Classe.CLOCK, (12, 1): Classe.DATA}
    assert review.classify(rows, TODAY)("65", "778") is Classe.DATA, "the same code of another model is another code"
    assert review.classify([], TODAY) is cstat.classe


@pytest.mark.parametrize("code", ["100", "150", "101", "107", "108", "109", "656", "103", "105", "217"])
def test_what_authorises_pauses_blocks_or_informs_is_never_read_otherwise(code: str) -> None:
    fault = review.judge("55", code, Classe.DATA)
    assert fault is not None
    assert fault.where == "cstat"


@pytest.mark.parametrize("classe", [Classe.OK, Classe.PAUSED, Classe.BLOCKED, Classe.NOT_FOUND, Classe.RECEIPT])
def test_no_code_can_be_made_to_authorise_or_pause(classe: Classe) -> None:
    assert review.judge("55", "778", classe) is not None


@pytest.mark.parametrize(
    ("code", "classe", "looser"),
    [
        ("778", Classe.LCR, True), ("778", Classe.CLOCK, True), ("778", Classe.SCHEMA, False),
        ("778", Classe.ISSUER, False), ("539", Classe.DATA, True), ("203", Classe.DATA, True),
        ("4242", Classe.DATA, True), ("4242", Classe.DUP_STATE, False), ("286", Classe.DATA, False),
    ],
)  # fmt: skip
def test_what_stops_less_is_known_for_looser(code: str, classe: Classe, *, looser: bool) -> None:
    assert review.judge("55", code, classe) is None
    assert review.is_looser("55", code, classe) is looser


def test_every_choice_has_a_strictness() -> None:
    assert set(review.CHOICES) <= set(review.STRICTNESS)


def test_rows_come_back_as_they_went_and_only_grow(engine: Engine) -> None:
    rows = [row(1, Classe.SCHEMA), row(2, None)]
    with engine.begin() as connection:
        for one in rows:
            shell.keep_override(connection, one)
        assert shell.overrides(connection) == rows
    for statement in (update(override).values(why=""), delete(override)):
        with pytest.raises(DBAPIError, match="only grows"), engine.begin() as connection:
            connection.execute(statement)
