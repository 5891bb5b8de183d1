"""The child process of `server.started`: folder and setup as arguments, one line with the port as its answer."""

import json
import os
import sys
import threading
from pathlib import Path

from zelo.sim.sat.shell.device import Device
from zelo.sim.sat.shell.folder import Plate
from zelo.sim.sat.shell.server import Setup, run


def _tell(port: int, _: Device) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    """The parent holds our standard input open; when it closes, there is nobody left to serve."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    """Serve until the parent ends."""
    folder, setup = Path(sys.argv[1]), json.loads(sys.argv[2])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    run(folder, Setup(**{**setup, "plate": Plate(**setup["plate"])}), _tell)


if __name__ == "__main__":
    main()
