"""What a child process of the kill test does: open the installation and work until it is killed or told to stop."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import structlog

from zelo.cli.worker import new_worker
from zelo.flow.house import open_house
from zelo.settings.table import Settings

SETTINGS = Settings(
    http_timeout_seconds=1,
    http_connect_seconds=1,
    unknown_horizon_seconds=2,
    lease_seconds=3,
    retry_seconds=1,
    consulta_wait_seconds=1,
    worker_senders=4,
    worker_batch=5,
    worker_poll_millis=20,
    breaker_failures=1000,
)


def settings(data_dir: Path, **changes: Any) -> Settings:
    """Settings with short waits."""
    return replace(SETTINGS, data_dir=str(data_dir), **changes)


def labour(chosen: Settings, stop: Event) -> None:
    """Work; the parent kills us at any moment or sets `stop`."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    tools = open_house(chosen)
    with ThreadPoolExecutor(chosen.worker_senders) as executor:
        worker, transport = new_worker(tools, executor)
        worker.run(stop.is_set)
        transport.close()
    tools.engine.close()
