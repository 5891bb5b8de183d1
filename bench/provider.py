"""The example provider for whole runs: on SQLite, a simulator in a process of its own that answers in 50 ms, a worker
in another.
"""

import multiprocessing
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Final

import structlog

from zelo.cli import demo, memory
from zelo.cli.worker import working
from zelo.flow.house import open_house
from zelo.flow.tools import Tools
from zelo.settings.table import Settings
from zelo.sim.shell.server import Setup, start

ANSWER_MS: Final = 50
START_SECONDS: Final = 60
ACTOR: Final = "bench"


@contextmanager
def provider() -> Iterator[tuple[Tools, str]]:
    """Its house and its company."""
    with (
        tempfile.TemporaryDirectory() as folder,
        start(Path(folder) / "sefaz", Setup(latency_ms=(ANSWER_MS, ANSWER_MS))) as simulator,
    ):
        settings = Settings(
            data_dir=f"{folder}/data",
            simulator_url=f"https://127.0.0.1:{simulator.ports.services}",
            sefaz_ca_file=str(simulator.ca_file),
            log_level="error",
        )
        tools = open_house(settings)
        yield tools, demo.set_up(tools, Path(folder) / "sefaz")
        tools.engine.close()


@contextmanager
def worker(settings: Settings) -> Iterator[int]:
    """A process that does what `zelo work` does: its number, once it works."""
    context = multiprocessing.get_context("spawn")
    stop, ready = context.Event(), context.Event()
    process = context.Process(target=_work, args=(settings, stop, ready))
    process.start()
    assert process.pid is not None
    assert ready.wait(START_SECONDS), "the worker never began"
    try:
        yield process.pid
    finally:
        stop.set()
        process.join()


def _work(settings: Settings, stop: Event, ready: Event) -> None:
    structlog.configure(processors=[lambda *_: (_ for _ in ()).throw(structlog.DropEvent)])
    memory.settle()
    tools = open_house(settings)
    with working(tools):
        ready.set()
        stop.wait()
    tools.engine.close()
