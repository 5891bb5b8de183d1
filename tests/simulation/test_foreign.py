"""Another program sends by itself for days: refused notes, edited notes, events, inutilizações, consultas, lost
answers, two processes. It asks the guard before each send, and no reading of the rule may ever block it.

The same lives with a broken guard, or a program that does not listen, must be caught, each by name.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import Connection

from tests.house import PLACES, House, new_house
from tests.messages import EMITTER, chave, event, voiding
from tests.simulation.seldom import some
from zelo.engine.contract import Engine
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.chave import Chave
from zelo.fiscal.fault import Fault
from zelo.flow import foreign as conductor
from zelo.flow.foreign import Admission, NotPossibleError, Outcome
from zelo.flow.foreign_stops import Asker
from zelo.guard import foreign
from zelo.guard import shell as guard
from zelo.guard.advice import Word
from zelo.guard.core import Event, State
from zelo.guard.foreign import COUNTED, Foreign, Meaning, Servico
from zelo.guard.window import Budget
from zelo.sim.consumption import Block, Counting, Meter, Rule, Use
from zelo.sim.reading import READINGS, CountedBy, Punished, Reading

TURNS: Final = 70
SEEDS: Final = range(3)
LOST_PER_CENT: Final = 25
REFUSED: Final = {"55": ("778", "577"), "65": ("778", "577"), "62": ("423", "435")}
"""Two codes that refuse for the data, so that other codes come between equal ones."""
LIMITS: Final = {Servico.AUTORIZACAO: 30, Servico.EVENTO: 20, Servico.INUTILIZACAO: 20, Servico.CONSULTA: 10}
BLOCKED: Final = {"55": "656", "65": "656", "62": "678"}
HOUR_SECONDS: Final = 3600
PERMANENT: Final = 50


@dataclass
class Authority:
    """What SEFAZ counts, written from NT 2018.002 apart from the guard; every send is judged and refused."""

    reading: Reading
    chance: random.Random
    meter: Meter = field(default_factory=Meter)
    blocks: list[str] = field(default_factory=list)
    sends: int = 0

    def answer(self, send: Foreign, now: datetime) -> Outcome:
        """Judge one message."""
        self.sends += 1
        rule, use = self._rule(send), self._use(send)
        block = self.meter.standing(use, rule, now)
        if block is None:
            judged = self.chance.choice(REFUSED[send.modelo]) if rule.equal else "217"
            block = self.meter.record(use, judged if rule.equal else "", rule, now)
            if block is None:
                return Outcome(judged)
        self.blocks.append(f"{send.modelo} {send.servico} {block.label}")
        return Outcome(BLOCKED[send.modelo], _said(block))

    def _rule(self, send: Foreign) -> Rule:
        counted, most = send.servico in COUNTED, LIMITS[send.servico]
        if send.servico is Servico.AUTORIZACAO and self.reading.rejections:
            most = self.reading.rejections
        return Rule(
            limit=most,
            equal=counted,
            counting=self.reading.counting if counted else Counting.CUMULATIVE,
            window_seconds=self.reading.window_seconds if counted else HOUR_SECONDS,
            block_seconds=HOUR_SECONDS,
            restarts_on_touch=self.reading.restarts_on_touch,
            permanent_after=PERMANENT if counted and self.reading.becomes_permanent else None,
        )

    def _use(self, send: Foreign) -> Use:
        key = send.subject
        if send.servico is Servico.AUTORIZACAO and self.reading.counted_by is CountedBy.NATURAL_KEY:
            taken = Chave.parse(send.subject)
            key = f"{taken.cnpj}{taken.serie}/{taken.nnf}" + (taken.tpemis if taken.mod == "65" else "")
        identity = "certificate" if self.reading.punished is Punished.TRANSMITTER else send.cnpj
        return Use(f"{send.modelo}{send.servico}", identity, key, send.subject)


def _said(block: Block) -> str:
    return f"Rejeição: Consumo Indevido [det: Quantidade de rejeições encontradas: {block.found}, NF-e: {block.label}]"


@dataclass(frozen=True)
class Job:
    """Something the program wants sent, in each turn anew; `edits`: under another chave of the same number."""

    modelo: str
    servico: Servico
    nnf: int
    edits: bool = False

    def message(self, turn: int) -> Foreign:
        """As it is in that turn."""
        code, month = (turn + 2, f"26{turn % 12 + 1:02d}") if self.edits else (1, "2611")
        note = chave(self.modelo, self.nnf, code=code, month=month)
        subject = {Servico.EVENTO: event(chave(self.modelo, self.nnf)), Servico.INUTILIZACAO: voiding(self.modelo)}
        sent = foreign.read(
            modelo=self.modelo,
            servico=self.servico,
            ambiente=Ambiente.HOMOLOGACAO,
            subject=subject.get(self.servico, note),
        )
        assert not isinstance(sent, Fault)
        return sent


JOBS: Final = tuple(
    job
    for modelo in ("55", "65", "62")
    for job in (
        Job(modelo, Servico.AUTORIZACAO, 1),
        Job(modelo, Servico.AUTORIZACAO, 2, edits=True),
        Job(modelo, Servico.EVENTO, 3),
        *([Job(modelo, Servico.INUTILIZACAO, 4)] if modelo != "62" else []),
        Job(modelo, Servico.CONSULTA, 5),
    )
)


@dataclass
class Program:
    """One process of the program. `listens`: obeys the answer. `lost`: what it reports when an answer got lost, one of
    these by chance; None: nothing at all, as a process that crashed.
    """

    house: House
    authority: Authority
    chance: random.Random
    listens: bool = True
    lost: tuple[Meaning | None, ...] = (Meaning.UNANSWERED, None)

    def ask(self, send: Foreign) -> Admission:
        """May it be sent?"""
        with self.house.tools.engine.begin() as connection:
            return conductor.ask(connection, self._asker(), send, transmitter="", shadow=False)

    def act(self, send: Foreign, answer: Admission) -> None:
        """Send it if it may be or if nobody listens, and report what came back, if it did."""
        if answer.said.word is Word.ADMIT or not self.listens:
            outcome: Outcome | None = self.authority.answer(send, self.house.clock())
            if self.chance.randrange(100) < LOST_PER_CENT:
                silence = self.chance.choice(self.lost)
                outcome = Outcome(silence=silence) if silence else None
            if outcome is not None and answer.token is not None:
                with self.house.tools.engine.begin() as connection:
                    conductor.report(connection, self._asker(), answer.token, outcome)
        elif answer.said.word is Word.HELD:
            self._insist(send)

    def _insist(self, send: Foreign) -> None:
        """Let an administrator release whatever can be released."""
        with self.house.tools.engine.begin() as connection, suppress(NotPossibleError):
            conductor.release(
                connection, self._asker(), send, sends=10, actor="teimoso", why="insisto", administrator=True
            )

    def _asker(self) -> Asker:
        return Asker(self.house.tools, self.house.company_id, EMITTER[:8], self.house.clock())


def _life(make: Callable[[], Engine], seed: int, reading: str, **broken: Any) -> tuple[Authority, House]:
    """Two processes with the same jobs for days; both ask before either has sent."""
    house = new_house(make(), seed=seed, places=PLACES[:1])
    authority = Authority(READINGS[reading], random.Random(seed + 1))
    programs = [Program(house, authority, random.Random(seed * 10 + n), **broken) for n in range(2)]
    order = random.Random(seed)
    for turn in range(TURNS):
        for job in order.sample(JOBS, len(JOBS)):
            send = job.message(turn)
            asked = [(one, one.ask(send)) for one in order.sample(programs, 2)]
            for one, answer in asked:
                one.act(send, answer)
        house.clock.advance(timedelta(minutes=7 if turn % 25 else 60 * 24))
    return authority, house


@pytest.mark.parametrize("reading", some(READINGS, ("official", "strictest")))
def test_no_reading_of_the_rule_ever_blocks_a_program_that_asks(
    new_embedded: Callable[[], Engine], reading: str
) -> None:
    authority, house = _life(new_embedded, 1, reading)
    assert authority.blocks == []
    with house.tools.engine.read() as connection:
        spent = {
            (job.modelo, job.servico): guard.state_of(connection, job.message(0).key).spent
            for job in JOBS
            if job.servico in COUNTED
        }
        assert list(guard.verify(connection)) == []
    assert {most for (_, servico), most in spent.items() if servico is Servico.AUTORIZACAO} == {25}, "nobody was idle"
    assert {most for (_, servico), most in spent.items() if servico is not Servico.AUTORIZACAO} == {15}


def _freed(connection: Connection, state: State, now: datetime) -> State:
    """A lease that ran out gives its send back."""
    late = guard.overdue(connection, state, now)
    if late is None:
        return state
    guard._move(connection, state, Event.NOT_SENT, at=now, chave=late.subject)
    return guard.state_of(connection, state.natural_key)


def _told_as(meaning: Meaning, event_: Event) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(foreign, "TOLD", {**foreign.TOLD, meaning: event_})


def _nothing(_: pytest.MonkeyPatch) -> None:
    """The guard is whole: the program is what is broken."""


BROKEN: Final[dict[str, tuple[Callable[[pytest.MonkeyPatch], None], dict[str, Any]]]] = {
    "ignores the answer": (_nothing, {"listens": False}),
    "reports nothing after a lost answer, and the lease is freed": (
        lambda patch: patch.setattr(guard, "_charge_overdue", _freed),
        {"lost": (None,)},
    ),
    "says that nothing was sent after a lost answer": (_nothing, {"lost": (Meaning.NOT_SENT,)}),
    "counts by chave only": (
        lambda patch: patch.setattr(foreign, "_number", lambda taken, _: f"2|{taken}"),
        {},
    ),
    "rejections not counted": (_told_as(Meaning.REJECTED, Event.ANSWERED), {}),
    "unanswered is free": (_told_as(Meaning.UNANSWERED, Event.ANSWERED), {"lost": (Meaning.UNANSWERED,)}),
    "no budget for questions": (
        lambda patch: patch.setattr(foreign, "budget", lambda *_: Budget(1_000, timedelta(hours=1))),
        {},
    ),
    "the limit of notes for events too": (
        lambda patch: patch.setattr(foreign, "ceiling", lambda *_: LIMITS[Servico.AUTORIZACAO] - 5),
        {},
    ),
}


@pytest.mark.parametrize("name", some(BROKEN, ("rejections not counted",)))
def test_what_is_broken_is_caught(
    new_embedded: Callable[[], Engine], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks, broken = BROKEN[name]
    breaks(monkeypatch)
    lives = (_life(new_embedded, seed, "strictest", **broken) for seed in SEEDS)
    assert any(authority.blocks for authority, _ in lives), f"nothing noticed: {name}"


def test_a_program_that_never_reports_is_only_slower(new_embedded: Callable[[], Engine]) -> None:
    """With the guard whole, silence is charged: nothing said is not nothing sent."""
    authority, _ = _life(new_embedded, 2, "strictest", lost=(None,))
    assert authority.blocks == []
    assert authority.sends > 0
