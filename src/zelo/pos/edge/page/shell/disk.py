"""What page and command say where the gateway's disk takes nothing, or gives nothing."""

import logging
from pathlib import Path
from typing import Final

import apsw

from zelo.fiscal.fault import Fault
from zelo.pos.edge.outbox.shell.file import trouble

LOG: Final = logging.getLogger("zelo.edge")
NO_DISK: Final = "PAGINA-DISCO"
UNAVAILABLE: Final = 503


def disk_fault(error: apsw.Error, file: str) -> Fault:
    """What a person can do about it; nothing of what they asked for was written."""
    LOG.error("what was asked for at the page was not written: %s", error)
    return Fault(
        NO_DISK,
        "O disco do gateway não deixou: nada foi gravado.",
        f"{trouble(error, Path(file))} Depois tente de novo.",
        file,
    )
