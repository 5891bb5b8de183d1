"""One device at work: its driver, its session numbers, its health. Calls it and writes down what became of the call.

Whoever calls a method owns the device for as long as it takes; the desk sees to that.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

import apsw

from zelo.models.cfe.functions import (
    ASK_ALIVE,
    ASK_STATUS,
    CODE,
    SESSION,
    Function,
    Kind,
)
from zelo.models.cfe.reply import Reply, UnreadableReplyError, read_reply, refusal
from zelo.pos.edge import health as healths
from zelo.pos.edge import sessions as numbers
from zelo.pos.edge.decide import ERROR, OPEN, Answer, Attempt, Outcome
from zelo.pos.edge.driver.contract import Driver, LostError, MissingError, NotLoadedError, NotTakenError
from zelo.pos.edge.health import NO_CODE, Health, Return
from zelo.pos.edge.issued import Issued, issued
from zelo.pos.edge.journal.answer import left_out
from zelo.pos.edge.journal.entry import CouponStanding, Sold
from zelo.pos.edge.journal.shell import coupons, rows
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.journal.shell.writer import ClosedError
from zelo.pos.edge.outbox.core import QueueFullError
from zelo.pos.edge.pool import Place
from zelo.pos.edge.request import Request
from zelo.pos.edge.verdict import Meaning, meaning


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where documents are kept. `put`: inside the open transaction, the CRC; `get` gives the bytes of a chave back.

    `reserve`: have room for the document of a call with so many characters. Raises QueueFullError.
    """

    reserve: Callable[[apsw.Connection, int, datetime], None]
    put: Callable[[apsw.Connection, Issued, datetime], int]
    get: Callable[[apsw.Connection, str], bytes]


WRITTEN = frozenset({Kind.SALE, Kind.CANCEL, Kind.KEEP})
"""What changes something is written down before it is called; a question is not."""

ACTIVATE: Final = "AtivarSAT"
CHANGE: Final = "TrocarCodigoDeAtivacao"
OWN_CODE: Final = frozenset({ACTIVATE, CHANGE})
"""Functions that bring a code of their own."""
_NEW_CODE: Final = "novo"
WRONG_CODE: Final = "11001"
"""Of ConsultarNumeroSessao."""


class NotBegunError(RuntimeError):
    """A call was not made because it could not be written down. The sentence is pt-BR."""


class Heard(NamedTuple):
    """What is known of an attempt now, and the answer as the device worded it, "" for none."""

    attempt: Attempt
    text: str = ""


