"""A customer's month through `zelo guard diagnose`: from files on a disk to the report, one core.

Five thousand files, half of them signed notes of about 6 kB, are read and the time is scaled to a hundred thousand: the
work of a file does not grow with their number, and a bench of a minute would not be run.
"""

import tempfile
import time
from pathlib import Path

from rich.progress import Progress

from tests.guard import papers
from zelo.cli.diagnose import findings
from zelo.guard.diagnosis.diagnose import diagnose
from zelo.guard.diagnosis.unpack import Bounds

NOTES = 2_480
FILES = 100_000
ROUNDS = 3
ITEMS = 40
"""Of a note: as long as real ones."""


def run() -> dict[str, float]:
    """The figures of this bench by their stable names."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written = 0
        for label, content in papers.month(NOTES, fill=ITEMS):
            path = folder / label
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
            written += 1
        best = min(_seconds(folder) for _ in range(ROUNDS))
    return {"guard_diagnose_100k_s": best * FILES / written}


def _seconds(folder: Path) -> float:
    start = time.process_time()
    with Progress(disable=True) as bar:
        report = diagnose(findings(folder, Bounds(), bar))
    if len(report.culprits) != 1:
        raise ValueError(report.culprits)
    return time.process_time() - start
