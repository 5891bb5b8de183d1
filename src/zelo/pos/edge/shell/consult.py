"""Asks a device what became of a call of which nobody knows the end; what it does not say stays open.

A device is known by its serial number: another one may stand where the one that was called stood.
"""

from typing import Final

from zelo.models.cfe.functions import ASK_LAST, ASK_SESSION, CANCEL, SALE, Function, Kind
from zelo.models.cfe.reply import UnreadableReplyError
from zelo.pos.edge import health as healths
from zelo.pos.edge import sessions as numbers
from zelo.pos.edge.decide import Attempt, Outcome
from zelo.pos.edge.driver.contract import LostError, MissingError, NotTakenError
from zelo.pos.edge.issued import issued
from zelo.pos.edge.journal.shell import coupons
from zelo.pos.edge.shell.unit import ACTIVATE, WRONG_CODE, Heard, Unit
from zelo.pos.edge.verdict import Meaning, meaning

_NOT_ACTIVE: Final = "11002"
_NOT_EXECUTED: Final = "11003"
"""Of ConsultarNumeroSessao."""


def consult(unit: Unit, function: Function, attempt: Attempt) -> Heard:
    """Ask the device what became of an attempt; it is unchanged when the device cannot tell.

    That it knows nothing of the session counts only while it remembers one from before. Nor is it asked where it
    told, and only the disk would not take it.
    """
    if attempt.id in unit.unwritten:
        return unit.unwritten[attempt.id]
    try:
        text = unit.recalled(function, ASK_SESSION, attempt.session)
        reply = unit.read(ASK_SESSION, text)
    except (NotTakenError, LostError, UnreadableReplyError):
        return Heard(attempt)
    if reply.eeeee == WRONG_CODE:
        unit.health = healths.miscoded(unit.health)
    if function.name == ACTIVATE and reply.eeeee == _NOT_ACTIVE:
        return Heard(attempt._replace(outcome=Outcome.ABSENT))
    if reply.eeeee == _NOT_EXECUTED:
        heard = _unknown(unit, function, attempt)
        is_forgotten = heard.attempt.outcome is Outcome.FORGOTTEN
        return Heard(attempt) if is_forgotten and _is_another(unit, attempt) else heard
    if not reply.eeeee.startswith(function.prefix) or reply.session != attempt.session:
        return Heard(attempt)
    heard = unit.heard(function, attempt, text, again=True)
    return Heard(attempt) if _is_of_another(function, heard.attempt) else heard


def _is_of_another(function: Function, attempt: Attempt) -> bool:
    """Whether what it brings bears the number of another device, which had a session of the same number."""
    brought = None if attempt.reply is None else issued(function, attempt.reply)
    return bool(attempt.nserie) and brought is not None and brought.nserie not in ("", attempt.nserie)


def _is_another(unit: Unit, attempt: Attempt) -> bool:
    """Whether the device that was called stands here no more, or does not say so: it is asked for its number."""
    return bool(attempt.nserie) and (unit.probe() is None or unit.nserie != attempt.nserie)


def _unknown(unit: Unit, function: Function, attempt: Attempt) -> Heard:
    """It does not know the session: never executed where it remembers the witness, else its last coupon may tell.

    Devices remember their last calls in order: a hundred by the ER, only the last one in some.
    """
    try:
        if attempt.witness:
            reply = unit.read(ASK_SESSION, unit.recalled(function, ASK_SESSION, attempt.witness))
            if reply.eeeee != _NOT_EXECUTED:
                remembers = reply.session == attempt.witness and not reply.eeeee.startswith(ASK_SESSION.prefix)
                return Heard(attempt._replace(outcome=Outcome.ABSENT)) if remembers else Heard(attempt)
        return _by_last(unit, function, attempt)
    except MissingError:
        return Heard(attempt._replace(outcome=Outcome.FORGOTTEN))
    except (NotTakenError, LostError, UnreadableReplyError):
        return Heard(attempt)


def _by_last(unit: Unit, function: Function, attempt: Attempt) -> Heard:
    """What its last coupon says of one that it should have issued: it is that one, or one from before, or nothing.

    Before is what stands in our journal with a smaller number; a call that the other gateway made has none of its
    own. Raises NotTakenError and LostError.
    """
    forgotten = Heard(attempt._replace(outcome=Outcome.FORGOTTEN))
    if function.kind not in (Kind.SALE, Kind.CANCEL):
        return forgotten
    text = unit.recalled(function, ASK_LAST)
    try:
        reply = unit.read(ASK_LAST, text)
    except UnreadableReplyError:
        return forgotten
    if reply.session == attempt.session and reply.eeeee.startswith(function.prefix):
        return unit.heard(function, attempt, text, again=True)
    if reply.eeeee.startswith(ASK_LAST.prefix):
        return Heard(attempt) if meaning(ASK_LAST, reply) is Meaning.AGAIN else forgotten
    last = next((issued(each, reply) for each in (SALE, CANCEL) if reply.eeeee.startswith(each.prefix)), None)
    same = last is not None and attempt.nserie in ("", last.nserie)
    before = same and last is not None and unit.store.read(coupons.is_before, last.chave, attempt)
    ours = numbers.is_of(unit.side, attempt.session)
    return Heard(attempt._replace(outcome=Outcome.ABSENT)) if before and ours else forgotten
