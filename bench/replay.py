"""One official day of rejections, sent again as each way of retrying would: how many requests it spares SEFAZ.

The annex gives rejections and notes per code, so every note of a code is taken for an average one, sent over and over
at even intervals until the day ends. Each way is the real core with its policy; what it does not admit is not sent.
Nothing is lost by sparing: each note ends authorised by a consulta, or waits for a person or an hour that is named.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from zelo.guard.core import Answer, Event, Policy, State, apply, decide
from zelo.guard.policy import read_intervals

FILE: Final = Path(__file__).with_name("rejections_2018.csv")
AT: Final = datetime(2018, 4, 1, tzinfo=UTC)
DAY: Final = timedelta(days=1)
CEILING: Final = 30
FIXED: Final = 20
SAFETY: Final = 10
BANDS: Final = next(iter(read_intervals("PR|5-10-120;11-15-300;16-20-600;21-*-900/").values.values()))
"""The reference's own example."""
DUPLICATES: Final = frozenset({"DUP_SAME_KEY", "DUP_OTHER_KEY", "DUP_STATE"})
"""An unknown outcome that was mishandled: one consulta answers it, another send never does."""
TRANSIENT: Final = frozenset({"PAUSED", "LCR", "CLOCK"})
"""The same bytes may be accepted later."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code of that day: its class, how often it was answered, and to how many notes."""

    cstat: str
    classe: str
    rejections: int
    notes: int


def codes() -> Sequence[Code]:
    """The official rows."""
    lines = (line for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#"))
    return [Code(r["cstat"], r["classe"], int(r["rejeicoes"]), int(r["chaves"])) for r in csv.DictReader(lines)]


@dataclass(frozen=True, slots=True)
class Requests:
    """What reaches SEFAZ."""

    sends: int
    consultas: int = 0

    def times(self, notes: int) -> "Requests":
        """Of so many notes."""
        return Requests(self.sends * notes, self.consultas * notes)

    def plus(self, other: "Requests") -> "Requests":
        """Together."""
        return Requests(self.sends + other.sends, self.consultas + other.consultas)


Way = Callable[[Code, int], Requests]
"""What a note of that code makes of so many attempts."""


def _naive(_code: Code, attempts: int) -> Requests:
    return Requests(attempts)


def _guarded(policy: Policy) -> Way:
    def made(code: Code, attempts: int) -> Requests:
        state, sent = State("note"), 0
        for number in range(attempts):
            now = AT + DAY * number / attempts
            if decide(state, policy, now).answer is not Answer.ADMIT:
                continue
            state, _ = apply(state, Event.ADMITTED, at=now, chave="", token="t")  # noqa: S106 names a holder
            state, _ = apply(state, Event.REJECTED, at=now, chave="", cstat=code.cstat)
            sent += 1
        return Requests(sent)

    return made


def _ours(code: Code, attempts: int) -> Requests:
    """Stop at the first, for sending again cannot help; a duplicate is asked after once; the rest wait by bands."""
    if code.classe in TRANSIENT:
        return _guarded(Policy(SAFETY, FIXED, CEILING, BANDS))(code, attempts)
    return Requests(1, 1 if code.classe in DUPLICATES else 0)


OURS: Final = "zelo: classes, then bands"
WAYS: Final[dict[str, Way]] = {
    "naive retry": _naive,
    "a fixed limit of 20": _guarded(Policy(FIXED, FIXED, FIXED)),
    "the reference: bands, safety 10": _guarded(Policy(SAFETY, FIXED, CEILING, BANDS)),
    OURS: _ours,
}


def requests(way: Way) -> Requests:
    """What the whole day makes: averages are split so that the official sum comes out."""
    total = Requests(0)
    for code in codes():
        fewer, rest = divmod(code.rejections, code.notes)
        total = total.plus(way(code, fewer).times(code.notes - rest)).plus(way(code, fewer + 1).times(rest))
    return total


def avoided(made: Requests, *, consultas: bool) -> float:
    """How many of a hundred naive sends are not made, a consulta counted as one where asked."""
    naive = requests(_naive).sends
    return 100 * (naive - made.sends - consultas * made.consultas) / naive


def page() -> str:
    """The table of the documentation."""
    lines = [
        "# A day of rejections",
        "",
        __doc__ or "",
        "| way | sends | consultas | sends avoided |",
        "|---|--:|--:|--:|",
    ]
    for name, way in WAYS.items():
        made = requests(way)
        spared = f"{avoided(made, consultas=False):.1f} %"
        lines.append(f"| {name} | {made.sends:,} | {made.consultas:,} | {spared} |")
    both = avoided(requests(_ours), consultas=True)
    return "\n".join([*lines, "", f"With each consulta counted as a send, zelo avoids {both:.1f} %.", ""])


def run() -> dict[str, float]:
    """The figures of this bench by their stable names."""
    made = requests(_ours)
    return {
        "guard_replay_avoided_percent": avoided(made, consultas=False),
        "guard_replay_avoided_with_consultas_percent": avoided(made, consultas=True),
    }
