"""The protocol of the emulated device: frames of JSON over a loopback connection.

A frame is four bytes, big-endian, with the length of what follows, and then a JSON object in UTF-8. One question, one
answer, as often as wished on one connection. A question is one of

    {"function": "EnviarDadosVenda", "arguments": [123456, "12345678", "<CFe>…"]}   →  {"reply": "123456|06000|…"}
    {"command": "clock", …}                                                      →  {"result": {…}}

and whatever cannot be answered gives {"error": "…"} in pt-BR. The arguments are those of the C interface in their
order, integers as numbers and texts as strings. A lost reply is a connection that closes without an answer.
"""

import json
import socket
from collections.abc import Mapping
from typing import Any, Final

MOST_FRAME_BYTES: Final = 16_777_216
HEAD_BYTES: Final = 4
_CHUNK_BYTES: Final = 65_536


class BadFrameError(ValueError):
    """What came is no frame; the connection cannot go on."""


def pack(message: Mapping[str, Any]) -> bytes:
    """A message as a frame. Raises BadFrameError when it is too large."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    if len(body) > MOST_FRAME_BYTES:
        raise BadFrameError(f"A mensagem passa de {MOST_FRAME_BYTES} bytes.")
    return len(body).to_bytes(HEAD_BYTES, "big") + body


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """The next message, None when the other side closed between two. Raises BadFrameError and OSError."""
    head = _exactly(connection, HEAD_BYTES)
    if not head:
        return None
    length = int.from_bytes(head, "big")
    if length > MOST_FRAME_BYTES:
        raise BadFrameError(f"A mensagem passa de {MOST_FRAME_BYTES} bytes.")
    body = _exactly(connection, length)
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadFrameError("A mensagem não é JSON em UTF-8.") from error
    if not isinstance(message, dict):
        raise BadFrameError("A mensagem não é um objeto JSON.")
    return message


def _exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes; fewer only when the other side closed before the first. Raises BadFrameError for a torn frame."""
    held = bytearray()
    while len(held) < size:
        part = connection.recv(min(_CHUNK_BYTES, size - len(held)))
        if not part:
            if held:
                raise BadFrameError("A mensagem foi cortada.")
            return b""
        held += part
    return bytes(held)
