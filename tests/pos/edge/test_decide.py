"""Every life that a sale can have with two devices that answer, stumble, lie silent and return, one step at a time.

What really happened at the devices is kept beside what the gateway knows; the core sees only the latter.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest

from zelo.models.cfe.functions import CANCEL, SALE, Function
from zelo.models.cfe.reply import Reply
from zelo.pos.edge import decide as core
from zelo.pos.edge.decide import (
    Answer,
    Attempt,
    Call,
    Consult,
    Doubt,
    End,
    GiveUp,
    Outcome,
    Standing,
    Step,
    View,
    Wait,
)
from zelo.pos.edge.verdict import Meaning, meaning

DEVICES = ("A", "B")
MOST_CALLS = 3
IN_DOUBT = (Outcome.DOUBT, Outcome.FORGOTTEN)


def _reply(eeeee: str) -> Reply:
    return Reply(1, eeeee, "0000", "", "", "", ())


SOLD, CONTENT, BLOCKED, BUSY, OWN = (_reply(f"06{suffix}") for suffix in ("000", "010", "008", "098", "099"))


@dataclass(frozen=True)
class Life:
    """`truth`: for each attempt, whether the device executed it."""

    attempts: tuple[Attempt, ...] = ()
    truth: tuple[bool, ...] = ()
    silent: frozenset[str] = frozenset()
    out: frozenset[str] = frozenset()
    patient: bool = True
    late: bool = False


def _view(life: Life, function: Function, doubt: Doubt) -> View:
    standings = tuple(
        Standing(name, ready=name not in life.out | life.silent, returning=name in life.silent) for name in DEVICES
    )
    only = "A" if function is CANCEL else ""
    return View(function, life.attempts, standings, only=only, doubt=doubt, late=life.late, patient=life.patient)


def _after_call(life: Life, device: str) -> Iterator[Life]:
    """What may come of a call: an answer of any kind, silence with or without its work done, or no device there."""
    new = Attempt(len(life.attempts) + 1, device, 1)
    for reply in (SOLD, CONTENT, BLOCKED, BUSY):
        out = life.out | frozenset({device} if reply is BLOCKED else ())
        yield _with(life, new._replace(outcome=Outcome.ANSWERED, reply=reply), executed=reply is SOLD, out=out)
    for executed in (True, False):
        yield _with(life, new, executed=executed, silent=life.silent | {device})
    yield _with(life, new._replace(outcome=Outcome.ABSENT), executed=False, silent=life.silent | {device})


def _with(life: Life, attempt: Attempt, *, executed: bool, **changes: Any) -> Life:
    return replace(life, attempts=(*life.attempts, attempt), truth=(*life.truth, executed), **changes)


def _after_consult(life: Life, attempt: Attempt) -> Iterator[Life]:
    """The device tells the truth, stays silent, or does not remember."""
    yield replace(life, patient=False)
    yield _known(life, attempt._replace(outcome=Outcome.FORGOTTEN))
    if life.truth[attempt.id - 1]:
        yield _known(life, attempt._replace(outcome=Outcome.ANSWERED, reply=SOLD))
    else:
        yield _known(life, attempt._replace(outcome=Outcome.ABSENT))
        yield _known(life, attempt._replace(outcome=Outcome.ANSWERED, reply=OWN))


def _known(life: Life, attempt: Attempt) -> Life:
    attempts = tuple(attempt if each.id == attempt.id else each for each in life.attempts)
    return replace(life, attempts=attempts, silent=life.silent - {attempt.device})


def _next(life: Life, step: Step) -> Iterator[Life]:
    if isinstance(step, Call) and len(life.attempts) < MOST_CALLS:
        for device in step.among:
            yield from _after_call(life, device)
    elif isinstance(step, Consult):
        yield from _after_consult(life, step.attempt)
    elif isinstance(step, GiveUp):
        yield _known(life, step.attempt._replace(outcome=Outcome.DOUBT))
    elif isinstance(step, Wait):
        for attempt in life.attempts:
            if attempt.outcome is Outcome.DOUBT:
                yield from _after_consult(life, attempt)
    if not life.late:
        yield replace(life, late=True)
    if life.patient:
        yield replace(life, patient=False)


def _faults(life: Life, step: Step, function: Function, doubt: Doubt) -> Iterator[str]:
    known = sum(each.reply is SOLD for each in life.attempts)
    doubts = sum(each.outcome in IN_DOUBT for each in life.attempts)
    if isinstance(step, Call):
        if any(each.outcome is Outcome.CALLED for each in life.attempts):
            yield "calls again before the last call was found out"
        if known:
            yield "sells what is sold"
        if doubts and (doubt is Doubt.WAIT or function is CANCEL):
            yield "goes on though the shop would rather wait"
        if any(each.device in step.among and each.outcome in IN_DOUBT for each in life.attempts):
            yield "asks a device again that may have done it"
    if isinstance(step, Answer):
        yield from _lies(life, step, doubt)
    if isinstance(step, Wait | Consult) and life.late:
        yield "waits though the till may wait no longer"
    untold = [each for each in life.attempts if each.outcome in IN_DOUBT]
    if isinstance(step, Wait) and untold and all(each.outcome is Outcome.FORGOTTEN for each in untold):
        ready = any(each not in life.out | life.silent for each in DEVICES)
        if function is CANCEL or doubt is Doubt.WAIT or not ready:
            yield "waits for what nobody will tell"


def _lies(life: Life, step: Answer, doubt: Doubt) -> Iterator[str]:
    """What is wrong with an answer."""
    executed = {each.id for each, done in zip(life.attempts, life.truth, strict=True) if done}
    looked_after = {each.id for each in life.attempts if each.outcome in IN_DOUBT or each.reply is SOLD}
    known = sum(each.reply is SOLD for each in life.attempts)
    doubts = sum(each.outcome in IN_DOUBT for each in life.attempts)
    if step.end is End.DONE and not known:
        yield "says sold where nothing is known to be"
    if step.end is End.REFUSED and executed - looked_after:
        yield "says not sold though a device may have sold"
    if step.end is End.REFUSED and doubts and doubt is Doubt.WAIT:
        yield "says not sold though the shop would rather know"
    if step.end is End.REFUSED and known:
        yield "says not sold though it knows better"
    if step.end is End.DOUBT and not doubts:
        yield "doubts where nothing is in doubt"


def _explore(decide: Callable[[View], Step], function: Function, doubt: Doubt) -> tuple[int, set[str]]:
    seen, left, faults = set[Life](), [Life()], set[str]()
    while left:
        life = left.pop()
        if life in seen:
            continue
        seen.add(life)
        step = decide(_view(life, function, doubt))
        faults |= set(_faults(life, step, function, doubt))
        if not isinstance(step, Answer):
            left += _next(life, step)
    return len(seen), faults


@pytest.mark.parametrize(("function", "doubt"), list(product((SALE, CANCEL), Doubt)))
def test_no_life_of_an_asking_ends_in_two_coupons_unsaid(function: Function, doubt: Doubt) -> None:
    lives, faults = _explore(core.decide, function, doubt)
    assert lives > 200
    assert faults == set()


def _blind(view: View) -> Step:
    """Takes silence for "not executed"."""
    attempts = [
        each._replace(outcome=Outcome.ABSENT) if each.outcome is Outcome.CALLED else each for each in view.attempts
    ]
    return core.decide(view._replace(attempts=attempts))


def _forgetful(view: View) -> Step:
    """Does not look at doubts."""
    return core.decide(view._replace(attempts=[each for each in view.attempts if each.outcome is not Outcome.DOUBT]))


def _stubborn(view: View) -> Step:
    """Never lets a till go."""
    return core.decide(view._replace(late=False, patient=True))


def _hasty(view: View) -> Step:
    """Goes on elsewhere whatever the shop chose."""
    return core.decide(view._replace(doubt=Doubt.SELL))


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (_blind, "says not sold though a device may have sold"),
        (_forgetful, "asks a device again that may have done it"),
        (_stubborn, "waits though the till may wait no longer"),
        (_hasty, "goes on though the shop would rather wait"),
    ],
)
def test_a_broken_core_is_caught(broken: Callable[[View], Step], says: str) -> None:
    assert says in _explore(broken, SALE, Doubt.WAIT)[1]


def test_every_code_of_a_sale_has_a_meaning_and_only_success_is_done() -> None:
    done = {suffix for suffix in range(1000) if meaning(SALE, _reply(f"06{suffix:03d}")) is Meaning.DONE}
    assert done == {0}
