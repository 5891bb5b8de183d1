"""Watches the folder of a till: Input for requests, Output for answers, .zelo for what is at work.

Each step is one rename or removal, so that a kill between any two finds the file again where the step left it:
Input/x.xml → .zelo/x-ID.pedido → the answer as .zelo/x-ID.resposta → the request removed → Output/x-ID.xml.
An answer is published only when its request is gone, and by the rename that takes it away: once.
"""

import errno
import logging
import os
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zelo.fiscal.fault import Fault
from zelo.pos.edge.door.asked import late
from zelo.pos.edge.door.integrador.paper import (
    MOST_FILE_BYTES,
    Paper,
    identity,
    read_paper,
    unreadable,
    write_refusal,
    write_reply,
)
from zelo.pos.edge.door.shell.gateway import Answer, Arrived
from zelo.pos.edge.outbox.shell.file import put_in_place
from zelo.pos.edge.request import Request

log = logging.getLogger("zelo.edge.integrador")

POLL_SECONDS: Final = 0.05
WHOLE_SECONDS: Final = 2.0
"""How long a file that is no XML may still be in the writing, counted from its last change."""
WAIT_SECONDS: Final = 120.0
AGAIN_SECONDS: Final = 2.0
"""Between two looks at a folder that is not there."""
MOST_AT_WORK: Final = 32
KEPT_SECONDS: Final = 604_800.0
"""A week, as long as the journal keeps answers: who has not collected one by then asks again."""
TIDY_SECONDS: Final = 3_600.0
_MOST_COMPLAINTS: Final = 100
_TROUBLES: Final = {errno.ENOENT: "não existe", errno.ENOTDIR: "não é uma pasta", errno.EACCES: "sem permissão"}
"""What people read of the commonest; the rest is the system's words."""
_XML: Final = ".xml"
_AT_WORK: Final = ".zelo"
_ASKED: Final = ".pedido"
_ANSWERED: Final = ".resposta"
_WRITING: Final = ".tmp"
_LABEL_CHARACTERS: Final = 12
_STEM_BYTES: Final = 150
_OURS: Final = re.compile(rf"-[0-9a-f]{{{_LABEL_CHARACTERS}}}{re.escape(_XML)}")
"""How the name of an answer ends."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A request at work."""

    paper: Paper
    request: Request
    reply: "Future[str]"
    until: float


