"""Ports that nobody has taken just now."""

import socket
from contextlib import ExitStack


def free_ports(many: int) -> list[int]:
    """So many, all different; whoever is quicker may still take one."""
    with ExitStack() as stack:
        doors = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(many)]
        return [int(door.getsockname()[1]) for door in doors]
