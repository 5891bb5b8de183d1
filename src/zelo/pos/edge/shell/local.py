"""What the page and the command may ask of the gateway that runs: how it stands, and what a person decides."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from functools import partial
from typing import Final

import apsw

from zelo.facts.sat import texto
from zelo.models.cfe.functions import ASK_ALIVE, ASK_STATUS, TRY, Function
from zelo.pos.edge.decide import Outcome
from zelo.pos.edge.gather.shell.gatherer import Gatherer
from zelo.pos.edge.gather.shell.host import versions
from zelo.pos.edge.gather.telling import body
from zelo.pos.edge.health import Return
from zelo.pos.edge.journal.entry import Question, Sold
from zelo.pos.edge.journal.shell import coupons, reading, rows
from zelo.pos.edge.journal.shell.store import FILE
from zelo.pos.edge.outbox.core import Account, Aside, Fill, Rank
from zelo.pos.edge.outbox.shell import aside, queue
from zelo.pos.edge.page.house import CHECK, STANDING_OF, Centre, Decision, House, Local, Tested
from zelo.pos.edge.page.words import midnight
from zelo.pos.edge.shell.aftermath import cancel_time, end_idle
from zelo.pos.edge.shell.desk import Desk
from zelo.pos.edge.shell.unit import Unit

MOST_LAST: Final = 20
MOST_ASIDE: Final = 50
"""Documents that are shown of those that the centre refuses."""
TEST_SECONDS: Final = 180.0
FILL_SECONDS: Final = 2.0
"""How long a look at the queue serves everybody who asks."""
_DONE: Final = "000"
_DECISION: Final = "decisao"
"""Under what name a decision goes to the centre."""


class Overlook:
    """Looks at the whole gateway for whoever asks."""

    def __init__(
        self, desk: Desk, gatherer: Gatherer, now: Callable[[], datetime], centre: Callable[[], Centre]
    ) -> None:
        """`centre`: how the sending stands."""
        self._desk, self._gatherer, self._now, self._centre = desk, gatherer, now, centre
        self._started_at, self._version = now(), versions()["zelo"]
        self._connection, self._lock = desk.store.connect(), threading.Lock()
        self._tests: dict[tuple[str, str], Future[list[Tested]]] = {}
        """Those under way, by device and sale."""
        self._queue: tuple[datetime, Fill, list[Account], list[Aside]] | None = None

    def local(self) -> Local:
        """All of it, as page and command take it."""
        file = str(self._gatherer.folder / FILE)
        return Local(file, self.look, self.coupon, self.decide, self.check, self.keep_code, self.test, self.send_again)

    def look(self) -> House:
        """How everything stands."""
        store, now = self._desk.store, self._now()
        alarms = self._gatherer.standing
        fill, accounts, refused = self._fill(now)
        return House(
            name=self._gatherer.gateway,
            version=self._version,
            now=now,
            started_at=self._started_at,
            devices=self._gatherer.devices(),
            findings=[alarm.finding for alarm in alarms],
            since={alarm.finding.fingerprint: alarm.since for alarm in alarms},
            fill=fill,
            accounts=accounts,
            aside=refused,
            sold=store.read(coupons.sold_since, midnight(now)),
            last=store.read(coupons.newest, MOST_LAST),
            doubts=store.read(coupons.to_look_at),
            questions=self._questions(),
            centre=self._centre(),
            cancel_time=cancel_time(now),
            pair=self._gatherer.pair(),
            writes=not store.trouble,
        )

    def coupon(self, chave: str) -> Sold | None:
        """A sale, in doubt or not; None for a chave of none."""
        found = self._desk.store.read(coupons.sold, chave)
        return None if found is None or found.cancels else found

    def decide(self, chave: str, decision: Decision, who: str, why: str) -> bool:
        """What a person decides about a coupon in doubt; it goes to the centre as well."""
        decided = self._desk.store.write(_decided, self._gatherer.gateway, chave, decision, who, why, self._now())
        self._gatherer.soon.set()
        return decided

    def check(self, attempt_id: int, who: str, what: str) -> bool:
        """What a person found out about a call that no device can tell of; it goes to the centre as well."""
        found = next((each for each in self._questions() if each.attempt_id == attempt_id), None)
        if found is None or not found.is_for_person(self._desk.numbers):
            return False
        checked = self._desk.store.write(_checked, self._gatherer.gateway, found, who, what, self._now())
        self._gatherer.soon.set()
        return checked

    def keep_code(self, device: str, code: str) -> None:
        """Keep the code, and look at the device with it."""
        unit = self._desk.units[device]
        unit.recode(code)
        self._desk.send(device, lambda unit: setattr(unit, "look_at", 0.0))

    async def test(self, device: str, sale: str) -> Sequence[Tested]:
        """Ask devices whether they are well, each by its own thread when no till needs it; no thread waits for that."""
        names = [device] if device else list(self._desk.units)
        asked = {name: asyncio.wrap_future(self._tested(name, sale)) for name in names}
        await asyncio.wait(asked.values(), timeout=TEST_SECONDS)
        return [each for name, told in asked.items() for each in (told.result() if told.done() else [_busy(name)])]

    def send_again(self) -> int:
        """What the centre refuses goes to it once more; how many documents that are."""
        count = self._desk.store.write(aside.bring_all_back)
        with self._lock:
            self._queue = None
        self._gatherer.soon.set()
        self._desk.wake()
        return count

    def close(self) -> None:
        """Look no more."""
        with self._lock:
            self._connection.close()

    def _tested(self, name: str, sale: str) -> "Future[list[Tested]]":
        """The test of a device that is under way, else one that begins. Called on the loop alone."""
        under_way = self._tests.get((name, sale))
        if under_way is not None:
            return under_way
        told = self._tests[name, sale] = Future()
        told.add_done_callback(lambda _: self._tests.pop((name, sale)))
        self._desk.send(name, partial(_test, told, sale))
        return told

    def _questions(self) -> list[Question]:
        """What nobody is at just now."""
        questions = self._desk.store.read(rows.questions)
        return [
            each for each in questions if each.outcome is Outcome.FORGOTTEN or not self._desk.asked_for(each.request_id)
        ]

    def _fill(self, now: datetime) -> tuple[Fill, list[Account], list[Aside]]:
        with self._lock:
            if self._queue is None or abs((now - self._queue[0]).total_seconds()) > FILL_SECONDS:
                held = self._connection
                self._queue = now, queue.fill(held), queue.ledger(held), aside.listed(held, MOST_ASIDE)
            return self._queue[1:]


def _test(told: "Future[list[Tested]]", sale: str, unit: Unit) -> None:
    """The device's own thread asks it."""
    questions = [(ASK_ALIVE, ()), (ASK_STATUS, ()), *([(TRY, (sale,))] if sale else [])]
    try:
        told.set_result([_answered(unit, function, given) for function, given in questions])
    except Exception as error:
        told.set_exception(error)
        raise


