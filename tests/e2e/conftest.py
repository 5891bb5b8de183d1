"""A real Chromium and a real server: an empty installation with one administrator, a simulated authority, a worker."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.house import START, House, VirtualClock, new_house
from zelo.access.shell import people
from zelo.engine.embedded import Embedded
from zelo.engine.migrate import migrate
from zelo.isp import importing, order, reading
from zelo.settings.table import Settings
from zelo.web.app import create_app

CHROMIUM: Final = Path("/usr/bin/chromium")
OPTIONS: Final = ("--no-sandbox", "--headless=new", "--disable-gpu", "--disable-background-networking")
EMAIL: Final = "ana@exemplo.com.br"
PASSWORD: Final = "uma frase que serve"
PATIENCE_MS: Final = 8000


class RunningClock(VirtualClock):
    """Starts at a fixed hour and then runs as real time does."""

    def __init__(self) -> None:
        super().__init__(START)
        self._begun = time.monotonic()

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=time.monotonic() - self._begun)


@dataclass
class Site:
    """A running installation, `working` turns the worker while set, `reading` has files read that were sent: from
    the start.
    """

    url: str
    house: House
    working: threading.Event
    reading: threading.Event

    def wait_for(self, state: str, seconds: float = 8) -> None:
        """Until every note stands there."""
        until = time.monotonic() + seconds
        while {row.state for row in self.house.rows()} != {state}:
            assert time.monotonic() < until, [(row.state, row.faults) for row in self.house.rows()]
            time.sleep(0.05)


@contextmanager
def _serving(house: House) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(house.tools), log_config=None, access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def _worker(house: House) -> Iterator[tuple[threading.Event, threading.Event]]:
    working, reads, stopped = threading.Event(), threading.Event(), threading.Event()
    reads.set()
    worker = house.worker()

    def run() -> None:
        while not stopped.wait(0.05):
            if reads.is_set():
                order.turn(house.tools, reading.KIND)
            if working.is_set():
                order.turn(house.tools, importing.KIND)
                worker.turn()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield working, reads
    finally:
        stopped.set()
        thread.join()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An installation of its own, without companies but the seeded one that nobody here belongs to."""
    engine = Embedded(tmp_path / "zelo.db")
    migrate(engine, lambda: None)
    settings = Settings(simulator_url="https://127.0.0.1", data_dir=str(tmp_path))
    house = new_house(engine, settings=settings, places=(), clock=RunningClock())
    house = replace(house, tools=replace(house.tools, sleep=time.sleep))
    with engine.begin() as connection:
        people.create_account(
            connection,
            now=house.clock(),
            chance=house.tools.chance,
            email=EMAIL,
            name="Ana Administra",
            password=PASSWORD,
            installation_admin=True,
        )
    with _worker(house) as (working, reads), _serving(house) as url:
        yield Site(url, house, working, reads)
    engine.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a file; no longer, for its driver holds the thread's event loop."""
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM} here")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(OPTIONS))
        yield chromium
        chromium.close()


def opened(browser: Browser, site: Site, *, width: int = 1280, javascript: bool = True) -> BrowserContext:
    """A window of that width on that site, in pt-BR."""
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": width, "height": 800},
        java_script_enabled=javascript,
        locale="pt-BR",
    )
    context.set_default_timeout(PATIENCE_MS)
    return context


def watched(context: BrowserContext) -> tuple[Page, list[str]]:
    """A page, and what its console complains of: a violated policy or an error of the script."""
    page, complaints = context.new_page(), list[str]()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    return page, complaints


def enter(page: Page) -> None:
    """Log in."""
    page.goto("/entrar")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Senha").fill(PASSWORD)
    page.get_by_role("button", name="Entrar").click()
