"""What is left of each sale when everything stands on its feet again, by the devices' own memories."""

import base64
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import apsw

from tests.pos.edge.survival.caller import Told
from tests.pos.edge.survival.town import SECONDS, Gateway, Town, told
from zelo.pos.edge.door.api.reading import identity
from zelo.pos.edge.journal.entry import OTHER
from zelo.sim.centre.faults import TROUBLES, befalls
from zelo.sim.sat.shell.client import Client

_TOLD_STRAY = "SELECT sentence FROM alarm WHERE rule = 'alheio'"


class Heard(StrEnum):
    """What a till was told."""

    SOLD = "sold"
    REFUSED = "refused"
    DOUBT = "doubt"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Sale:
    """A sale of a till: its price tells it from all others.

    By the line under a `session`, by the API under a `key`; by SATHub the `hub` gives it one, 0 where nobody heard it.
    """

    till: str
    session: int
    cents: int
    heard: Heard
    chave: str = ""
    key: str = ""
    hub: bool = False

    def names(self, town: Town) -> set[str]:
        """Under what ids the gateways may know it; SATHub gives none, so their journals say."""
        if not self.hub:
            return {identity(self.key) if self.key else f"{self.till}-{self.session}"}
        query, given = "SELECT id FROM request WHERE till = ? AND ? IN (session, 0)", (self.till, self.session)
        return {str(name) for gateway in town.gateways for (name,) in base(gateway.folder).execute(query, given)}


def heard(reply: str | None) -> tuple[Heard, str]:
    """A reply as a cashier understands it, with the chave of what was sold."""
    if reply is None:
        return Heard.NOTHING, ""
    fields = reply.split("|")
    if fields[1] == "06000":
        return Heard.SOLD, fields[8].removeprefix("CFe")
    doubtful = "não se sabe" in reply.lower() or "assumiu este pedido" in reply or "consulte antes" in reply
    return (Heard.DOUBT if doubtful else Heard.REFUSED), ""


def read(told: Told | None) -> tuple[Heard, str]:
    """The same of what the API says. What it calls an error of its own, it does not know the end of."""
    if told is None:
        return Heard.NOTHING, ""
    known = {"emitida": Heard.SOLD, "recusada": Heard.REFUSED}
    return known.get(told.get("estado", ""), Heard.DOUBT), str(told.get("chave") or "")


def violations(town: Town, sales: Sequence[Sale]) -> Iterator[str]:
    """Everything that ought not to be."""
    stands, listed, unread = standing(town), owned(town), owned(town, "undelivered")
    untold = forgotten(town, sales)
    for sale in sales:
        left = stands.pop(sale.cents, set())
        silent = left - listed - (untold if sale.heard is not Heard.REFUSED else set())
        if sale.heard is Heard.SOLD and sale.chave not in left:
            yield f"{sale}: told sold, and the coupon does not stand"
        if sale.heard is Heard.SOLD and silent - {sale.chave}:
            yield f"{sale}: a second coupon that nobody knows of: {silent}"
        if sale.heard in (Heard.REFUSED, Heard.DOUBT) and silent:
            yield f"{sale}: a coupon that nobody knows of: {silent}"
        if sale.heard is Heard.REFUSED and left & unread:
            yield f"{sale}: told not sold, and a coupon stands that nobody cancels: {left & unread}"
        if sale.heard is Heard.NOTHING and len(silent) > 1:
            yield f"{sale}: two coupons and nobody knows: {silent}"
    if stands:
        yield f"coupons of no sale: {stands}"
    yield from _strays(town, untold)
    yield from _unarchived(town, untold)
    yield from _unsent(town, untold)


def standing(town: Town) -> dict[int, set[str]]:
    """By price, the coupons that are not cancelled, as the devices' own memories have them."""
    memory = [each for machine in town.machines.values() for each in told(machine)]
    cancelled = {each["of"] for each in memory if each["of"]}
    stands: dict[int, set[str]] = {}
    for each in memory:
        if not each["of"] and each["chave"] not in cancelled:
            stands.setdefault(_cents(each), set()).add(each["chave"])
    return stands


def forgotten(town: Town, sales: Sequence[Sale]) -> set[str]:
    """Coupons and cancels whose device cannot say any more what it did, which a gateway's list says of their asking."""
    asked = {(device, _without_number(request)) for device, request in questions(town)}
    of_cents = {sale.cents: sale.names(town) for sale in sales} if asked else {}
    return {
        each["chave"]
        for machine in town.machines.values()
        for each in told(machine)
        for name in ({f"canc-{each['of']}"} if each["of"] else of_cents.get(_cents(each), set()))
        if (machine.name, name) in asked
    }


def _without_number(request: str) -> str:
    """A cancel is asked for under a name for each attempt: of the coupon, and a number."""
    return request.rpartition("-")[0] if request.startswith("canc-") else request


def _cents(coupon: Mapping[str, str]) -> int:
    return int(Decimal(coupon["total"]) * 100)


