"""One call at work: what every function of the device sees, and the few questions that all of them ask."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509

from zelo.sim.sat.functions import Call
from zelo.sim.sat.reply import Voice
from zelo.sim.sat.state import MOST_LOG_LINES, State, Step, autonomous
from zelo.sim.sat.unit import Unit

_KEPT = 16


@dataclass(frozen=True, slots=True)
class Turn:
    """A device, what it remembers, the call, the instant, and the six digits drawn for a cNF."""

    unit: Unit
    state: State
    call: Call
    voice: Voice
    now: datetime
    cnf: str

    def text(self, name: str) -> str:
        """An argument of the call that is text."""
        return self.call.texts[name]

    def number(self, name: str) -> int:
        """An argument of the call that is a number."""
        return self.call.numbers[name]

    def refuse(self, suffix: str, cccc: str = "0000", detail: str = "") -> Step:
        """Nothing changes; the reply says why."""
        return Step(self.state, self.voice.refuse(suffix, cccc, detail))

    def done(self, *fields: str, **changes: Any) -> Step:
        """A success that changes the memory, in the five common fields and these."""
        return Step(replace(self.state, **changes), self.voice.say("000", *fields))

    def blocks_itself(self) -> str:
        """Why the device is in autonomous block, or ""."""
        return autonomous(self.unit, self.state, self.now, certificate_ends(self.state.certificate))


@lru_cache(maxsize=_KEPT)
def validity(certificate: bytes) -> tuple[datetime, datetime] | None:
    """From when to when a certificate in DER holds; None where there is none."""
    if not certificate:
        return None
    read = x509.load_der_x509_certificate(certificate)
    return read.not_valid_before_utc, read.not_valid_after_utc


def certificate_ends(certificate: bytes) -> datetime | None:
    """When it expires."""
    held = validity(certificate)
    return held[1] if held else None


def logged(unit: Unit, state: State, now: datetime, source: str, text: str, level: str = "info") -> State:
    """The state with a line more in the log: instant by the device's clock, who spoke to whom, level, text."""
    line = f"{now.astimezone(unit.clock):%Y%m%d%H%M%S}|{source}|{level}|{text}"
    return replace(state, log=(*state.log, line)[-MOST_LOG_LINES:])
