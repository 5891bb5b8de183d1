"""What the diagnosis says, as plain values that may be shown: every CPF is starred already, every list is bounded."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Any, Final

from zelo.guard.diagnosis.evidence import Service

FORMAT: Final = "zelo-guard-diagnose/1"
"""Goes up when a name of the JSON changes its meaning."""
MOST_ROWS: Final = 200
"""Of each list; how many there are in truth stands beside it."""
MOST_FILES: Final = 10
"""Names of files kept as evidence of one thing."""


class Grade(StrEnum):
    """How we know who did it."""

    NAMED = "named"
    DEDUCED = "deduced"
    UNKNOWN = "unknown"


class Warned(StrEnum):
    """What is strange about who sends for an emitter."""

    PROGRAMS = "programs"
    CERTIFICATES = "certificates"
    FOREIGN_CERTIFICATE = "foreign certificate"


@dataclass(frozen=True, slots=True)
class Files:
    """How many were looked at, and why some prove nothing."""

    looked_at: int
    useful: int
    other_xml: int
    no_xml: int
    too_large: int
    unreadable: int
    nested: int


@dataclass(frozen=True, slots=True)
class Subject:
    """A note (emitter, série, number), an event, an inutilização, a receipt, a chave that was asked for, or a UF."""

    service: Service
    modelo: str
    ambiente: str
    emitter: str
    serie: int
    number: int
    ident: str
    chaves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent it, as its documents and their signatures say."""

    programs: tuple[str, ...]
    certificates: tuple[str, ...]
    ips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The most equal answers of a subject against the limit; `within_seconds` None where they count for ever."""

    subject: Subject
    cstat: str
    motivo: str
    count: int
    limit: int
    within_seconds: int | None
    limit_source: str
    first: datetime | None
    last: datetime | None
    sender: Sender
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Culprit:
    """Who did it: blocks that it caused, answers that these refused, and what SEFAZ itself counted (None: untold)."""

    standing: Standing
    grade: Grade
    blocks: int
    refused: int
    counted_by_sefaz: int | None
    cstat: str
    first: datetime | None
    last: datetime | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One block of at most an hour: what it refused, since when; `culprit` is a place in the list of culprits."""

    service: Service
    modelo: str
    ambiente: str
    emitter: str
    cstat: str
    motivo: str
    refused: int
    first: datetime | None
    last: datetime | None
    culprit: int | None
    grade: Grade
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatusLoop:
    """Looks at a status: how many came too soon after the one before, and the most within five minutes."""

    uf: str
    modelo: str
    count: int
    too_soon: int
    most_in_window: int
    limit: int
    first: datetime | None
    last: datetime | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Unknown outcomes mishandled: the note was there already (204), or its number was under another chave (539)."""

    same_chave: int
    other_chave: int
    notes: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A program (verProc) or a certificate that sent for an emitter."""

    emitter: str
    name: str
    cnpj: str
    notes: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """More than one program or certificate for an emitter; `at_once` when their days overlap."""

    kind: Warned
    emitter: str
    names: tuple[str, ...]
    at_once: bool


@dataclass(frozen=True, slots=True)
class Code:
    """How often a rejection came, and for how many subjects."""

    modelo: str
    service: Service
    cstat: str
    motivo: str
    count: int
    subjects: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day's answers as the authorizer dated them."""

    day: date
    rejections: int
    blocked: int


@dataclass(frozen=True, slots=True)
class Report:
    """The whole diagnosis. `answers` leaves `copies` out: the same result in more than one file counts once."""

    files: Files
    answers: int
    copies: int
    rejections: int
    blocked: int
    first: datetime | None
    last: datetime | None
    culprits: tuple[Culprit, ...]
    blocks: tuple[Block, ...]
    blocks_in_all: int
    nearest: tuple[Standing, ...]
    nearest_in_all: int
    consultas: tuple[Standing, ...]
    receipts: tuple[Standing, ...]
    status_loops: tuple[StatusLoop, ...]
    duplicates: Duplicates
    codes: tuple[Code, ...]
    programs: tuple[Seen, ...]
    certificates: tuple[Seen, ...]
    warnings: tuple[Doubt, ...]
    days: tuple[Day, ...]


def as_json(report: Report, sentences: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What json.dumps takes: instants with their offset, enums as their words."""
    return {"format": FORMAT, **_plain(asdict(report)), **(sentences or {})}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
