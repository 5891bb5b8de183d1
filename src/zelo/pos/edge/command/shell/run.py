"""`zelo-edge run`: serve until a signal."""

import argparse
import logging
import sys

import apsw

from zelo.pos.edge.command.shell.configured import configured
from zelo.pos.edge.command.shell.stopped import StoppedError
from zelo.pos.edge.outbox.shell.file import FileError
from zelo.pos.edge.shell import gateway
from zelo.pos.edge.shell.vault import LockedError


def run(told: argparse.Namespace) -> int:
    """Serve until a signal."""
    config = configured(told.config)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    try:
        gateway.run(config, _ready)
    except (OSError, ValueError, LockedError, FileError, apsw.Error) as error:
        raise StoppedError(str(error)) from error
    return 0


def _ready(line: int, web: int) -> None:
    print(f"pronto linha={line} web={web}", flush=True)  # noqa: T201 whoever started it waits for this
