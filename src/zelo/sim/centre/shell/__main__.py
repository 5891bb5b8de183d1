"""The child process of `server.started`: folder and setup as arguments, one line with the port as its answer."""

import json
import os
import sys
import threading
from pathlib import Path

from zelo.sim.centre.shell.server import Centre, Setup, run


def _tell(port: int, _: Centre) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    """The parent holds our standard input open; when it closes, there is nobody left to serve."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    """Serve until the parent ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    run(Path(sys.argv[1]), Setup(**json.loads(sys.argv[2])), _tell)


if __name__ == "__main__":
    main()
