"""A device's thread between two askings: finds out what is in doubt, cancels what is too much, looks at the device."""

import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import apsw

from zelo.fiscal.fault import Fault
from zelo.models.cfe.cancel import cancel_request
from zelo.models.cfe.chave import PREFIX, Chave
from zelo.models.cfe.functions import CANCEL, FUNCTIONS, Function, Kind
from zelo.models.cfe.reply import Reply, refusal
from zelo.pos.edge.decide import ERROR, OPEN, UNTOLD, End, doubtful
from zelo.pos.edge.issued import issued
from zelo.pos.edge.journal.entry import CouponStanding, Known, Sold
from zelo.pos.edge.journal.shell import coupons, rows
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell.consult import consult
from zelo.pos.edge.shell.desk import Desk
from zelo.pos.edge.shell.unit import Heard, Unit
from zelo.pos.edge.term import term
from zelo.pos.edge.verdict import Meaning, meaning

STATUS_SECONDS: Final = 60.0
"""Between two looks at a device that works."""
FIRST_PROBE_SECONDS: Final = 1.0
MOST_PROBE_SECONDS: Final = 30.0
"""Between two looks at one that is silent: twice as long each time, up to this."""
MOST_CANCELS: Final = 20
"""Attempts to cancel one coupon before a person must look."""


def cancel_time(on: datetime) -> timedelta:
    """How long after its issue a coupon can be cancelled (fact `cancelamento` of model 59)."""
    return timedelta(minutes=term("cancelamento", on.date()))


def keep_house(desk: Desk, unit: Unit) -> None:
    """All of it, as far as the device answers.

    What is open comes before anything else is asked of it: some devices remember only their last answer.
    """
    due = _is_due(unit)
    if unit.unsettled and (due or not unit.health.silent):
        _find_out(desk, unit)
    if due:
        _look(unit)
    if not unit.health.silent:
        _cancel_surplus(desk, unit)
    _list_of_gone(desk)
    _end_unended(desk)
    if not desk.selling:
        desk.receipts.list_unread()


def tidy(desk: Desk) -> None:
    """Once, before the doors open: askings that the last run left without an end, or perhaps undelivered."""
    for known in desk.store.read(rows.unfinished):
        desk.store.write(_tidy, known, desk.now())


def _tidy(connection: apsw.Connection, known: Known, now: datetime) -> None:
    end_idle(connection, known.id, now)
    if known.end is not End.DONE:
        return
    for sold in coupons.of_asking(connection, known.id):
        if sold.standing is CouponStanding.SOLD and not sold.cancels:
            note = "O zelo parou antes de saber se o caixa leu a resposta."
            coupons.stand(connection, sold.chave, CouponStanding.UNDELIVERED, note)


def end_idle(connection: apsw.Connection, request_id: str, now: datetime) -> None:
    """An asking that no device is at, nor will tell of, ends: with nothing where none may have done it."""
    known = rows.find(connection, request_id)
    if known is not None and known.end is None and not any(each.outcome in OPEN for each in known.attempts):
        rows.end(connection, known.id, *_end_of(known), now)


def end_again(connection: apsw.Connection, request_id: str, now: datetime) -> None:
    """An asking that ended in doubt for one reason that is none any more: there may be another."""
    known = rows.find(connection, request_id)
    if known is not None and not any(each.outcome in OPEN for each in known.attempts):
        rows.end(connection, known.id, *_end_of(known), now)


def _end_unended(desk: Desk) -> None:
    """Askings whose end the disk refused; those whose tills are here again once they are gone."""
    with suppress(IndexError):  # another device's thread took the last
        for _ in range(len(desk.unended)):
            request_id = desk.unended.popleft()
            try:
                if desk.asked_for(request_id):
                    desk.unended.append(request_id)
                else:
                    desk.store.write(end_idle, request_id, desk.now())
            except Exception:
                desk.unended.append(request_id)
                raise


def _is_due(unit: Unit) -> bool:
    """Whether it is time to look at it: at once where a device has just fallen silent."""
    fell_silent = unit.health.silent and not unit.look_pause
    return fell_silent or time.monotonic() >= unit.look_at


def _look(unit: Unit) -> None:
    """Ask for the status; one that does not answer is given longer each time."""
    if unit.probe() is None:
        unit.look_pause = min(MOST_PROBE_SECONDS, unit.look_pause * 2 or FIRST_PROBE_SECONDS)
    else:
        unit.look_pause = 0.0
    unit.look_at = time.monotonic() + (unit.look_pause or STATUS_SECONDS)


def _find_out(desk: Desk, unit: Unit) -> None:
    """What became of the calls that nobody knows the end of."""
    for request_id, attempt in unit.open_questions():
        known = desk.store.read(rows.find, request_id)
        if known is None:
            continue
        function = FUNCTIONS[known.function]
        heard = consult(unit, function, attempt)
        if heard.attempt.outcome in OPEN:
            return
        close = partial(_close, desk, unit, function, request_id, heard)
        if not desk.settle(request_id, heard, unit, close):
            return
    with desk.asking_about:
        unit.unsettled = unit.has_open_questions()
    if not unit.unsettled:
        unit.unwritten.clear()


