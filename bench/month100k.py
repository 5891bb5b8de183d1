"""`python -m bench.month100k [notes]`: a whole month once, as an installation lives it. A worker process reads the file
that was sent, takes it in once it is confirmed, checks it, and once it is let go numbers, signs, sends and archives
every note; then the pack.

Not in `make bench`: it takes a quarter of an hour. Tells seconds and notes a second of each stage, and the most memory
that each process ever held.
"""

import os
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import psutil
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import func, select

from bench.provider import ACTOR, provider, worker
from zelo.cli import example
from zelo.engine.schema.flow import document
from zelo.engine.schema.isp import importing as order
from zelo.flow import go
from zelo.flow.intake import Go
from zelo.flow.lifecycle import Event as LifeEvent
from zelo.flow.lifecycle import State
from zelo.flow.tools import Tools
from zelo.isp import importing, reading, reception
from zelo.isp.month.calendar import Month
from zelo.isp.month.shell import pack

NOTES: Final = 100_000
LOOK_SECONDS: Final = 1.0
LEAST_NOTES_S: Final = 20
"""Slower than this, something hangs."""
PACK_LOOKS: Final = 1_000
"""Files of the pack between two looks at the memory."""


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
    with provider() as (tools, company_id):
        with Progress() as bar, worker(tools.settings) as pid:
            peaks.name(pid, "worker")
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
        packed = _pack(tools, company_id, Path(tools.settings.data_dir) / "month.zip", peaks)
        seconds["pack"] = time.monotonic() - began
    _tell(notes, packed, seconds, peaks)


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
