"""What the doors see of the desk: an answer in time, sessions for tills without any, and what stands under an id."""

import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Final

import apsw

from zelo.models.cfe.functions import MOST_SESSION, SALE, Kind
from zelo.models.cfe.reply import refusal
from zelo.pos.edge import sessions as numbers
from zelo.pos.edge.decide import ERROR
from zelo.pos.edge.door.api.telling import Device, Found
from zelo.pos.edge.door.shell.gateway import First, Gateway
from zelo.pos.edge.health import describe
from zelo.pos.edge.journal.shell import rows
from zelo.pos.edge.peer.word import State, Word
from zelo.pos.edge.request import RefusedBefore, Request, Unable
from zelo.pos.edge.shell import admission
from zelo.pos.edge.shell.asking import kept, promised
from zelo.pos.edge.shell.desk import Desk
from zelo.pos.edge.shell.neighbour import Neighbour

_ID_BYTES: Final = 16
_OPEN: Final = (Unable, RefusedBefore)
"""Replies of which the other gateway may know more, or do more."""


class Counter:
    """Stands between doors and desk."""

    def __init__(self, desk: Desk, neighbour: Neighbour) -> None:
        """Nothing is asked yet."""
        self._desk, self._neighbour = desk, neighbour
        self._sessions: dict[str, numbers.Sessions] = {}
        self._resolving: dict[str, tuple[Request, Future[str]]] = {}
        """By id, of which the other gateway is being asked, and what the till will be told."""
        self._lock = threading.Lock()

    def gateway(self) -> Gateway:
        """All of it, as the doors take it."""
        return Gateway(
            answer=self.answer,
            arrived=self.arrived,
            read=self.read,
            code=self.code,
            new_id=lambda: secrets.token_hex(_ID_BYTES),
            next_session=self.next_session,
            first=self.first,
            find=self.find,
            now=self.now,
            devices=self.devices,
        )

    def answer(self, request: Request, *, stay: bool = False) -> "Future[str]":
        """What the till will be told; where it fails the door hangs up, and the till asks again.

        Returns at once, unless the caller would `stay` and do the work as far as it can: handing a sale from thread to
        thread costs more than many a device takes.
        """
        if request.function.kind is Kind.RECALL:
            return _apart(partial(self._recall, request), promised())
        if request.elsewhere or self._neighbour.gave_away(request.id):
            return self._with_the_other(request, partial(self._take_over, request), promised())
        try:
            own = self._take(request, stay=stay)
        except Exception as error:  # noqa: BLE001 it is the door's
            own = promised()
            own.set_exception(error)
        if own.done() and not isinstance(_reply(own), _OPEN):
            return own
        told = promised()
        own.add_done_callback(partial(self._or_elsewhere, request, told))
        return told

    def entrusted(self, request: Request) -> "Future[str]":
        """What the other gateway is told that can do nothing about an asking."""
        self._neighbour.heard()
        return self.answer(request)

    def arrived(self, request: Request, reply: str) -> None:
        """The till has read this answer, which may be of the other gateway's coupon."""
        self._desk.receipts.arrived(request, reply)
        self._neighbour.arrived(reply)

    def read(self, request_id: str, reply: str) -> None:
        """Somebody has read what stands under this id."""
        self._desk.receipts.read(request_id, reply)
        self._neighbour.arrived(reply)

    def code(self) -> str:
        """The activation code that tills without one are taken to give."""
        return next((code for unit in self._desk.units.values() if (code := unit.code())), "")

    def next_session(self, till: str) -> int:
        """A session number that the till has not had among its last hundred."""
        with self._lock:
            held = self._sessions.get(till) or self._opened(till)
            if held.must_reserve:
                held = self._reserved(till, held)
            number, self._sessions[till] = numbers.taken(held)
            return number

    def _reserved(self, till: str, held: numbers.Sessions) -> numbers.Sessions:
        """With a block more, written down when the disk takes it: the other gateway may sell meanwhile.

        Where it does not, one number by chance, since after a start the block would begin again where this one does.
        """
        more = numbers.reserve(held)
        try:
            self._desk.store.write(rows.reserve, _counter(till), more.until)
        except apsw.Error:
            drawn = numbers.opened(None, 0, secrets.randbelow(MOST_SESSION))
            return drawn._replace(until=drawn.next)
        return more

    def first(self, request_id: str) -> First | None:
        """What an id was first used for, None where nothing was written down of it nor is under way."""
        live = (each for each in (*self._resolved, *self._desk.live) if each.id == request_id)
        known = next(live, None) or self._desk.store.read(rows.find, request_id)
        return None if known is None else First(known.till, known.session, known.matter)

    def find(self, request_id: str) -> Found | None:
        """What stands under an id, here or at the other gateway."""
        word = self._neighbour.look(request_id, self.stands(request_id))
        if word is None:
            return Found(refusal(SALE, ERROR, admission.NOT_HEARD).worded(0), in_doubt=True)
        if word.state in (State.UNKNOWN, State.OPEN):
            return Found(None) if word.state is State.OPEN else None
        return Found(word.reply, in_doubt=word.state is State.DOUBT)

    def now(self, request: Request, reply: str) -> Found:
        """What a doubtful reply comes to by now: what was found out while it was on its way, else whether it is open.

        In doubt also while something may come of it at the other gateway, or where the disk would not take the doubt.
        """
        request_id = request.id
        word: Word | None = self.stands(request_id)
        if word is not None and self._neighbour.gave_away(request_id):
            word = self._neighbour.look(request_id, word)
        if word is None:
            return Found(reply, in_doubt=True)
        if word.state is State.DONE:
            return Found(word.reply if word.matter in ("", request.matter) else reply)
        open_still = word.state in (State.OPEN, State.DOUBT)
        unwritten = word.state is State.UNKNOWN and request_id in tuple(self._desk.doubted)
        return Found(reply, in_doubt=open_still or unwritten)

    def stands(self, request_id: str) -> Word:
        """What stands under an id here; one that nobody has written down yet may wait for a device, or the other."""
        if request_id in self._resolving or self._desk.asked_for(request_id):
            return Word(State.OPEN)
        return admission.word(self._desk.store, self._desk.store.read(rows.find, request_id))

    def devices(self) -> Sequence[Device]:
        """Every device and how it is."""
        return [
            Device(
                unit.nserie,
                unit.name,
                not (unit.out or unit.health.silent or unit.unsettled),
                int(unit.at_work),
                describe(unit.out, unit.health),
            )
            for unit in self._desk.units.values()
        ]

    def _or_elsewhere(self, request: Request, told: "Future[str]", own: "Future[str]") -> None:
        """What nothing could be done about here the other is asked to do; the till hears what came of it."""
        match _reply(own):
            case Unable() as reply:
                self._with_the_other(request, partial(self._neighbour.entrust, request, reply), told)
            case RefusedBefore() as reply:
                self._with_the_other(request, partial(self._neighbour.since, request, reply), told)
            case _:
                _keep(told, own.result)

    def _with_the_other(self, request: Request, act: Callable[[], str], told: "Future[str]") -> "Future[str]":
        """What an act comes to that asks the other gateway. Who asks again meanwhile hears the same."""
        first, hears = self._resolving.setdefault(request.id, (request, told))
        if hears is told:
            try:
                _apart(partial(self._resolve, request, act), told)
            except RuntimeError as error:  # no thread is left
                del self._resolving[request.id]
                told.set_exception(error)
        elif first.matter != request.matter:
            told.set_result(admission.other_matter(request))
        else:
            hears.add_done_callback(lambda done: _keep(told, done.result))
        return told

    def _resolve(self, request: Request, act: Callable[[], str]) -> str:
        try:
            return act()
        finally:
            del self._resolving[request.id]

    @property
    def _resolved(self) -> tuple[Request, ...]:
        """Of which the other gateway is being asked."""
        return tuple(request for request, _ in tuple(self._resolving.values()))

    def _take_over(self, request: Request) -> str:
        """An asking that the other gateway may have taken: its word comes first."""
        resolved = self._neighbour.resolve(request, self._desk.policy.wait_seconds)
        if isinstance(resolved, str):
            return resolved
        own = self._take(resolved).result()
        if resolved.elsewhere:
            return self._neighbour.asked_again(resolved, own, open_still=isinstance(own, _OPEN))
        can_do_more = isinstance(own, Unable) and not request.elsewhere
        return self._neighbour.entrust(request, own) if can_do_more else own

    def _recall(self, request: Request) -> str:
        """What became of an asking is known here, or at the other gateway."""
        wrong = self._desk.gate.unfit(request)
        own = self._desk.recalled(request, self._resolved)
        return wrong or admission.recall_words(request, self._neighbour.recall(request, own))

    def _take(self, request: Request, *, stay: bool = False) -> "Future[str]":
        taken = self._neighbour.admit(request, stay=stay)
        if taken is not None:
            return taken
        sentence = "O outro gateway assumiu este pedido. Consulte a sessão antes de repetir."
        return kept(refusal(request.function, ERROR, sentence).worded(request.session))

    def _opened(self, till: str) -> numbers.Sessions:
        held = self._desk.store.read(rows.reserved, _counter(till))
        return numbers.opened(held, 0, secrets.randbelow(MOST_SESSION))


def _counter(till: str) -> str:
    """Under what name a till's sessions are counted; no device has it."""
    return f"caixa {till}"


def _apart(act: Callable[[], str], told: "Future[str]") -> "Future[str]":
    """What an act comes to that must wait for the other gateway, in a thread of its own."""
    threading.Thread(target=_keep, args=(told, act), name="neighbour", daemon=True).start()
    return told


def _keep(told: "Future[str]", act: Callable[[], str]) -> None:
    """What an act comes to is told; where it fails, that is the door's."""
    try:
        told.set_result(act())
    except Exception as error:  # noqa: BLE001
        told.set_exception(error)


def _reply(told: "Future[str]") -> str:
    """What a till will be told, "" where that failed."""
    try:
        return told.result()
    except Exception:  # noqa: BLE001 the door sees it
        return ""
