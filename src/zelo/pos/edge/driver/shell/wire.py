"""Frames of JSON on a socket: four bytes, big-endian, with the length of what follows."""

import json
import socket
from typing import Any, Final

MOST_FRAME_BYTES: Final = 16_777_216
"""More than two million bytes of text take in JSON, where a character of control has six bytes."""
_HEAD_BYTES: Final = 4
_CHUNK_BYTES: Final = 262_144


class BrokenWireError(OSError):
    """The other side hung up, or sent what is no frame."""


def packed(message: object) -> bytes:
    """A message as a frame. Raises ValueError when it is larger than the wire takes."""
    body = json.dumps(message).encode()
    if len(body) > MOST_FRAME_BYTES:
        raise ValueError(f"the message has more than {MOST_FRAME_BYTES} bytes")
    return len(body).to_bytes(_HEAD_BYTES, "big") + body


def receive(connection: socket.socket) -> Any:
    """The next message. Raises OSError, of which BrokenWireError is one."""
    length = int.from_bytes(_exactly(connection, _HEAD_BYTES), "big")
    if length > MOST_FRAME_BYTES:
        raise BrokenWireError("a frame larger than the wire takes")
    try:
        return json.loads(_exactly(connection, length))
    except (ValueError, RecursionError) as error:
        raise BrokenWireError("a frame that is no JSON") from error


def is_dead(connection: socket.socket) -> bool:
    """Whether the other side hung up, or spoke without being asked, since the last exchange."""
    connection.setblocking(False)
    try:
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _exactly(connection: socket.socket, size: int) -> bytes:
    held = bytearray()
    while len(held) < size:
        part = connection.recv(min(_CHUNK_BYTES, size - len(held)))
        if not part:
            raise BrokenWireError("the other side hung up without an answer")
        held += part
    return bytes(held)
