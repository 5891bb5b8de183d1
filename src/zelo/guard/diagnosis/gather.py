"""Puts the findings of many files together: each answer once, in order of time, and who sent what.

An answer without an instant stands where its file's name puts it among the others of the folder.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

from zelo.fiscal.instant import EPOCH
from zelo.guard.diagnosis.evidence import Answer, Certificate, Finding, Key, Sent, Service, Trouble, number_of

COUNTED_EQUAL: Final = frozenset({Service.AUTORIZACAO, Service.EVENTO, Service.INUTILIZACAO})
"""Equal rejections count there, whenever they came; elsewhere it is every call within a span of time."""


@dataclass(slots=True)
class Told:
    """An answer with the file that holds it; `order` is its instant, or else the latest of its folder up to its name;
    `place` is where it stands among all.
    """

    answer: Answer
    name: str
    order: datetime = EPOCH
    place: int = 0


@dataclass(slots=True)
class Group:
    """Equal answers of one key, oldest first: one cStat where rejections count, else every call ("")."""

    key: Key
    cstat: str
    told: list[Told] = field(default_factory=list)


@dataclass(slots=True)
class Span:
    """How many documents, and from when to when."""

    notes: int = 0
    first: datetime | None = None
    last: datetime | None = None

    def add(self, at: datetime | None) -> None:
        """One more."""
        self.notes += 1
        if at is not None:
            self.first = at if self.first is None or at < self.first else self.first
            self.last = at if self.last is None or at > self.last else self.last


One = TypeVar("One")
Origin = tuple[str, Certificate | None, str]
"""Program, certificate and IP of one sent document."""


@dataclass(slots=True)
class Gathered:
    """Everything that was found, by what it is asked for."""

    looked_at: int = 0
    useful: int = 0
    other_xml: int = 0
    trouble: Counter[Trouble] = field(default_factory=Counter)
    copies: int = 0
    told: list[Told] = field(default_factory=list)
    asked: Counter[Key] = field(default_factory=Counter)
    origins: dict[Key, tuple[Origin, ...]] = field(default_factory=dict)
    chaves: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    programs: dict[tuple[str, str], Span] = field(default_factory=dict)
    certificates: dict[tuple[str, Certificate], Span] = field(default_factory=dict)
    emitters: dict[str, set[str]] = field(default_factory=dict)
    _notes: set[tuple[str, str]] = field(default_factory=set)

    def add(self, finding: Finding | Trouble | None) -> None:
        """One more file; None for one that is no XML."""
        self.looked_at += 1
        if isinstance(finding, Trouble):
            self.trouble[finding] += 1
        if not isinstance(finding, Finding):
            return
        self.useful += bool(finding.sent or finding.answers)
        self.other_xml += not (finding.sent or finding.answers)
        folder = finding.name.rpartition("/")[0]
        for sent in finding.sent:
            self._sent(sent, folder)
        for answer in finding.answers:
            self._answer(answer, finding.name, folder)

    def _sent(self, sent: Sent, folder: str) -> None:
        key = sent.key
        if key.service in COUNTED_EQUAL:
            _append(self.origins, key, (sent.program, sent.certificate, sent.ip))
        else:
            self.asked[key] += 1
        self._place(key, sent.chave, folder)
        if key.service is Service.AUTORIZACAO and (sent.chave, sent.program) not in self._notes:
            self._notes.add((sent.chave, sent.program))
            if sent.program:
                self.programs.setdefault((key.emitter, sent.program), Span()).add(sent.at)
            if sent.certificate is not None:
                self.certificates.setdefault((key.emitter, sent.certificate), Span()).add(sent.at)

    def _answer(self, answer: Answer, name: str, folder: str) -> None:
        self._place(answer.key, answer.chave, folder)
        self.told.append(Told(answer, name))

    def _place(self, key: Key, chave: str, folder: str) -> None:
        if chave and key.known:
            _append(self.chaves, key, chave)
        if key.emitter:
            self.emitters.setdefault(folder, set()).add(key.emitter)

    def learn(self, key: Key | None, name: str) -> None:
        """That a file is about an emitter, whom a text in it names."""
        if key is not None and key.emitter:
            self.emitters.setdefault(name.rpartition("/")[0], set()).add(key.emitter)

    def emitter_of(self, name: str) -> str:
        """Whose file that is, where its folder, or else the whole, knows one emitter only; "" else."""
        own = self.emitters.get(name.rpartition("/")[0], set())
        found = own if len(own) == 1 else set().union(*self.emitters.values())
        return next(iter(found)) if len(found) == 1 else ""

    def origins_of(self, key: Key) -> tuple[Origin, ...]:
        """Who sent it: its own documents, those of the notes that it is about, else the emitter's only program."""
        found = self.origins.get(key, ())
        for chave in self.chaves.get(key, ()):
            found += self.origins.get(number_of(chave, key.ambiente), ())
        if not any(program for program, _, _ in found):
            of_emitter = [program for emitter, program in self.programs if emitter == key.emitter]
            found += tuple((program, None, "") for program in of_emitter if len(of_emitter) == 1)
        return found


def gather(findings: Iterable[Finding | Trouble | None]) -> Gathered:
    """Every file, its answers in order."""
    gathered = Gathered()
    for finding in findings:
        gathered.add(finding)
    gathered.told.sort(key=lambda told: told.name)
    alone = _without_copies(gathered.told)
    gathered.copies = len(gathered.told) - len(alone)
    gathered.told = alone
    latest: dict[str, datetime] = {}
    for told in gathered.told:
        folder = told.name.rpartition("/")[0]
        told.order = told.answer.at or latest.get(folder, EPOCH)
        latest[folder] = max(told.order, latest.get(folder, EPOCH))
    gathered.told.sort(key=lambda told: told.order)
    for place, told in enumerate(gathered.told):
        told.place = place
    return gathered


def _without_copies(many: Iterable[Told]) -> list[Told]:
    """The same result in more than one file counts once; one that names nothing or no instant cannot be recognised."""
    known: set[tuple[Key, str, datetime]] = set()
    kept: list[Told] = []
    for told in many:
        answer = told.answer
        if answer.at is not None and answer.key.known:
            mark = (answer.key, answer.cstat, answer.at)
            if mark in known:
                continue
            known.add(mark)
        kept.append(told)
    return kept


def grouped(told: Iterable[Told]) -> list[Group]:
    """What an authorizer counts together; answers of a block are its doing and count for nothing."""
    found: dict[tuple[Key, str], Group] = {}
    for one in told:
        answer = one.answer
        equal = answer.key.service in COUNTED_EQUAL
        if answer.key.known and not answer.is_block and (answer.is_rejection or not equal):
            cstat = answer.cstat if equal else ""
            found.setdefault((answer.key, cstat), Group(answer.key, cstat)).told.append(one)
    return list(found.values())


def _append(many: dict[Key, tuple[One, ...]], key: Key, one: One) -> None:
    have = many.get(key, ())
    if one not in have and len(have) < _MOST_EACH:
        many[key] = (*have, one)


_MOST_EACH: Final = 50
"""Chaves or origins kept of one key."""
