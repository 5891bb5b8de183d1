"""A gateway as a process that dies: `python -m tests.pos.edge.libsat.mortal <device port> <before|after>`.

It prints its port, and kills itself when the first sale arrives: before it asked the device, or after it was answered.
"""

import os
import signal
import sys
from concurrent.futures import Future
from typing import NoReturn

from tests.pos.edge.gateway import Forward, forwarding
from zelo.models.cfe.functions import Kind
from zelo.pos.edge.request import Request


class Mortal(Forward):
    """Answers everything but a sale."""

    def __call__(self, request: Request) -> "Future[str]":
        if request.function.kind is Kind.SALE:
            if sys.argv[2] == "after":
                self.forward(request)
            die()
        return super().__call__(request)


def die() -> NoReturn:
    """As `kill -9` does it: nothing is said and nothing is closed in order."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


if __name__ == "__main__":
    with forwarding(int(sys.argv[1]), Mortal) as (port, _):
        print(port, flush=True)  # noqa: T201 the parent reads it
        sys.stdin.read()
