"""`python -m bench.month100k [notes]`: a whole month once, as an installation lives it. A worker process reads the file
that was sent, takes it in once it is confirmed, checks it, and once it is let go numbers, signs, sends and archives
every note; then the pack.

On SQLite, the simulator in a process of its own that answers in 50 ms. Not in `make bench`: it takes a quarter of an
hour. Tells seconds and notes a second of each stage, and the most memory that each process ever held.
"""

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Final

import psutil
import structlog
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import func, select

from zelo.cli import demo, example, memory
from zelo.cli.worker import working
from zelo.engine.schema.flow import document
from zelo.engine.schema.isp import importing as order
from zelo.flow import go
from zelo.flow.house import open_house
from zelo.flow.intake import Go
from zelo.flow.lifecycle import Event as LifeEvent
from zelo.flow.lifecycle import State
from zelo.flow.tools import Tools
from zelo.isp import importing, reading, reception
from zelo.isp.month.calendar import Month
from zelo.isp.month.shell import pack
from zelo.settings.table import Settings
from zelo.sim.shell.server import Setup, start

NOTES: Final = 100_000
ANSWER_MS: Final = 50
LOOK_SECONDS: Final = 1.0
LEAST_NOTES_S: Final = 20
"""Slower than this, something hangs."""
PACK_LOOKS: Final = 1_000
"""Files of the pack between two looks at the memory."""
ACTOR: Final = "bench"


class Peaks:
    """The most memory that each process of ours was seen to hold, in MB."""

    def __init__(self) -> None:
        self.megabytes: dict[str, float] = {}
        self._names = {os.getpid(): "pages and pack"}

    def name(self, pid: int, name: str) -> None:
        """What the process of that number does."""
        self._names[pid] = name

    def look(self) -> None:
        """Now."""
        for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
            name = self._names.get(process.pid, "simulator")
            self.megabytes[name] = max(self.megabytes.get(name, 0), _resident_mb(process))


def _resident_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.NoSuchProcess:
        return 0


def run(notes: int = NOTES) -> None:
    """Live the month and tell."""
    peaks, seconds = Peaks(), dict[str, float]()
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
        company_id = demo.set_up(tools, Path(folder) / "sefaz")
        with Progress() as bar, _worker(settings, peaks):
            stage = _stages(bar, peaks, seconds, notes)
            upload_id = _send(tools, company_id, notes)
            stage("read", lambda: _understood(tools, company_id, upload_id))
            batch_id = _confirm(tools, company_id, upload_id)
            stage("import", lambda: _stored(tools))
            stage("check", lambda: _standing(tools, State.CHECKED))
            with tools.engine.begin() as connection:
                go.ask(
                    connection, tools, LifeEvent.LET_GO, company_id=company_id, batch_id=batch_id, seen=tools.clock(),
                    actor=ACTOR,
                )  # fmt: skip
            stage("send", lambda: _standing(tools, State.AUTHORISED))
        began = time.monotonic()
        packed = _pack(tools, company_id, Path(folder) / "month.zip", peaks)
        seconds["pack"] = time.monotonic() - began
        tools.engine.close()
    _tell(notes, packed, seconds, peaks)


@contextmanager
def _worker(settings: Settings, peaks: Peaks) -> Iterator[None]:
    """A process that does what `zelo work` does."""
    context = multiprocessing.get_context("spawn")
    stop, ready = context.Event(), context.Event()
    process = context.Process(target=_work, args=(settings, stop, ready))
    process.start()
    assert process.pid is not None
    peaks.name(process.pid, "worker")
    ready.wait()
    try:
        yield
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


def _send(tools: Tools, company_id: str, notes: int) -> str:
    """The file as a person sends it; its id."""
    return reading.receive(
        tools, company_id=company_id, name="month.csv", billing=example.billing_csv(notes, spoiled=False).encode(),
        composicoes=example.composicoes_csv().encode(), chosen="", actor=ACTOR,
    )  # fmt: skip


def _understood(tools: Tools, company_id: str, upload_id: str) -> int:
    """Notes that it was understood as; none before it has been read."""
    with tools.engine.read() as connection:
        row = reception.find(connection, company_id, upload_id)
    return int(row.understood.get("notes", 0)) if row else 0


def _confirm(tools: Tools, company_id: str, upload_id: str) -> str:
    """The file as a person confirms it; its batch."""
    with tools.engine.begin() as connection:
        confirmed = importing.confirm(
            connection, tools, company_id=company_id, upload_id=upload_id, columns={}, go=Go.AWAITED, actor=ACTOR,
            due_at=tools.clock(),
        )  # fmt: skip
    assert confirmed is not None
    return confirmed.batch_id


def _stages(
    bar: Progress, peaks: Peaks, seconds: dict[str, float], notes: int
) -> Callable[[str, Callable[[], int]], None]:
    """Waits for a stage until as many notes are through as there are, and remembers how long it took."""

    def stage(name: str, through: Callable[[], int]) -> None:
        task, began = bar.add_task(name, total=notes), time.monotonic()
        while (done := through()) < notes:
            bar.update(task, completed=done)
            peaks.look()
            if time.monotonic() - began > notes / LEAST_NOTES_S + 60:
                raise RuntimeError(f"{name}: {done} of {notes} notes in {time.monotonic() - began:.0f} s")
            time.sleep(LOOK_SECONDS)
        bar.update(task, completed=notes)
        seconds[name] = time.monotonic() - began

    return stage


def _stored(tools: Tools) -> int:
    """Notes of the file that were taken in; the last of them counts once the order is over."""
    with tools.engine.read() as connection:
        row = connection.execute(select(order.c.stored, order.c.due_at)).one()
    return int(row.stored) - (row.due_at is not None)


def _standing(tools: Tools, state: State) -> int:
    query = select(func.count()).where(document.c.state == state.value)
    with tools.engine.read() as connection:
        return int(connection.execute(query).scalar_one())


def _pack(tools: Tools, company_id: str, file: Path, peaks: Peaks) -> int:
    """Write the month's pack; files in it."""
    now: datetime = tools.clock()
    wanted = pack.Wanted(company_id=company_id, month=Month(now.year, now.month), papers=False)
    done = 0
    with file.open("wb") as out:
        for step in pack.write(tools, wanted, out, by=ACTOR, now=now):
            if step.done % PACK_LOOKS == 0:
                peaks.look()
            done = step.done
            if step.missing:
                raise RuntimeError(f"the pack lacks {step.missing} files")
    peaks.look()
    return done


def _tell(notes: int, packed: int, seconds: dict[str, float], peaks: Peaks) -> None:
    stages = Table("stage", "s", "notes/s", title=f"{notes} notes, {packed} files in the pack")
    for name, took in seconds.items():
        stages.add_row(name, f"{took:.1f}", f"{notes / took:.0f}")
    held = Table("process", "peak_rss_mb", "wanted")
    for name, megabytes in peaks.megabytes.items():
        held.add_row(name, f"{megabytes:.0f}", "under 400")
    console = Console()
    console.print(stages)
    console.print(held)


if __name__ == "__main__":
    run(*map(int, sys.argv[1:2]))
