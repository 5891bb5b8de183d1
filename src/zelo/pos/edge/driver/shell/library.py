"""A maker's library in a process of its own: it may hang or crash, and only its process is ended and begun again."""

import hmac
import os
import secrets
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from zelo.models.cfe.functions import Function
from zelo.pos.edge.driver.contract import LostError, MissingError, NotLoadedError, NotTakenError
from zelo.pos.edge.driver.shell.wire import BrokenWireError, packed, receive

START_SECONDS: Final = 20.0
"""Makers' libraries look for their device while they are loaded."""
STOP_SECONDS: Final = 3.0
CDECL: Final = "cdecl"
STDCALL: Final = "stdcall"
_HOST: Final = "127.0.0.1"
_SECRET_BYTES: Final = 32
_POLL_SECONDS: Final = 0.05


class Library:
    """A library by its path. `convention`: "cdecl", or "stdcall" as some makers' 32-bit Windows libraries have it."""

    def __init__(self, path: Path, convention: str = CDECL) -> None:
        """Nothing is loaded before the first call."""
        self._path, self._convention = path, convention
        self._child: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """The process that holds the library, None before the first call and after it ended."""
        return None if self._child is None else self._child.pid

    def call(self, function: Function, arguments: tuple[int | str, ...], seconds: float) -> str:
        """What the library returns. Raises NotTakenError and LostError."""
        try:
            frame = packed([function.name, *arguments])
        except ValueError as error:
            raise NotTakenError(str(error)) from error
        line = self._ready()
        try:
            line.settimeout(seconds)
            line.sendall(frame)
            answer = receive(line)
        except OSError as error:
            self.close()
            raise LostError(str(error) or type(error).__name__) from error
        if "absent" in answer:
            raise MissingError(str(answer["absent"]))
        return str(answer["reply"])

    def close(self) -> None:
        """End the process, at once and whatever it does."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._child is not None:
            self._child.kill()
            with suppress(subprocess.TimeoutExpired):  # one that hangs in the kernel ends when its call does
                self._child.wait(STOP_SECONDS)
            self._child = None

    def _ready(self) -> socket.socket:
        """The line to a process that has loaded the library. Raises NotLoadedError."""
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._line is None:
            try:
                self._line = self._start()
            except OSError as error:
                self.close()
                raise NotLoadedError(f"A biblioteca {self._path} não carrega: {error}.") from error
        return self._line

    def _start(self) -> socket.socket:
        """A child that has loaded the library. Raises OSError with what it said when it could not."""
        secret = secrets.token_hex(_SECRET_BYTES)
        with socket.create_server((_HOST, 0)) as door:
            port = door.getsockname()[1]
            self._child = subprocess.Popen(  # noqa: S603 our own interpreter and module
                [
                    sys.executable,
                    "-m",
                    "zelo.pos.edge.driver.shell.child",
                    str(self._path),
                    self._convention,
                    str(port),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each)},
            )
            if self._child.stdin is not None:
                with self._child.stdin as entrance:
                    entrance.write(secret.encode())
            line = _accepted(door, self._child)
        try:
            line.settimeout(START_SECONDS)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            told = receive(line)
            if "error" in told or not hmac.compare_digest(str(told.get("secret", "")), secret):
                raise BrokenWireError(str(told.get("error", "outro programa respondeu no lugar da biblioteca")))
        except OSError:
            line.close()
            raise
        return line


def _accepted(door: socket.socket, child: "subprocess.Popen[bytes]") -> socket.socket:
    """The connection of the child. Raises OSError when it ends before it connects, or never does."""
    door.settimeout(_POLL_SECONDS)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            return door.accept()[0]
        except TimeoutError:
            if child.poll() is not None:
                raise BrokenWireError(f"o processo da biblioteca terminou ({child.returncode})") from None
    raise TimeoutError("o processo da biblioteca não começou a tempo")
