"""What the guard costs: one admission in the core, what it adds to a transaction that writes anyway, and how many
admissions eight processes on one PostgreSQL make in a second, beside the two bare statements that no guard spares.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, bindparam, insert, update

from bench.clock import micros
from tests import postgres
from zelo.engine.cluster import Cluster
from zelo.engine.contract import Engine
from zelo.engine.embedded import Embedded
from zelo.engine.migrate import migrate
from zelo.engine.schema.guard import journal, note
from zelo.engine.schema.monitor import health
from zelo.engine.statement import put
from zelo.guard import shell
from zelo.guard.core import Answer, Event, Policy, State, apply, decide
from zelo.guard.policy import Band

AT: Final = datetime(2026, 11, 21, tzinfo=UTC)
CHAVE: Final = "43261112ABC34501DE35620010000000051076543217"
KEY: Final = "2|12ABC34501DE35|62|1|5"
POLICY: Final = Policy(10, 20, 25, (Band(5, 10, 120), Band(11, 15, 300), Band(16, None, 600)))
STATE: Final = State(KEY, {"215": 3, "539": 1}, 2)
PROCESSES: Final = 8
SECONDS: Final = 3.0
ROUNDS: Final = 3


def run() -> dict[str, float]:
    """The figures of this bench by their stable names."""
    return {"guard_admission_us": micros({"admission": _admission})["admission"], **_durable(), **_many()}


def _admission(_: int) -> None:
    """Decide, and make the state and the chained journal line of a reservation."""
    if decide(STATE, POLICY, AT).answer is not Answer.ADMIT:
        raise ValueError("the bench measures an admission")
    apply(STATE, Event.ADMITTED, at=AT, chave=CHAVE, token="t")  # noqa: S106 names a holder


def _durable() -> dict[str, float]:
    """The transaction in which a worker writes one row anyway, with an admission in it and without."""
    with tempfile.TemporaryDirectory() as name:
        engine = Embedded(Path(name) / "zelo.db")
        migrate(engine, lambda: None)
        began = time.time_ns()

        def bare(number: int) -> None:
            with engine.begin() as connection:
                _write(connection, number)

        def guarded(number: int) -> None:
            with engine.begin() as connection:
                _write(connection, number)
                _admit(connection, f"{KEY}|{number}|{time.time_ns() - began}")

        took = micros({"bare": bare, "guarded": guarded})
        engine.close()
    return {"guard_durable_x": took["guarded"] / took["bare"]}


def _write(connection: Connection, number: int) -> None:
    values = {"cstat": "100", "motivo": str(number), "answered_at": AT, "latency_millis": 1, "drift_millis": 0}
    put(connection, health, {"autorizador": "SVRS", "ambiente": 2}, values)


def _admit(connection: Connection, key: str) -> None:
    said = shell.admit(connection, natural_key=key, chave=CHAVE, token="t", now=AT, policy=POLICY)  # noqa: S106
    if said.answer is not Answer.ADMIT:
        raise ValueError(said)


_UPDATE: Final = update(note).where(note.c.natural_key == bindparam("number")).values(seq=note.c.seq + 1)
_COUNT: Final = _UPDATE.returning(note.c.seq)
_APPEND: Final = insert(journal)


def _bare(connection: Connection, key: str) -> None:
    """The least that keeps a count and its past: one update that returns, one insert."""
    seq = connection.execute(_COUNT, {"number": key}).scalar_one()
    line = {"natural_key": key, "seq": seq, "at": AT, "chave": CHAVE, "event": "admitted", "cstat": "", "detail": ""}
    connection.execute(_APPEND, line | {"hash": "0" * 64})


def _prepare(engine: Engine, process: int, numbers: int) -> None:
    """Numbers that were sent once before: the row of each exists."""
    fresh = State("")
    values = {"counts": {}, "unknown": 0, "token": None, "seq": 0, "head": fresh.head, "released": {}}
    with engine.begin() as connection:
        rows = [{"natural_key": f"{process}|{number}", **values} for number in range(numbers)]
        connection.execute(insert(note), rows)


NUMBERS: Final = 6_000
"""Of each process: more than it admits in its time."""


def _labour(url: str, process: int, name: str, barrier: Barrier, counts: "multiprocessing.SimpleQueue[int]") -> None:
    act: Callable[[Connection, str], None] = {"ours": _admit, "bare": _bare}[name]
    engine = Cluster(url)
    _prepare(engine, process, NUMBERS)
    barrier.wait()
    until, done = time.monotonic() + SECONDS, 0
    while time.monotonic() < until and done < NUMBERS:
        with engine.begin() as connection:
            act(connection, f"{process}|{done}")
        done += 1
    counts.put(done)
    engine.close()


def _many() -> dict[str, float]:
    """Best of several rounds of each, in turns."""
    with postgres.server() as folder:
        rounds = [(_round(folder, "ours", n), _round(folder, "bare", n)) for n in range(ROUNDS)]
    ours, bare = (max(one) for one in zip(*rounds, strict=True))
    return {"guard_admissions_s": ours, "guard_admissions_bare_s": bare}


def _round(folder: str, name: str, number: int) -> float:
    url = postgres.new_database(folder, f"{name}_{number}")
    engine = Cluster(url)
    migrate(engine, lambda: None)
    engine.close()
    context = multiprocessing.get_context("spawn")
    barrier, counts = context.Barrier(PROCESSES), context.SimpleQueue()
    children = [context.Process(target=_labour, args=(url, n, name, barrier, counts)) for n in range(PROCESSES)]
    for child in children:
        child.start()
    done: list[int] = [counts.get() for _ in children]
    for child in children:
        child.join()
    return sum(done) / SECONDS
