"""Seeded lives that also cancel and enter contingency, while answers get lost and the process dies again and again.

The simulator's journal judges: nothing cancelled twice or lost, one standing note for each invoice, nobody blocked. The
same lives with a broken part must be caught.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.drafts import internet
from tests.house import PLACES, STEP, House, new_house
from tests.simulation.crash import DyingEngine, DyingTransport, Fuse, ProcessDied
from tests.simulation.judge import violations
from tests.simulation.seldom import some
from tests.simulation.test_lives import DEATHS, MANY, TROUBLES
from zelo.engine.contract import Engine
from zelo.engine.schema.flow import event
from zelo.fiscal.retorno import NoAnswer, Silence
from zelo.flow import contingency, record
from zelo.flow.emitter import Keyring
from zelo.flow.event import request, send
from zelo.flow.event.lifecycle import State as EventState
from zelo.flow.lifecycle import Event as DocumentEvent
from zelo.flow.lifecycle import State
from zelo.flow.worker import Worker
from zelo.sim import journal as journals
from zelo.sim.config import Config, Pause
from zelo.sim.reading import READINGS
from zelo.transmit.contract import Transport

NOTES = 8
SEEDS = 3
LIFE = timedelta(days=4)
SHORT = timedelta(hours=6)
"""Enough for a broken part to show itself."""
WHY = "Sem acesso à SEFAZ desde cedo"
REASON = "Cobrança em dobro na mensalidade"


class Outage:
    """A line that is cut now and then: nothing leaves, or it leaves and no answer comes."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.silence: NoAnswer | None = None

    def post(self, *, url: str, headers: dict[str, str], body: bytes, certificate_id: str) -> bytes | NoAnswer:
        """See transmit.contract.Transport."""
        if self.silence is not None and self.silence.why is Silence.NOT_SENT:
            return self.silence
        answer = self.inner.post(url=url, headers=headers, body=body, certificate_id=certificate_id)
        return answer if self.silence is None else self.silence


SILENCES = (NoAnswer(Silence.NOT_SENT, "sem rota"), NoAnswer(Silence.TIMEOUT, "sem resposta"))


@dataclass
class Life:
    """One life: an installation, where it dies, its line, and the invoices that somebody wants cancelled."""

    house: House
    fuse: Fuse
    chance: random.Random
    outage: Outage
    unwanted: set[str]

    def reborn(self) -> Worker:
        """A new process: nothing is remembered but the database."""
        opened = self.house.keyring._open
        self.house.keyring = Keyring(self.house.tools.engine, self.house.tools.vault)
        self.house.keyring._open.update(opened)
        return self.house.worker(f"w{len(self.fuse.died_at)}", DyingTransport(self.outage, self.fuse))

    def people(self) -> None:
        """What people do at this moment: cancel, switch contingency on and off, see to their duties."""
        tools, house = self.house.tools, self.house
        for row in house.rows():
            wanted = row.state == State.AUTHORISED and row.reference.split(" ")[0] in self.unwanted
            if wanted and self.chance.random() < 0.5:
                with tools.engine.begin() as connection:
                    request.cancel(connection, tools, row.id, reason=REASON, actor="teste")
        with tools.engine.read() as connection:
            duties = [row.id for row in contingency.doubled(connection, house.company_id)]
        for document_id in duties:
            with tools.engine.begin() as connection:
                request.cancel(connection, tools, document_id, reason=REASON, actor="teste")
        for establishment_id in house.establishments.values():
            with tools.engine.begin() as connection:
                if self.outage.silence is None:
                    contingency.end(connection, establishment_id, now=house.clock(), actor="teste")
                else:
                    contingency.start(connection, tools, establishment_id, reason=WHY, actor="teste")
        self._look_into_what_waits()

    def _look_into_what_waits(self) -> None:
        """An operator asks again for what was refused, and asks after what is held."""
        with self.house.tools.engine.read() as connection:
            rows = connection.execute(select(event)).fetchall()
        for row in rows:
            if EventState(row.state) in (EventState.HELD, EventState.REJECTED):
                with self.house.tools.engine.begin() as connection:
                    request.ask_again(connection, self.house.tools, row.document_id, "teste")

    def over(self) -> bool:
        """Whether every invoice has what people want of it: one standing note, or none."""
        standing: Counter[str] = Counter()
        for row in self.house.rows():
            if row.state not in (State.AUTHORISED, State.CANCELLED, State.UNUSED):
                return False
            standing[row.reference.split(" ")[0]] += row.state == State.AUTHORISED
        return all(standing[f"F{n}"] == (f"F{n}" not in self.unwanted) for n in range(NOTES))


def live(engine: Engine, seed: int, *, dies: bool = True, reading: str = "", most: timedelta = LIFE) -> Life:
    """One life, to its end or to the end of its time."""
    chance = random.Random(seed)
    rates = {name: chance.choice((0, 20, 60, 120)) for name in TROUBLES}
    chosen = READINGS[reading or chance.choice(sorted(READINGS))]
    house = new_house(
        engine, seed=seed, places=PLACES[:2],
        config=Config(trusted=(), seed=seed, rates=rates, reading=chosen),
    )  # fmt: skip
    fuse = Fuse(chance)
    if not dies:
        fuse.cut()
    house.tools = replace(house.tools, engine=DyingEngine(engine, fuse))
    unwanted = {f"F{n}" for n in range(NOTES) if chance.random() < 0.5}
    life = Life(house, fuse, chance, Outage(house.transport), unwanted)
    worker, n, until = life.reborn(), 0, house.clock.now + most
    while house.clock.now < until:
        try:
            if n < NOTES:
                uf = PLACES[n % 2].uf
                house.submit(f"F{n}", internet(uf, f"{100 + n}.00"), uf)
                n += 1
            while worker.turn():
                pass
            life.people()
            if n == NOTES and life.outage.silence is None and life.over():
                return life
        except ProcessDied:
            fuse.lay() if dies and len(fuse.died_at) < DEATHS else fuse.cut()
            worker = life.reborn()
        if n < NOTES:
            life.outage.silence = chance.choice((None, *SILENCES)) if chance.random() < 0.3 else life.outage.silence
        elif chance.random() < 0.1:
            life.outage.silence = None
        back = chance.random() < 0.02
        house.clock.advance(-STEP if back else timedelta(seconds=chance.choice((5, 30, 200, 400))))
    return life


