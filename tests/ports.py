"""Ports that nobody has taken just now, and that no outgoing connection is given while their server is down."""

import os
import random
import socket
from contextlib import ExitStack, suppress
from typing import Final

LISTENED: Final = range(10_000, 32_768)
"""Below those that Linux gives outgoing connections (ip_local_port_range)."""
_WORKER: Final = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_WORKERS: Final = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
OWN: Final = LISTENED[_WORKER::_WORKERS]
"""A share for each of those that run tests at once: else one takes the port of another's server that is down."""


def free_ports(many: int) -> list[int]:
    """So many, all different; whoever is quicker may still take one."""
    chance = random.SystemRandom()
    with ExitStack() as stack:
        found: list[int] = []
        while len(found) < many:
            port = chance.choice(OWN)
            with suppress(OSError):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
                found.append(port)
        return found
