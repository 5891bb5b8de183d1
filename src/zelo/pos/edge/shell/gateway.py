"""The whole gateway in one process: file, devices, desk, doors. Started from a configuration, stopped by a signal."""

import asyncio
import ctypes
import gc
import logging
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import apsw
import uvicorn

from zelo.models.cfe.functions import MOST_SESSION
from zelo.pos.edge.config import LIBRARY, Config, Values, address
from zelo.pos.edge.decide import Doubt
from zelo.pos.edge.door import trust
from zelo.pos.edge.door.integrador.shell import Watch
from zelo.pos.edge.door.line.shell import Line, Setup
from zelo.pos.edge.door.peer.shell import Visitor
from zelo.pos.edge.door.shell.app import application
from zelo.pos.edge.door.shell.gateway import Terms
from zelo.pos.edge.door.shell.listen import listening, server
from zelo.pos.edge.driver.contract import Driver
from zelo.pos.edge.driver.shell.emulated import Emulated
from zelo.pos.edge.driver.shell.library import Library
from zelo.pos.edge.gather.shell.gatherer import Gatherer
from zelo.pos.edge.journal.shell.store import Store
from zelo.pos.edge.outbox.shell.file import FileError, trouble
from zelo.pos.edge.page.house import Local
from zelo.pos.edge.page.shell import routes as page
from zelo.pos.edge.page.shell import twins
from zelo.pos.edge.peer.shell.link import Link
from zelo.pos.edge.pool import Place
from zelo.pos.edge.shell.aftermath import keep_house, tidy
from zelo.pos.edge.shell.asking import Policy
from zelo.pos.edge.shell.carrier import carrier
from zelo.pos.edge.shell.counter import Counter
from zelo.pos.edge.shell.desk import STOP_SECONDS, Desk
from zelo.pos.edge.shell.local import Overlook
from zelo.pos.edge.shell.neighbour import Neighbour
from zelo.pos.edge.shell.shelf import SHELF
from zelo.pos.edge.shell.unit import Unit
from zelo.pos.edge.shell.vault import Vault, secret

LOG: Final = logging.getLogger("zelo.edge")
LOCK_FILE: Final = "edge.lock"
TOKEN_FILE: Final = "edge.token"  # noqa: S105 a name
TOKEN_BYTES: Final = 24
SWITCH_SECONDS: Final = 0.0005
"""How long a thread may keep the interpreter while a till waits for another: a tenth of Python's own measure."""

AGAIN_SECONDS: Final = 5.0
"""Between the end of a round that something broke off and its next beginning."""
MOST_ARENAS: Final = 2
"""Heaps of the C library: by itself it keeps one for each thread, and what one frees no other gets."""
_ARENA_MAX: Final = -8
"""M_ARENA_MAX of malloc.h."""