def _answered(unit: Unit, function: Function, given: tuple[str, ...]) -> Tested:
    if function.takes_code and not unit.code():
        return Tested(unit.name, function.name, well=False, sentence="Falta gravar o código de ativação.")
    if function is ASK_STATUS and unit.health.returns is Return.CODE:
        return Tested(unit.name, function.name, well=False, sentence=unit.out)
    reply = unit.probe() if function is ASK_STATUS else unit.inquire(function, *given)
    if reply is None:
        why = unit.health.unloaded or "Não respondeu. Verifique cabo e energia."
        return Tested(unit.name, function.name, well=False, sentence=why)
    sentence = reply.text.strip() or texto("EEEEE", reply.eeeee) or "Respondeu."
    return Tested(unit.name, function.name, reply.suffix == _DONE, f"{reply.eeeee} {sentence}")


def _busy(name: str) -> Tested:
    sentence = "Está ocupado com vendas; teste de novo em instantes."
    return Tested(name, ASK_ALIVE.name, well=False, sentence=sentence)


def _decided(
    connection: apsw.Connection, gateway: str, chave: str, decision: Decision, who: str, why: str, now: datetime
) -> bool:
    said = "deixar valer" if decision is Decision.ACCEPT else "cancelar"
    words = ": ".join(part for part in (f"{said}, por {who}" if who else said, why) if part)
    if not coupons.settle(connection, chave, STANDING_OF[decision], words):
        return False
    reading.decided(connection, chave)
    told = {"chave": chave, "decisao": decision.value, "quem": who, "motivo": why, "em": now}
    queue.put(connection, Rank.CONTROL, gateway, _DECISION, body(told), now)
    return True


def _checked(connection: apsw.Connection, gateway: str, found: Question, who: str, what: str, now: datetime) -> bool:
    if not rows.check(connection, found.attempt_id):
        return False
    end_idle(connection, found.request_id, now)
    asked = {"caixa": found.till, "sessao": found.session, "equipamento": found.device, "pedido_em": found.at}
    told = {**asked, "decisao": CHECK, "quem": who, "motivo": what, "em": now}
    queue.put(connection, Rank.CONTROL, gateway, _DECISION, body(told), now)
    return True