def wrong(life: Life) -> list[str]:
    """What the journal and the database together say went wrong."""
    house = life.house
    found = [line for line in violations(house) if not line.startswith("gap or repetition")]
    references = {row.chave: row.reference.split(" ")[0] for row in house.rows() if row.chave}
    cancelled = journals.cancelled(house.sefaz.journal)
    standing = Counter(
        references.get(chave, f"nobody's {chave}")
        for chave in journals.authorised(house.sefaz.journal)
        if chave not in cancelled
    )
    found += [f"{times} standing notes: {reference}" for reference, times in standing.items() if times > 1]
    offline = {chave[6:34] for chave in references if chave[34] == "2"}
    reused = {
        e.chave[6:34] for e in house.sefaz.journal.entries if e.servico == "NFComRecepcao" and e.chave[34:35] == "1"
    } & offline
    found += [f"number sent before and used again off-line: {number}" for number in sorted(reused)]
    return found


@pytest.mark.parametrize("seed", range(SEEDS))
def test_each_invoice_ends_as_people_want_it(new_embedded: Callable[[], Engine], seed: int) -> None:
    life = live(new_embedded(), seed)
    assert wrong(life) == [], f"seed {seed}, died at {life.fuse.died_at}"
    assert life.over(), f"seed {seed}: {life.house.states()}, died at {life.fuse.died_at}"


LONGER = 20
"""How much longer such a life takes than one of `test_lives`: of so many seeds, one."""


@pytest.mark.simulate
@pytest.mark.parametrize("seed", range(20_000, 20_000 + MANY // LONGER))
def test_many_such_lives(new_embedded: Callable[[], Engine], seed: int) -> None:
    life = live(new_embedded(), seed)
    assert wrong(life) == [], f"seed {seed}, died at {life.fuse.died_at}"
    assert life.over(), f"seed {seed}: {life.house.states()}, died at {life.fuse.died_at}"


def _without_intent(patch: pytest.MonkeyPatch) -> None:
    """The event leaves though nothing says that it will: a crash forgets it, and the guard never knew."""
    original = send.reserve

    def reserve(connection: Any, tools: Any, keyring: Any, row: Any, now: Any) -> Any:
        savepoint = connection.begin_nested()
        call = original(connection, tools, keyring, row, now)
        savepoint.rollback()
        return call

    patch.setattr(send, "reserve", reserve)


def _believes_silence(patch: pytest.MonkeyPatch) -> None:
    """No answer is taken for not registered: sent again at once, without a consulta."""

    def settle(connection: Any, tools: Any, keyring: Any, row: Any, now: Any) -> None:  # noqa: ARG001 as the real one
        connection.execute(update(event).where(event.c.id == row.id).values(state="SIGNED", due_at=now))

    patch.setattr(send, "ask", settle)


BROKEN: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "an event is sent without its intent": _without_intent,
    "an unanswered event is sent again blindly": _believes_silence,
}


@pytest.mark.parametrize("name", some(BROKEN, ("an event is sent without its intent",)))
def test_a_broken_part_is_caught(
    new_embedded: Callable[[], Engine], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    BROKEN[name](monkeypatch)
    lives = (live(new_embedded(), seed, dies=False, reading="strictest", most=SHORT) for seed in range(2))
    assert any(wrong(life) or not life.over() for life in lives), f"nothing noticed: {name}"


def _sent_and_refused_for_a_pause(engine: Engine) -> Life:
    """A note is sent and hears 108; somebody begins a contingency; the service returns."""
    house = new_house(engine, places=PLACES[:1])
    life = Life(house, Fuse(random.Random(0)), random.Random(0), Outage(house.transport), set())
    worker = house.worker()
    house.sefaz.pause("SVRS", Pause("108", house.clock()))
    house.submit("F0", internet())
    while worker.turn():
        pass
    with house.tools.engine.begin() as connection:
        contingency.start(connection, house.tools, house.establishments["RS"], reason=WHY, actor="teste")
    house.sefaz.resume("SVRS")
    house.settle(worker)
    return life


def test_a_number_once_sent_and_used_again_off_line_is_caught(
    new_embedded: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wrong(_sent_and_refused_for_a_pause(new_embedded())) == []

    def forgets(connection: Any, _: Any, establishment_id: str, now: Any, actor: str) -> contingency.Turned:
        for row in contingency._waiting(connection, establishment_id):
            record.move(connection, row, DocumentEvent.TURNED_OFFLINE, now=now, actor=actor, sent_at=None)
        return contingency.Turned()

    monkeypatch.setattr(contingency, "turn", forgets)
    [found] = wrong(_sent_and_refused_for_a_pause(new_embedded()))
    assert "used again off-line" in found
