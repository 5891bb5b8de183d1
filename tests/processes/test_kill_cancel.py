"""`kill -9` while notes, cancellations (one and many) and a contingency are under way; the simulator judges."""

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from tests.drafts import internet
from tests.house import PLACES, establish
from tests.processes import labour
from zelo.access.shell import companies
from zelo.engine.schema.flow import document, event
from zelo.engine.schema.guard import journal as guard_journal
from zelo.fiscal.ambiente import Ambiente
from zelo.flow import contingency
from zelo.flow.contingency import Turned
from zelo.flow.event import many, request
from zelo.flow.event.lifecycle import State as EventState
from zelo.flow.house import open_house
from zelo.flow.intake import Arrival, submit
from zelo.flow.lifecycle import State
from zelo.flow.tools import Tools
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.guard.core import Event
from zelo.settings.table import Settings
from zelo.sim import journal as journals
from zelo.sim.pki import PASSWORD
from zelo.sim.shell.folder import a1_in, journal_in
from zelo.sim.shell.server import Handle, Setup, start

NOTES: Final = 24
PATIENCE_SECONDS: Final = 60
RATES: Final = {"lost_after": 120, "lost_before": 40, "truncated": 40, "http_500": 20}
REASON: Final = "Mensalidade cobrada em dobro"
WHY: Final = "Sem acesso à SEFAZ desde cedo"
ENDS: Final = {State.AUTHORISED, State.CANCELLED, State.UNUSED}


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Handle]:
    """One that loses answers."""
    with start(tmp_path / "sefaz", Setup(seed=5, latency_ms=(30, 200), rates=RATES)) as handle:
        yield handle


def _installation(chosen: Settings, pki_folder: Path) -> tuple[Tools, str]:
    """A company with one emitter, and the emitter's id."""
    tools = open_house(chosen)
    now = tools.clock()
    pfx = a1_in(pki_folder, PLACES[0].cnpj, "PROVEDOR DE TESTE", now).read_bytes()
    with tools.engine.begin() as connection:
        company_id = companies.create_company(
            connection, now=now, chance=tools.chance, name="Provedor", cnpj_base="11222333"
        )
    return tools, establish(tools, company_id, PLACES[0], pfx, PASSWORD)


def _hand_in(tools: Tools, emitter: str, numbers: range) -> None:
    with tools.engine.begin() as connection:
        row = companies.find_establishment(connection, emitter)
        assert row is not None
        for number in numbers:
            content = internet("RS", f"{50 + number}.00")
            arrival = Arrival(
                establishment=row, reference=f"F{number}", content=content, serie=1, actor="teste", now=tools.clock()
            )
            submit(connection, tools, arrival)


class People:
    """Who asks for things while processes die: unwanted is every second invoice, in ones and as one batch."""

    def __init__(self, tools: Tools, emitter: str) -> None:
        self.tools, self.emitter = tools, emitter
        self.company_id = self.rows()[0].company_id

    def rows(self) -> Sequence[Any]:
        with self.tools.engine.read() as connection:
            return connection.execute(select(document)).fetchall()

    def cancel(self) -> None:
        """Ask for what is unwanted or doubled and still stands; a request that another was faster with is none."""
        wanted = [r for r in self.rows() if r.state == State.AUTHORISED and _unwanted(r.reference)]
        with self.tools.engine.read() as connection:
            doubled = [row.id for row in contingency.doubled(connection, self.company_id)]
        for document_id in [*doubled, *(row.id for row in wanted[:2])]:
            with self.tools.engine.begin() as connection:
                request.cancel(connection, self.tools, document_id, reason=REASON, actor="teste")
        batch = [row.id for row in wanted[2:]]
        many.cancel_all(self.tools, batch, batch_id=f"{0:026d}", reason=REASON, actor="teste")

    def enter(self) -> bool:
        """Begin a contingency, where one is offered."""
        with self.tools.engine.begin() as connection:
            made = contingency.start(connection, self.tools, self.emitter, reason=WHY, actor="teste")
        return isinstance(made, Turned)

    def leave(self) -> None:
        """End it."""
        with self.tools.engine.begin() as connection:
            contingency.end(connection, self.emitter, now=self.tools.clock(), actor="teste")

    def done(self) -> bool:
        """Every invoice has one standing note, or none where it is unwanted, and no event is under way."""
        found = Counter(_invoice(row.reference) for row in self.rows() if row.state == State.AUTHORISED)
        with self.tools.engine.read() as connection:
            states = set(connection.execute(select(event.c.state)).scalars())
        return (
            {State(row.state) for row in self.rows()} <= ENDS
            and all(found[f"F{n}"] == (not _unwanted(f"F{n}")) for n in range(NOTES))
            and states <= {EventState.REGISTERED, EventState.OVERTAKEN}
        )


