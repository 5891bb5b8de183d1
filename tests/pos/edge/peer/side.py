"""Two gateways of a shop in this process, each behind its API, which is reached only inside a block."""

import json
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from satcfe.clientesathub import ClienteSATHub

from tests.pos.edge.door.knock import knock
from tests.pos.edge.shop import Shop, until
from tests.sim.sat import sales
from zelo.models.cfe.functions import SALE, Function
from zelo.pos.edge.door.peer.shell import Visitor
from zelo.pos.edge.door.shell.app import application
from zelo.pos.edge.door.shell.gateway import Terms
from zelo.pos.edge.door.shell.listen import serving
from zelo.pos.edge.peer.shell.link import Link
from zelo.pos.edge.request import Request
from zelo.pos.edge.shell.counter import Counter
from zelo.pos.edge.shell.neighbour import Neighbour

TOKEN = "a-token-that-both-gateways-know"
BODY = json.dumps({"caixa": "001", "xml": sales.sale()})


@dataclass
class Side:
    """One of the two gateways; who calls its port reaches it only inside `reached`."""

    shop: Shop
    port: int
    other: int
    neighbour: Neighbour = field(init=False)
    counter: Counter = field(init=False)

    def __post_init__(self) -> None:
        self.neighbour = Neighbour(self.shop.desk, Link("127.0.0.1", self.other, TOKEN))
        self.counter = Counter(self.shop.desk, self.neighbour)

    @contextmanager
    def reached(self) -> Iterator[None]:
        own = self.neighbour
        visitor = Visitor(
            known=own.known,
            announced=own.announced,
            claimed=own.claimed,
            recalled=own.recalled,
            looked=self.counter.stands,
            read=own.read_there,
            unknown=own.unknown,
            entrusted=self.counter.entrusted,
            pulse=own.pulse,
        )
        with serving(application(self.counter.gateway(), Terms(token=TOKEN), visitor), port=self.port):
            yield

    def sell(self, key: str, **headers: str) -> str:
        """The chave of the coupon that the API answers."""
        status, answer, _ = knock(self.port, "POST", "/v1/vendas", BODY, self.headers(key) | headers)
        assert (status, answer["estado"]) == (200, "emitida")
        return str(answer["chave"])

    def headers(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": key, "Content-Type": "application/json"}

    def find(self, key: str) -> tuple[int, str]:
        """Status and outcome of what stands under a key."""
        status, answer, _ = knock(self.port, "GET", f"/v1/vendas/{key}", None, {"Authorization": f"Bearer {TOKEN}"})
        return status, str(answer.get("estado", ""))

    def ask(self, function: Function, *arguments: int | str) -> str:
        """What a till is answered."""
        request = Request(f"{function.name}-{arguments}", "001", function, (next(SESSIONS), sales.CODE, *arguments))
        return self.counter.answer(request).result(SECONDS)


SECONDS = 15
SESSIONS = count(500)
Pair = tuple[Side, Side]
ASKED = Request("one-sale", "001", SALE, (77, sales.CODE, sales.sale()))
IDS = count(1)


def link_of(side: Side) -> Link:
    """Its line to the other."""
    assert side.neighbour._link is not None
    return side.neighbour._link


def hub(side: Side) -> ClienteSATHub:
    """The unchanged client, which takes one address."""
    return ClienteSATHub("127.0.0.1", side.port, numero_caixa=7)


def given(side: Side, **more: Any) -> "Future[str]":
    """What a till is answered; each asking is a new one."""
    return side.counter.answer(replace(ASKED, id=f"entrusted-{next(IDS)}", **more))


def without_device(side: Side) -> None:
    for driver in side.shop.drivers.values():
        driver.absent = True


def silent(side: Side) -> None:
    """Nobody even tries its devices."""
    without_device(side)
    assert until(lambda: all(unit.health.silent for unit in side.shop.desk.units.values()))


def post(side: Side, key: str, body: str = BODY) -> tuple[int, Any]:
    return knock(side.port, "POST", "/v1/vendas", body, side.headers(key))[:2]
