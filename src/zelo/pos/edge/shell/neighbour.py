"""The other gateway of the shop: what it may ask and tell of an asking, and what this one makes of its word."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import count
from typing import Final, TypeVar

import apsw

from zelo.models.cfe.functions import ASK_SESSION, ASKED, CODE, FUNCTIONS, ISSUES, SESSION, Kind
from zelo.pos.edge.decide import Attempt, End
from zelo.pos.edge.journal.entry import OTHER, CouponStanding, Elsewhere
from zelo.pos.edge.journal.shell import coupons, reading, rows
from zelo.pos.edge.peer.pair import PairSeen, Pulse
from zelo.pos.edge.peer.recall import Recall, Recalled, recalled_of_both
from zelo.pos.edge.peer.shell.heartbeat import Heartbeat
from zelo.pos.edge.peer.shell.link import Link
from zelo.pos.edge.peer.word import MOST_READ, Claim, Intent, State, Way, Word, of_both, outlasts, way
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell import admission, receipt
from zelo.pos.edge.shell.aftermath import end_again
from zelo.pos.edge.shell.desk import Desk
from zelo.pos.edge.shell.unit import Unit

MOST_HELD: Final = 5_000
"""Intents and closed askings kept in memory; the oldest give way."""
Value = TypeVar("Value")
POLL_SECONDS: Final = 0.5


class Neighbour:
    """Both directions. `link` None: there is no other gateway."""

    def __init__(self, desk: Desk, link: Link | None) -> None:
        """Nothing is known of the other yet."""
        self._desk, self._link = desk, link
        self._intents: OrderedDict[str, Intent] = OrderedDict()
        self._closed: OrderedDict[str, int] = OrderedDict()
        """What the other was told that it may take, or was given; each time has a number of its own."""
        self._times = count(1)
        for request_id in desk.store.read(rows.given):
            self._close(request_id)
        self._read: deque[str] = deque(maxlen=MOST_HELD)
        """Chaves of which the other is not yet told that a till has read them."""
        self._side = next((unit.side for unit in desk.units.values()), 0)
        self._heartbeat = None if link is None else Heartbeat(link, self._side, desk.now)
        self._lock = threading.Lock()

    @property
    def seen(self) -> PairSeen | None:
        """How the other stands, None where there is none."""
        return None if self._heartbeat is None else self._heartbeat.seen

    def pulse(self) -> Pulse:
        """How this one stands, for the other."""
        return Pulse(self._side, self._desk.now())

    def known(self, request_id: str) -> Word:
        """What we know of an asking; one of which nothing came here is closed, for the other takes it now."""
        with self._lock:
            if self._desk.asked_for(request_id):
                return Word(State.OPEN)
            known = self._desk.store.read(rows.find, request_id)
            if known is None or known.end is End.REFUSED:
                self._close(request_id)
        word = admission.word(self._desk.store, known)
        return word if word.state is not State.OPEN else Word(State.DOUBT)

    def gave_away(self, request_id: str) -> bool:
        """Whether the other was told that it may take an asking."""
        return request_id in self._closed

    def announced(self, intent: Intent) -> None:
        """The other is going to call a device for an asking."""
        with self._lock:
            _hold(self._intents, intent.id, intent)

    def claimed(self, claim: Claim) -> bool:
        """The other sold it: a coupon of ours that is not the same is too much; who repeats gets the other's answer.

        False while it is asked here: what comes of that must be known before, and the other tells it again.
        """
        with self._lock:
            if self._desk.asked_for(claim.id):
                return False
            self._close(claim.id)
        self._desk.store.write(_claimed, claim, self._desk, self._side)
        with self._lock:
            self._closed.pop(claim.id, None)
        return True

    def admit(self, request: Request, *, stay: bool = False) -> "Future[str] | None":
        """Take an asking in, None where the other has taken it; never while we tell the other that it is not ours."""
        with self._lock:
            taken = None if request.id in self._closed else self._desk.take(request, stay=stay)
        if stay:
            self._desk.attend(request.id)
        return taken

    def _close(self, request_id: str) -> int:
        """It is the other's. The number of this time."""
        number = next(self._times)
        self._closed.pop(request_id, None)
        _hold(self._closed, request_id, number)
        return number

    def _reopen(self, request_id: str, number: int | None) -> None:
        """It is ours again, unless it was given away once more since that time."""
        with self._lock:
            if number is not None and self._closed.get(request_id) == number:
                del self._closed[request_id]

    def heard(self) -> None:
        """The other called: it is there."""
        if self._link is not None:
            self._link.wake()

    def announce(self, unit: Unit, request: Request, session: int) -> None:
        """Before a call: say so to the other, without waiting."""
        if self._link is not None and request.function.kind in ISSUES and unit.nserie:
            self._link.announce(Intent(request.id, unit.nserie, session, unit.witness))

    def resolve(self, request: Request, wait_seconds: float) -> str | Request:
        """What is to be made of an asking that the other may have taken: its answer, or the asking as it goes on.

        What was given away before is ours again. What is given away meanwhile is nobody's: each asks the other.
        """
        if self._link is None or request.function.kind is Kind.ASK:
            return request
        until, given_away = time.monotonic() + wait_seconds, self._closed.get(request.id)
        while True:
            word = self._link.ask(request.id)
            with self._lock:
                intent = self._intents.get(request.id)
            ours = frozenset(unit.nserie for unit in self._desk.units.values())
            match way(word, intent, ours):
                case Way.ANSWER if word is not None:
                    if self._outlasts(request.id, word):
                        return replace(request, elsewhere=False)
                    return word.reply if word.matter in ("", request.matter) else admission.other_matter(request)
                case Way.WAIT if time.monotonic() < until:
                    time.sleep(POLL_SECONDS)
                case Way.FRESH:
                    self._reopen(request.id, given_away)
                    return self._handed_over(request, tried=word is not None and word.state is State.REFUSED)
                case Way.LOOK if intent is not None and self._adopt(request, intent):
                    return replace(request, elsewhere=False, shared=True)
                case _:
                    return request

    def entrust(self, request: Request, own: str) -> str:
        """Have the other do what nothing could be done of here; our `own` words where it does not take it.

        Where its answer got lost it is asked once more: it knows the asking again.
        """
        if self._link is None:
            return own
        time_given = self._give(request, own)
        word = self._link.entrust(request)
        if word is None:
            word = self._link.entrust(request)
            word = None if word is None or not word.reply else word
        if word is None:
            return admission.not_heard(request)
        if word.state in (State.UNKNOWN, State.REFUSED):
            self._take_back(request, time_given, taken=bool(word.reply))
        return word.reply or own

    def _give(self, request: Request, own: str) -> int:
        """It is the other's from now on, also after a start, where the disk takes that down."""
        with suppress(apsw.Error):
            self._desk.store.write(rows.give, request, own, self._desk.now())
        with self._lock:
            return self._close(request.id)

    def _take_back(self, request: Request, time_given: int, *, taken: bool) -> None:
        """The other did nothing. Where it never took it, it was not told that it may."""
        with suppress(apsw.Error):
            self._desk.store.write(rows.take_back, request.id)
        if not taken:
            self._reopen(request.id, time_given)

    def since(self, request: Request, own: str) -> str:
        """What is known of an asking that was refused here before, in our `own` words: the other may have done it."""
        word = self.look(request.id, Word(State.REFUSED, own, request.matter))
        if word is None:
            return admission.not_heard(request)
        return admission.at_the_other(request) if word.state is State.OPEN else word.reply

    def _handed_over(self, request: Request, *, tried: bool) -> Request:
        """The other did nothing and will not."""
        if self._desk.store.read(rows.find, request.id) is not None:
            what = Elsewhere.LOOKED if tried else Elsewhere.NO
            self._desk.store.write(_handed_over, request.id, what, self._desk.now())
        return replace(request, elsewhere=False, shared=tried)

    def _outlasts(self, request_id: str, word: Word) -> bool:
        """Whether what was sold here stands, though the other sold it too."""
        own = self._desk.store.read(rows.find, request_id)
        return own is not None and own.end is End.DONE and outlasts(own.lost, self._side, word.lost)

    def asked_again(self, request: Request, own: str, *, open_still: bool) -> str:
        """What the till hears that was at the other, which does not say what it did. That it came here is written down.

        `open_still`: nothing was done here, though perhaps there.
        """
        told = admission.not_heard(request) if open_still else own
        with suppress(apsw.Error):
            self._desk.store.write(_asked_again, request, told if open_still else "", self._desk.now())
        return told

    def _adopt(self, request: Request, intent: Intent) -> bool:
        """Take over the other's call to a device that is ours as well: the device is asked before anything else.

        False where calls of our own were made before it.
        """
        unit = next(unit for unit in self._desk.units.values() if unit.nserie == intent.nserie)
        with self._desk.asking_about:
            adopted = self._desk.store.write(_adopted, request, unit, intent)
            if adopted:
                unit.unsettled = True
        return adopted

    def look(self, request_id: str, own: Word) -> Word | None:
        """What stands under an id at either gateway, None where only the other may know."""
        if self._link is None or own.state in (State.DONE, State.OPEN):
            return own
        return of_both(own, self._link.look(request_id))

    def recall(self, request: Request, own: Recalled) -> Recalled | None:
        """What both gateways know of what a till asked before, None where only the other may know."""
        if self._link is None:
            return own
        session = int(request.argument(ASKED)) if request.function is ASK_SESSION else 0
        return recalled_of_both(
            request.function, own, self._link.recall(Recall(request.till, request.function, session))
        )

    def recalled(self, recall: Recall) -> Recalled:
        """What is known here of what a till asked before."""
        given: dict[str, int | str] = {SESSION: 0, CODE: "", ASKED: recall.session}
        arguments = tuple(given[name] for name, _ in recall.function.parameters)
        return self._desk.recalled(Request("", recall.till, recall.function, arguments))

    def serve(self, stop: threading.Event) -> None:
        """Tell the other what there is to tell, until stopped."""
        if self._link is not None and self._heartbeat is not None:
            self._link.serve(partial(self._tell, self._link, self._heartbeat), stop)

    def arrived(self, reply: str) -> None:
        """A till, or a program, has read this answer here."""
        chave = receipt.coupon_of(reply) if self._link is not None else ""
        if chave:
            self._read.append(chave)

    def read_there(self, chaves: Sequence[str]) -> None:
        """Coupons of ours were read by way of the other gateway."""
        self._desk.store.write(reading.read, chaves)

    def unknown(self, chaves: Sequence[str]) -> list[str]:
        """Those of them that no device issued for us. Of one that is at work for us that is not known, nor of one whose
        number is not.
        """
        busy = {unit.nserie for unit in self._desk.units.values() if unit.at_work or unit.unsettled}
        strange = self._desk.store.read(coupons.unknown, chaves)
        return [chave for chave in strange if not any(nserie in chave for nserie in busy)]

    def unknown_there(self, chaves: Sequence[str]) -> Sequence[str]:
        """Those of them that no device issued for the other, as far as it says."""
        return chaves if self._link is None else self._link.unknown(chaves)

    def _tell(self, link: Link, heartbeat: Heartbeat) -> None:
        """What was sold here and may be known otherwise there, and what tills have read of theirs."""
        heartbeat.beat()
        for claim in self._claims():
            if link.claim(claim):
                self._desk.store.write(rows.heard, claim.id, claim.lost)
        read = [self._read.popleft() for _ in range(len(self._read))]
        for first in range(0, len(read), MOST_READ):
            theirs = self._desk.store.read(coupons.unknown, read[first : first + MOST_READ])
            if theirs:
                link.read(theirs)
        self.look_back()

    def look_back(self) -> None:
        """What ended here in doubt because the other was silent: it may speak by now. We shall not take it again."""
        for question in self._desk.store.read(rows.questions):
            word = self._link.look(question.request_id) if self._link and question.device == OTHER else None
            if word is not None and word.state not in (State.OPEN, State.DOUBT):
                self._desk.store.write(_heard_back, question.request_id, word, self._desk.now())

    def _claims(self) -> list[Claim]:
        """What was sold here though the other may have taken it, and has not heard."""
        store = self._desk.store
        return [
            Claim(
                id=one.id,
                till=one.till,
                session=one.session,
                function=FUNCTIONS[one.function],
                matter=one.matter,
                reply=admission.reply_of(store, one),
                lost=one.lost,
            )
            for one in store.read(rows.unclaimed)
        ]


