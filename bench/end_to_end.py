"""A month from the billing file to authorised notes: the file read, checked, numbered, signed, sent and archived.

One worker process on SQLite, and a simulator in another that answers in 50 ms; two cores are all that it needs.
"""

import logging
import multiprocessing
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Event
from pathlib import Path

import structlog
from sqlalchemy import func, select

from zelo.cli import demo, example, memory
from zelo.cli.worker import new_worker
from zelo.engine.schema.flow import document
from zelo.flow.house import open_house
from zelo.flow.lifecycle import State
from zelo.flow.tools import Tools
from zelo.isp.importing import import_billing
from zelo.settings.table import Settings
from zelo.sim.shell.server import Setup, start

NOTES = 1500
ANSWER_MS = 50
PATIENCE_SECONDS = 120


def run() -> dict[str, float]:
    """The figures of this bench by their stable names."""
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
        seconds = _month(tools, company_id)
        tools.engine.close()
    return {"end_to_end_notes_s": NOTES / seconds}


def _month(tools: Tools, company_id: str) -> float:
    """Seconds from the file to the last authorised note."""
    context = multiprocessing.get_context("spawn")
    stop, ready = context.Event(), context.Event()
    worker = context.Process(target=_work, args=(tools.settings, stop, ready))
    worker.start()
    ready.wait(PATIENCE_SECONDS)
    began = time.monotonic()
    import_billing(
        tools,
        company_id=company_id,
        name="month.csv",
        billing=example.billing_csv(NOTES, spoiled=False).encode(),
        composicoes=example.composicoes_csv().encode(),
        actor="bench",
    )
    while (done := _authorised(tools)) < NOTES and time.monotonic() - began < PATIENCE_SECONDS:
        time.sleep(0.1)
    seconds = time.monotonic() - began
    stop.set()
    worker.join()
    if done < NOTES:
        raise RuntimeError(f"{done} of {NOTES} notes were authorised in {PATIENCE_SECONDS} s")
    return seconds


def _work(settings: Settings, stop: Event, ready: Event) -> None:
    """A worker process, as `zelo work` is one."""
    memory.settle()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    tools = open_house(settings)
    with ThreadPoolExecutor(settings.worker_senders) as executor:
        worker, transport = new_worker(tools, executor)
        ready.set()
        worker.run(stop.is_set)
        transport.close()
    tools.engine.close()


def _authorised(tools: Tools) -> int:
    query = select(func.count()).where(document.c.state == State.AUTHORISED.value)
    with tools.engine.read() as connection:
        return int(connection.execute(query).scalar_one())
