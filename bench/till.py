"""The till's gateway: what it adds to a device's call, and how many sales it carries.

Eight devices that answer at once (coupons made beforehand by the emulated device), eight tills, the gateway and
everything else on one machine in processes of their own. What is added is measured with tills that sell four times a
second each, as no till does, and beside it the same tills ask the same devices without a gateway and through the
least that a gateway can be (relay.py): two rows on the same disk; and the two syncs alone, which nothing that keeps its
word escapes. How many
sales it carries is measured with tills that never pause, and beside it a bare SQLite file (WAL, FULL) commits rows of a
coupon's size: two commits are what a sale must wait for.
"""

import json
import multiprocessing
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

import apsw

from tests.pos.edge.codes import give_codes
from tests.sim.sat import sales
from zelo.pos.edge.door.line import frame
from zelo.sim.sat.shell.device import Device
from zelo.sim.sat.shell.folder import Plate, open_unit, ready
from zelo.sim.sat.shell.frame import pack, receive
from zelo.sim.sat.shell.memory import Memory

DEVICES: Final = 8
SALES: Final = 200
"""Of each till."""
PAUSED_SALES: Final = 60
"""Of each till, when it pauses."""
PAUSE_SECONDS: Final = 0.25
COMMITS: Final = 1_000
COUPON_BYTES: Final = 5_400
BUDGET_MB: Final = 64
SETTLE_SECONDS: Final = 2.0
STOP_SECONDS: Final = 10
STATUS: Final = "10000|Resposta com sucesso|||" + "|" * 22 + "0"
_P50: Final = 0.50
_P99: Final = 0.99


def run() -> dict[str, float]:
    """The figures of this bench by their stable names."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        replies = _replies(folder)
        with devices(replies) as ports:
            direct = _sell([_direct(port) for port in ports], PAUSED_SALES, PAUSE_SECONDS)[0]
        with devices(replies) as ports, _relay(folder, ports) as line:
            least = _sell([_through(till, line) for till in range(DEVICES)], PAUSED_SALES, PAUSE_SECONDS)[0]
        with devices(replies) as ports, gateway(folder, ports) as (line, _):
            tills = [_through(till, line) for till in range(DEVICES)]
            latencies = _sell(tills, PAUSED_SALES, PAUSE_SECONDS)[0]
            elapsed = _sell(tills, SALES, 0.0)[1]
        with _syncing(folder / "syncs") as sync:
            syncs = _sell([sync], DEVICES * PAUSED_SALES, PAUSE_SECONDS / DEVICES)[0]
        commits = _commits(folder)
    sold = DEVICES * SALES / elapsed
    return {
        "edge_added_p50_ms": (_at(latencies, _P50) - _at(direct, _P50)) * 1e3,
        "edge_added_p99_ms": (_at(latencies, _P99) - _at(direct, _P99)) * 1e3,
        "edge_relay_added_p50_ms": (_at(least, _P50) - _at(direct, _P50)) * 1e3,
        "edge_relay_added_p99_ms": (_at(least, _P99) - _at(direct, _P99)) * 1e3,
        "edge_syncs_p50_ms": _at(syncs, _P50) * 1e3,
        "edge_syncs_p99_ms": _at(syncs, _P99) * 1e3,
        "edge_sales_s": sold,
        "edge_sales_x_fsync": sold / (commits / 2),
    }


def _replies(folder: Path) -> list[list[str]]:
    """For each device the answers to its sales, under session 0: signed coupons, all different."""
    now = datetime.now(UTC)  # noqa: TID251 the devices' clock is the machine's
    unit = open_unit(folder / "unit", Plate(), "er-2.30", now)
    made = []
    for number in range(DEVICES):
        own = replace(unit, nserie=f"9000000{number:02d}")
        memory = Memory(folder / f"{number}.sqlite3")
        device = Device(own, memory, lambda: now, first=ready(own, now))
        asked = range(1, 2 * SALES)
        sold = [device.call("EnviarDadosVenda", [one, sales.CODE, sales.sale()]).reply for one in asked]
        made.append([reply.partition("|")[2] for reply in sold if reply])
        memory.close()
    return made


def _serve(replies: Sequence[str], told: "multiprocessing.queues.Queue[int]") -> None:
    """A device that answers at once, one connection at a time."""
    left = iter(replies)
    with socket.create_server(("127.0.0.1", 0)) as door:
        told.put(door.getsockname()[1])
        while True:
            line, _ = door.accept()
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (asked := receive(line)) is not None:
                sale = asked["function"] == "EnviarDadosVenda"
                line.sendall(pack({"reply": f"{int(asked['arguments'][0]):06d}|{next(left) if sale else STATUS}"}))


@contextmanager
def devices(replies: Sequence[Sequence[str]]) -> Iterator[list[int]]:
    """Devices that answer at once, with these replies to their sales: their ports."""
    context = multiprocessing.get_context("spawn")
    told: multiprocessing.queues.Queue[int] = context.Queue()
    processes = [context.Process(target=_serve, args=(each, told), daemon=True) for each in replies]
    try:
        for process in processes:
            process.start()
        yield [told.get(timeout=60) for _ in processes]
    finally:
        for process in processes:
            process.kill()
            process.join()


@contextmanager
def gateway(folder: Path, ports: Sequence[int], budget_mb: int = BUDGET_MB) -> Iterator[tuple[int, int]]:
    """A gateway over these devices: the port of its line, its process."""
    home, config = folder / "edge", folder / "edge.toml"
    head = f'[gateway]\npasta = "{home}"\nfila_mb = {budget_mb}\n[linha]\nendereco = "127.0.0.1:0"\n'
    head += '[web]\nendereco = "127.0.0.1:0"\n'
    body = "".join(
        f'[[equipamento]]\nnome = "D{n}"\ntipo = "emulado"\nendereco = "127.0.0.1:{port}"\ncaixas = ["{n:03d}"]\n'
        for n, port in enumerate(ports)
    )
    config.write_text(head + body)
    give_codes(home, budget_mb, [f"D{n}" for n in range(len(ports))])
    with _started("zelo.pos.edge.command", "--config", str(config), "run") as started:
        yield started


@contextmanager
def _relay(folder: Path, ports: Sequence[int]) -> Iterator[int]:
    """The least gateway over these devices: the port of its line."""
    with _started("bench.relay", str(folder), *map(str, ports)) as (line, _):
        yield line


@contextmanager
def _started(module: str, *arguments: str) -> Iterator[tuple[int, int]]:
    """A module run as a process that tells the port of its line first: that port, and the process."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            time.sleep(SETTLE_SECONDS)
            yield int(line.split("linha=")[1].split()[0]), process.pid
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _direct(port: int) -> Callable[[int], None]:
    line = socket.create_connection(("127.0.0.1", port))
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    xml = sales.sale()

    def sell(number: int) -> None:
        line.sendall(pack({"function": "EnviarDadosVenda", "arguments": [number + 1, sales.CODE, xml]}))
        assert receive(line) is not None

    return sell