def _hold(held: "OrderedDict[str, Value]", name: str, value: Value) -> None:
    held[name] = value
    if len(held) > MOST_HELD:
        held.popitem(last=False)


def _adopted(connection: apsw.Connection, request: Request, unit: Unit, intent: Intent) -> bool:
    rows.begin(connection, request, unit.now())
    known = rows.find(connection, request.id)
    if known is None or known.attempts or known.end is End.REFUSED:
        return False
    called = Attempt(0, unit.name, intent.session, witness=intent.witness, nserie=intent.nserie)
    rows.call(connection, request.id, called, unit.now())
    rows.elsewhere(connection, request.id, Elsewhere.LOOKED)
    return True


def _asked_again(connection: apsw.Connection, request: Request, doubt: str, now: datetime) -> None:
    if doubt:
        rows.begin(connection, request, now)
    rows.asked_again(connection, request.id, request.lost)
    known = rows.find(connection, request.id)
    if known is not None and (doubt or known.end is End.DOUBT):
        rows.end(connection, request.id, End.DOUBT, doubt or known.reply, now)


def _handed_over(connection: apsw.Connection, request_id: str, what: Elsewhere, now: datetime) -> None:
    known = rows.find(connection, request_id)
    rows.elsewhere(connection, request_id, what)
    if known is not None and known.end is End.DOUBT:
        end_again(connection, request_id, now)


