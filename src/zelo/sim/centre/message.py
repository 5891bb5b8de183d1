"""Reads a batch as it comes off the wire, strictly and within bounds, and writes its acknowledgement (decision 019)."""

import json
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

import zstandard

MOST_PACKED_BYTES: Final = 8_388_608
MOST_BATCH_BYTES: Final = 16_777_216
"""After decompression."""
MOST_ITEMS: Final = 10_000
RANKS: Final = ("fiscal", "control", "status", "log")
VERSION: Final = 1

_HEAD: Final = frozenset({"zelo", "epoch", "everything", "emitted", "losses", "items"})
_SPAN: Final = (str, int, int, int)
_COUNT: Final = (str, int, int)
_ITEM: Final = (str, int, int, str, int, int, int)


class BadBatchError(ValueError):
    """What came is no batch; the sentence, in pt-BR, tells why."""


class TooLargeError(BadBatchError):
    """More than the centre takes at once."""


@dataclass(frozen=True, slots=True)
class Document:
    """An item as it came."""

    emitter: str
    rank: int
    seq: int
    key: str
    at_micros: int
    crc: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers of an emitter from `first` to `last`, both included."""

    emitter: str
    rank: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """A batch. `emitted`: (emitter, rank) → the last number given; `everything`: nothing else was pending."""

    epoch: str
    everything: bool
    emitted: dict[tuple[str, int], int]
    losses: tuple[Span, ...]
    documents: tuple[Document, ...]


def read(packed: bytes) -> Delivery:
    """A batch. Raises BadBatchError."""
    line, found, bodies = _unpack(packed).partition(b"\n")
    try:
        head: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadBatchError("A primeira linha do lote não é JSON.") from error
    if not found or not isinstance(head, dict) or set(head) != _HEAD or head["zelo"] != VERSION:
        raise BadBatchError(f"O lote não é da versão {VERSION} do protocolo.")
    if not (isinstance(head["epoch"], str) and head["epoch"] and isinstance(head["everything"], bool)):
        raise BadBatchError("Falta a época, ou everything não é verdadeiro ou falso.")
    counts = _rows(head, "emitted", _COUNT)
    return Delivery(
        head["epoch"],
        head["everything"],
        {(emitter, rank): number for emitter, rank, number in counts},
        tuple(Span(*row) for row in _rows(head, "losses", _SPAN)),
        _documents(_rows(head, "items", _ITEM), bodies),
    )


def acknowledgement(delivery: Delivery, pace_millis: int) -> bytes:
    """The answer to a batch that is committed."""
    confirmed = [(each.emitter, each.rank, each.seq, each.seq) for each in delivery.documents]
    losses = [(each.emitter, each.rank, each.first, each.last) for each in delivery.losses]
    return json.dumps({"confirmed": _joined(confirmed), "losses": losses, "pace_millis": pace_millis}).encode()


def _unpack(packed: bytes) -> bytes:
    if len(packed) > MOST_PACKED_BYTES:
        raise TooLargeError(f"O lote passa de {MOST_PACKED_BYTES} bytes.")
    try:
        with zstandard.ZstdDecompressor().stream_reader(packed) as reader:
            raw = reader.read(MOST_BATCH_BYTES + 1)
    except zstandard.ZstdError as error:
        raise BadBatchError("O lote não está em zstd.") from error
    if len(raw) > MOST_BATCH_BYTES:
        raise TooLargeError(f"O lote descomprimido passa de {MOST_BATCH_BYTES} bytes.")
    return raw


def _rows(head: dict[str, Any], name: str, types: tuple[type, ...]) -> list[list[Any]]:
    """A member of the head whose rows have these types; ranks exist and numbers are not negative."""
    rows = head[name]
    if not isinstance(rows, list):
        raise BadBatchError(f"{name} não é uma lista.")
    if len(rows) > MOST_ITEMS:
        raise TooLargeError(f"{name} passa de {MOST_ITEMS} linhas.")
    for row in rows:
        if not isinstance(row, list) or [type(value) for value in row] != list(types):
            raise BadBatchError(f"Uma linha de {name} não tem a forma do protocolo.")
        if row[1] >= len(RANKS) or any(value < 0 for value in row if type(value) is int):
            raise BadBatchError(f"Uma linha de {name} tem um número que não existe.")
    return rows


def _documents(rows: list[list[Any]], bodies: bytes) -> tuple[Document, ...]:
    found: list[Document] = []
    begin = 0
    for emitter, rank, seq, key, at, crc, size in rows:
        body = bodies[begin : begin + size]
        if len(body) != size or crc32(body) != crc:
            raise BadBatchError(f"O conteúdo do item {emitter} {seq} não confere com o seu crc.")
        found.append(Document(emitter, rank, seq, key, at, crc, body))
        begin += size
    if begin != len(bodies):
        raise BadBatchError("Sobram bytes no fim do lote.")
    return tuple(found)


def _joined(spans: list[tuple[str, int, int, int]]) -> list[tuple[str, int, int, int]]:
    joined: list[tuple[str, int, int, int]] = []
    for emitter, rank, first, last in sorted(spans):
        if joined and joined[-1][:2] == (emitter, rank) and joined[-1][3] + 1 >= first:
            joined[-1] = (emitter, rank, joined[-1][2], max(last, joined[-1][3]))
        else:
            joined.append((emitter, rank, first, last))
    return joined