def _through(till: int, line: int) -> Callable[[int], None]:
    """A till with the library's protocol on a connection that is kept, as the library keeps it."""
    kept = socket.create_connection(("127.0.0.1", line))
    kept.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    answers, sessions, xml = kept.makefile("rb"), count(1), sales.sale()

    def sell(_: int) -> None:
        session = str(next(sessions))
        fields = ("zelo1", "", f"{till}-{session}", f"{till:03d}", "0", "EnviarDadosVenda", session, sales.CODE, xml)
        kept.sendall(frame.pack(field.encode() for field in fields))
        size = 0
        while not size:
            head = answers.read(4)
            assert head, "the gateway hung up"
            size = int.from_bytes(head, "big")
        reply = answers.read(size)
        assert b"|06000|" in reply, reply

    return sell


@contextmanager
def _syncing(file: Path) -> Iterator[Callable[[int], None]]:
    """What a sale must wait for where nothing else is done: two coupons' room in a file overwritten, each synced."""
    file.write_bytes(os.urandom(COUPON_BYTES * DEVICES))
    handle, body = os.open(file, os.O_RDWR), os.urandom(COUPON_BYTES)

    def sync(number: int) -> None:
        for _ in range(2):
            os.pwrite(handle, body, COUPON_BYTES * (number % DEVICES))
            os.fdatasync(handle)

    try:
        yield sync
    finally:
        os.close(handle)


def _sell(tills: Sequence[Callable[[int], None]], sales_each: int, pause_seconds: float) -> tuple[list[float], float]:
    """Seconds of every call, in order, and of all of them together; with a pause of about so long before each."""
    latencies: list[float] = []
    chance = random.Random(1)

    def work(sell: Callable[[int], None]) -> None:
        for number in range(sales_each):
            time.sleep(chance.uniform(0, 2 * pause_seconds))
            begun = time.perf_counter()
            sell(number)
            latencies.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=work, args=(till,)) for till in tills]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(latencies), time.perf_counter() - begun


def _at(latencies: Sequence[float], share: float) -> float:
    return latencies[int(len(latencies) * share)]


def _commits(folder: Path) -> float:
    """How many bare commits of a coupon's size a second the disk allows."""
    base = apsw.Connection(str(folder / "bare.db"))
    for statement in ("pragma journal_mode = wal", "pragma synchronous = full", "create table bare (body blob)"):
        base.execute(statement)
    body = bytes(COUPON_BYTES)
    begun = time.perf_counter()
    for _ in range(COMMITS):
        base.execute("insert into bare values (?)", (body,))
    took = time.perf_counter() - begun
    base.close()
    return COMMITS / took


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
