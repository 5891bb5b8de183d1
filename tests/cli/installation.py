"""An installation on disk for the commands: the example company, its certificate, the shipped example files."""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from zelo.cli import demo
from zelo.flow.house import open_house, read_settings
from zelo.flow.tools import Tools
from zelo.sim.journal import RECEPCAO, Entry
from zelo.sim.shell.folder import journal_in
from zelo.sim.shell.server import Handle

EXAMPLES: Final = Path(__file__).parents[2] / "examples" / "62"
FAULTY: Final = ("2026-11-0007", "2026-11-0019", "2026-11-0023", "2026-11-0031", "2026-11-0043")
"""Faturas of the example that cannot become a note: two by their cells, one by its plan, two by the rules."""
PROGRAM: Final = Path(sys.executable).with_name("zelo")
COLUMNS: Final = 200
PATIENCE_SECONDS: Final = 30
SETTINGS: Final = {
    "ZELO_HTTP_TIMEOUT_SECONDS": "2",
    "ZELO_HTTP_CONNECT_SECONDS": "1",
    "ZELO_UNKNOWN_HORIZON_SECONDS": "3",
    "ZELO_LEASE_SECONDS": "10",
    "ZELO_WORKER_POLL_MILLIS": "10",
    "ZELO_WORKER_SENDERS": "4",
}


@dataclass(frozen=True)
class Ended:
    """How a command ended: its code, what it said and what it complained of."""

    code: int
    said: str
    complained: str

    @property
    def sentence(self) -> str:
        """The one complaint. It is a sentence in pt-BR and no stack trace."""
        assert "Traceback" not in self.said + self.complained, self.complained
        [line] = self.complained.strip().splitlines()
        assert line.startswith("Erro: ")
        assert line.endswith(".")
        return line.removeprefix("Erro: ")


Run = Callable[..., Ended]
"""Runs a command in this process: environment, then its words."""


def environ(data_dir: Path, simulator: Handle | None = None) -> dict[str, str]:
    """The environment of an installation; short waits."""
    found = {"ZELO_DATA_DIR": str(data_dir), **SETTINGS}
    if simulator is not None:
        found["ZELO_SIMULATOR_URL"] = f"https://127.0.0.1:{simulator.ports.services}"
        found["ZELO_SEFAZ_CA_FILE"] = str(simulator.ca_file)
    return found


@contextmanager
def opened(env: Mapping[str, str]) -> Iterator[Tools]:
    """The installation, to look into or to change."""
    tools = open_house(read_settings(env))
    try:
        yield tools
    finally:
        tools.engine.close()


def set_up(env: Mapping[str, str], pki_folder: Path) -> str:
    """The example company with its six establishments and their certificate; its id."""
    with opened(env) as tools:
        return demo.set_up(tools, pki_folder)


def example(folder: Path, references: Iterable[str] = (), **changes: str) -> Path:
    """The shipped files in a folder, of only those faturas if any are named, with columns changed; the billing file."""
    wanted = {*references}
    rows = list(csv.DictReader((EXAMPLES / "billing.csv").read_text("utf-8").splitlines(), delimiter=";"))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(row | changes for row in rows if not wanted or row["fatura"] in wanted)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "composicoes.csv").write_bytes((EXAMPLES / "composicoes.csv").read_bytes())
    file = folder / "billing.csv"
    file.write_text(text.getvalue(), "utf-8")
    return file


def sent(pki_folder: Path) -> list[Entry]:
    """The notes that reached the authority, as its journal has them."""
    return [entry for entry in journal_in(pki_folder).entries if entry.servico == RECEPCAO]


def program(env: Mapping[str, str], *words: str, cwd: Path, **more: Any) -> "subprocess.Popen[str]":
    """The real program as a child process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZELO_")}
    return subprocess.Popen(
        [str(PROGRAM), *words],
        env={**kept, **env, "COLUMNS": str(COLUMNS)},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def finished(env: Mapping[str, str], *words: str, cwd: Path, seconds: float = PATIENCE_SECONDS) -> Ended:
    """How the real program ended."""
    with program(env, *words, cwd=cwd) as child:
        try:
            said, complained = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            raise
    return Ended(child.returncode, said, complained)


def rows_of(said: str) -> Sequence[list[str]]:
    """The rows of a table on the screen, as cells."""
    lines = [line for line in said.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]
