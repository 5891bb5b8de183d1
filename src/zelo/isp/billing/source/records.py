"""JSON: a list of objects, one for each item, or `{"faturas": [{…, "itens": [{…}]}]}`. The names of the columns are the
keys; an object inside an object gives `outer_inner`. One record is in memory at a time, its depth bounded.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from zelo.fiscal.fault import Fault
from zelo.isp.billing.source.rows import MOST_COLUMNS, Kind, Row, Source, SourceError

LISTS: Final = ("faturas", "invoices", "itens", "items")
ITEMS: Final = ("itens", "items", "detalhamento")
MOST_DEPTH: Final = 4
MOST_ITEMS: Final = 990
"""Items of a note (det, MOC NFCom Anexo I)."""
_SPACE: Final = re.compile(r"[ \t\r\n]*")

NOT_JSON: Final = Fault(
    "ARQUIVO-JSON",
    "O arquivo não é um JSON que se entenda a partir deste registro.",
    'Envie uma lista de objetos, ou {"faturas": [{..., "itens": [...]}]}.',
)
TOO_DEEP: Final = Fault(
    "ARQUIVO-JSON-FUNDO", "Há listas ou objetos dentro de outros demais.", "Deixe em cada item só textos e números."
)
TOO_MANY: Final = Fault(
    "ARQUIVO-COLUNAS", f"Os objetos têm mais de {MOST_COLUMNS} nomes diferentes.", "Envie só os campos do manual."
)


def opened(content: bytes) -> Source:
    """The records as rows under one header (row 0). Raises SourceError."""
    text = _text(content)
    names: dict[str, int] = {}
    about = 0
    for about, record in _records(text):  # noqa: B007 the last number counts them
        for name in record:
            names.setdefault(name, len(names))
        if len(names) > MOST_COLUMNS:
            raise SourceError(TOO_MANY)
    return Source(Kind.RECORDS, "UTF-8", about, _rows(text, names))


def _text(content: bytes) -> str:
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(NOT_JSON) from error


def _rows(text: str, names: Mapping[str, int]) -> Iterator[Row]:
    if names:
        yield 0, list(names)
    for number, record in _records(text):
        cells = [""] * len(names)
        for name, cell in record.items():
            cells[names[name]] = cell
        yield number, cells


def _records(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each item with the fields of its fatura, numbered from 1 in the order of the file."""
    number = 0
    for element in _elements(text, number):
        shared, items = _parted(element, number + 1)
        for item in items:
            number += 1
            yield number, shared | _flat(item, number)


def _elements(text: str, number: int) -> Iterator[Mapping[str, Any]]:
    decode = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str).raw_decode
    try:
        at = _first(text, decode)
        while text[at : at + 1] != "]":
            element, at = decode(text, at)
            number += 1
            if not isinstance(element, dict):
                raise SourceError(NOT_JSON, number)
            yield element
            at = _after(text, at)
            if text[at : at + 1] == ",":
                at = _after(text, at + 1)
            elif text[at : at + 1] != "]":
                raise SourceError(NOT_JSON, number + 1)
    except RecursionError as error:
        raise SourceError(TOO_DEEP, number + 1) from error
    except (ValueError, IndexError) as error:
        raise error if isinstance(error, SourceError) else SourceError(NOT_JSON, number + 1) from error


def _after(text: str, at: int) -> int:
    """The next place that is not blank."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _first(text: str, decode: Any) -> int:
    """Where the first element of the list stands: the whole file, or the value of a key that names a list."""
    at = _after(text, 0)
    if text[at : at + 1] == "[":
        return _after(text, at + 1)
    if text[at : at + 1] != "{":
        raise SourceError(NOT_JSON)
    at = _after(text, at + 1)
    while True:
        key, at = decode(text, at)
        at = _after(text, _after(text, at) + 1)
        if key in LISTS and text[at : at + 1] == "[":
            return _after(text, at + 1)
        _, at = decode(text, at)
        at = _after(text, at)
        if text[at : at + 1] != ",":
            raise SourceError(NOT_JSON)
        at = _after(text, at + 1)


def _parted(element: Mapping[str, Any], number: int) -> tuple[dict[str, str], Sequence[Mapping[str, Any]]]:
    """What all items share, and the items."""
    for name in ITEMS:
        inside = element.get(name)
        items = [inside] if isinstance(inside, dict) else inside
        if isinstance(items, list):
            if not items or len(items) > MOST_ITEMS or not all(isinstance(item, dict) for item in items):
                raise SourceError(NOT_JSON, number)
            return _flat({key: value for key, value in element.items() if key != name}, number), items
    return {}, [element]


def _flat(value: Mapping[str, Any], number: int, prefix: str = "", depth: int = 1) -> dict[str, str]:
    cells: dict[str, str] = {}
    for key, inside in value.items():
        if isinstance(inside, dict) and depth < MOST_DEPTH:
            cells |= _flat(inside, number, f"{prefix}{key}_", depth + 1)
        elif isinstance(inside, dict | list):
            raise SourceError(TOO_DEEP, number)
        else:
            cells[f"{prefix}{key}"] = _cell(inside)
    return cells


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "sim" if value else "não"
    return value if isinstance(value, str) else ""