def _heard_back(connection: apsw.Connection, request_id: str, word: Word, now: datetime) -> None:
    if word.state is State.DONE:
        rows.elsewhere(connection, request_id, Elsewhere.HEARD)
        rows.end(connection, request_id, End.DONE, word.reply, now)
    else:
        rows.elsewhere(connection, request_id, Elsewhere.NO)
        end_again(connection, request_id, now)


def _claimed(connection: apsw.Connection, claim: Claim, desk: Desk, side: int) -> None:
    known = rows.find(connection, claim.id)
    if known is not None and known.matter != claim.matter:
        return  # another sale, whose till used an id twice: both stand
    if known is not None and known.end is End.DONE and outlasts(known.lost, side, claim.lost):
        return  # ours stands, and the other is told so
    if known is None:
        rows.note(connection, claim.id, claim.till, claim.session, claim.function.name, claim.matter, desk.now())
    rows.elsewhere(connection, claim.id, Elsewhere.HEARD)
    rows.end(connection, claim.id, End.DONE, claim.reply, desk.now())
    reading.delivered(connection, claim.id, coupon=False)
    for sold in coupons.of_asking(connection, claim.id):
        if sold.chave in claim.reply:
            coupons.settle(connection, sold.chave, CouponStanding.SOLD, "Entregue ao caixa pelo outro gateway.")
        elif sold.standing in (CouponStanding.SOLD, CouponStanding.UNDELIVERED) and not sold.cancels:
            coupons.stand(connection, sold.chave, CouponStanding.SURPLUS, "Vendido também pelo outro gateway.")