def _invoice(reference: str) -> str:
    return reference.split(" ", maxsplit=1)[0]


def _unwanted(reference: str) -> bool:
    return int(_invoice(reference)[1:]) % 2 == 0


def _outage(tools: Tools, *, on: bool) -> None:
    """What a worker writes down that hears 108, and what it clears when the service runs again."""
    scope = halt.of_authorizer("SVRS", Ambiente.HOMOLOGACAO)
    with tools.engine.begin() as connection:
        if on:
            guard.stop(connection, scope=scope, reason=halt.AUTHORIZER, now=tools.clock(), until=None, detail="")
        else:
            guard.clear(connection, scope)
        tools.engine.wake(connection)


def _run(chosen: Settings, pki_folder: Path, kills: int, seed: int) -> Tools:
    """Half of the notes come before an outage and half in it; workers are killed all the while."""
    tools, emitter = _installation(chosen, pki_folder)
    _hand_in(tools, emitter, range(NOTES // 2))
    people, chance = People(tools, emitter), random.Random(seed)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.processes.labour"])
    stop = context.Event()
    entered = False
    for kill in range(kills):
        child = context.Process(target=labour.labour, args=(chosen, stop))
        child.start()
        time.sleep(chance.uniform(0.2, 0.5))
        people.cancel()
        if kill == kills // 3:
            _outage(tools, on=True)
            _hand_in(tools, emitter, range(NOTES // 2, NOTES))
        entered = entered or (kill >= kills // 3 and people.enter())
        if kill == 2 * kills // 3:
            _outage(tools, on=False)
        child.kill()
        child.join()
    assert entered, "a contingency was in flight"
    last = context.Process(target=labour.labour, args=(chosen, stop))
    last.start()
    until = time.monotonic() + PATIENCE_SECONDS
    while not people.done() and time.monotonic() < until:
        people.cancel()
        if any(row.contingency_id and row.chave for row in people.rows()):
            people.leave()
        time.sleep(0.2)
    stop.set()
    last.join()
    assert people.done(), Counter(row.state for row in people.rows())
    return tools


def _judge(tools: Tools, pki_folder: Path) -> None:
    journal = journal_in(pki_folder)
    authorised, cancelled = journals.authorised(journal), journals.cancelled(journal)
    assert set(authorised.values()) == set(cancelled.values()) == {1}, "nothing authorised or cancelled twice"
    assert journals.numbers_used_twice(journal) == {}
    assert journals.refused_for_use(journal) == [], "no 656, no 678"
    with tools.engine.read() as connection:
        rows = connection.execute(select(document).where(document.c.chave.is_not(None))).fetchall()
        admitted = Counter(
            connection.execute(
                select(guard_journal.c.chave).where(guard_journal.c.event == Event.ADMITTED.value)
            ).scalars()
        )
        assert list(guard.verify(connection)) == []
    assert {row.chave for row in rows if row.state == State.CANCELLED} == set(cancelled), "none lost"
    standing = Counter(_invoice(row.reference) for row in rows if row.chave in set(authorised) - set(cancelled))
    assert standing == {f"F{n}": 1 for n in range(NOTES) if not _unwanted(f"F{n}")}
    sending = ("NFComRecepcao", journals.EVENTO)
    sent = Counter(entry.chave for entry in journal.entries if entry.servico in sending and entry.chave)
    assert all(admitted[chave] >= times for chave, times in sent.items())
    assert any(chave[34] == "2" for chave in authorised), "some were issued off-line"


def test_kills_while_cancelling_and_off_line(simulator: Handle, tmp_path: Path) -> None:
    chosen = labour.settings(
        tmp_path / "data",
        simulator_url=f"https://127.0.0.1:{simulator.ports.services}",
        sefaz_ca_file=str(simulator.ca_file),
    )
    tools = _run(chosen, tmp_path / "sefaz", kills=9, seed=1)
    _judge(tools, tmp_path / "sefaz")
    tools.engine.close()


def test_the_same_on_postgresql(simulator: Handle, tmp_path: Path, new_cluster_url: Callable[[], str]) -> None:
    chosen = labour.settings(
        tmp_path / "data",
        database_url=new_cluster_url(),
        simulator_url=f"https://127.0.0.1:{simulator.ports.services}",
        sefaz_ca_file=str(simulator.ca_file),
    )
    tools = _run(chosen, tmp_path / "sefaz", kills=6, seed=2)
    _judge(tools, tmp_path / "sefaz")
    tools.engine.close()
