"""Where there is no centre: each document becomes a file of its own, by month, and may give way in the queue then.

A file is durable under its name before the queue lets go of its document. Nothing is ever written over: what has the
same name and other bytes gets another name.
"""

import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import apsw

from zelo.pos.edge.outbox.core import Item, Rank, sound
from zelo.pos.edge.outbox.shell.file import put_in_place, refusal_words, sync_folder, writing
from zelo.pos.edge.outbox.shell.queue import confirm, spoil, take
from zelo.pos.edge.uplink.core import MOST_BATCH_BYTES
from zelo.pos.edge.uplink.shell.sender import let_sales_go_first

EVERY_SECONDS: Final = 30.0
"""Between two looks at what there is to write, also after the folder took nothing."""
MOST_FILES: Final = 50
"""Written before the queue hears of them."""
_CHAVE: Final = re.compile("[0-9]{2}([0-9]{2})([0-9]{2})[0-9A-Z]{38}")
_UNREADABLE: Final = "sem-chave"


@dataclass(slots=True)
class Filer:
    """Writes documents out from its own connection to the gateway's file, many at a time: a sale needs the disk more.

    One thread uses it. `trouble`: why the folder takes nothing, in pt-BR, "" where it does. `selling`, `stop`: as of a
    Sender.
    """

    connection: apsw.Connection
    folder: Path
    now: Callable[[], datetime]
    selling: Callable[[], bool] = lambda: False
    stop: threading.Event = field(default_factory=threading.Event)
    trouble: str = ""

    def run(self) -> None:
        """Until `stop` is set, and what was sold just before it."""
        while not self.stop.is_set():
            if not self.once():
                self.stop.wait(EVERY_SECONDS)
        self.once()

    def once(self) -> bool:
        """Some documents; False where there are none, or the folder takes none."""
        batch = take(self.connection, MOST_FILES, MOST_BATCH_BYTES)
        documents = [item for item in batch.items if item.rank is Rank.FISCAL]
        if not documents:
            self.trouble = ""
            return False
        let_sales_go_first(self.selling, self.stop)
        whole = [item for item in documents if sound(item)]
        try:
            self._write(whole)
        except OSError as error:
            where = Path(error.filename).parent if error.filename else self.folder
            self.trouble = f"{where}: {refusal_words(error)}"
            return False
        self.trouble = ""
        with writing(self.connection):
            confirm(self.connection, whole)
            spoil(self.connection, [item for item in documents if not sound(item)], self.now())
        return True

    def _write(self, items: Iterable[Item]) -> None:
        """All of them, durable with their names. Raises OSError."""
        folders = set()
        for item in items:
            chave = _CHAVE.fullmatch(item.key)
            month = self.folder / (f"20{chave[1]}-{chave[2]}" if chave else _UNREADABLE)
            month.mkdir(parents=True, exist_ok=True)
            _put_out(month, f"CFe{item.key}" if chave else f"documento-{item.seq}", item)
            folders.add(month)
        for month in folders:
            sync_folder(month)
            sync_folder(month.parent)


def _put_out(month: Path, stem: str, item: Item) -> None:
    file = month / f"{stem}.xml"
    if file.exists():
        if file.read_bytes() == item.body:
            return
        file = month / f"{stem}-{item.crc:08x}.xml"
    put_in_place(item.body, month / f".{stem}.tmp", file, like=month)