def _close(desk: Desk, unit: Unit, function: Function, request_id: str, heard: Heard) -> None:
    """Nobody waits for it. What the device did with its code is known before it is written down that it is."""
    reply = heard.attempt.reply
    if reply is not None and meaning(function, reply) is Meaning.DONE:
        unit.learn_code(function)
    unit.write_down(heard, partial(_closed, unit, function, request_id, heard, desk.now()))


def _closed(
    unit: Unit, function: Function, request_id: str, heard: Heard, now: datetime, connection: apsw.Connection
) -> None:
    """What became of an attempt whose asker is gone: a second coupon is too much, an only one perhaps never arrived."""
    known = rows.find(connection, request_id)
    if known is None:
        return
    attempt = heard.attempt
    rows.outcome(connection, attempt.id, attempt.outcome, heard.text or None, now)
    known = replace(known, attempts=tuple(attempt if each.id == attempt.id else each for each in known.attempts))
    told = known.end in (End.DONE, End.REFUSED)
    brought = None if attempt.reply is None else issued(function, attempt.reply)
    if attempt.reply is not None and meaning(function, attempt.reply) is Meaning.DONE:
        other = told and (brought is None or brought.chave not in known.reply)
        standing = _standing(function, told=told, other=other)
        unit.keep_issued(connection, function, request_id, attempt, standing)
        if not told:
            rows.end(connection, request_id, End.DONE, attempt.reply.worded(known.session), now)
    elif not told and not any(each.outcome in OPEN for each in known.attempts):
        rows.end(connection, request_id, *_end_of(known, attempt.reply), now)


def _standing(function: Function, *, told: bool, other: bool) -> CouponStanding:
    """`told`: the till has had an answer; `other`: it was not this coupon."""
    if function.kind is not Kind.SALE or (told and not other):
        return CouponStanding.SOLD
    return CouponStanding.SURPLUS if told else CouponStanding.UNDELIVERED


def _end_of(known: Known, refused: Reply | None = None) -> tuple[End, str]:
    """How an asking ends that no device did, as far as devices remember. `refused`: by the last one that was asked."""
    function = FUNCTIONS[known.function]
    if known.elsewhere or any(each.outcome in UNTOLD for each in known.attempts):
        return End.DOUBT, doubtful(function).worded(known.session)
    sentence = "Nada foi emitido: o equipamento não executou este pedido."
    return End.REFUSED, (refused or refusal(function, ERROR, sentence)).worded(known.session)


def _list_of_gone(desk: Desk) -> None:
    """Coupons to be cancelled by a device that has not been heard here, once nobody could."""
    heard = desk.numbers.values()
    for sold in desk.store.read(coupons.to_look_at):
        is_surplus = sold.standing is CouponStanding.SURPLUS
        if is_surplus and Chave.parse(sold.chave).nserie not in heard and _is_late(desk, sold):
            _list(desk, sold, "Passou do prazo de cancelamento, e o equipamento que o emitiu não responde aqui.")


def _is_late(desk: Desk, sold: Sold) -> bool:
    """By the clock that makes it younger: the device has its own, and it has the last word."""
    return desk.now() - max(sold.at, sold.asked_at) > cancel_time(desk.now())


def _cancel_surplus(desk: Desk, unit: Unit) -> None:
    """Ask for the cancel of each second coupon while it can be cancelled; afterwards a person must decide."""
    for sold in unit.surplus():
        if _is_late(desk, sold):
            _list(desk, sold, "Passou do prazo de cancelamento no equipamento.")
        else:
            _cancel(desk, unit, sold)


def _cancel(desk: Desk, unit: Unit, sold: Sold) -> None:
    for number in range(MOST_CANCELS):
        name = f"canc-{sold.chave}-{number}"
        known = desk.store.read(rows.find, name)
        if known is None:
            request = _request(unit, name, sold)
            if isinstance(request, Fault):
                _list(desk, sold, request.sentence)
            else:
                desk.take(request).add_done_callback(partial(_own, desk, request))
            return
        if known.end is End.DOUBT and not any(each.outcome in OPEN for each in known.attempts):
            _list(desk, sold, "O equipamento não sabe mais dizer se fez o cancelamento.")
        if known.end is not End.REFUSED:
            return
        refused = next((each.reply for each in known.attempts if each.reply is not None), None)
        if refused is not None and meaning(CANCEL, refused) is Meaning.BACK:
            _list(desk, sold, f"{refused.eeeee} {refused.cccc} {refused.text}")
            return
    _list(desk, sold, "O cancelamento foi tentado muitas vezes sem resposta.")


def _own(desk: Desk, request: Request, told: "Future[str]") -> None:
    """What the gateway itself asked it has read."""
    desk.receipts.arrived(request, told.result())


def _request(unit: Unit, name: str, sold: Sold) -> Request | Fault:
    made = cancel_request(unit.document(sold.chave))
    if isinstance(made, Fault):
        return made
    return Request(name, sold.till, CANCEL, (0, unit.code(), PREFIX + sold.chave, made))


def _list(desk: Desk, sold: Sold, why: str) -> None:
    """A person must look, unless one has decided meanwhile."""
    desk.store.write(coupons.settle, sold.chave, CouponStanding.LISTED, why)
