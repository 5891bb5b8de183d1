"""`kill -9` of the worker at any moment, fifty times in one run, over real HTTPS; the simulator keeps the record."""

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.drafts import internet
from tests.house import PLACES, establish
from tests.processes import labour
from zelo.access.shell import companies
from zelo.engine.schema.flow import document
from zelo.engine.schema.guard import journal as guard_journal
from zelo.flow.house import open_house
from zelo.flow.intake import Arrival, submit
from zelo.flow.lifecycle import State
from zelo.flow.tools import Tools
from zelo.guard import shell as guard
from zelo.guard.core import Event
from zelo.settings.table import Settings
from zelo.sim import journal as journals
from zelo.sim.pki import PASSWORD
from zelo.sim.shell.folder import a1_in, journal_in
from zelo.sim.shell.server import Handle, Setup, start

NOTES = 100
PATIENCE_SECONDS = 90
RATES = {"lost_after": 40, "lost_before": 30, "truncated": 20, "http_500": 20}


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Handle]:
    with start(tmp_path / "sefaz", Setup(seed=5, latency_ms=(2, 25), rates=RATES)) as handle:
        yield handle


def _installation(chosen: Settings, pki_folder: Path) -> Tools:
    """A company with four emitters and its notes handed in."""
    tools = open_house(chosen)
    now = tools.clock()
    pfx = a1_in(pki_folder, PLACES[0].cnpj, "PROVEDOR DE TESTE", now).read_bytes()
    with tools.engine.begin() as connection:
        company_id = companies.create_company(
            connection, now=now, chance=tools.chance, name="Provedor", cnpj_base="11222333"
        )
    ids = {place.uf: establish(tools, company_id, place, pfx, PASSWORD) for place in PLACES}
    with tools.engine.begin() as connection:
        for number in range(NOTES):
            place = PLACES[number % len(PLACES)]
            row = companies.find_establishment(connection, ids[place.uf])
            assert row is not None
            content = internet(place.uf, f"{50 + number}.00")
            arrival = Arrival(
                establishment=row, reference=f"F{number}", content=content, serie=1, actor="teste", now=now
            )
            submit(connection, tools, arrival)
    return tools


def _states(tools: Tools) -> Counter[str]:
    with tools.engine.read() as connection:
        return Counter(connection.execute(select(document.c.state)).scalars())


def _run(chosen: Settings, pki_folder: Path, kills: int, seed: int) -> Tools:
    """Start a worker and kill it, again and again; the last one is left to finish."""
    tools = _installation(chosen, pki_folder)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.processes.labour"])
    chance = random.Random(seed)
    stop = context.Event()
    for _ in range(kills):
        child = context.Process(target=labour.labour, args=(chosen, stop))
        child.start()
        time.sleep(chance.uniform(0.05, 0.4))
        child.kill()
        child.join()
    last = context.Process(target=labour.labour, args=(chosen, stop))
    last.start()
    until = time.monotonic() + PATIENCE_SECONDS
    while set(_states(tools)) != {State.AUTHORISED.value} and time.monotonic() < until:
        time.sleep(0.2)
    stop.set()
    last.join()
    return tools


def _judge(tools: Tools, pki_folder: Path) -> None:
    journal = journal_in(pki_folder)
    assert _states(tools) == {State.AUTHORISED.value: NOTES}
    authorised = journals.authorised(journal)
    assert len(authorised) == NOTES
    assert set(authorised.values()) == {1}
    assert journals.numbers_used_twice(journal) == {}
    assert journals.refused_for_use(journal) == []
    sent = Counter(e.chave for e in journal.entries if e.servico == "NFComRecepcao" and e.chave)
    with tools.engine.read() as connection:
        admitted = Counter(
            connection.execute(
                select(guard_journal.c.chave).where(guard_journal.c.event == Event.ADMITTED.value)
            ).scalars()
        )
        assert list(guard.verify(connection)) == []
    assert all(admitted[chave] >= times for chave, times in sent.items())


def test_fifty_kills(simulator: Handle, tmp_path: Path) -> None:
    chosen = labour.settings(
        tmp_path / "data",
        simulator_url=f"https://127.0.0.1:{simulator.ports.services}",
        sefaz_ca_file=str(simulator.ca_file),
    )
    tools = _run(chosen, tmp_path / "sefaz", kills=50, seed=1)
    _judge(tools, tmp_path / "sefaz")
    tools.engine.close()


@pytest.mark.simulate
def test_kills_on_postgresql(simulator: Handle, tmp_path: Path, new_cluster_url: Callable[[], str]) -> None:
    chosen = labour.settings(
        tmp_path / "data",
        database_url=new_cluster_url(),
        simulator_url=f"https://127.0.0.1:{simulator.ports.services}",
        sefaz_ca_file=str(simulator.ca_file),
    )
    tools = _run(chosen, tmp_path / "sefaz", kills=10, seed=2)
    _judge(tools, tmp_path / "sefaz")
    tools.engine.close()
