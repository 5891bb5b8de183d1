"""Where the log goes and what must never be in it: JSON lines, one an event, with every CPF starred."""

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any, Final, TextIO

import structlog

from zelo.fiscal.chave import SHAPE
from zelo.fiscal.cnpj import hide, is_cnpj

FILE_NAME: Final = "zelo.log"
CPF_DIGITS: Final = 11
_CPF: Final = re.compile(r"(?<![0-9])[0-9]{3}[.\s]?[0-9]{3}[.\s]?[0-9]{3}[-/\s]?[0-9]{2}(?![0-9])")
_PUBLIC: Final = re.compile(r"(?<![0-9A-Za-z])[0-9A-Z]{14}(?:[0-9A-Z]{30})?(?![0-9A-Za-z])")
"""What may be a CNPJ or a chave: both are public and may hold eleven digits in a row."""
_SECRET_NAME: Final = re.compile(r"(?:^|_)(?:password|senha|secret|token|cookie|csrf|authorization|pfx)(?:_|$)")
_SECRETS: Final = (
    (re.compile(r"(?<=://)[^\s/@]+(?=@)"), "***"),
    (re.compile(r"\bzelo_[A-Za-z0-9_-]{16,}"), "zelo_***"),
    (re.compile(r"(?:\\n|\n)\s*(?:DETAIL:|\[SQL:|\[parameters:).*", re.DOTALL), ""),
)
"""Who connects to a database, an API key, and the values that a database puts after the first line of an error."""
_STARS: Final = "***"


def to_stream(level: str, stream: TextIO | None = None) -> None:
    """Log to a stream, standard error unless told."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            tell_exceptions,
            hide_people,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def to_file(level: str, data_dir: Path) -> None:
    """Log beside the data, so that the terminal is left to the progress bar."""
    data_dir.mkdir(parents=True, exist_ok=True)
    to_stream(level, (data_dir / FILE_NAME).open("a", encoding="utf-8"))


def tell_exceptions(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where an exception came from and the first line of what it says: the others hold values of the statement."""
    told = event.pop("exc_info", None)
    error = told if isinstance(told, BaseException) else sys.exc_info()[1] if told else None
    if error is not None:
        event["exception"] = "\n".join(_chain(error))
    return event


def _chain(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _chain(before)
    first, _, _ = str(error).partition("\n")
    yield "".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__name__}: {first}"


def hide_people(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Star every CPF and secret in every field, however deep; a CNPJ and a chave are public and stay."""
    return {_clean(name): _STARS if _SECRET_NAME.search(name) else _hidden(value) for name, value in event.items()}


def _hidden(value: object) -> object:
    match value:
        case None | bool() | float():
            return value
        case int():
            return value if len(str(abs(value))) != CPF_DIGITS else _clean(str(value))
        case bytes():
            return f"({len(value)} bytes)"
        case Mapping():
            return {
                _clean(str(name)): _STARS if _SECRET_NAME.search(str(name)) else _hidden(inner)
                for name, inner in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [_hidden(inner) for inner in value]
    return _clean(str(value) if isinstance(value, str) else repr(value))


def _clean(text: str) -> str:
    for secret, stars in _SECRETS:
        text = secret.sub(stars, text)
    pieces, at = [], 0
    for found in _PUBLIC.finditer(text):
        if SHAPE.fullmatch(found[0]) or is_cnpj(found[0]):
            pieces += [_starred(text[at : found.start()]), found[0]]
            at = found.end()
    return "".join([*pieces, _starred(text[at:])])


def _starred(text: str) -> str:
    return _CPF.sub(lambda found: hide(re.sub("[^0-9]", "", found[0])), text)