@dataclass(slots=True)
class Unit:
    """A device. `unsettled`: calls to it wait to be found out, and nothing is sold at it before.

    `next_code`: what the last function that brought a code wanted it to be; kept before the call, as `code` is.
    """

    place: Place
    driver: Driver
    store: Store
    shelf: Shelf
    now: Callable[[], datetime]
    code: Callable[[], str]
    keep_code: Callable[[str], None]
    next_code: Callable[[], str]
    keep_next_code: Callable[[str], None]
    seconds: float
    side: int
    drawn: int
    announce: Callable[["Unit", Request, int], None] = lambda *_: None
    nserie: str = ""
    health: Health = field(default_factory=Health)
    unsettled: bool = False
    at_work: bool = False
    look_at: float = 0.0
    look_pause: float = 0.0
    unwritten: dict[int, Heard] = field(default_factory=dict)
    """By attempt: what became of it, where the disk has it not. Asked a hundred times, a device would forget it."""
    status: Reply | None = None
    """The last that it told, at `status_at`."""
    status_at: datetime | None = None
    spoke_at: datetime | None = None
    called_at: datetime | None = None
    """When a till last needed it."""
    witness: int = 0
    """The last session that it has surely executed, 0 for none known since the start."""
    _given: str = ""
    """The code that it was called with last: what it says of that says nothing of one that was kept meanwhile."""
    _wrong_next: str = ""
    """The `next_code` that it called wrong."""
    _sessions: numbers.Sessions | None = None

    @property
    def name(self) -> str:
        """What the shop calls it."""
        return self.place.device

    @property
    def out(self) -> str:
        """Why it may not sell, in pt-BR, "" when it may. Without a code it is asked for nothing that takes one."""
        return self.health.out or ("" if self.code() else NO_CODE)

    def call(self, request: Request) -> Heard:
        """Ask the device what a till asks, written down first where it changes anything."""
        session, attempt_id = self._begin(request)
        self.announce(self, request, session)
        self.place, self.called_at = self.place._replace(calls=self.place.calls + 1), self.now()
        attempt = Attempt(attempt_id, self.name, session, witness=self.witness, nserie=self.nserie)
        code = request.code if request.function.name in OWN_CODE else self.code()
        arguments = request.devised(session, code)
        try:
            text = self._ask(request.function, arguments)
        except MissingError as error:
            missing = refusal(request.function, ERROR, f"Nada foi feito: {error}.")
            return Heard(attempt._replace(outcome=Outcome.ANSWERED, reply=missing))
        except NotTakenError:
            return Heard(attempt._replace(outcome=Outcome.ABSENT))
        except LostError:
            return Heard(attempt)
        return self.heard(request.function, attempt, text, again=False)

    def write_down(self, heard: Heard, work: Callable[[apsw.Connection], None]) -> None:
        """Do the work that writes down what was heard. What the disk refuses is kept, and need not be asked again."""
        if heard.attempt.outcome not in OPEN:
            self.unwritten[heard.attempt.id] = heard
        self.store.write(work)
        self.unwritten.pop(heard.attempt.id, None)

    def probe(self) -> Reply | None:
        """Ask whether the device is there and may sell; None when it does not answer.

        Its status says so. Without a code, or with one that it called wrong, it is only asked whether it is there: a
        few wrong codes in a row would block it (06009).
        """
        if not self.code() or self.health.returns is Return.CODE:
            return self.inquire(ASK_ALIVE)
        reply = self.inquire(ASK_STATUS)
        if reply is not None and reply.rest and meaning(ASK_STATUS, reply) is Meaning.DONE:
            self._is_known_as(reply.rest[0])
            self.status, self.status_at = reply, self.now()
        return reply

    def inquire(self, function: Function, *given: str) -> Reply | None:
        """Ask this very device what changes nothing; None when it does not answer. `given`: beside session and code."""
        session, rest = self._session(), iter(given)
        own: dict[str, int | str] = {SESSION: session, CODE: self.code()}
        arguments = tuple(own[name] if name in own else next(rest) for name, _ in function.parameters)
        try:
            reply = self.read(function, self._ask(function, arguments))
        except (NotTakenError, LostError, UnreadableReplyError):
            return None
        self._bear_witness(function, session, reply)
        return reply

    def _is_known_as(self, nserie: str, at_work_on: int = 0) -> None:
        """It says its number, perhaps by an attempt that it is `at_work_on`.

        Another one than before is another device, which may have open questions of its own.
        """
        if nserie != self.nserie:
            self.witness = 0 if self.nserie else self.witness
            self.nserie = nserie
            self.unsettled = self.unsettled or any(each.id != at_work_on for _, each in self.open_questions())

    def recode(self, code: str) -> None:
        """From now on this is its code; the device is looked at again."""
        self.keep_code(code)
        self.health, self.look_at = healths.recoded(self.health), 0.0

    def open_questions(self) -> list[tuple[str, Attempt]]:
        """Calls of which it is not known what became, each with the id of its asking."""
        return self.store.read(rows.unsettled, self.name, self.nserie)

    def has_open_questions(self) -> bool:
        """Whether there is any."""
        return bool(self.open_questions())

    def surplus(self) -> list[Sold]:
        """Its coupons that are too much."""
        return self.store.read(coupons.surplus, self.nserie)

    def document(self, chave: str) -> bytes:
        """The bytes of a coupon."""
        return self.store.read(self.shelf.get, chave)

    def record(self, connection: apsw.Connection, request: Request, heard: Heard, answer: Answer | None) -> None:
        """Write down what became of an attempt, what was issued, and how the asking ended if it did.

        An answer of the device that is the till's is written once, as the till's.
        """
        attempt, at = heard.attempt, self.now()
        tills = answer is not None and answer.reply is attempt.reply
        rows.outcome(connection, attempt.id, attempt.outcome, None if tills else heard.text or None, at)
        kept = self.keep_issued(connection, request.function, request.id, attempt, CouponStanding.SOLD)
        if answer is not None:
            reply = kept if kept is not None and tills else answer.reply
            rows.end(connection, request.id, answer.end, reply.worded(request.session), at)

    def keep_issued(
        self,
        connection: apsw.Connection,
        function: Function,
        request_id: str,
        attempt: Attempt,
        standing: CouponStanding,
    ) -> Reply | None:
        """Write down what an answer brings, its bytes first; the answer as the journal keeps it, None for no coupon."""
        brought = None if attempt.reply is None else issued(function, attempt.reply)
        if attempt.reply is None or brought is None:
            return None
        crc = self.shelf.put(connection, brought, self.now())
        if brought.brief is not None:
            self._is_known_as(brought.brief.chave.nserie, attempt.id)
            coupons.keep(connection, brought.brief, request_id, attempt, standing)
        return left_out(attempt.reply, brought.chave, brought.xml, crc)

    def learn_code(self, function: Function) -> None:
        """The device did what it was asked: from now on it has the code that the function brought, if it brings one."""
        if function.name in OWN_CODE and self.next_code():
            self.recode(self.next_code())

    def _begin(self, request: Request) -> tuple[int, int]:
        """A session number and the number of the attempt, for what changes anything written down, with room for what
        it will bring. Raises NotBegunError: then nothing was called.
        """
        try:
            if request.function.kind in WRITTEN and not self.witness:
                self._find_witness()
            session = self._session()
            if request.function.name in OWN_CODE:
                names = [name for name, _ in request.function.parameters]
                self.keep_next_code(str(request.argument(_NEW_CODE if _NEW_CODE in names else CODE)))
            written = request.function.kind in WRITTEN
            return session, self.store.write(self._intend, request, session) if written else -session
        except QueueFullError as error:
            raise NotBegunError(f"{error.fault.sentence} {error.fault.remedy}") from error
        except (apsw.Error, ClosedError) as error:
            self.unsettled = True  # it may stand there all the same
            raise NotBegunError("O diário não pode ser gravado. Verifique o disco da máquina do gateway.") from error

    def _intend(self, connection: apsw.Connection, request: Request, session: int) -> int:
        at = self.now()
        self.shelf.reserve(connection, sum(len(str(each)) for each in request.arguments), at)
        rows.begin(connection, request, at)
        called = Attempt(0, self.name, session, witness=self.witness, nserie=self.nserie)
        return rows.call(connection, request.id, called, at)

    def _ask(self, function: Function, arguments: tuple[int | str, ...]) -> str:
        """The device's answer as it words it. Raises NotTakenError and LostError, and remembers the silence."""
        own = function.takes_code and function.name not in OWN_CODE
        self._given = str(arguments[function.places[CODE]]) if own else self.code()
        try:
            return self.driver.call(function, arguments, self.seconds)
        except MissingError:
            raise
        except (NotTakenError, LostError) as error:
            self.health = healths.unheard(self.health, str(error) if isinstance(error, NotLoadedError) else "")
            raise

    def recalled(self, function: Function, asked: Function, *session: int) -> str:
        """What the device says when it is `asked` for an old answer. Raises NotTakenError and LostError.

        Where the code may have changed with it, the new one is tried first. One that the device called wrong is not
        tried again: a few in a row would block it (06009).
        """
        wrong = {"", self._wrong_next, self.code() if self.health.returns is Return.CODE else ""}
        codes = [self.next_code(), self.code()] if function.name in OWN_CODE else [self.code()]
        text = ""
        for code in dict.fromkeys(code for code in codes if code not in wrong):
            text = self._ask(asked, (self._session(), code, *session))
            if f"|{WRONG_CODE}|" not in text:
                return text
            self._wrong_next = code if code == self.next_code() else self._wrong_next
        if not text:
            raise NotTakenError("no code to ask with")
        return text

    def _find_witness(self) -> None:
        """After a start: the device is asked something; where it does not answer, its last coupon has to do."""
        self.inquire(ASK_ALIVE)
        self.witness = self.witness or self.store.read(rows.last_session, self.name)

    def _bear_witness(self, function: Function, session: int, reply: Reply) -> None:
        """What it did at our bidding under its own session number it remembers, as long as it remembers anything."""
        if reply.session == session and meaning(function, reply) is Meaning.DONE:
            self.witness = session

    def heard(self, function: Function, attempt: Attempt, text: str, *, again: bool) -> Heard:
        """An answer taken in. Where the device does not know itself it counts only when it says so `again`."""
        try:
            reply = self.read(function, text)
        except UnreadableReplyError:
            return Heard(attempt)
        if meaning(function, reply) is Meaning.UNSURE and not again:
            return Heard(attempt)
        if not again:
            self._bear_witness(function, attempt.session, reply)
        return Heard(attempt._replace(outcome=Outcome.ANSWERED, reply=reply), text)

    def read(self, function: Function, text: str) -> Reply:
        """An answer, and what it says of the device. Raises UnreadableReplyError."""
        reply = read_reply(text)
        self.health, self.spoke_at = healths.heard(self.health, function, reply), self.now()
        if self._given != self.code():
            self.health = healths.recoded(self.health)
        return reply

    def _session(self) -> int:
        """A session number of its own for the next call."""
        if self._sessions is None:
            held = self.store.read(rows.reserved, self.name)
            self._sessions = numbers.opened(held, self.side, self.drawn)
        if self._sessions.must_reserve:
            block = numbers.reserve(self._sessions)
            self.store.write(rows.reserve, self.name, block.until)
            self._sessions = block
        number, self._sessions = numbers.taken(self._sessions)
        return number
