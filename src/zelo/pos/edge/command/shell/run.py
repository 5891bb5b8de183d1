"""`zelo-edge run`: serve until a signal."""

import argparse
import logging
import sys
from pathlib import Path

import apsw

from zelo.pos.edge import libsat
from zelo.pos.edge.command.shell.configured import configured
from zelo.pos.edge.command.shell.stopped import StoppedError
from zelo.pos.edge.outbox.shell.file import FileError
from zelo.pos.edge.shell import gateway


def run(told: argparse.Namespace) -> int:
    """Serve until a signal."""
    config = configured(told.config)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    try:
        gateway.run(config, _ready)
    except (OSError, ValueError, FileError, apsw.Error) as error:
        raise StoppedError(str(error)) from error
    return 0


def _ready(line: int, web: int) -> None:
    print(f"pronto linha={line} web={web}", flush=True)  # noqa: T201 whoever started it waits for this


def library(_: argparse.Namespace) -> int:
    """Say where the library that tills load lies."""
    built = sorted(Path(libsat.__path__[0]).glob("build/*/*sat*"))
    if not built:
        raise StoppedError("Esta instalação não traz a biblioteca dos caixas; ela se constrói com: make edge-lib.")
    print("\n".join(map(str, built)))  # noqa: T201 what a command says
    return 0