def now() -> datetime:
    """The gateway's instant."""
    return datetime.now(UTC)  # noqa: TID251 a process has one clock


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """This folder is one gateway's: another would take its sales for those of a gateway that died. Raises FileError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(_locked(folder)):
        yield


def _locked(folder: Path) -> apsw.Connection:
    try:
        held = apsw.Connection(str(folder / LOCK_FILE))
        held.execute("PRAGMA journal_mode = OFF")  # nothing is written, so a full disk is no reason not to sell
        held.execute("BEGIN EXCLUSIVE")
    except apsw.BusyError as error:
        raise FileError(f"Outro zelo-edge já roda com a pasta {folder}. Pare-o antes, ou use outra pasta.") from error
    except apsw.Error as error:
        raise trouble(error, folder / LOCK_FILE) from error
    return held


@contextmanager
def opened(config: Config) -> Iterator[tuple[Desk, Gatherer]]:
    """File, devices and what is gathered of them, open inside the block. Raises FileError."""
    folder = Path(config["gateway"]["pasta"])
    store = Store(folder, config["gateway"]["fila_mb"])
    try:
        vault = Vault(folder, store)
        units = [_unit(values, config, store, vault) for values in config.devices]

        def housework(desk: Desk, unit: Unit) -> None:
            keep_house(desk, unit)
            gatherer.keep_house(unit)

        desk = Desk(units, store, _policy(config), now, housework)
        gatherer = Gatherer(desk, folder, config["gateway"]["nome"], now, bool(config["centro"]["url"]))
        gatherer.open()
        tidy(desk)
        desk.start()
        try:
            yield desk, gatherer
        finally:
            desk.stop()
    finally:
        store.close()


def _policy(config: Config) -> Policy:
    told = config["venda"]
    return Policy(Doubt(told["duvida"]), float(told["espera_segundos"]), float(told["paciencia_segundos"]))


def _unit(values: Values, config: Config, store: Store, vault: Vault) -> Unit:
    name = values["nome"]
    return Unit(
        place=Place(name, frozenset(values["caixas"]), values["peso"]),
        driver=_driver(values),
        store=store,
        shelf=SHELF,
        now=now,
        code=partial(vault.code, name),
        keep_code=partial(vault.keep, name),
        next_code=partial(vault.next_code, name),
        keep_next_code=partial(vault.keep_next, name),
        seconds=float(values["resposta_segundos"]),
        side=config["par"]["lado"],
        drawn=secrets.randbelow(MOST_SESSION),
    )


def _driver(values: Values) -> Driver:
    if values["tipo"] == LIBRARY:
        return Library(Path(values["biblioteca"]), values["convencao"])
    return Emulated(*address(values["endereco"]))


def token(folder: Path) -> str:
    """The token of the API and the local page, made by the first start; only the owner of the folder reads it.

    Raises FileError for one that was damaged.
    """
    kept = secret(folder / TOKEN_FILE, lambda: secrets.token_urlsafe(TOKEN_BYTES).encode()).strip()
    if not (kept.isascii() and kept.decode("ascii").isprintable()):
        where = folder / TOKEN_FILE
        raise FileError(f"O arquivo {where} está danificado. Apague-o e reinicie: outro é criado, para página e API.")
    return kept.decode("ascii")


def _be_light() -> None:
    """What a process of many threads that mostly wait asks of the interpreter and of the C library."""
    sys.setswitchinterval(SWITCH_SECONDS)
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library than glibc
            ctypes.CDLL(None).mallopt(_ARENA_MAX, MOST_ARENAS)


def run(config: Config, ready: Callable[[int, int], None] = lambda *_: None) -> None:
    """Serve until a signal; `ready` gets the ports of line and web. Raises OSError when one is taken."""
    _be_light()
    with alone(Path(config["gateway"]["pasta"])), opened(config) as (desk, gatherer):
        neighbour = Neighbour(desk, _link(config["par"]))
        for unit in desk.units.values():
            unit.announce = neighbour.announce
        gatherer.pair = lambda: neighbour.seen
        gatherer.strays.elsewhere = neighbour.unknown_there
        counter = Counter(desk, neighbour)
        stop = threading.Event()
        rounds: list[tuple[str, Callable[[threading.Event], None]]] = [
            ("neighbour", neighbour.serve),
            ("gatherer", gatherer.run),
        ]
        carried = carrier(config, desk, gatherer, now, stop)
        rounds.append(("carrier", carried.run))
        desk.wake = carried.wake
        folder = config["integrador"]["pasta"]
        if folder:
            watch = Watch(Path(folder), config["integrador"]["caixa"], counter.answer, counter.arrived)
            rounds.append(("integrador", watch.run))
            gatherer.folder_trouble = lambda: watch.trouble
        threads = [threading.Thread(target=_keep_up, args=(act, stop), name=name, daemon=True) for name, act in rounds]
        for thread in threads:
            thread.start()
        overlook = Overlook(desk, gatherer, now, carried.stands)
        gc.collect()
        gc.freeze()  # what the program consists of is nobody's garbage, and no sale waits for it to be looked at
        try:
            asyncio.run(_serve(config, counter, neighbour, overlook.local(), ready))
        finally:
            stop.set()
            carried.wake()
            for thread in threads:
                thread.join(STOP_SECONDS)
            carried.close()
            overlook.close()


def _keep_up(act: Callable[[threading.Event], None], stop: threading.Event) -> None:
    """What a disk breaks off begins again after a pause; what ends by itself had nothing to do."""
    while not stop.is_set():
        try:
            act(stop)
        except Exception:
            LOG.exception("%s was broken off and begins again", threading.current_thread().name)
            stop.wait(AGAIN_SECONDS)
        else:
            return


def _link(told: Values) -> Link | None:
    return Link(*address(told["endereco"]), told["token"]) if told["endereco"] else None


async def _serve(
    config: Config, counter: Counter, neighbour: Neighbour, local: Local, ready: Callable[[int, int], None]
) -> None:
    gateway = counter.gateway()
    line = Line(partial(counter.answer, stay=True), _line(config), gateway.arrived)
    host, port = address(config["web"]["endereco"])
    terms = Terms(
        token=token(Path(config["gateway"]["pasta"])),
        names=tuple(config["web"]["nomes"]),
        networks=tuple(config["web"]["redes"]),
    )
    visitor = Visitor(
        known=neighbour.known,
        announced=neighbour.announced,
        claimed=neighbour.claimed,
        recalled=neighbour.recalled,
        looked=counter.stands,
        read=neighbour.read_there,
        unknown=neighbour.unknown,
        entrusted=counter.entrusted,
        pulse=neighbour.pulse,
    )
    more = [*page.routes(local, terms.token, now), *twins.routes(local, terms.token)]
    web = server(application(gateway, terms, visitor, more))
    line_port = line.open()
    try:
        with listening(host, port) as bound:
            _stop_on_signals(web)
            ready(line_port, int(bound.getsockname()[1]))
            await web.serve(sockets=[bound])
    finally:
        line.close()


def _line(config: Config) -> Setup:
    host, port = address(config["linha"]["endereco"])
    allowed = trust.networks(config["linha"]["redes"])
    return Setup(host=host, port=port, token=config["linha"]["token"], allowed=allowed)


def _stop_on_signals(web: uvicorn.Server) -> None:
    """SIGTERM and Ctrl-C end the serving; what devices are at is finished."""

    def leave(*_: object) -> None:
        web.should_exit = True

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, leave)
