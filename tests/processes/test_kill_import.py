"""`kill -9` of a process that takes a file in, at any moment; the file comes in once and whole all the same."""

import logging
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

from tests.house import PLACES, a1, establish
from tests.isp.billing.files import PARTS, written
from tests.isp.test_importing import month
from tests.processes import labour
from zelo.access.shell import companies
from zelo.engine.schema.flow import document
from zelo.engine.schema.isp import note, upload
from zelo.flow.house import open_house
from zelo.flow.intake import Go
from zelo.flow.tools import Tools
from zelo.isp import importing, order, reading
from zelo.settings.table import Settings

NOTES = 1_500
CHUNK = 25
PATIENCE_SECONDS = 60
LEASE = timedelta(milliseconds=300)


def take_in(chosen: Settings, stop: Event) -> None:
    """What a child process does: take files in until it is killed or told to stop."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    order.LEASE, order.TOLD_EVERY, importing.CHUNK_NOTES = LEASE, timedelta(milliseconds=20), CHUNK  # type: ignore[misc]
    tools = open_house(chosen)
    order.run(tools, importing.KIND, lambda wait: stop.wait(wait.total_seconds()))
    tools.engine.close()


def _confirmed(tools: Tools) -> None:
    """A company with a file that somebody confirmed."""
    with tools.engine.begin() as connection:
        company_id = companies.create_company(
            connection, now=tools.clock(), chance=tools.chance, name="Provedor", cnpj_base="11222333"
        )
    certificate = a1(PLACES[0].cnpj)
    establish(tools, company_id, PLACES[0], certificate.pfx, certificate.password)
    upload_id = reading.receive(
        tools, company_id=company_id, name="mes.csv", billing=written(month(NOTES)), composicoes=written(PARTS),
        chosen="", actor="Ana",
    )  # fmt: skip
    assert order.turn(tools, reading.KIND) == 1
    with tools.engine.begin() as connection:
        importing.confirm(
            connection, tools, company_id=company_id, upload_id=upload_id, columns={}, go=Go.AWAITED, actor="Ana",
            due_at=tools.clock(),
        )  # fmt: skip


def _stored(tools: Tools) -> int:
    with tools.engine.read() as connection:
        return len(connection.execute(select(note.c.seq)).fetchall())


def _wait_for_more_than(count: int, tools: Tools) -> None:
    """Until the file has come further: a slow machine must not be killed at its start every time."""
    until = time.monotonic() + PATIENCE_SECONDS
    while _waits(tools) and _stored(tools) <= count and time.monotonic() < until:
        time.sleep(0.01)


def _waits(tools: Tools) -> bool:
    with tools.engine.read() as connection:
        return connection.execute(select(upload.c.id)).first() is not None


def _run(chosen: Settings, kills: int, seed: int) -> None:
    """Two processes are killed again and again; the last two are left to finish."""
    tools = open_house(chosen)
    _confirmed(tools)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.processes.test_kill_import"])
    chance = random.Random(seed)
    seen = [0]
    for number in range(kills):
        never = context.Event()
        children = [context.Process(target=take_in, args=(chosen, never)) for _ in range(2)]
        for child in children:
            child.start()
        if number:
            _wait_for_more_than(seen[-1], tools)
        time.sleep(chance.uniform(0, 0.15))
        for child in children:
            child.kill()
            child.join()
        seen.append(_stored(tools))
    assert any(0 < count < NOTES for count in seen), f"killed too early or too late to prove anything: {seen}"
    stop = context.Event()  # one that nobody was killed at
    last = [context.Process(target=take_in, args=(chosen, stop)) for _ in range(2)]
    for child in last:
        child.start()
    until = time.monotonic() + PATIENCE_SECONDS
    while _waits(tools) and time.monotonic() < until:
        time.sleep(0.1)
    stop.set()
    for child in last:
        child.join()
    with tools.engine.read() as connection:
        documents = connection.execute(select(document.c.reference)).scalars().all()
        notes = connection.execute(select(note.c.seq, note.c.taken).order_by(note.c.seq)).fetchall()
    assert sorted(documents) == sorted(row["fatura"] for row in month(NOTES))
    assert [row.seq for row in notes] == list(range(1, NOTES + 1))
    assert Counter(row.taken for row in notes) == {"nova": NOTES}
    tools.engine.close()


def test_kills_of_an_import(tmp_path: Path) -> None:
    _run(labour.settings(tmp_path / "data"), kills=8, seed=1)


@pytest.mark.simulate
def test_kills_on_postgresql(tmp_path: Path, new_cluster_url: Callable[[], str]) -> None:
    _run(labour.settings(tmp_path / "data", database_url=new_cluster_url()), kills=4, seed=2)
