"""What a check sees and what it returns: the case, and rows that name their cStat and their place in the manual."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from validador_ie import UFS, validar_ie

from zelo.sim.certificate import Holder
from zelo.sim.note import Group, Item, Note, text
from zelo.sim.register import Register
from zelo.sim.verdict import NOTHING, Details, Verdict, verdict


@dataclass(frozen=True, slots=True)
class Terms:
    """The official numbers that checks depend on."""

    late: timedelta
    ahead: timedelta
    consulta_days: int


@dataclass(frozen=True, slots=True)
class Case:
    """A note before the judge. `accredited` None: every emitter is. `signer` is read from the signature.

    `contributors`: CPF or CNPJ → active IE; None: whatever a note says is believed.
    """

    autorizador: str
    note: Note
    signer: Holder | None
    register: Register
    accredited: frozenset[str] | None
    contributors: Mapping[str, str] | None
    terms: Terms
    now: datetime

    @property
    def emitted_at(self) -> datetime:
        """dhEmi; the schema has seen to its form and its offset."""
        return datetime.fromisoformat(text(self.note.ide, "dhEmi"))

    @property
    def day(self) -> date:
        """The calendar day of dhEmi at the emitter, by which dated rules are chosen."""
        return self.emitted_at.date()

    @property
    def late(self) -> bool:
        """Whether dhEmi is older than the manual allows (120 hours, G38)."""
        return self.now - self.emitted_at > self.terms.late


@dataclass(frozen=True, slots=True)
class Check:
    """A row of the order: the cStat, where the manual has the rule, and what finds a breach (None: it holds)."""

    cstat: str
    source: str
    find: Callable[[Case], Details | None]


BROKEN: Final = NOTHING
"""The rule is broken and there is nothing to add to the text."""


def whole(cstat: str, source: str, breaks: Callable[[Case], bool]) -> Check:
    """A check of the whole note."""
    return Check(cstat, source, lambda case: BROKEN if breaks(case) else None)


def each_item(cstat: str, source: str, breaks: Callable[[Item, Case], bool]) -> Check:
    """A check of every item; the first that breaks the rule is named in xMotivo."""

    def find(case: Case) -> Details | None:
        broken = next((item for item in case.note.items if breaks(item, case)), None)
        return None if broken is None else {"nItem": broken.number}

    return Check(cstat, source, find)


def first(checks: Iterable[Check], case: Case) -> Verdict | None:
    """The verdict of the first check that finds a breach."""
    for check in checks:
        details = check.find(case)
        if details is not None:
            return verdict(check.cstat, details)
    return None


def is_ie(ie: str, uf: str) -> bool:
    """Whether the digits of an inscrição estadual agree by the published rules of the UF."""
    return uf in UFS and bool(validar_ie(ie, uf).valida)


def without(node: Group | None, *names: str) -> bool:
    """Whether any of these tags is missing or empty."""
    return any(not text(node, name) for name in names)