class Folder:
    """A till's folder; `look` does what is due. Raises OSError where the folders cannot be made."""

    def __init__(
        self,
        root: Path,
        till: str,
        answer: Answer,
        wake: threading.Event,
        arrived: Arrived = lambda *_: None,
    ) -> None:
        self._input, self._output, self._work = root / "Input", root / "Output", root / _AT_WORK
        self._till, self._answer, self._wake, self._arrived = till, answer, wake, arrived
        self._cases: dict[str, _Case] = {}
        self._odd: dict[str, tuple[tuple[int, int], float]] = {}
        self._complained: set[str] = set()
        for folder in (self._input, self._output, self._work):
            folder.mkdir(parents=True, exist_ok=True)
        self._taken = sorted(file.stem for file in self._work.glob(f"*{_ASKED}"))
        """Labels not yet asked: first those that a killed process left, whose answer, if any, is written anew."""
        left = sorted({file.stem for file in self._work.glob(f"*{_ANSWERED}")} - set(self._taken))
        self._written: dict[str, tuple[Request, str] | None] = dict.fromkeys(left)
        """Labels whose answer is not published yet, and who has it then; a killed process left some."""
        for draft in self._work.glob(f"*{_WRITING}"):
            draft.unlink()
        self._tidy_at = time.monotonic()

    def look(self) -> None:
        """One look: publish what is answered, take what is new. What the disk refuses is tried at the next look."""
        for label in tuple(self._written):
            self._try(label, self._publish)
        for label in [label for label, case in self._cases.items() if _due(case)]:
            self._try(label, self._settle)
        for name in self._new()[: MOST_AT_WORK - len(self._cases)]:
            self._try(name, self._take)
        for label in tuple(self._taken[: MOST_AT_WORK - len(self._cases)]):
            self._try(label, self._ask)
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + TIDY_SECONDS
            self._tidy()

    def _tidy(self) -> None:
        """Let go of answers of ours that nobody collected. A folder that is gone is the next look's to tell."""
        with suppress(FileNotFoundError):
            for name in [each.name for each in self._output.iterdir() if _OURS.search(each.name)]:
                self._try(name, self._let_go)

    def _let_go(self, name: str) -> None:
        """Where its time is over, and the till has not collected it just now."""
        answer = self._output / name
        with suppress(FileNotFoundError):
            if time.time() - answer.stat().st_mtime >= KEPT_SECONDS:
                answer.unlink()

    def _try(self, name: str, act: Callable[[str], None]) -> None:
        """Act, and complain once for each name where the disk refuses."""
        try:
            act(name)
        except OSError as error:
            if name not in self._complained and len(self._complained) < _MOST_COMPLAINTS:
                self._complained.add(name)
                log.error("%s: %s", name, error.strerror)

    def _new(self) -> list[str]:
        """Files in Input that are due; one that is no XML is read again only when it changed or had its time."""
        with os.scandir(self._input) as entries:
            found = {each.name: each for each in entries if each.name.lower().endswith(_XML)}
        self._odd = {name: self._odd[name] for name in self._odd.keys() & found}
        return sorted(
            name for name, entry in found.items() if entry.is_file(follow_symlinks=False) and self._ripe(name)
        )

    def _ripe(self, name: str) -> bool:
        if name not in self._odd:
            return True
        shape, since = self._odd[name]
        return _shape(self._input / name) != shape or time.monotonic() - since >= WHOLE_SECONDS

    def _take(self, name: str) -> None:
        source = self._input / name
        shape = _shape(source)
        content, changed = _read(source)
        paper = read_paper(content, self._till)
        if paper is None and not self._settled(name, shape):
            return
        stem = source.stem.encode("utf-8", "surrogateescape")[:_STEM_BYTES].decode("utf-8", "ignore")
        label = f"{stem}-{identity(stem, paper or unreadable(), content, changed)[:_LABEL_CHARACTERS]}"
        if label not in self._cases and label not in self._taken:
            source.rename(self._work / f"{label}{_ASKED}")
            self._taken.append(label)

    def _settled(self, name: str, shape: tuple[int, int]) -> bool:
        """Whether a file that is no XML has not changed for long enough."""
        now = time.monotonic()
        before, since = self._odd.get(name, (shape, now))
        self._odd[name] = (shape, since if before == shape else now)
        return now - self._odd[name][1] >= WHOLE_SECONDS

    def _ask(self, label: str) -> None:
        """Hand in what lies at work under a label; what asks nothing is answered at once."""
        content, changed = _read(self._work / f"{label}{_ASKED}")
        paper = read_paper(content, self._till) or unreadable()
        if isinstance(paper.asked, Fault):
            self._write(label, write_refusal(paper, paper.asked))
            self._written[label] = None
        else:
            asking = paper.asked.request(identity(label.rpartition("-")[0], paper, content, changed))
            reply = self._answer(asking)
            self._cases[label] = _Case(paper, asking, reply, time.monotonic() + WAIT_SECONDS)
            reply.add_done_callback(lambda _: self._wake.set())
        self._taken.remove(label)
        if label in self._written:
            self._publish(label)

    def _settle(self, label: str) -> None:
        case = self._cases[label]
        retorno = _retorno(case)
        self._write(label, write_reply(case.paper, retorno))
        self._written[label] = (case.request, retorno) if case.reply.done() else None
        del self._cases[label]
        self._publish(label)

    def _write(self, label: str, answer: bytes) -> None:
        """Write the answer down, then forget the request. Whoever may read Output may read it."""
        draft, written = self._work / f"{label}{_WRITING}", self._work / f"{label}{_ANSWERED}"
        put_in_place(answer, draft, written, like=self._output)
        (self._work / f"{label}{_ASKED}").unlink(missing_ok=True)

    def _publish(self, label: str) -> None:
        """Where Output does not take it now, it does at a later look."""
        (self._work / f"{label}{_ANSWERED}").replace(self._output / f"{label}{_XML}")
        told = self._written.pop(label)
        if told is not None:
            self._arrived(*told)


def _due(case: _Case) -> bool:
    return case.reply.done() or time.monotonic() >= case.until


def _retorno(case: _Case) -> str:
    """The reply; where none came, or the gateway failed, what became of the call is not known."""
    if not case.reply.done() or case.reply.cancelled():
        return late(case.request)
    error = case.reply.exception()
    if error is not None:
        log.error("defect in asking %s: %s", case.request.id, type(error).__name__)
        return late(case.request)
    return case.reply.result()


def _shape(file: Path) -> tuple[int, int]:
    """What changes when a file is written."""
    found = file.stat()
    return found.st_size, found.st_mtime_ns


def _read(file: Path) -> tuple[bytes, float]:
    """Content, at most one byte more than is allowed, and the time of its last change. Raises OSError."""
    with file.open("rb") as open_file:
        return open_file.read(MOST_FILE_BYTES + 1), os.fstat(open_file.fileno()).st_mtime


@dataclass(slots=True)
class Watch:
    """One till's folder, looked at for as long as the gateway runs. `arrived` hears of each answer that lies in Output.

    `trouble`: why it cannot be looked at now, "" where it can.
    """

    root: Path
    till: str
    answer: Answer
    arrived: Arrived = lambda *_: None
    trouble: str = ""

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop, at once when an answer came. A folder that went is waited for, and not made."""
        wake = threading.Event()
        folder: Folder | None = None
        while not stop.is_set():
            wake.clear()
            try:
                folder = folder or Folder(self.root, self.till, self.answer, wake, self.arrived)
                folder.look()
            except OSError as error:
                self._complain(error)
                folder = None if self.root.is_dir() else folder
                stop.wait(AGAIN_SECONDS)
            else:
                self.trouble = ""
                wake.wait(POLL_SECONDS)

    def _complain(self, error: OSError) -> None:
        """Once for each trouble."""
        trouble = f"{error.filename or self.root}: {_TROUBLES.get(error.errno or 0, error.strerror)}"
        if trouble != self.trouble:
            log.error("folder not readable: %s", trouble)
        self.trouble = trouble
