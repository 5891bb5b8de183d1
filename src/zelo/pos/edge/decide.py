"""The next step of an asking, from what its journal says: the heart of the gateway, and pure.

An asking ends once. A sale whose device may have taken it is asked about before anything is repeated; when the device
cannot be asked, the sale waits or goes on elsewhere, as the shop chose, and what became of it stays an open question.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from zelo.models.cfe.functions import Function, Kind
from zelo.models.cfe.reply import Reply, refusal
from zelo.pos.edge.verdict import Meaning, meaning

MOST_ATTEMPTS: Final = 40
"""Of one asking; a device that is always busy ends here."""
ERROR: Final = "099"
BUSY: Final = "098"


class Outcome(StrEnum):
    """What is known of one call to one device."""

    CALLED = "called"
    """It was written down before the call; nothing is known yet."""
    ANSWERED = "answered"
    """Its reply stands beside it."""
    ABSENT = "absent"
    """The device never executed it."""
    DOUBT = "doubt"
    """The device may have executed it and cannot be asked now; somebody looks after it when it returns."""
    FORGOTTEN = "forgotten"
    """The device may have executed it and does not remember as far back: a person must look."""
    CHECKED = "checked"
    """A person looked."""


OPEN: Final = frozenset({Outcome.CALLED, Outcome.DOUBT})
"""The device will tell."""
UNTOLD: Final = frozenset({Outcome.FORGOTTEN, Outcome.CHECKED})
"""No device can tell any more whether it executed it."""


class Doubt(StrEnum):
    """What a shop wants when a device took a sale and died."""

    SELL = "vender"
    WAIT = "esperar"


class End(StrEnum):
    """How an asking ended."""

    DONE = "done"
    REFUSED = "refused"
    DOUBT = "doubt"


class Attempt(NamedTuple):
    """One call to one device, under a session number of that device.

    `reply` only when answered; an answer by which the device says that it does not know itself is none, before it was
    asked about the session and says the same again. `witness`: a session of the device that it had executed before, 0
    for none known: while it remembers that one, it remembers this one. `nserie`: the number of the device, "" where it
    had not been heard yet.
    """

    id: int
    device: str
    session: int
    outcome: Outcome = Outcome.CALLED
    reply: Reply | None = None
    witness: int = 0
    nserie: str = ""


class Standing(NamedTuple):
    """A device as it stands for one asking. `ready`: in rotation, though perhaps not `free` now.

    `returning`: it is looked after, and may be ready again in a moment.
    """

    device: str
    ready: bool = True
    returning: bool = False
    free: bool = True


class View(NamedTuple):
    """All that is known of an asking. `only`: the device that alone can do it, "" for any, of those in `standings`.

    `late`: the till waited as long as it may. `patient`: whether a silent device is still given time to come back.
    """

    function: Function
    attempts: Sequence[Attempt] = ()
    standings: Sequence[Standing] = ()
    only: str = ""
    doubt: Doubt = Doubt.SELL
    late: bool = False
    patient: bool = False
    elsewhere: bool = False
    """The other gateway may have taken it, and what became of it there is not known."""


@dataclass(frozen=True, slots=True)
class Call:
    """Write an attempt down at one of these devices, then call it."""

    among: frozenset[str]


@dataclass(frozen=True, slots=True)
class Consult:
    """Ask the device what became of this attempt."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Write down that this attempt stays in doubt for now."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be done before something changes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The till gets this, and the asking has ended. `unable`: nothing was done, and devices elsewhere may do it."""

    reply: Reply = field(hash=False)
    end: End
    unable: bool = False


Step = Call | Consult | GiveUp | Wait | Answer


def decide(view: View) -> Step:
    """The next step of an asking."""
    last = settled(view.function, view.attempts)
    if last is not None:
        return last
    for attempt in view.attempts:
        if attempt.outcome is Outcome.CALLED:
            return _find_out(view, attempt)
    if _in_doubt(view) and (view.doubt is Doubt.WAIT or view.function.kind is not Kind.SALE):
        return Wait() if _may_be_told(view) and not view.late else _doubtful(view)
    among = _candidates(view)
    if len(view.attempts) >= MOST_ATTEMPTS or not (among or _may_come(view)) or view.late:
        return _sorry(view)
    return Call(among) if among else Wait()


def not_begun(view: View, why: str) -> Answer:
    """Another call could not be written down, and was not made: nothing was done, unless an earlier one is in doubt."""
    if _in_doubt(view):
        return _doubtful(view)
    return Answer(refusal(view.function, ERROR, f"Nada foi emitido. {why}"), End.REFUSED, unable=True)


def settled(function: Function, attempts: Iterable[Attempt]) -> Answer | None:
    """The answer that a device gave and that is the till's, if there is one: then nothing else matters."""
    for attempt in attempts:
        if attempt.reply is None:
            continue
        means = meaning(function, attempt.reply)
        if means is Meaning.DONE:
            return Answer(attempt.reply, End.DONE)
        if means is Meaning.BACK or (means is Meaning.UNSURE and function.kind is not Kind.SALE):
            return Answer(attempt.reply, End.REFUSED)
    return None


