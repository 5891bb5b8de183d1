"""A watcher in a process of its own, to be killed: its gateway remembers in files what was asked of it."""

import sys
import threading
from concurrent.futures import Future
from pathlib import Path

from zelo.pos.edge.door.integrador.shell import Watch
from zelo.pos.edge.request import Request


def main(root: Path, journal: Path) -> None:
    def answer(request: Request) -> "Future[str]":
        (journal / request.id).touch()
        reply: Future[str] = Future()
        reply.set_result(f"{request.session:06d}|08000|SAT em operação||")
        return reply

    Watch(root, "001", answer).run(threading.Event())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
