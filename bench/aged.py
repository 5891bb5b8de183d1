"""The till's gateway after 120 days of 1,000 sales: what it costs to start with such a file, and to rest over it."""

import base64
import json
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import apsw
import psutil

from bench.till import DEVICES, devices, gateway
from tests.sim.sat import sales
from zelo.models.cfe.chave import Chave
from zelo.models.cfe.coupon import Brief
from zelo.models.cfe.functions import SALE
from zelo.pos.edge.decide import Attempt, End, Outcome
from zelo.pos.edge.journal.entry import CouponStanding
from zelo.pos.edge.journal.shell import coupons, reading, rows
from zelo.pos.edge.journal.shell.prune import REPLY_LIFE, ROW_LIFE
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.request import Request

A_DAY: Final = 1_000
TILLS: Final = 8
TOGETHER: Final = 2_000
BUDGET_MB: Final = 256
COUPON_BYTES: Final = 4_100
REPLY: Final = (
    "000001|06000|0000|Emitido com sucesso + conteúdo notas|||@{chave}:{crc}|20261123120000|CFe{chave}|10.00||"
)
SETTLE_SECONDS: Final = 3.0
IDLE_SECONDS: Final = 20.0


def run() -> dict[str, float]:
    """The figures of this bench by their stable names."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _age(folder / "edge")
        with devices([[]] * DEVICES) as ports, gateway(folder, ports, BUDGET_MB) as (_, pid):
            process = psutil.Process(pid)
            time.sleep(SETTLE_SECONDS)
            process.cpu_percent()
            time.sleep(IDLE_SECONDS)
            return {"edge_aged_idle_percent": process.cpu_percent()}


def _age(folder: Path) -> None:
    """Fill the file as such a life would, the centre having everything."""
    store, now = Store(folder, BUDGET_MB), datetime.now(UTC)  # noqa: TID251 the gateway's clock is the machine's
    count = ROW_LIFE.days * A_DAY
    for first in range(0, count, TOGETHER):
        store.write(_sell, range(first, first + TOGETHER), now - ROW_LIFE, timedelta(days=1) / A_DAY)
    store.write(lambda connection: connection.execute("UPDATE request SET reply = NULL WHERE at < ?", _micros(now)))
    store.close()


def _micros(now: datetime) -> tuple[int]:
    return (int((now - REPLY_LIFE).timestamp() * 1e6),)


def _sell(connection: apsw.Connection, numbers: range, begun: datetime, pace: timedelta) -> None:
    """Sales of all tills at all devices, one after the other, each read and at the centre."""
    body = base64.b64encode(random.Random(1).randbytes(COUPON_BYTES))[:COUPON_BYTES]
    for number in numbers:
        at, device = begun + pace * number, f"D{number % DEVICES}"
        chave = Chave("35", "2611", sales.CNPJ, f"9000000{number % DEVICES:02d}", f"{number:06d}", "000000", "0")
        request = Request(f"{number:064x}", f"{number % TILLS:03d}", SALE, (number // TILLS + 1, sales.CODE, ""))
        rows.begin(connection, request, at)
        attempt = rows.call(connection, request.id, Attempt(0, device, number + 1), at)
        placed = queue.put(connection, Rank.FISCAL, chave.nserie, str(chave), body, at)
        rows.outcome(connection, attempt, Outcome.ANSWERED, None, at)
        brief = Brief(chave, None, at, Decimal(10))
        coupons.keep(connection, brief, request.id, Attempt(attempt, device, number + 1), CouponStanding.SOLD)
        rows.end(connection, request.id, End.DONE, REPLY.format(chave=chave, crc=placed.crc), at)
        reading.delivered(connection, request.id, coupon=True)
    connection.execute("UPDATE outbox_shelf SET settled = ?", (queue.SETTLED,))


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
