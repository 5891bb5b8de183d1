"""Ports that nobody has taken just now, and that no outgoing connection is given while their server is down."""

import random
import socket
from contextlib import ExitStack, suppress
from typing import Final

LISTENED: Final = range(10_000, 32_768)
"""Below those that Linux gives outgoing connections (ip_local_port_range)."""


def free_ports(many: int) -> list[int]:
    """So many, all different; whoever is quicker may still take one."""
    chance = random.SystemRandom()
    with ExitStack() as stack:
        found: list[int] = []
        while len(found) < many:
            port = chance.choice(LISTENED)
            with suppress(OSError):
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
                found.append(port)
        return found
