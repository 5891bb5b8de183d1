"""All that a device remembers from one call to the next, and what follows from it at an instant."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from zelo.sim.sat.unit import SOFTWARE, Unit

MOST_LOG_LINES = 4_000
"""About the 410 KB at which the observed emulator rotates its log."""


class Block(StrEnum):
    """Who blocked the device; the autonomous block is not remembered but follows from the instant."""

    NONE = "0"
    SEFAZ = "1"
    TAXPAYER = "2"
    AUTONOMOUS = "3"
    DEACTIVATION = "4"


class Kind(StrEnum):
    """What was issued."""

    SALE = "CFe"
    CANCEL = "CFeCanc"


@dataclass(frozen=True, slots=True)
class Issued:
    """A coupon without its XML. `chave` has 44 digits; `of` is the chave that a cancel cancels, else ""."""

    kind: Kind
    chave: str
    at: datetime
    total: Decimal
    dest: str
    of: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Session:
    """A session number that was used. `reply` is "" once forgotten."""

    number: int
    reply: str


@dataclass(frozen=True, slots=True)
class Network:
    """The network settings that the status shows."""

    kind: str = "DHCP"
    ip: str = "10.0.0.59"
    mask: str = "255.255.255.0"
    gateway: str = "10.0.0.1"
    dns_1: str = "10.0.0.1"
    dns_2: str = "10.0.0.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The memory. `code` is "" until activated; `ncfe` is the last number given out.

    `recent`: what was issued within the time to cancel; `pending`: what SEFAZ has not taken yet, in order.
    `refused`: chaves that SEFAZ refused for good, in the error folder. `last_fiscal`: the reply
    of the last sale, cancel or test, which outlives its session. `ballast_bytes` fills the memory for a test.
    """

    code: str = ""
    active: bool = False
    ceased: bool = False
    cnpj: str = ""
    certificate: bytes = b""
    csr_made: bool = False
    sign_ac: str = ""
    block: Block = Block.NONE
    wrong_codes: int = 0
    off: bool = False
    updating_until: datetime | None = None
    software: str = SOFTWARE
    network: Network = Network()
    ncfe: int = 0
    last: Issued | None = None
    contact_at: datetime | None = None
    sent_at: datetime | None = None
    last_issue_at: datetime | None = None
    ballast_bytes: int = 0
    last_fiscal: str = ""
    sessions: tuple[Session, ...] = ()
    recent: tuple[Issued, ...] = ()
    pending: tuple[Issued, ...] = ()
    refused: tuple[str, ...] = ()
    log: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What a call leads to. `issued` and its `xml` where a coupon came of it: to be kept before the reply leaves."""

    state: State
    reply: str
    issued: Issued | None = None
    xml: bytes = b""


def memory_used(state: State) -> int:
    """Bytes taken by what is pending, and by the ballast."""
    return state.ballast_bytes + sum(each.size_bytes for each in state.pending)


def autonomous(unit: Unit, state: State, now: datetime, certificate_ends: datetime | None) -> str:
    """Why the device blocks itself at this instant, in English for the log, or "".

    Only four things do: no contact with SEFAZ, a coupon unsent for too long, memory almost full, certificate expired.
    """
    terms = unit.terms
    if state.contact_at is not None and now - state.contact_at > terms.silent:
        return "no contact with SEFAZ"
    if state.pending and now - state.pending[0].at > terms.unsent:
        return "coupons unsent"
    if memory_used(state) >= terms.memory_total_bytes * terms.memory_share:
        return "memory full"
    if certificate_ends is not None and now > certificate_ends:
        return "certificate expired"
    return ""
