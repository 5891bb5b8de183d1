"""What carries documents out of the gateway's file: to a centre or, where there is none, into files of their own."""

import random
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from zelo.pos.edge.config import Config, Values
from zelo.pos.edge.gather.shell.gatherer import Gatherer
from zelo.pos.edge.page.house import Centre
from zelo.pos.edge.shell.desk import Desk
from zelo.pos.edge.uplink.core import Fate
from zelo.pos.edge.uplink.shell.filed import Filer
from zelo.pos.edge.uplink.shell.post import Centre as Address
from zelo.pos.edge.uplink.shell.post import Post
from zelo.pos.edge.uplink.shell.sender import Sender

FILES_FOLDER: Final = "xml"


class Carrier(Protocol):
    """One of the two."""

    def run(self, stop: threading.Event) -> None:
        """Until stopped."""

    def wake(self) -> None:
        """There is something new."""

    def stands(self) -> Centre:
        """How it goes, for people."""

    def close(self) -> None:
        """Carry no more."""


def carrier(
    config: Config, desk: Desk, gatherer: Gatherer, now: Callable[[], datetime], stop: threading.Event
) -> Carrier:
    """The one that the shop chose; alarms ask it what is wrong. Raises ValueError, in pt-BR, for what cannot be."""
    if not config["centro"]["url"]:
        named = config["centro"]["pasta"]
        folder = Path(named or Path(config["gateway"]["pasta"]) / FILES_FOLDER)
        return ToFiles(folder.absolute(), desk, gatherer, now, stop)
    return ToCentre(config["centro"], desk, gatherer, now, stop)


class ToCentre:
    """Sales first."""

    def __init__(
        self, told: Values, desk: Desk, gatherer: Gatherer, now: Callable[[], datetime], stop: threading.Event
    ) -> None:
        """Nothing is sent before `run`."""
        trusted = Path(told["ca"]) if told["ca"] else None
        self._url, self._post = told["url"], Post(Address(told["url"], told["token"], trusted, told["proxy"]))
        self.sender = Sender(desk.store.connect(), self._post.send, now, random.random, lambda: desk.selling, stop)
        gatherer.uplink_trouble, gatherer.reached_at = self._trouble, lambda: self.sender.reached_at

    def run(self, _: threading.Event) -> None:
        """Until stopped."""
        self.sender.run()

    def wake(self) -> None:
        """There is something to send."""
        self.sender.wake.set()

    def close(self) -> None:
        """Send no more."""
        self._post.close()
        self.sender.connection.close()

    def stands(self) -> Centre:
        """How the last batch went."""
        last = self.sender.last
        if last is None:
            return Centre(self._url)
        well = last.fate is Fate.COMMITTED
        again = "Precisa de correção." if last.lasting else "Tenta de novo sozinho."
        said = "O último envio chegou." if well else f"O último envio não chegou: {last.said}. {again}"
        return Centre(self._url, said, well)

    def _trouble(self) -> str:
        """Why nothing can arrive before a person mends something, "" where that is not so."""
        last = self.sender.last
        return last.said if last is not None and last.lasting else ""


class ToFiles:
    """Into a folder, by month."""

    def __init__(
        self, folder: Path, desk: Desk, gatherer: Gatherer, now: Callable[[], datetime], stop: threading.Event
    ) -> None:
        """Nothing is written before `run`."""
        self.filer = Filer(desk.store.connect(), folder, now, lambda: desk.selling, stop)
        gatherer.files_trouble = lambda: self.filer.trouble

    def run(self, _: threading.Event) -> None:
        """Until stopped."""
        self.filer.run()

    def wake(self) -> None:
        """Nothing: it looks by itself, for a file may come half a minute later."""

    def close(self) -> None:
        """Write no more."""
        self.filer.connection.close()

    def stands(self) -> Centre:
        """Whether the folder takes them."""
        trouble = self.filer.trouble
        said = f"Cada cupom vira um arquivo XML em {self.filer.folder}."
        return Centre("", f"Os cupons não viram arquivos XML: {trouble}." if trouble else said, not trouble)
