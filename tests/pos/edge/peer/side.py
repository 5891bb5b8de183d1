"""Two gateways of a shop in this process, each behind its API, which is reached only inside a block."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from tests.pos.edge.door.knock import knock
from tests.pos.edge.shop import Shop
from tests.sim.sat import sales
from zelo.models.cfe.functions import Function
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
