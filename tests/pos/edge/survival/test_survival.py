"""Hundreds of sales while devices crash, hang and lose replies, gateways are killed, clocks step and disks refuse.

Each sale ends as it must.
"""

import itertools
import os
import random
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pos.edge.survival.caller import Caller, Hub, Program
from tests.pos.edge.survival.judge import Heard, Sale, heard, questions, read, unsettled, violations
from tests.pos.edge.survival.town import TOKEN, Town, town
from tests.pos.edge.survival.troubled import FULL, SYNC
from tests.pos.edge.survival.witness import evidence
from tests.pos.edge.survival.words import lies

RATES = {
    "lost_before": 15,
    "lost_after": 15,
    "hang_before": 8,
    "hang_after": 8,
    "crash_before": 8,
    "crash_after": 8,
    "busy": 30,
    "slow": 10,
    "own_error": 8,
}
"""Per mille of the calls."""
LINE = {"unwanted": 20, "refuse": 100, "lost_before": 30, "lost_after": 100}
"""Per mille of the documents, and of the batches to the centre."""
LINES, PROGRAMS, HUBS = 2, 2, 1
"""Tills by what they speak: the library's line, the API, SATHub."""
TILLS = LINES + PROGRAMS + HUBS
STEPS = tuple(timedelta(minutes=minutes) for minutes in (0, -120, 120, -3, 3))
"""By how much the clock of a gateway's machine is wrong, against the devices' own."""
SLEEPS_SECONDS = (0.5, 3.0, 12.0)
"""How long a gateway's machine stands still; a till waits for ten seconds."""
SETTLED_SECONDS = 90
MOST_FORGOTTEN = 3
"""Calls that a device cannot tell of any more, because the other gateway called it a hundred times meanwhile."""
SEED = int(os.environ.get("ZELO_SEED", "1"))
RUNS = max(1, int(os.environ.get("ZELO_SEEDS", "50")) // 50)
"""Of 500 sales each."""


def _sell(town: Town, till: int, sales: int, done: list[Sale]) -> None:
    """Every second till prefers the second gateway, or knows no other."""
    gateways = town.gateways if till % 2 else town.gateways[::-1]
    caller = Caller(f"{till:03d}", [gateway.line for gateway in gateways])
    program = Program(caller.till, [gateway.web for gateway in gateways], TOKEN)
    hub = Hub(caller.till, gateways[0].web)
    for number in range(sales):
        cents = 100 + till * sales + number
        if till > LINES + PROGRAMS:
            reply = hub.sell(cents)
            sale = Sale(caller.till, int((reply or "0")[:6]), cents, *heard(reply), hub=True)
        elif till > LINES:
            key, said = program.sell(cents)
            sale = Sale(caller.till, 0, cents, *read(said), key)
        else:
            session, reply = caller.sell(cents)
            sale = Sale(caller.till, session, cents, *heard(reply))
        done.append(sale)
        time.sleep(0.05 if sale.heard is Heard.SOLD else 0.2)


def _harm_gateways(town: Town, seed: int, stop: threading.Event, harm: "Counter[str]") -> None:
    """Kill them and put them on their feet again, freeze them, move clocks and spoil disks, until stopped."""
    drawn = random.Random(seed)
    while not stop.wait(drawn.uniform(0.05, 0.3)):
        gateway = drawn.choice(town.gateways)
        if drawn.random() < 0.3:
            gateway.stop()
            harm["gateway"] += 1
            stop.wait(drawn.uniform(0.0, 0.5))
        if drawn.random() < 0.3:
            gateway.clock(drawn.choice(STEPS))
            harm["clock"] += 1
        if drawn.random() < 0.1:
            with gateway.frozen():
                stop.wait(drawn.choice(SLEEPS_SECONDS))
            harm["frozen"] += 1
        trouble = drawn.choice((FULL, SYNC)) if drawn.random() < 0.3 else ""
        gateway.disk(trouble)
        harm["disk"] += bool(trouble)
        gateway.start()


def _harm_devices(town: Town, seed: int, stop: threading.Event, harm: "Counter[str]") -> None:
    """Kill one at every fifth turn and put the others on their feet again, until stopped."""
    drawn = random.Random(seed)
    for turn in itertools.count():
        if stop.wait(drawn.uniform(0.1, 0.6)):
            return
        killed = drawn.choice(list(town.machines.values())) if turn % 5 == 0 else None
        if killed is not None:
            killed.kill()
            harm["device"] += 1
        for machine in town.machines.values():
            if machine is not killed and drawn.random() < 0.5:
                machine.start()


def _run(folder: Path, seed: int, sales: int) -> tuple[Counter[str], list[str]]:
    """What the tills heard, and what is wrong in the end: sentences, and what there is to know of each."""
    harm: Counter[str] = Counter()
    with town(folder, seed, RATES, LINE) as made:
        stop, done = threading.Event(), list[Sale]()
        foes = [threading.Thread(target=act, args=(made, seed, stop, harm)) for act in (_harm_gateways, _harm_devices)]
        tills = [threading.Thread(target=_sell, args=(made, n + 1, sales // TILLS, done)) for n in range(TILLS)]
        for thread in (*foes, *tills):
            thread.start()
        for thread in tills:
            thread.join()
        stop.set()
        for thread in foes:
            thread.join()
        for machine in made.machines.values():
            machine.calm()
        for gateway in made.gateways:
            gateway.calm()
        until = time.monotonic() + SETTLED_SECONDS
        while unsettled(made) and time.monotonic() < until:
            time.sleep(0.2)
        wrong = [f"{unsettled(made)} things are left unsettled"] if unsettled(made) else []
        wrong += violations(made, done)
        wrong += lies(made, done)
        wrong += evidence(made, done, wrong)
        harm["forgotten"] = len(questions(made))
        return Counter(each.heard.value for each in done) + harm, wrong


def test_every_sale_ends_once_or_with_an_owner(tmp_path: Path) -> None:
    heard, wrong = _run(tmp_path, SEED, 120)
    assert not wrong, "\n".join(wrong)
    assert heard["sold"] > 60


@pytest.mark.simulate
@pytest.mark.parametrize("seed", range(SEED, SEED + RUNS))
def test_many_days_of_many_tills(tmp_path: Path, seed: int) -> None:
    heard, wrong = _run(tmp_path, seed, 500)
    assert not wrong, "\n".join(wrong)
    assert heard["forgotten"] <= MOST_FORGOTTEN, heard
    assert all(heard[kind] for kind in ("gateway", "device", "clock", "disk")), heard
