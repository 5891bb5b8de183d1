"""A simulator as a child process that says its port once it answers."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

STOP_SECONDS: Final = 5
_TAIL_CHARACTERS: Final = 500


@contextmanager
def child(module: str, arguments: Sequence[str], log: Path) -> Iterator["tuple[int, subprocess.Popen[str]]"]:
    """The port and the process, which is ended after the block. Raises RuntimeError with the end of its log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(  # noqa: S603 our own interpreter and module
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise RuntimeError(f"O simulador não iniciou: {log.read_text('utf-8')[-_TAIL_CHARACTERS:].strip()}")
        yield int(line), process
    finally:
        process.kill()
        process.wait(STOP_SECONDS)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
