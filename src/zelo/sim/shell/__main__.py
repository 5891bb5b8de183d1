"""The child process of `server.start`: folder and setup as arguments, one line with the ports as its answer."""

import json
import os
import sys
import threading
from dataclasses import asdict
from pathlib import Path

from zelo.sim.shell.server import Ports, Setup, run


def _tell(ports: Ports) -> None:
    sys.stdout.write(f"{json.dumps(asdict(ports))}\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    """The parent holds our standard input open; when it closes, there is nobody left to serve."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    """Serve until the parent ends."""
    folder, setup = Path(sys.argv[1]), json.loads(sys.argv[2])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    accredited = setup["accredited"]
    run(
        folder,
        Setup(
            **{
                **setup,
                "latency_ms": tuple(setup["latency_ms"]),
                "accredited": None if accredited is None else tuple(accredited),
            }
        ),
        _tell,
    )


if __name__ == "__main__":
    main()