def _find_out(view: View, attempt: Attempt) -> Step:
    """What became of an attempt: harmless functions need not know, a sale must."""
    if view.function.kind is Kind.ASK:
        return GiveUp(attempt)
    return Consult(attempt) if view.patient and not view.late else GiveUp(attempt)


def _in_doubt(view: View) -> bool:
    if view.function.kind is Kind.ASK:
        return False
    return view.elsewhere or any(each.outcome in OPEN | UNTOLD for each in view.attempts)


def _may_be_told(view: View) -> bool:
    """Whether a device, or the other gateway, may yet say what became of it."""
    return view.elsewhere or any(each.outcome in OPEN for each in view.attempts)


def _candidates(view: View) -> frozenset[str]:
    """The devices that may be asked now: free, in rotation, and not the one that failed this asking."""
    return frozenset(each.device for each in _possible(view) if each.ready and each.free)


def _may_come(view: View) -> bool:
    """Whether any device may still do it, if not now: one at work, or one that is given time to be looked after."""
    return any(each.ready or (each.returning and view.patient) for each in _possible(view))


def _possible(view: View) -> list[Standing]:
    failed = {each.device for each in view.attempts if not _may_repeat(view, each)}
    return [each for each in view.standings if each.device not in failed and view.only in ("", each.device)]


def _may_repeat(view: View, attempt: Attempt) -> bool:
    """Whether the same device may be asked again: only where it is certain that it did nothing and is well."""
    if attempt.outcome is Outcome.ABSENT:
        return True
    return attempt.reply is not None and meaning(view.function, attempt.reply) is Meaning.AGAIN


def doubtful(function: Function) -> Reply:
    """The answer to an asking of which nobody can say what became of it."""
    sentence = (
        "O equipamento recebeu o pedido e não respondeu; não se sabe se executou. "
        "Não repita: consulte a sessão ou a lista de vendas em dúvida do zelo."
    )
    return refusal(function, ERROR, sentence)


def _doubtful(view: View) -> Answer:
    return Answer(doubtful(view.function), End.DOUBT)


def _sorry(view: View) -> Answer:
    """Nothing was done, or what was done is in doubt; the clearest word that can be said about it."""
    if _in_doubt(view):
        return _doubtful(view)
    refused = [each.reply for each in view.attempts if each.reply is not None]
    if refused:
        return Answer(refused[-1], End.REFUSED, unable=True)
    if any(each.ready for each in view.standings if view.only in ("", each.device)):
        sentence = "Todos os equipamentos estão ocupados. Tente novamente."
        return Answer(refusal(view.function, BUSY, sentence), End.REFUSED, unable=True)
    sentence = f"{_whom(view)}. Nada foi emitido. Verifique cabos, energia e a página do zelo."
    return Answer(refusal(view.function, ERROR, sentence), End.REFUSED, unable=True)


def _whom(view: View) -> str:
    """Of which device, if of one, nothing can be had. A coupon's is known by its number where it has no name here."""
    if not view.only:
        return "Nenhum equipamento pode vender agora"
    if any(each.device == view.only for each in view.standings):
        return f"O equipamento {view.only} não responde"
    return f"O cupom é do equipamento de número de série {view.only}, e nenhum que responde aqui é esse"
