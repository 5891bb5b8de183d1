"""Where the log goes and what must never be in it: JSON lines, one an event, with every CPF starred."""

import logging
import re
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final, TextIO

import structlog

from zelo.fiscal.cnpj import hide

FILE_NAME: Final = "zelo.log"
_CPF: Final = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{11}|[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2})(?![0-9A-Za-z])")


def to_stream(level: str, stream: TextIO | None = None) -> None:
    """Log to a stream, standard error unless told."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide_people,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def to_file(level: str, data_dir: Path) -> None:
    """Log beside the data, so that the terminal is left to the progress bar."""
    data_dir.mkdir(parents=True, exist_ok=True)
    to_stream(level, (data_dir / FILE_NAME).open("a", encoding="utf-8"))


def hide_people(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Star every CPF in every text of an event; a chave is longer and stays."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _CPF.sub(lambda found: hide(re.sub(r"[.-]", "", found.group())), value)
    return event
