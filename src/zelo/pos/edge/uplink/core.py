"""Which batch goes next, what an answer to it means, and how long to wait: over plain values.

The oldest documents go first, since they have deadlines; every tenth batch takes the newest, so that whoever looks at
the centre sees the present while a backlog drains. After a failure the wait is drawn evenly between nothing and a
bound that doubles (full jitter): after an outage the tills of a whole state do not return in one breath.

A batch that the centre refuses for what it holds is halved until one item is left. That one is guilty only if the
centre takes a batch of nothing: one that refuses everything, by a bug or because it is no centre, accuses nobody.
"""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from typing import Final

from zelo.pos.edge.uplink.message import MOST_PACE_MILLIS, Ack, read_ack

MOST_ITEMS: Final = 200
MOST_BATCH_BYTES: Final = 4_194_304
"""Before compression; a larger item goes alone."""
NEWEST_EVERY: Final = 10
FIRST_WAIT_SECONDS: Final = 1.0
MOST_WAIT_SECONDS: Final = 120.0
MOST_PACE_SECONDS: Final = MOST_PACE_MILLIS / 1000

RETRY: Final = timedelta(days=1)
"""After it a document that was set aside is sent again."""

_OK, _TOO_LARGE = 200, 413
_STRANGER: Final = frozenset({401, 403, 404})
"""Token or address are not the centre's."""
_CLIENT_ERRORS: Final = range(400, 500)
_NOT_OF_THE_BATCH: Final = frozenset({401, 403, 404, 405, 407, 408, 421, 425, 429})
"""They speak of who asks, of the address, of the moment: every batch would get them."""
_MOST_SAID_CHARACTERS: Final = 300


class Fate(Enum):
    """What became of a batch."""

    COMMITTED = "committed"
    BAD = "bad"
    """Refused for what it holds: it would be again."""
    REFUSED = "refused"
    """For now."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `wait_seconds`: what the centre asks for; `said`: of a refusal, for people.

    `lasting`: it will not go away before a person mends something.
    """

    fate: Fate
    ack: Ack | None = None
    wait_seconds: float = 0.0
    said: str = ""
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """Where the sending stands: batches committed, failures since the last one, how many items a batch may have."""

    batches: int = 0
    failures: int = 0
    most_items: int = MOST_ITEMS

    @property
    def newest(self) -> bool:
        """Whether the next batch takes the newest items."""
        return self.batches % NEWEST_EVERY == NEWEST_EVERY - 1


NO_ANSWER: Final = Answer(Fate.UNKNOWN, said="a central não respondeu")


def judge(status: int, retry_after: str, body: bytes) -> Answer:
    """What an HTTP answer means. `retry_after`: the header, "" without it.

    Only an acknowledgement commits. Whatever else comes with 200 (the page of a hotel's Wi-Fi) is no answer at all, and
    only a centre that says why in its own form refuses a batch for what it holds; 413 may come from a proxy before it.
    """
    if status == _OK:
        try:
            ack = read_ack(body)
        except ValueError:
            return Answer(Fate.UNKNOWN, said="o que respondeu não é a central")
        return Answer(Fate.COMMITTED, ack, ack.pace_millis / 1000)
    wait = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0.0
    why = _why(body)
    of_the_batch = status in _CLIENT_ERRORS and status not in _NOT_OF_THE_BATCH and bool(why)
    fate = Fate.BAD if of_the_batch or status == _TOO_LARGE else Fate.REFUSED
    said = f"a central respondeu {status}" + (f": {why}" if why else "")
    return Answer(fate, wait_seconds=min(wait, MOST_PACE_SECONDS), said=said, lasting=status in _STRANGER)


def _why(body: bytes) -> str:
    """The sentence of a refusal, as the centre words it but for its full stop; "" where nobody says any."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    said = told.get("erro") if isinstance(told, dict) else None
    if not isinstance(said, str):
        return ""
    plain = "".join(each if each.isprintable() else " " for each in said[:_MOST_SAID_CHARACTERS])
    return " ".join(plain.split()).rstrip(".")


def of_everything(answer: Answer) -> Answer:
    """A refusal of what held nothing that could be at fault: the centre refuses whatever comes, for now."""
    return replace(answer, fate=Fate.REFUSED)


def of_nothing(answer: Answer) -> Answer:
    """An acknowledgement that names nothing of what was sent: the same batch would be sent for ever."""
    said = "a central respondeu sem confirmar nada do que recebeu"
    return replace(answer, fate=Fate.REFUSED, ack=None, said=said, lasting=True)


def after(course: Course, answer: Answer) -> Course:
    """Where the sending stands after an answer: what was bad is halved, and what went well grows back."""
    if answer.fate is Fate.COMMITTED:
        return Course(course.batches + 1, 0, min(MOST_ITEMS, course.most_items * 2))
    most = max(1, course.most_items // 2) if answer.fate is Fate.BAD else course.most_items
    return replace(course, failures=course.failures + 1, most_items=most)


def wait_seconds(course: Course, answer: Answer, chance: float) -> float:
    """Until the next batch, at once while one is narrowed. `chance`: evenly drawn from 0 to 1."""
    if answer.fate in (Fate.COMMITTED, Fate.BAD):
        return answer.wait_seconds
    bound = min(MOST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(course.failures, 16))
    return answer.wait_seconds + chance * bound
