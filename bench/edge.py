"""The till's gateway as a process: how long it takes to start, what it holds after 200 sales, what it costs idle."""

import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import psutil

from tests.sim.sat import sales
from zelo.pos.edge.command.shell.ask import ask
from zelo.pos.edge.command.shell.configured import configured
from zelo.pos.edge.command.shell.work import keep_code_in_file
from zelo.sim.centre.shell.server import started as centre_started
from zelo.sim.sat.shell.folder import CODE
from zelo.sim.sat.shell.server import started

SALES = 200
IDLE_SECONDS = 20.0
_MEGABYTE = 1_048_576


def run() -> dict[str, float]:
    """Everything on: line, page, centre, gathering. The file is made before, as by the first start at a shop."""
    with (
        tempfile.TemporaryDirectory() as made,
        started(Path(made) / "sat") as (device, _),
        centre_started(Path(made) / "centre") as centre,
    ):
        file = Path(made) / "edge.toml"
        _write(file, device, centre, 0)
        keep_code_in_file(configured(file), "SAT 1", CODE)
        begin = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 our own interpreter and module
            [sys.executable, "-m", "zelo.pos.edge.command", "--config", str(file), "run"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        start_seconds = time.perf_counter() - begin
        try:
            _write(file, device, centre, int(line.rpartition("=")[2]))
            return {"edge_start_s": start_seconds, **_life(file, psutil.Process(process.pid))}
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()


def _life(file: Path, process: psutil.Process) -> dict[str, float]:
    config = configured(file)
    for _ in range(SALES):
        path, key = "/v1/vendas?caixa=001", str(uuid.uuid4())
        ask(config, "POST", path, sales.sale().encode(), Idempotency_Key=key, Content_Type="application/xml")
    ask(config, "GET", "/v1/local/status")
    time.sleep(2)
    process.cpu_percent()
    time.sleep(IDLE_SECONDS)
    return {"edge_idle_percent": process.cpu_percent(), "edge_rss_mb": process.memory_info().rss / _MEGABYTE}


def _write(file: Path, device: int, centre: str, web: int) -> None:
    file.write_text(
        f"[gateway]\npasta = '{file.parent / 'edge'}'\n[linha]\nendereco = \"127.0.0.1:0\"\n"
        f'[web]\nendereco = "127.0.0.1:{web}"\n[centro]\nurl = "{centre}"\ntoken = "till"\n'
        f'[[equipamento]]\nnome = "SAT 1"\ntipo = "emulado"\nendereco = "127.0.0.1:{device}"\n',
        "utf-8",
    )
