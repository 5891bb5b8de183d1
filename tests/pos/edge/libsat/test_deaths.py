"""Gateways die, hang and fall silent: a sale is one coupon or a clear sentence, and the till always has its answer."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.pos.edge.gateway import Forward, forwarding, running, saying
from tests.pos.edge.libsat.till import Till, load, settings
from tests.sim.sat import sales
from zelo.pos.edge.door.line.frame import WORKING
from zelo.pos.edge.door.line.shell import Bounds
from zelo.pos.edge.request import Request
from zelo.sim.sat.shell.client import Client

SALE = (sales.CODE, sales.sale())


class Second(Forward):
    """A gateway that asks the device about a sale which may have been taken elsewhere, before it sells it."""

    def forward(self, request: Request) -> str:
        if request.elsewhere:
            session = (request.session + 500_000) % 999_999
            found = self.call("ConsultarNumeroSessao", (session, request.code, request.session))
            if found.split("|")[1] == "06000":
                return found
        return super().forward(request)


@contextmanager
def mortal(device: int, when: str) -> Iterator[int]:
    """A gateway that a sale kills: its port."""
    command = [sys.executable, "-m", "tests.pos.edge.libsat.mortal", str(device), when]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@contextmanager
def speaking(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port behind which a hand-made gateway treats every connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(10)
                    try:
                        talk(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def coupons(device: int) -> list[str]:
    with Client(device) as memory:
        return [each["chave"] for each in memory.command("memory")["coupons"]]


def sentence(till: Till) -> str:
    """What is said of a sale that no gateway answered."""
    fields = till.fields("EnviarDadosVenda", 11, *SALE)
    assert (fields[:3], fields[4:]) == (["000011", "06099", "0000"], ["", ""])
    return fields[3]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_gateway_killed_with_a_sale_is_followed_by_the_other_with_the_same_id(
    library: Path, tmp_path: Path, device: int, when: str
) -> None:
    session = {"before": 700_001, "after": 700_002}[when]
    before = coupons(device)
    with mortal(device, when) as first, forwarding(device, Second) as (second, forward):
        till = load(library, tmp_path, settings([first, second]))
        assert till.fields("ConsultarSAT", session + 100)[1] == "08000"
        fields = till.fields("EnviarDadosVenda", session, *SALE)
    assert (int(fields[0]), fields[1]) == (session, "06000")
    assert [each.elsewhere for each in forward.asked] == [True]
    assert coupons(device) == [*before, fields[8][3:]]


class Failing(Forward):
    """A gateway that hangs up on its first call."""

    def __call__(self, request: Request) -> "Future[str]":
        if self.asked:
            return super().__call__(request)
        self.asked.append(request)
        lost: Future[str] = Future()
        lost.set_exception(ConnectionAbortedError())
        return lost


def test_whoever_is_asked_again_hears_how_many_answers_were_lost(library: Path, tmp_path: Path, device: int) -> None:
    with forwarding(device, Failing) as (first, one), forwarding(device, Failing) as (second, two):
        till = load(library, tmp_path, settings([first, second]))
        assert till.fields("EnviarDadosVenda", 705_001, *SALE)[1] == "06000"
    assert [(each.elsewhere, each.lost) for each in one.asked] == [(False, 0), (True, 2)]
    assert [(each.elsewhere, each.lost) for each in two.asked] == [(True, 1)]


def test_a_gateway_that_died_idle_was_asked_nothing(library: Path, tmp_path: Path, device: int) -> None:
    with forwarding(device) as (second, forward):
        with forwarding(device) as (first, dead):
            till = load(library, tmp_path, settings([first, second]))
            till.call("ConsultarSAT", 710_001)
        assert till.fields("EnviarDadosVenda", 710_002, *SALE)[1] == "06000"
        assert [(each.session, each.elsewhere) for each in forward.asked] == [(710_002, False)]
        assert [each.session for each in dead.asked] == [710_001]


def test_the_gateway_that_answered_last_is_asked_first(library: Path, tmp_path: Path, device: int) -> None:
    port = free_port()
    with forwarding(device) as (second, forward):
        till = load(library, tmp_path, settings([port, second]))
        till.call("ConsultarSAT", 720_001)
        with forwarding(device, port=port) as (_, first):
            till.call("ConsultarSAT", 720_002)
        assert first.asked == []
    assert len(forward.asked) == 2


def test_a_connection_that_the_gateway_closed_is_opened_again(library: Path, tmp_path: Path, device: int) -> None:
    """A tidy gateway hangs up on who is idle: no sale may come into doubt by it."""
    with forwarding(device, bounds=Bounds(idle_seconds=0.05)) as (port, forward):
        till = load(library, tmp_path, settings([port]))
        for session in (730_001, 730_002, 730_003):
            assert till.fields("ConsultarSAT", session)[1] == "08000"
            time.sleep(0.15)
    assert [each.elsewhere for each in forward.asked] == [False] * 3


def test_a_gateway_that_starts_again_is_asked_again_under_the_same_id(
    library: Path, tmp_path: Path, device: int
) -> None:
    """One gateway only: it dies with the sale and comes back; the till sees a slow sale and nothing else."""
    port = free_port()
    asked: list[Request] = []
    died = threading.Event()

    def answer(request: Request) -> "Future[str]":
        asked.append(request)
        died.set()
        return Future()

    told: list[str] = []
    till = load(library, tmp_path, settings([port]))
    with running(answer, port=port):
        selling = threading.Thread(target=lambda: told.extend(till.fields("EnviarDadosVenda", 740_001, *SALE)))
        selling.start()
        assert died.wait(10)
    with forwarding(device, port=port) as (_, forward):
        selling.join(10)
    assert told[1] == "06000"
    assert [(each.id, each.elsewhere) for each in forward.asked] == [(asked[0].id, False)]


def test_nobody_there_is_said_with_the_address(impatient: Path, tmp_path: Path) -> None:
    ports = [free_port(), free_port()]
    told = sentence(load(impatient, tmp_path, settings(ports)))
    assert f"127.0.0.1:{ports[0]} nem em 127.0.0.1:{ports[1]}. Nada foi enviado." in told


def test_a_sale_that_somebody_may_hold_is_never_called_unsent(impatient: Path, tmp_path: Path) -> None:
    """The first takes it and hangs up; the second refuses. Neither word may hide the other."""
    took = []

    def take(connection: socket.socket) -> None:
        took.append(connection.recv(65_536))

    with speaking(take) as first, running(lambda _: saying("x"), token="outro") as second:
        till = load(impatient, tmp_path, settings([first, second]))
        assert "não se sabe se foi executado" in sentence(till)
    assert len(took) == 2, "once, and once more when nobody else could say"
    assert took[0] == took[1]


def test_signs_of_life_are_waited_for_and_their_end_is_noticed(impatient: Path, tmp_path: Path) -> None:
    def work(connection: socket.socket) -> None:
        connection.recv(65_536)
        for _ in range(4):
            connection.sendall(WORKING)
            time.sleep(0.15)
        connection.recv(1)

    with speaking(work) as port:
        begin = time.monotonic()
        assert "não se sabe" in sentence(load(impatient, tmp_path, settings([port])))
    assert 1.2 < time.monotonic() - begin < 6, "twice four signs of life, then silence"


def test_a_gateway_that_works_for_ever_is_given_up(impatient: Path, tmp_path: Path) -> None:
    def work(connection: socket.socket) -> None:
        while True:
            connection.sendall(WORKING)
            time.sleep(0.05)

    with speaking(work) as port:
        begin = time.monotonic()
        assert "não se sabe" in sentence(load(impatient, tmp_path, settings([port])))
    assert 1.4 < time.monotonic() - begin < 5


def test_a_gateway_that_does_not_read_was_sent_nothing(impatient: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        till = load(impatient, tmp_path, settings([server.getsockname()[1]]))
        fields = till.fields("EnviarDadosVenda", 12, "1", "x" * 4_000_000)
    assert fields[1] == "06099"
    assert "Nada foi enviado" in fields[3]


def test_a_slow_device_is_waited_for(impatient: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer than silence would be borne: the door shows signs of life."""
    monkeypatch.setattr("zelo.pos.edge.door.line.shell.WORKING_SECONDS", 0.1)
    answer: Future[str] = Future()
    threading.Timer(0.9, answer.set_result, ["1|08000|pronto||"]).start()
    with running(lambda _: answer) as port:
        assert load(impatient, tmp_path, settings([port])).fields("ConsultarSAT", 1)[2] == "pronto"
