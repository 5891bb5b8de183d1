"""A gateway of emulated devices in this process with its local page on a socket, and a visitor who keeps cookies."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlencode

from tests.pos.edge.shop import Shop
from zelo.pos.edge.door.shell.app import application
from zelo.pos.edge.door.shell.gateway import Terms
from zelo.pos.edge.door.shell.listen import serving
from zelo.pos.edge.gather.shell.gatherer import Gatherer
from zelo.pos.edge.page.house import Centre
from zelo.pos.edge.page.shell import routes, twins
from zelo.pos.edge.shell.counter import Counter
from zelo.pos.edge.shell.local import Overlook
from zelo.pos.edge.shell.neighbour import Neighbour

TOKEN = "a-token-for-the-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Site:
    """The shop, the rounds (turned by the test), the port."""

    shop: Shop
    gatherer: Gatherer
    port: int

    def watch(self) -> None:
        """A round of the alarms."""
        connection = self.shop.store.connect()
        try:
            self.gatherer.watch(connection)
        finally:
            connection.close()


@contextmanager
def site(shop: Shop, centre: Callable[[], Centre] = lambda: Centre("")) -> Iterator[Site]:
    """The page of that shop, on a socket inside the block."""
    gatherer = Gatherer(
        shop.desk, shop.folder, "loja", shop.clock, has_centre=False, monotonic=lambda: shop.clock().timestamp()
    )
    gatherer.open()
    counter = Counter(shop.desk, Neighbour(shop.desk, None))
    overlook = Overlook(shop.desk, gatherer, shop.clock, centre)
    local = overlook.local()
    more = [*routes.routes(local, TOKEN, shop.clock), *twins.routes(local, TOKEN)]
    with serving(application(counter.gateway(), Terms(token=TOKEN), None, more)) as port:
        yield Site(shop, gatherer, port)
    threading.Event().wait(0.05)
    overlook.close()


@dataclass
class Visitor:
    """Whoever calls the page, with the cookie it was given."""

    port: int
    cookie: str = ""
    location: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and text."""
        return self._call("GET", path, None, headers)

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        """A form as typed."""
        return self._call("POST", path, urlencode(fields), FORM)

    def enter(self) -> None:
        """Type the token."""
        assert self.post("/entrar", token=TOKEN)[0] == 303

    def word(self, path: str = "/") -> str:
        """What the forms of a page carry."""
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', self.get(path)[1])
        assert found is not None
        return found[1]

    def send(self, path: str, **fields: str) -> tuple[int, str]:
        """A form of a page of this visit."""
        return self.post(path, csrf=self.word(), **fields)

    def _call(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        cookie = {"Cookie": self.cookie} if self.cookie else {}
        try:
            connection.request(method, path, body, {**cookie, **headers})
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.location = self.headers.get("location", "")
        if "set-cookie" in self.headers:
            self.cookie = self.headers["set-cookie"].partition(";")[0]
        return response.status, text
