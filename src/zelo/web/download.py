"""A file that is sent while it is written: nothing of it is kept but what the browser has not taken yet."""

import io
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from starlette.responses import Response, StreamingResponse

ZIP: Final = "application/zip"
Writes = Callable[[io.RawIOBase], Iterable[object]]
"""Writes a file to what it is handed, a step at a time."""


def zip_answer(name: str, writes: Writes) -> Response:
    """The zip as an attachment."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_sent(writes), media_type=ZIP, headers=headers)


def _sent(writes: Writes) -> Iterator[bytes]:
    pipe = _Pipe()
    for _ in writes(pipe):
        if taken := pipe.take():
            yield taken
    yield pipe.take()


class _Pipe(io.RawIOBase):
    """What was written since it was last taken."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        """As a file that is written only."""
        return True

    def write(self, content: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        """Keep it until it is taken."""
        self._written += content
        return len(content)

    def take(self) -> bytes:
        """And forget it."""
        taken, self._written = bytes(self._written), bytearray()
        return taken
