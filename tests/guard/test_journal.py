"""The journal on both databases: state = fold(journal) after any life, and every way of rewriting the past is told."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, text, update

from zelo.engine.contract import Engine
from zelo.engine.schema.guard import journal, note
from zelo.guard import shell
from zelo.guard.core import Event, Policy, Release, Stop, fold

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
CHAVE: Final = "43261112ABC34501DE35620010000000051076543217"
KEYS: Final = tuple(f"2|12ABC34501DE35|62|1|{number}" for number in range(4))
KEY: Final = KEYS[0]
POLICY: Final = Policy(3, 5, 8)
LAST: Final = 5


def chave(key: str) -> str:
    """Each number has its own."""
    return CHAVE[:-1] + key[-1]


def act(connection: Connection, key: str, event: Event, cstat: str, now: datetime) -> None:
    """Whatever the guard makes of it: an event that cannot follow is refused and changes nothing."""
    if event is Event.ADMITTED:
        shell.admit(connection, natural_key=key, chave=chave(key), token="t", now=now, policy=POLICY)
        return
    detail = {Event.CHARGED: "2", Event.RELEASED: Release(Stop.SAFETY, 1, "Ana \U0001f600", "<&>").detail()}.get(
        event, ""
    )
    try:
        shell.tell(connection, natural_key=key, chave=CHAVE, event=event, now=now, cstat=cstat, detail=detail)
    except ValueError:
        return


steps = st.tuples(
    st.sampled_from(KEYS), st.sampled_from(Event), st.sampled_from(["215", "539"]), st.integers(-9, 9), st.booleans()
)
lives = st.lists(steps, max_size=30)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives)
def test_the_state_of_every_number_is_what_its_journal_amounts_to(
    engine: Engine, life: Sequence[tuple[str, Event, str, int, bool]]
) -> None:
    """Whatever happens in whatever order, while the clock goes back and forth and transactions are undone."""
    now = NOW
    for key, event, cstat, step, undone in life:
        now += timedelta(seconds=step)
        with engine.begin() as connection, connection.begin_nested() as inner:
            act(connection, key, event, cstat, now)
            if undone:
                inner.rollback()
    with engine.read() as connection:
        assert list(shell.verify(connection)) == []
        for key in KEYS:
            kept, told = shell.state_of(connection, key), fold(key, shell.entries(connection, key))
            assert (told.counts, told.unknown, told.seq, told.head) == (kept.counts, kept.unknown, kept.seq, kept.head)
            assert (told.released, told.sent_at, told.token is None) == (
                kept.released,
                kept.sent_at,
                kept.token is None,
            )


@pytest.fixture
def open_past(engine: Engine) -> Engine:
    """A number and another with five lines each, in a database whose own refusal to change the past is gone."""
    with engine.begin() as connection:
        for key in KEYS[:2]:
            for event, cstat in ((Event.REJECTED, "215"), (Event.UNKNOWN, "")):
                act(connection, key, Event.ADMITTED, "", NOW)
                act(connection, key, event, cstat, NOW)
            act(connection, key, Event.CHARGED, "", NOW)
        _unguard(connection)
        assert list(shell.verify(connection)) == []
    return engine


def _unguard(connection: Connection) -> None:
    """As whoever owns the file of the database could."""
    if connection.dialect.name == "sqlite":
        names = connection.execute(
            text("SELECT name FROM sqlite_master WHERE tbl_name = 'guard_journal' AND type = 'trigger'")
        )
        for name in names.scalars().all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    else:
        connection.exec_driver_sql("ALTER TABLE guard_journal DISABLE TRIGGER ALL")


def _line(seq: int) -> Any:
    return (journal.c.natural_key == KEY) & (journal.c.seq == seq)


def _swap(connection: Connection) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        connection.execute(update(journal).where(_line(old)).values(seq=new))


def _insert(connection: Connection) -> None:
    """A line in the middle: those after it are pushed on."""
    for seq in range(LAST, 2, -1):
        connection.execute(update(journal).where(_line(seq)).values(seq=seq + 1))
    row = connection.execute(select(journal).where(_line(2))).one()
    connection.execute(insert(journal).values({**row._mapping, "seq": 3}))


def _do(statement: Any) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(statement)


REWRITINGS: Final[dict[str, Callable[[Connection], object]]] = {
    "a line changed": _do(update(journal).where(_line(2)).values(cstat="100")),
    "an hour changed": _do(update(journal).where(_line(1)).values(at=NOW - timedelta(days=1))),
    "a chave changed": _do(update(journal).where(_line(1)).values(chave=CHAVE[::-1])),
    "a line removed": _do(delete(journal).where(_line(2))),
    "the first line removed": _do(delete(journal).where(_line(1))),
    "a line inserted": _insert,
    "a line appended": _do(
        insert(journal).values(
            natural_key=KEY, seq=LAST + 1, at=NOW, chave=CHAVE, event="admitted", cstat="", detail="", hash="0" * 64
        )
    ),
    "two lines swapped": _swap,
    "the tail cut off": _do(delete(journal).where(_line(LAST))),
    "half cut off": _do(delete(journal).where((journal.c.natural_key == KEY) & (journal.c.seq > 2))),
    "the whole past cut off": _do(delete(journal).where(journal.c.natural_key == KEY)),
    "the past of another put in its place": lambda connection: (
        connection.execute(delete(journal).where(journal.c.natural_key == KEY)),
        connection.execute(update(journal).where(journal.c.natural_key == KEYS[1]).values(natural_key=KEY)),
        connection.execute(delete(note).where(note.c.natural_key == KEYS[1])),
    ),
}


@pytest.mark.parametrize("name", REWRITINGS)
def test_a_rewritten_past_is_told_and_names_its_number(open_past: Engine, name: str) -> None:
    with open_past.begin() as connection:
        REWRITINGS[name](connection)
        assert list(shell.verify(connection)) == [KEY]
