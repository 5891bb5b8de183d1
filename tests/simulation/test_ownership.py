"""A room writes only its own tables: a life touches the tables of every room, and a room that errs is caught."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.drafts import internet
from tests.house import new_house
from tests.ownership import WATCH, Write, written
from zelo.engine.contract import Engine
from zelo.sim.config import Config
from zelo.sim.faults import OneShot

WRITING = {"access", "archive", "assemble", "engine", "flow", "guard", "monitor"}
"""The rooms that write during a life of a note; billing files (isp) have none here."""

STATEMENTS = {
    "insert": "insert(periodic).values(name='planted', next_at=now)",
    "update": "update(periodic).values(next_at=now)",
    "delete": "delete(periodic)",
    "helped by the engine's spelling": "insert_new",
    "as text": "text('UPDATE engine_periodic SET next_at = 0')",
}


def planted(room: str, statement: str) -> Callable[[Engine, Any], None]:
    """A function of a room that does not exist in the house; it executes one statement on the engine's table."""
    act = f"connection.execute({statement})"
    if statement == "insert_new":
        act = "insert_new(connection, periodic, {'name': 'planted', 'next_at': now})"
    source = (
        "from sqlalchemy import delete, insert, select, text, update\n"
        "from zelo.engine.schema.engine import periodic\n"
        "from zelo.engine.statement import insert_new\n"
        "def plant(engine, now):\n"
        "    with engine.begin() as connection:\n"
        f"        {act}\n"
    )
    names: dict[str, Any] = {"__name__": f"zelo.{room}.planted"}
    exec(compile(source, f"{room}/planted.py", "exec"), names)  # noqa: S102 a room that errs, made for the test
    plant: Callable[[Engine, Any], None] = names["plant"]
    return plant


def test_in_a_life_every_room_writes_and_each_its_own(new_engine: Callable[[], Engine]) -> None:
    house = new_house(new_engine(), config=Config(trusted=()))
    house.sefaz.order(OneShot("lost_after"))
    house.sefaz.order(OneShot("reject_once"))
    for number in range(3):
        house.submit(f"F{number}", internet())
    house.settle()
    assert WATCH.breaches() == []
    assert {write.room for write in WATCH.take()} == WRITING


@pytest.mark.parametrize("kind", STATEMENTS)
def test_a_room_that_writes_the_table_of_another_is_caught(new_engine: Callable[[], Engine], kind: str) -> None:
    engine = new_engine()
    house = new_house(engine, places=())
    WATCH.take()
    planted("guard", STATEMENTS[kind])(engine, house.clock())
    assert WATCH.breaches() == [Write("guard", "engine_periodic", "zelo.guard.planted:6")]
    assert WATCH.breaches() == [], "told once"


def test_the_owner_and_the_test_itself_are_not(new_embedded: Callable[[], Engine]) -> None:
    house = new_house(new_embedded(), places=())
    WATCH.take()
    planted("engine", STATEMENTS["insert"])(house.tools.engine, house.clock())
    assert WATCH.take() == {Write("engine", "engine_periodic", "zelo.engine.planted:6")}
    with house.tools.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM engine_periodic")
    assert WATCH.take() == set()


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("SELECT 1 FROM flow_document FOR UPDATE", set()),
        ("SELECT 1 FROM flow_document FOR UPDATE SKIP LOCKED", set()),
        ("INSERT INTO a (x) VALUES (1) ON CONFLICT (x) DO UPDATE SET x = 2", {"a"}),
        ('insert or replace into "a" values (1)', {"a"}),
        ("DELETE\nFROM a", {"a"}),
        ("UPDATE ONLY a SET x = 1", {"a"}),
        ("TRUNCATE TABLE a", {"a"}),
        ("WITH gone AS (DELETE FROM a RETURNING x) INSERT INTO b SELECT x FROM gone", {"a", "b"}),
    ],
)
def test_what_a_statement_writes(statement: str, tables: set[str]) -> None:
    assert written(statement) == tables
