"""The rows of the guard on both databases: threads that want one number or budget, and a past that shows tampering."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import pytest
from sqlalchemy import Connection, Delete, Update, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from zelo.engine.contract import Engine
from zelo.engine.schema.guard import journal, note, window
from zelo.guard import halt, shell
from zelo.guard.core import SOME, Answer, Event, Policy, State
from zelo.guard.shell import GuardConflictError
from zelo.guard.window import Budget

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
CHAVE: Final = "43261112ABC34501DE35620010000000051076543217"
KEY: Final = "2|12ABC34501DE35|62|1|5"
OTHER: Final = "2|12ABC34501DE35|62|1|6"
CEILING: Final = 3
POLICY: Final = Policy(CEILING, CEILING, CEILING)
THREADS: Final = 8

Result = TypeVar("Result")


def at_once(engine: Engine, act: Callable[[Connection, int], Result], count: int = THREADS) -> list[Result]:
    """What `act` gave in as many threads, each in a transaction of its own, all begun together."""
    barrier, results, lock = threading.Barrier(count), [], threading.Lock()

    def work(number: int) -> None:
        barrier.wait()
        with engine.begin() as connection:
            result = act(connection, number)
        with lock:
            results.append(result)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == count
    return results


def admit(connection: Connection, token: str = SOME, key: str = KEY) -> Answer:
    return shell.admit(connection, natural_key=key, chave=CHAVE, token=token, now=NOW, policy=POLICY).answer


def tell(connection: Connection, event: Event, **more: Any) -> None:
    shell.tell(connection, natural_key=KEY, chave=CHAVE, event=event, now=NOW, **more)


def whole(engine: Engine) -> bool:
    with engine.read() as connection:
        return list(shell.verify(connection)) == []


def test_of_many_who_want_a_number_one_has_it(engine: Engine) -> None:
    answers = at_once(engine, lambda connection, number: admit(connection, f"t{number}"))
    assert sorted(answers) == sorted([Answer.ADMIT, *[Answer.BUSY] * (THREADS - 1)])
    with engine.read() as connection:
        assert shell.state_of(connection, KEY).spent == 1
        assert [entry.event for entry in shell.entries(connection, KEY)] == [Event.ADMITTED]
    assert whole(engine)


def test_different_numbers_do_not_wait_for_each_other(engine: Engine) -> None:
    answers = at_once(engine, lambda connection, number: admit(connection, key=f"2|12ABC34501DE35|62|1|{number}"))
    assert answers == [Answer.ADMIT] * THREADS


def test_threads_that_send_and_are_rejected_stop_at_the_ceiling(engine: Engine) -> None:
    sent: list[int] = []

    def life(number: int) -> None:
        for _ in range(12):
            with engine.begin() as connection:
                answer = admit(connection, f"t{number}")
            if answer is Answer.ADMIT:
                sent.append(number)
                with engine.begin() as connection:
                    tell(connection, Event.REJECTED, cstat="215")

    threads = [threading.Thread(target=life, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sent) == CEILING
    with engine.begin() as connection:
        assert shell.state_of(connection, KEY).counts == {"215": CEILING}
        assert admit(connection) is Answer.HELD
    assert whole(engine)


def test_what_is_rolled_back_was_never_admitted(engine: Engine) -> None:
    with pytest.raises(RuntimeError, match="undo"), engine.begin() as connection:
        assert admit(connection) is Answer.ADMIT
        raise RuntimeError("undo")
    with engine.begin() as connection:
        assert shell.entries(connection, KEY) == []
        assert admit(connection) is Answer.ADMIT


def test_a_row_that_moved_meanwhile_is_not_written_over(engine: Engine) -> None:
    with engine.begin() as connection:
        admit(connection)
        stale = shell.state_of(connection, KEY)
        tell(connection, Event.UNKNOWN)
    with pytest.raises(GuardConflictError, match="12ABC34501DE35"), engine.begin() as connection:
        shell._move(connection, stale, Event.NOT_SENT, at=NOW, chave=CHAVE)
    with engine.read() as connection:
        assert shell.state_of(connection, KEY).unknown == 1
        assert [entry.event for entry in shell.entries(connection, KEY)] == [Event.ADMITTED, Event.UNKNOWN]


def test_an_outcome_without_reservation_is_refused(engine: Engine) -> None:
    for event in (Event.REJECTED, Event.UNKNOWN, Event.NOT_SENT, Event.ANSWERED):
        with pytest.raises(ValueError, match="cannot follow"), engine.begin() as connection:
            tell(connection, event)
    with engine.begin() as connection:
        tell(connection, Event.AUTHORISED)
        tell(connection, Event.CHARGED, detail="2")
        assert shell.state_of(connection, KEY).spent == 2
        assert shell.state_of(connection, OTHER) == State(OTHER)


def test_every_field_of_a_line_comes_back(engine: Engine) -> None:
    with engine.begin() as connection:
        admit(connection)
        tell(connection, Event.REJECTED, cstat="539", detail="Ação <&> 'aspas' \"x\" 😀")
        first, second = shell.entries(connection, KEY)
    assert (first.seq, first.at, first.chave, first.cstat) == (1, NOW, CHAVE, "")
    assert (second.seq, second.cstat, second.detail) == (2, "539", "Ação <&> 'aspas' \"x\" 😀")
    assert whole(engine)


TAMPERING: Final[dict[str, Update | Delete]] = {
    "a rejection less": update(note).values(counts={"215": 0}),
    "another cStat": update(note).values(counts={"539": 1}),
    "no count": update(note).values(counts={}),
    "no unknown outcome": update(note).values(unknown=0),
    "a line less": update(note).values(seq=4),
    "another head": update(note).values(head="0" * 64),
    "no reservation": update(note).values(token=None),
    "no row": delete(note),
    "an empty past": update(note).values(counts={}, unknown=0, token=None, seq=0, head="0" * 64),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_a_row_that_was_tampered_with_is_named(engine: Engine, name: str) -> None:
    with engine.begin() as connection:
        for event in (Event.REJECTED, Event.UNKNOWN):
            admit(connection)
            tell(connection, event, cstat="215" if event is Event.REJECTED else "")
        assert admit(connection) is admit(connection, key=OTHER) is Answer.ADMIT
    assert whole(engine)
    with engine.begin() as connection:
        connection.execute(TAMPERING[name].where(note.c.natural_key == KEY))
        assert list(shell.verify(connection)) == [KEY]


def test_a_line_put_in_by_hand_is_noticed(engine: Engine) -> None:
    with engine.begin() as connection:
        admit(connection)
        line = {"natural_key": KEY, "seq": 2, "at": NOW, "chave": CHAVE, "event": "not sent", "cstat": "", "detail": ""}
        connection.execute(insert(journal).values(**line, hash="0" * 64))
        assert list(shell.verify(connection)) == [KEY]


def test_a_line_of_an_event_nobody_knows_is_noticed(engine: Engine) -> None:
    with engine.begin() as connection:
        admit(connection)
        line = {"natural_key": KEY, "seq": 2, "at": NOW, "chave": CHAVE, "event": "pardoned", "cstat": "", "detail": ""}
        connection.execute(insert(journal).values(**line, hash="0" * 64))
        assert list(shell.verify(connection)) == [KEY]


def test_the_database_refuses_to_change_the_past(engine: Engine) -> None:
    with engine.begin() as connection:
        admit(connection)
    for statement in (update(journal).values(cstat="100"), delete(journal)):
        with pytest.raises(DBAPIError, match="only grows"), engine.begin() as connection:
            connection.execute(statement)


def test_a_number_whose_row_vanished_is_not_sent(engine: Engine) -> None:
    """It would begin again at nothing; the journal, which cannot be deleted, stands in the way."""
    with engine.begin() as connection:
        admit(connection)
        connection.execute(delete(note))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        admit(connection)


def test_who_holds_a_reservation_is_kept_in_the_row_only(engine: Engine) -> None:
    with engine.begin() as connection:
        admit(connection, "attempt-1")
        assert shell.state_of(connection, KEY).token == "attempt-1"
    assert whole(engine)


BUDGET: Final = Budget(5, timedelta(hours=1))


def test_a_budget_is_shared_by_all(engine: Engine) -> None:
    spends = at_once(engine, lambda connection, _: shell.take(connection, "consulta:x", BUDGET, NOW), count=12)
    assert sorted(spend.allowed for spend in spends) == [False] * 7 + [True] * 5
    assert {spend.free_at for spend in spends if not spend.allowed} == {NOW + BUDGET.span}
    with engine.begin() as connection:
        assert shell.take(connection, "consulta:y", BUDGET, NOW).allowed
        assert not shell.take(connection, "consulta:x", BUDGET, NOW - timedelta(days=1)).allowed
        assert shell.take(connection, "consulta:x", BUDGET, NOW + BUDGET.span).allowed


def test_a_refusal_spends_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        for _ in range(9):
            shell.take(connection, "k", BUDGET, NOW)
        kept = connection.execute(select(window.c.times)).scalar_one()
    assert len(kept) == BUDGET.limit


def test_old_budgets_are_forgotten_and_young_ones_kept(engine: Engine) -> None:
    with engine.begin() as connection:
        shell.take(connection, "old", BUDGET, NOW)
        shell.take(connection, "young", BUDGET, NOW + timedelta(hours=2))
        assert shell.forget_old_windows(connection, NOW + timedelta(hours=1)) == 1
        assert connection.execute(select(window.c.key)).scalars().all() == ["young"]


def stop(connection: Connection, scope: str, reason: str, until: datetime | None, now: datetime = NOW) -> None:
    shell.stop(connection, scope=scope, reason=reason, now=now, until=until, cstat="678", detail="motivo")


def scopes(connection: Connection, now: datetime, among: list[str] | None = None) -> list[str]:
    return [row.scope for row in shell.halts(connection, now, among)]


def test_halts_in_force_expired_and_probed(engine: Engine) -> None:
    hour, tick = timedelta(hours=1), timedelta(microseconds=1)
    with engine.begin() as connection:
        stop(connection, "serie:e:1", halt.CONFLICT, None)
        stop(connection, "transmissor:SVRS:2:x", halt.CONSUMPTION, NOW + hour, NOW + tick)
        stop(connection, "autorizador:SVRS:2", halt.AUTHORIZER, NOW + hour, NOW + 2 * tick)
        everything = ["serie:e:1", "transmissor:SVRS:2:x", "autorizador:SVRS:2"]
        assert scopes(connection, NOW) == everything
        assert scopes(connection, NOW + hour - tick) == everything
        assert scopes(connection, NOW + hour) == ["serie:e:1", "autorizador:SVRS:2"], "a probe must lift the last"
        assert scopes(connection, NOW + 1000 * hour, ["autorizador:SVRS:2", "other"]) == ["autorizador:SVRS:2"]
        assert scopes(connection, NOW, []) == []
        assert shell.expired_halts(connection, NOW + hour - tick, halt.AUTHORIZER) == []
        (due,) = shell.expired_halts(connection, NOW + hour, halt.AUTHORIZER)
        assert (due.scope, due.cstat, due.detail) == ("autorizador:SVRS:2", "678", "motivo")
        assert shell.clear(connection, "autorizador:SVRS:2")
        assert not shell.clear(connection, "autorizador:SVRS:2")
        assert scopes(connection, NOW + hour) == ["serie:e:1"]


def test_a_later_halt_replaces_an_earlier_one(engine: Engine) -> None:
    later = NOW + timedelta(minutes=30)
    with engine.begin() as connection:
        stop(connection, "transmissor:SVRS:2:x", halt.CONSUMPTION, NOW + timedelta(hours=1))
        stop(connection, "transmissor:SVRS:2:x", halt.CONSUMPTION, later + timedelta(hours=1), later)
        (row,) = shell.halts(connection, later)
    assert (row.since, row.until) == (later, later + timedelta(hours=1))


def test_failures_in_a_row_are_counted_by_all_and_ended_by_one_success(engine: Engine) -> None:
    scope = "autorizador:SVRS:2"
    counts = at_once(engine, lambda connection, _: shell.count_failure(connection, scope))
    assert sorted(counts) == list(range(1, THREADS + 1))
    with engine.begin() as connection:
        assert shell.count_failure(connection, "autorizador:MG:2") == 1
        shell.forget_failures(connection, scope)
        shell.forget_failures(connection, scope)
        shell.forget_failures(connection, "never failed")
        assert shell.count_failure(connection, scope) == 1
        assert shell.count_failure(connection, "autorizador:MG:2") == 2


def test_a_success_writes_only_when_there_was_a_failure(engine: Engine) -> None:
    """Every answer says so: on SQLite each write would wait for all the others."""
    with engine.read() as connection:
        shell.forget_failures(connection, "autorizador:SVRS:2")
        assert connection.execute(text("SELECT count(*) FROM guard_streak")).scalar_one() == 0
