"""What page and command show: the gateway as it stands at an instant, and what a person may have done."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from zelo.fiscal.fault import Fault
from zelo.pos.edge.gather.rules import Finding
from zelo.pos.edge.gather.seen import DeviceSeen
from zelo.pos.edge.journal.entry import CouponStanding, Question, Sold
from zelo.pos.edge.outbox.core import Account, Aside, Fill
from zelo.pos.edge.peer.pair import PairSeen

BAD_CODE = "PAGINA-CODIGO"
LEAST_CODE_CHARACTERS = 6
MOST_CODE_CHARACTERS = 32
"""Of an activation code (ER SAT: 8 to 32; old devices have 6)."""
MOST_WORDS = 300
"""Characters of who and why."""


@dataclass(frozen=True, slots=True)
class Centre:
    """`url`: "" for none. `said`: how the last batch went, "" before the first; `well`: whether it arrived."""

    url: str
    said: str = ""
    well: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """All of it. `since`: from when a finding stands; `aside`: what the centre refuses, the first of it at most.

    `sold`: sales of today and their cents. `questions`: calls of which it is not known what became, and which nobody
    is at just now. `pair`: the other gateway, None where there is none. `writes`: whether the disk
    takes what is written.
    """

    name: str
    version: str
    now: datetime
    started_at: datetime
    devices: Sequence[DeviceSeen]
    findings: Sequence[Finding]
    since: Mapping[tuple[str, str], datetime]
    fill: Fill
    accounts: Sequence[Account]
    aside: Sequence[Aside]
    sold: tuple[int, int]
    last: Sequence[Sold]
    doubts: Sequence[Sold]
    questions: Sequence[Question]
    centre: Centre
    cancel_time: timedelta
    pair: PairSeen | None = None
    writes: bool = True

    @property
    def numbers(self) -> Mapping[str, str]:
        """The devices that are there to be asked, each with its number, "" of one that has not been heard yet."""
        return {seen.name: seen.nserie for seen in self.devices}

    def cancel_left(self, sold: Sold) -> timedelta:
        """How long its device would still cancel a coupon: by our clock, whatever hour the device has."""
        return self.cancel_time - (self.now - sold.asked_at)

    def may_cancel(self, sold: Sold) -> bool:
        """Whether its device would still cancel a coupon."""
        return self.cancel_left(sold) >= timedelta()


class Decision(StrEnum):
    """What a person may decide about a coupon in doubt."""

    ACCEPT = "aceitar"
    CANCEL = "cancelar"


CHECK = "conferir"
"""What a person may do about a call that no device can tell of: look, and say what they found."""
STANDING_OF = {Decision.ACCEPT: CouponStanding.ACCEPTED, Decision.CANCEL: CouponStanding.SURPLUS}


@dataclass(frozen=True, slots=True)
class Tested:
    """What a device answered to one question. `well`: as it should."""

    device: str
    function: str
    well: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Local:
    """What page and command may ask of the gateway; each may wait for the disk, so it is called off the loop, and raise
    apsw.Error. `file`: the gateway's, for whoever must mend that.

    `coupon(chave)`: a sale, in doubt or not. `decide(chave, decision, who, why)`, `check(attempt_id, who, what)`: False
    where nobody must any more. `keep_code(device, code)`.
    `test(device, sale)`: with a sale in XML also TesteFimAFim; every device for "". It is awaited on the loop, since a
    device may hang. `send_again`: what the centre refuses goes to it once more, as soon as may be; how many documents
    that are.
    """

    file: str
    look: Callable[[], House]
    coupon: Callable[[str], Sold | None]
    decide: Callable[[str, Decision, str, str], bool]
    check: Callable[[int, str, str], bool]
    keep_code: Callable[[str, str], None]
    test: Callable[[str, str], Awaitable[Sequence[Tested]]]
    send_again: Callable[[], int]


def code_fault(code: str) -> Fault | None:
    """What is wrong with the form of an activation code."""
    if LEAST_CODE_CHARACTERS <= len(code) <= MOST_CODE_CHARACTERS and code.isascii() and code.isprintable():
        return None
    sentence = f"O código tem de {LEAST_CODE_CHARACTERS} a {MOST_CODE_CHARACTERS} letras e algarismos."
    return Fault(BAD_CODE, sentence, "Confira o código que foi escolhido na ativação do equipamento.", "codigo")
