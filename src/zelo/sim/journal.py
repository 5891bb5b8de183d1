"""The journal: one entry per request, never changed. It is the oracle of tests and what a restart remembers."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from zelo.sim.verdict import AUTHORISED, CONSUMO_INDEVIDO

RECEPCAO: Final = "NFComRecepcao"
CONSULTA: Final = "NFComConsulta"
STATUS: Final = "NFComStatusServico"
EVENTO: Final = "NFComRecepcaoEvento"
SITUACAO: Final = "situacao"
"""Not a service: the standing of a note was changed by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What came, what went wrong, what was answered.

    `digest` is ours over the signed element; `sha256` of the document. `judged` is the cStat of the judgement, before
    a block for consumo indevido replaced it in `cstat`; "" where nothing was judged. `processed`: the judgement took
    effect; `delivered`: the whole answer left. `nprot` is set where this entry made or changed an authorisation.
    `emitted` (dhEmi) and `fin` (finNFCom) of a note; `event` (the Id) and, once registered, `content` of an event.
    """

    seq: int
    at: datetime
    autorizador: str
    servico: str
    chave: str = ""
    natural_key: str = ""
    digest: str = ""
    sha256: str = ""
    transmitter: str = ""
    emitter: str = ""
    ip: str = ""
    trouble: str = ""
    judged: str = ""
    cstat: str = ""
    nprot: str = ""
    processed: bool = False
    delivered: bool = False
    emitted: str = ""
    fin: str = ""
    event: str = ""
    content: str = ""


@dataclass(slots=True)
class Journal:
    """Entries in the order in which they happened; `seq` is their place."""

    entries: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Append. Raises ValueError when the entry is not the next one."""
        if entry.seq != len(self.entries):
            raise ValueError(f"entry {entry.seq} after {len(self.entries)} entries")
        self.entries.append(entry)


def to_line(entry: Entry) -> str:
    """An entry as one line of JSON."""
    return json.dumps(to_json(entry), ensure_ascii=False, separators=(",", ":"))


def to_json(entry: Entry) -> dict[str, Any]:
    """An entry as JSON values; the instant in ISO 8601."""
    return {**asdict(entry), "at": entry.at.isoformat()}


def from_lines(lines: Sequence[str]) -> Journal:
    """The journal that was written; a last line cut short by a crash is left out.

    Raises ValueError for any other damage and for a missing entry.
    """
    journal = Journal()
    for place, line in enumerate(lines):
        try:
            values = json.loads(line)
            entry = Entry(**{**values, "at": datetime.fromisoformat(values["at"])})
        except (ValueError, TypeError, KeyError) as error:
            if place == len(lines) - 1:
                break
            raise ValueError(f"journal line {place + 1} cannot be read: {error}") from error
        journal.add(entry)
    return journal


def _recepcao(journal: Journal) -> Iterable[Entry]:
    return (entry for entry in journal.entries if entry.servico == RECEPCAO)


def _authorisations(journal: Journal) -> Iterable[Entry]:
    return (entry for entry in _recepcao(journal) if entry.processed and entry.judged in AUTHORISED and entry.nprot)


def authorised(journal: Journal) -> dict[str, int]:
    """Chave → how often it was authorised; anything but one is a defect of ours."""
    return dict(Counter(entry.chave for entry in _authorisations(journal)))


def cancelled(journal: Journal) -> dict[str, int]:
    """Chave → how often its cancellation was registered; anything but one is a defect of ours."""
    return dict(Counter(e.chave for e in journal.entries if e.servico == EVENTO and e.processed and e.nprot))


def number_of(chave: str) -> str:
    """The number a person sees: emitter, model, série and nNF of a chave, whatever its month, cNF or tpEmis."""
    return chave[6:34]


def numbers_used_twice(journal: Journal) -> dict[str, set[str]]:
    """Number → the chaves it was authorised under, where there are several: contingency beside the normal note."""
    used: dict[str, set[str]] = {}
    for chave in authorised(journal):
        used.setdefault(number_of(chave), set()).add(chave)
    return {number: chaves for number, chaves in used.items() if len(chaves) > 1}


def sends_by_natural_key(journal: Journal) -> dict[str, int]:
    """Natural key → how often a note of it reached NFComRecepcao, processed or not."""
    return dict(Counter(entry.natural_key for entry in _recepcao(journal) if entry.natural_key))


def equal_rejections(journal: Journal) -> dict[tuple[str, str], int]:
    """(chave, cStat) → how often NFComRecepcao judged so, authorisations left out."""
    return dict(
        Counter(
            (entry.chave, entry.judged)
            for entry in _recepcao(journal)
            if entry.judged and entry.judged not in AUTHORISED
        )
    )


def refused_for_use(journal: Journal) -> list[Entry]:
    """Every answer 678, whatever the service."""
    return [entry for entry in journal.entries if entry.cstat == CONSUMO_INDEVIDO]


def blocks(journal: Journal) -> list[Entry]:
    """The requests that began a block: judged, and yet answered 678."""
    return [entry for entry in refused_for_use(journal) if entry.judged]


def unanswered(journal: Journal) -> list[Entry]:
    """The requests that took effect and whose sender was told nothing."""
    return [entry for entry in journal.entries if entry.processed and not entry.delivered]
