"""A gateway that nobody asks leaves the processor to the tills: what spins gives no wrong answer, all are late."""

import time
from pathlib import Path

import psutil

from tests.pos.edge.command.conftest import NAME, running, write_config
from zelo.pos.edge.command.shell.configured import configured
from zelo.pos.edge.command.shell.work import keep_code_in_file
from zelo.sim.sat.shell.folder import CODE

SETTLE_SECONDS = 1.0
LOOK_SECONDS = 1.5
MOST_SHARE = 0.2
"""Of one processor. Idle it takes 0.003 (`make bench`), a thread that spins all that it gets."""


def processor_seconds(process: psutil.Process) -> float:
    """What it has used so far."""
    used = process.cpu_times()
    return float(used.user + used.system)


def test_an_idle_gateway_takes_next_to_nothing(tmp_path: Path, device: int) -> None:
    file = tmp_path / "edge.toml"
    write_config(file, device)
    keep_code_in_file(configured(file), NAME, CODE)
    with running(file, device) as started:
        process = psutil.Process(started.pid)
        time.sleep(SETTLE_SECONDS)
        before = processor_seconds(process)
        time.sleep(LOOK_SECONDS)
        assert processor_seconds(process) - before < MOST_SHARE * LOOK_SECONDS
