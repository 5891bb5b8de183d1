"""Runs a worker in this process, with its way to the authorizers; beside it a postman, one who reads the files that
were sent, and one who takes the confirmed ones in.
"""

import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

from zelo.fiscal.identity import CHANCE_BYTES, new_id
from zelo.flow import postman
from zelo.flow.emitter import Keyring
from zelo.flow.tools import Tools
from zelo.flow.worker import Identity, Worker
from zelo.isp import importing, order, reading
from zelo.transmit.shell import HttpsTransport


def new_worker(tools: Tools, executor: ThreadPoolExecutor) -> tuple[Worker, HttpsTransport]:
    """A worker with its way to the authorizers."""
    settings, now = tools.settings, tools.clock()
    keyring = Keyring(tools.engine, tools.vault)
    transport = HttpsTransport(
        keyring.client,
        ca_file=settings.sefaz_ca_file,
        connect_seconds=settings.http_connect_seconds,
        timeout_seconds=settings.http_timeout_seconds,
        connections=settings.worker_senders,
    )
    identity = Identity(new_id(now, tools.chance(CHANCE_BYTES)), socket.gethostname(), os.getpid(), now)
    return Worker(tools, transport, keyring, executor, identity), transport


@contextmanager
def working(tools: Tools) -> Iterator[threading.Event]:
    """A worker in a thread of its own; set the event, or leave, to stop it after the calls in the air."""
    stop = threading.Event()

    def stopped(wait: timedelta) -> bool:
        return stop.wait(wait.total_seconds())

    with ThreadPoolExecutor(tools.settings.worker_senders, "sender") as executor:
        worker, transport = new_worker(tools, executor)
        threads = (
            threading.Thread(target=worker.run, args=(stop.is_set,), name="worker"),
            threading.Thread(target=postman.run, args=(tools, stop.wait), name="postman"),
            threading.Thread(target=order.run, args=(tools, reading.KIND, stopped), name="reading"),
            threading.Thread(target=order.run, args=(tools, importing.KIND, stopped), name="import"),
        )
        for thread in threads:
            thread.start()
        try:
            yield stop
        finally:
            stop.set()
            for thread in threads:
                thread.join()
            transport.close()