def questions(town: Town) -> list[tuple[str, str]]:
    """Device and asking of each call that the device does not remember."""
    query = "SELECT device, request_id FROM attempt WHERE outcome = 'forgotten' AND device != ?"
    return [
        (str(device), str(request))
        for gateway in town.gateways
        for device, request in base(gateway.folder).execute(query, (OTHER,))
    ]


def owned(town: Town, *standings: str) -> set[str]:
    """Coupons that stand in a gateway's list for a person to look at."""
    query = "SELECT chave, standing FROM coupon WHERE standing IN ('surplus', 'undelivered', 'listed')"
    rows = [row for gateway in town.gateways for row in base(gateway.folder).execute(query)]
    return {str(chave) for chave, standing in rows if not standings or standing in standings}


def _strays(town: Town, untold: Set[str]) -> Iterator[str]:
    """Coupons that a gateway takes for another program's: nobody else calls these devices."""
    query = "SELECT key FROM outbox_item WHERE rank = 0 AND NOT EXISTS (SELECT 1 FROM coupon WHERE chave = key)"
    for gateway in town.gateways:
        taken_in = {str(key) for (key,) in base(gateway.folder).execute(query)}
        told = " ".join(str(said).replace(" ", "") for (said,) in base(gateway.folder).execute(_TOLD_STRAY))
        taken_in |= {chave for chaves in standing(town).values() for chave in chaves if chave in told}
        yield from (f"{gateway.folder.name}: {chave} is told as a stray" for chave in taken_in - untold)


def _unarchived(town: Town, untold: Set[str]) -> Iterator[str]:
    """Coupons whose very bytes no gateway has, but for those that a list says."""
    kept = {
        (key, bytes(body))
        for gateway in town.gateways
        for key, body in base(gateway.folder).execute("SELECT key, body FROM outbox_item WHERE rank = 0")
    }
    files = [filed(gateway) for gateway in town.gateways]
    issued = {each["chave"] for machine in town.machines.values() for each in told(machine)}
    yield from (f"a file of no coupon: {name}" for written in files for name in written.keys() - issued)
    for machine in town.machines.values():
        with Client(machine.setup.port, SECONDS) as client:
            for each in told(machine):
                xml = base64.b64decode(client.command("coupon", chave=each["chave"])["xml"])
                if (each["chave"], xml) not in kept and each["chave"] not in untold:
                    yield f"{machine.name}: {each['kind']} {each['chave']} of {each['total']} is archived nowhere"
                if any(written.get(each["chave"], xml) != xml for written in files):
                    yield f"{machine.name}: the file of {each['chave']} is not what it issued"


def filed(gateway: Gateway) -> dict[str, bytes]:
    """What a gateway which knows no centre wrote out, by the chave in its name."""
    return {file.stem.removeprefix("CFe"): file.read_bytes() for file in gateway.files.glob("*/*.xml")}


def _unsent(town: Town, untold: Set[str]) -> Iterator[str]:
    """Documents that neither came out nor are refused for ever, and emitters whose books do not close."""
    setup, came = town.centre.setup, {key for *_, key, _ in town.centre.store.documents()}
    came.update(*map(filed, town.gateways))
    refused = {
        str(key)
        for gateway in town.gateways
        for (key,) in base(gateway.folder).execute("SELECT key FROM outbox_aside JOIN outbox_item USING (turn)")
    }
    for machine in town.machines.values():
        for chave in {each["chave"] for each in told(machine)} - came - untold:
            if chave not in refused or not befalls(TROUBLES["unwanted"], setup.rates, setup.seed, chave):
                yield f"{machine.name}: neither the centre nor a folder has {chave}"
    for account in town.centre.accounts():
        if account.missing or account.clones:
            yield f"{account}: something never came, or came twice"


def unsettled(town: Town) -> int:
    """How much the gateways still have to find out, to cancel and to tell each other and the centre.

    What the centre refused under a clock that was ahead goes to it once more.
    """
    queries = (
        "SELECT count(*) FROM attempt WHERE outcome IN ('called', 'doubt')",
        "SELECT count(*) FROM coupon WHERE standing = 'surplus'",
        "SELECT count(*) FROM request WHERE elsewhere = 1 AND end = 'done'",
        "SELECT count(*) FROM request WHERE end IS NULL",
        "SELECT count(*) FROM outbox_shelf WHERE settled = 0 AND rank = 0",
        "SELECT count(*) FROM outbox_aside WHERE at > 1000000 * unixepoch('now', '+5 seconds')",
    )
    return sum(int(base(gateway.folder).execute(query).get) for gateway in town.gateways for query in queries)


def base(folder: Path) -> apsw.Connection:
    """A gateway's file, to look at while it runs."""
    base = apsw.Connection(str(folder / "edge.db"), flags=apsw.SQLITE_OPEN_READONLY)
    base.set_busy_timeout(5_000)
    return base
