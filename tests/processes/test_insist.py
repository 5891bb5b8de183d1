"""Eight real processes that all press on the same refused notes, over real HTTPS, on both databases: no block ever.

The simulator is a process of its own, reads the rule as strictly as it can be read, and loses answers.
"""

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.house import PLACES, establish
from tests.processes import insisting, labour
from zelo.access.shell import companies
from zelo.engine.schema.guard import journal as guard_journal
from zelo.engine.schema.guard import note
from zelo.flow.house import open_house
from zelo.flow.intake import Arrival, submit
from zelo.flow.tools import Tools
from zelo.guard import shell as guard
from zelo.guard.core import Event
from zelo.settings.table import Settings
from zelo.sim import journal as journals
from zelo.sim.pki import PASSWORD
from zelo.sim.shell.folder import a1_in, journal_in
from zelo.sim.shell.server import Handle, Setup, start

PROCESSES = 8
NOTES = 3
CEILING = 25
PATIENCE_SECONDS = 90


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Handle]:
    setup = Setup(seed=9, reading="strictest", latency_ms=(1, 20), rates={"lost_after": 30, "lost_before": 20})
    with start(tmp_path / "sefaz", setup) as handle:
        yield handle


@pytest.fixture(params=["sqlite", "postgresql"])
def chosen(request: pytest.FixtureRequest, simulator: Handle, tmp_path: Path) -> Settings:
    """Settings on each database, with the waits of a person who cannot wait."""
    url = request.getfixturevalue("new_cluster_url")() if request.param == "postgresql" else ""
    return labour.settings(
        tmp_path / "data",
        database_url=url,
        simulator_url=f"https://127.0.0.1:{simulator.ports.services}",
        sefaz_ca_file=str(simulator.ca_file),
    )


def _installation(chosen: Settings, pki_folder: Path) -> Tools:
    tools = open_house(chosen)
    now = tools.clock()
    pfx = a1_in(pki_folder, PLACES[0].cnpj, "PROVEDOR DE TESTE", now).read_bytes()
    with tools.engine.begin() as connection:
        company_id = companies.create_company(
            connection, now=now, chance=tools.chance, name="Provedor", cnpj_base="11222333"
        )
    establishment_id = establish(tools, company_id, PLACES[0], pfx, PASSWORD)
    with tools.engine.begin() as connection:
        row = companies.find_establishment(connection, establishment_id)
        assert row is not None
        for number in range(NOTES):
            content = insisting.refused(number)
            submit(
                connection, tools,
                Arrival(establishment=row, reference=f"F{number}", content=content, serie=1, actor="teste", now=now),
            )  # fmt: skip
    return tools


def _insist(chosen: Settings, enough: Callable[[], bool], *, broken: bool = False) -> None:
    """Eight processes until it is enough."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.processes.insisting"])
    stop = context.Event()
    children = [
        context.Process(target=insisting.insist, args=(chosen, stop), kwargs={"broken": broken})
        for _ in range(PROCESSES)
    ]
    for child in children:
        child.start()
    until = time.monotonic() + PATIENCE_SECONDS
    while not enough() and time.monotonic() < until:
        time.sleep(0.3)
    stop.set()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * PROCESSES


def _spent(tools: Tools) -> list[int]:
    with tools.engine.read() as connection:
        keys = connection.execute(select(note.c.natural_key)).scalars().all()
        return [guard.state_of(connection, key).spent for key in keys]


def test_eight_processes_that_insist_are_stopped_by_the_guard_and_never_by_sefaz(
    chosen: Settings, tmp_path: Path
) -> None:
    tools = _installation(chosen, tmp_path / "sefaz")
    _insist(chosen, lambda: _spent(tools).count(CEILING) == NOTES)
    journal = journal_in(tmp_path / "sefaz")
    assert journals.refused_for_use(journal) == []
    sent = Counter(entry.chave for entry in journal.entries if entry.servico == "NFComRecepcao")
    with tools.engine.read() as connection:
        assert list(guard.verify(connection)) == []
        query = select(guard_journal.c.chave).where(guard_journal.c.event == Event.ADMITTED.value)
        admitted = Counter(connection.execute(query).scalars())
    assert all(admitted[chave] >= times for chave, times in sent.items() if chave)
    assert max(_spent(tools)) == CEILING, "nobody was idle"
    tools.engine.close()


@pytest.mark.parametrize("chosen", ["sqlite"], indirect=True)
def test_the_same_with_a_guard_that_admits_everything_is_blocked(chosen: Settings, tmp_path: Path) -> None:
    tools = _installation(chosen, tmp_path / "sefaz")
    _insist(chosen, lambda: bool(journals.refused_for_use(journal_in(tmp_path / "sefaz"))), broken=True)
    assert journals.refused_for_use(journal_in(tmp_path / "sefaz"))
    tools.engine.close()
