"""The process that holds a maker's library: loads it, calls it, sends back what it returned. Knows nothing else.

It ends with its gateway, also in the middle of a call: one that goes through afterwards is nobody's.

Run by `library.py` as `python -m … PATH CONVENTION PORT`, with a secret on its standard input.
"""

import ctypes
import os
import select
import socket
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

from zelo.pos.edge.driver.shell.wire import packed, receive

GLANCE_SECONDS: Final = 0.05
"""Between two looks whether the gateway is still there, during a call."""


def load(path: Path, convention: str) -> Any:
    """The library. Raises OSError when it cannot be loaded."""
    if convention == "stdcall" and sys.platform == "win32":
        return ctypes.WinDLL(str(path))
    return ctypes.CDLL(str(path))


def invoke(library: Any, name: str, arguments: list[int | str]) -> dict[str, str]:
    """What a function returns. One that an older library lacks was surely not executed."""
    try:
        function = getattr(library, name)
    except AttributeError:
        return {"absent": f"a biblioteca não tem a função {name}"}
    function.restype = ctypes.c_char_p
    given = [each if isinstance(each, int) else each.encode("utf-8", "surrogatepass") for each in arguments]
    returned: bytes | None = function(*given)
    return {"reply": "" if returned is None else _read(returned)}


def _reason(path: Path, error: OSError) -> str:
    """Why it cannot be loaded: the system's own words say too little of the commonest two."""
    if not path.is_file():
        return "não existe o arquivo"
    return f"este zelo é de {8 * struct.calcsize('P')} bits, e o sistema diz: {error}"


def _read(returned: bytes) -> str:
    """A reply as text; older libraries speak Latin-1."""
    try:
        return returned.decode()
    except UnicodeDecodeError:
        return returned.decode("latin-1")


def serve(path: Path, convention: str, port: int, secret: str) -> None:
    """Answer calls until the other side hangs up."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            library = load(path, convention)
        except OSError as error:
            line.sendall(packed({"error": _reason(path, error)}))
            return
        line.sendall(packed({"secret": secret}))
        calling = threading.Event()
        threading.Thread(target=_end_with, args=(line, calling), daemon=True).start()
        while True:
            try:
                name, *arguments = receive(line)
            except OSError:
                return
            calling.set()
            reply = invoke(library, name, arguments)
            calling.clear()
            line.sendall(packed(reply))


def _end_with(line: socket.socket, calling: threading.Event) -> None:
    """End the process where the other side hangs up during a call; at other times whoever waits for a call sees it."""
    while True:
        calling.wait()
        if not _is_there(line):
            os._exit(1)
        time.sleep(GLANCE_SECONDS)


def _is_there(line: socket.socket) -> bool:
    """Whether the other side is, which waits for an answer: there is nothing to be read then, but for its end."""
    ended, _, _ = select.select([line], [], [], 0)
    try:
        return not ended or bool(line.recv(1, socket.MSG_PEEK))
    except OSError:
        return False


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.stdin.read())
