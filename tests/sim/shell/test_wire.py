"""Bodies are read within bounds, whatever their sender does."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from zelo.sim.shell.wire import read_body


def _sender(*parts: bytes, leaves: bool = False) -> Callable[[], Awaitable[dict[str, Any]]]:
    """What the server hands on of a body in these parts, complete or abandoned."""
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    if leaves:
        messages.append({"type": "http.disconnect"})
    else:
        messages[-1]["more_body"] = False
    left = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(left)

    return receive


BODIES = [
    (_sender(b"abc", b"de"), b"abcde"),
    (_sender(b"abcde", b"f"), b"abcdef"),
    (_sender(b"abc", b"defgh"), b"abcdef"),
    (_sender(b"abcdefghij"), b"abcdef"),
    (_sender(b"abcdefghij", b"k"), None),
    (_sender(b"ab", leaves=True), None),
]


@pytest.mark.parametrize(("receive", "body"), BODIES)
def test_five_bytes_are_read_and_ten_are_drained(
    receive: Callable[[], Awaitable[dict[str, Any]]], body: bytes | None
) -> None:
    assert asyncio.run(read_body(receive, 5, 10)) == body
