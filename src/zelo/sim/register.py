"""What one authorizer remembers: the notes it authorised, by chave and by natural key, and what became of each."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from zelo.sim.verdict import AUTHORISED

_SEQUENCE_DIGITS: Final = 10


@dataclass(frozen=True, slots=True)
class Registered:
    """An authorised note. `cstat` is its standing today (100, 150, 101 or 102), the rest is of its authorisation.

    `authorised_as` is 100 or 150; `changed_at` and `change_nprot` tell when and under which protocol the standing
    changed.
    """

    chave: str
    natural_key: str
    digest: str
    nprot: str
    at: datetime
    authorised_as: str
    cstat: str
    changed_at: datetime | None = None
    change_nprot: str = ""
    emitted: str = ""
    fin: str = ""

    @property
    def stands(self) -> bool:
        """Whether the authorisation still holds."""
        return self.cstat in AUTHORISED


@dataclass(frozen=True, slots=True)
class Event:
    """An event that was registered: its Id, the text of the signed eventoNFCom, protocol, instant and code."""

    id: str
    content: str
    nprot: str
    at: datetime
    cstat: str


@dataclass(slots=True)
class Register:
    """The base of one authorizer. Only a process of its own knows a note before it is added here."""

    by_chave: dict[str, Registered] = field(default_factory=dict)
    by_natural_key: dict[str, Registered] = field(default_factory=dict)
    protocols: int = 0
    events: dict[str, list[Event]] = field(default_factory=dict)
    """Chave → what was registered for it."""

    def next_nprot(self, prefix: str) -> str:
        """A protocol number: `prefix` (kind of authorizer, UF, year, site) and a sequence of ten digits."""
        self.protocols += 1
        return f"{prefix}{self.protocols:0{_SEQUENCE_DIGITS}d}"

    def add(self, note: Registered) -> None:
        """Remember a note, or its new standing."""
        self.by_chave[note.chave] = note
        self.by_natural_key[note.natural_key] = note
        self.protocols = max(
            self.protocols, *(int(n[-_SEQUENCE_DIGITS:] or 0) for n in (note.nprot, note.change_nprot))
        )

    def add_event(self, chave: str, event: Event) -> None:
        """Remember an event of a note."""
        self.events.setdefault(chave, []).append(event)
        self.protocols = max(self.protocols, int(event.nprot[-_SEQUENCE_DIGITS:]))

    def change(self, chave: str, cstat: str, at: datetime, nprot: str) -> Registered:
        """The standing of a note changes: cancelled (101) or substituted (102). Raises KeyError for an unknown one."""
        changed = replace(self.by_chave[chave], cstat=cstat, changed_at=at, change_nprot=nprot)
        self.add(changed)
        return changed
