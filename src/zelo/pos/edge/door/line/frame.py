"""The form of the line protocol: a frame is a length and fields, a field a length and bytes. Lengths: u32, big-endian.

A frame of length 0 says that a call is still being worked at.
"""

from collections.abc import Iterable
from struct import Struct
from typing import Final

MOST_FRAME_BYTES: Final = 4 * 1024 * 1024
"""Enough for a sale of 2 MB, which a device refuses itself (06005)."""
MOST_FIELDS: Final = 16
LENGTH_BYTES: Final = 4
WORKING: Final = bytes(LENGTH_BYTES)
_LENGTH: Final = Struct(">I")


class BadFrameError(ValueError):
    """What came is no frame, and the connection cannot go on. The sentence is pt-BR."""


def pack(fields: Iterable[bytes]) -> bytes:
    """Fields as a frame. Raises BadFrameError when it is too large."""
    body = b"".join([part for field in fields for part in (_LENGTH.pack(len(field)), field)])
    if len(body) > MOST_FRAME_BYTES:
        raise BadFrameError(f"A mensagem passa de {MOST_FRAME_BYTES} bytes.")
    return _LENGTH.pack(len(body)) + body


def body_bytes(head: bytes) -> int:
    """How many bytes follow the head of a frame. Raises BadFrameError for more than a frame may have, and for none."""
    size = int.from_bytes(head, "big")
    if not 0 < size <= MOST_FRAME_BYTES:
        raise BadFrameError(f"A mensagem teria {size} bytes; são de 1 a {MOST_FRAME_BYTES}.")
    return size


def unpack(body: bytes) -> list[bytes]:
    """The fields of a frame without its head. Raises BadFrameError."""
    fields: list[bytes] = []
    place, size = 0, len(body)
    while place <= size - LENGTH_BYTES and len(fields) < MOST_FIELDS:
        begin = place + LENGTH_BYTES
        place = begin + _LENGTH.unpack_from(body, place)[0]
        fields.append(body[begin:place])
    if place != size:
        raise BadFrameError("Os campos da mensagem não somam o seu tamanho.")
    return fields
