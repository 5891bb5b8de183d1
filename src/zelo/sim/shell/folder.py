"""What a simulator keeps on disk: its test authority, the certificates that it issued, and its journal."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from zelo.sim import pki
from zelo.sim.journal import Entry, Journal, from_lines, to_line

CA: Final = "ca.pem"
AUTHORITY: Final = "authority.pem"
SERVER: Final = "server.pem"
JOURNAL: Final = "journal.jsonl"

_A1_DAYS: Final = 365
_PRIVATE: Final = 0o600


def authority_in(folder: Path, now: datetime) -> pki.Authority:
    """The authority of a folder, made with its server certificate on first use. `now` is the real time: TLS uses it."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / AUTHORITY
    if not kept.exists():
        made = pki.new_authority(now)
        write(folder / SERVER, pki.issue_server(made, now))
        write(folder / CA, made.pem)
        write(kept, pki.dump_authority(made))
    return pki.read_authority(kept.read_bytes())


def a1_in(folder: Path, cnpj: str, name: str, now: datetime) -> Path:
    """The PFX of an emitter, issued on first use for a year; its password is `pki.PASSWORD`."""
    path = folder / f"a1-{cnpj}.pfx"
    if not path.exists():
        authority = authority_in(folder, now)
        a1 = pki.issue_a1(authority, cnpj, name, now - timedelta(days=1), now + timedelta(days=_A1_DAYS))
        write(path, a1.pfx)
    return path


def write(path: Path, content: bytes) -> None:
    """Whole or not at all, readable by the owner only."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)


def journal_in(folder: Path) -> Journal:
    """The journal of a folder, empty where there is none. Raises ValueError when it is damaged."""
    path = folder / JOURNAL
    return from_lines(path.read_text("utf-8").splitlines()) if path.exists() else Journal()


class JournalFile:
    """Writes entries as they come, each before its answer leaves."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        """Write anew what was read, so that a line cut short by a crash goes away, and go on from there."""
        self._written = 0
        path = folder / JOURNAL
        write(path, "".join(f"{to_line(entry)}\n" for entry in journal.entries).encode())
        self._written = len(journal.entries)
        self._file = path.open("a", encoding="utf-8")

    def keep(self, entries: Sequence[Entry]) -> None:
        """Append the entries that are not written yet, through to the operating system."""
        for entry in entries[self._written :]:
            self._file.write(f"{to_line(entry)}\n")
        self._file.flush()
        self._written = len(entries)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()
