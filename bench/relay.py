"""The least that a gateway can be, to measure ours beside it: a row on the disk before a device's call, one after.

Run as `python -m bench.relay FOLDER PORT…`; prints the port of its line. Each connection gets the next device.
"""

import socket
import sys
import threading
from itertools import cycle
from pathlib import Path

import apsw

from zelo.pos.edge.door.line import frame
from zelo.sim.sat.shell.frame import pack, receive


def _serve(till: socket.socket, port: int, journal: apsw.Connection, turn: threading.Lock) -> None:
    device = socket.create_connection(("127.0.0.1", port))
    device.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    asked = till.makefile("rb")
    while head := asked.read(frame.LENGTH_BYTES):
        _, _, name, _, _, function, session, *rest = map(bytes.decode, frame.unpack(asked.read(frame.body_bytes(head))))
        _commit(journal, turn, name)
        device.sendall(pack({"function": function, "arguments": [int(session), *rest]}))
        answer = receive(device)
        assert answer is not None
        _commit(journal, turn, answer["reply"])
        till.sendall(frame.pack(field.encode() for field in ("ok", answer["reply"])))


def _commit(journal: apsw.Connection, turn: threading.Lock, body: str) -> None:
    with turn:
        journal.execute("insert into bare values (?)", (body,))


def main(folder: Path, ports: list[int]) -> None:
    """Serve until killed."""
    journal, turn = apsw.Connection(str(folder / "relay.db")), threading.Lock()
    for statement in ("pragma journal_mode = wal", "pragma synchronous = full", "create table bare (body text)"):
        journal.execute(statement)
    with socket.create_server(("127.0.0.1", 0)) as door:
        print(f"linha={door.getsockname()[1]}", flush=True)
        for port in cycle(ports):
            till, _ = door.accept()
            till.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_serve, args=(till, port, journal, turn), daemon=True).start()


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(each) for each in sys.argv[2:]])
