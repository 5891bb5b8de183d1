"""The rows of other programs' sends on both databases: a lease that runs out is charged, and a token settles once."""

import random
import threading
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import Connection

from zelo.access.shell.companies import create_company
from zelo.engine.contract import Engine
from zelo.guard import shell
from zelo.guard.core import Answer, Event, Policy

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
LEASE: Final = timedelta(seconds=180)
KEY: Final = "2|12ABC34501DE35|55|1|5"
CHAVE: Final = "43261112ABC34501DE35550010000000051076543217"
POLICY: Final = Policy(3, 3, 3)
THREADS: Final = 8


@pytest.fixture
def company(engine: Engine) -> str:
    """A company, for rows name one."""
    with engine.begin() as connection:
        return create_company(
            connection, now=NOW, chance=random.Random(1).randbytes, name="Empresa", cnpj_base="12ABC345"
        )


def admit(connection: Connection, company: str, token: str, now: datetime = NOW) -> Answer:
    """Ask, and keep the row where the answer is yes."""
    answer = shell.admit(connection, natural_key=KEY, chave=CHAVE, token=token, now=now, policy=POLICY).answer
    if answer is Answer.ADMIT:
        values: dict[str, Any] = {"modelo": "55", "servico": "autorizacao", "ambiente": 2, "uf": "RS"}
        values |= {"autorizador": "SVRS", "cnpj": "12ABC34501DE35", "transmitter": "", "said": "admit"}
        shell.keep_foreign(
            connection, token=token, company_id=company, key=KEY, subject=CHAVE, asked_at=now,
            lease_until=now + LEASE, **values,
        )  # fmt: skip
    return answer


def test_a_lease_that_runs_out_is_charged_when_somebody_asks(engine: Engine, company: str) -> None:
    with engine.begin() as connection:
        assert admit(connection, company, "a") is Answer.ADMIT
        assert admit(connection, company, "b", NOW + LEASE - timedelta(microseconds=1)) is Answer.BUSY
        assert admit(connection, company, "b", NOW + LEASE) is Answer.ADMIT
        state = shell.state_of(connection, KEY)
        assert (state.unknown, state.token, state.spent) == (1, "b", 2)
        assert [line.event for line in shell.entries(connection, KEY)] == [
            Event.ADMITTED, Event.UNKNOWN, Event.ADMITTED,
        ]  # fmt: skip
    with engine.read() as connection:
        assert list(shell.verify(connection)) == []


def test_a_reservation_of_our_own_worker_is_never_charged_here(engine: Engine, company: str) -> None:
    with engine.begin() as connection:
        shell.admit(connection, natural_key=KEY, chave=CHAVE, token="own", now=NOW, policy=POLICY)
        assert admit(connection, company, "b", NOW + timedelta(days=9)) is Answer.BUSY


def test_threads_that_want_one_number_get_one_reservation(engine: Engine, company: str) -> None:
    answers, barrier = [], threading.Barrier(THREADS)

    def work(number: int) -> None:
        barrier.wait()
        with engine.begin() as connection:
            answers.append(admit(connection, company, f"t{number}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [Answer.ADMIT, *[Answer.BUSY] * (THREADS - 1)]


def test_askers_and_reporters_do_not_wait_for_each_other_for_ever(engine: Engine, company: str) -> None:
    """Each locks the number first: an expiry and a late report of the same send cannot hold what the other wants."""
    with engine.begin() as connection:
        admit(connection, company, "a")
    barrier, seen = threading.Barrier(2), []

    def late() -> None:
        barrier.wait()
        with engine.begin() as connection:
            row = shell.foreign_of(connection, "a", lock=True)
            assert row is not None
            shell.settle_foreign(connection, "a", outcome="778", motivo="", meaning="rejected", holds=False, now=NOW)
            seen.append("late")

    def again() -> None:
        barrier.wait()
        with engine.begin() as connection:
            assert admit(connection, company, "b", NOW + LEASE) is Answer.ADMIT
            seen.append("again")

    threads = [threading.Thread(target=late), threading.Thread(target=again)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == ["again", "late"]


def test_holds_and_pauses(engine: Engine, company: str) -> None:
    with engine.begin() as connection:
        admit(connection, company, "a")
        assert shell.held_by(connection, KEY) is None
        shell.settle_foreign(connection, "a", outcome="204", motivo="", meaning="duplicate", holds=True, now=NOW)
        held = shell.held_by(connection, KEY)
        assert (held.token, held.outcome) == ("a", "204") if held else False
        shell.let_go(connection, KEY)
        assert shell.held_by(connection, KEY) is None
        where = {"company_id": company, "modelo": "55", "autorizador": "SVRS", "meaning": "duplicate"}
        assert shell.paused_since(connection, **where, since=NOW - LEASE) == NOW
        assert shell.paused_since(connection, **where, since=NOW) is None
        assert shell.paused_since(connection, **{**where, "modelo": "65"}, since=NOW - LEASE) is None
        shell.extend_foreign(connection, "a", NOW + 2 * LEASE)
        row = shell.foreign_of(connection, "a")
        assert row is not None
        assert row.lease_until == NOW + 2 * LEASE
        assert shell.foreign_of(connection, "b", lock=True) is None
