"""The port: what is no call gets a sentence or a closed connection, and tills go on selling."""

import errno
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from ipaddress import ip_network

import pytest

from tests.pos.edge.gateway import QUICK, running, saying
from zelo.pos.edge.door.line.call import read_call
from zelo.pos.edge.door.line.frame import MOST_FRAME_BYTES, WORKING, pack, unpack
from zelo.pos.edge.door.line.shell import SMALL_BYTES, Bounds
from zelo.pos.edge.request import Request


def status(id_: str = "a1", code: str = "12345678") -> bytes:
    """The frame of a call."""
    fields = ("zelo1", "", id_, "001", "0", "ConsultarStatusOperacional", "123456", code)
    return pack(field.encode() for field in fields)


def echo(request: Request) -> "Future[str]":
    return saying(f"{request.session}|10000|{request.id}")


def exactly(connection: socket.socket, size: int) -> bytes:
    held = b""
    while len(held) < size:
        part = connection.recv(size - len(held))
        if not part:
            raise ConnectionResetError
        held += part
    return held


def answer(connection: socket.socket) -> list[bytes]:
    """The next frame that says something."""
    while not (size := int.from_bytes(exactly(connection, 4), "big")):
        continue
    return unpack(exactly(connection, size))


def ask(port: int, frame: bytes) -> list[bytes]:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(frame)
        return answer(connection)


def rest(port: int, sent: bytes) -> bytes:
    """All that comes back for these bytes until the gateway hangs up."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection, suppress(ConnectionError):
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65_536), b""))
    return b""


@pytest.fixture
def port() -> Iterator[int]:
    with running(echo) as port:
        yield port


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\0",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\xff\xff\xff\xff",
        (2**32 - 1).to_bytes(4, "big") + b"x" * 70_000,
        WORKING,
        (MOST_FRAME_BYTES + 1).to_bytes(4, "big"),
        status()[:-1],
        status()[:5],
        pack([b"zelo1"]),
        pack([b""] * 9),
        MOST_FRAME_BYTES.to_bytes(4, "big") + b"half",
        b"\0\0\0\x04\xff\xff\xff\xff",
    ],
)
def test_what_is_no_call_ends_in_a_sentence_or_a_closed_connection(port: int, sent: bytes) -> None:
    back = rest(port, sent)
    assert not back or unpack(back[4:])[0] == b"erro"
    assert ask(port, status())[0] == b"ok"


def test_calls_follow_one_another_on_a_connection(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(status("a1") + status("a2")[:20])
        assert answer(connection) == [b"ok", b"123456|10000|a1"]
        connection.sendall(status("a2")[20:])
        assert answer(connection) == [b"ok", b"123456|10000|a2"]


def test_a_thousand_silent_connections_keep_no_till_from_selling(port: int) -> None:
    with ExitStack() as held:
        till = held.enter_context(socket.create_connection(("127.0.0.1", port), 10))
        till.sendall(status("before"))
        assert answer(till)[0] == b"ok"
        silent = [held.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(1000)]
        assert ask(port, status("new"))[0] == b"ok"
        till.sendall(status("kept"))
        assert answer(till) == [b"ok", b"123456|10000|kept"], "who spoke once does not give way to who says nothing"
        begin = time.monotonic()
        for connection in silent:
            with suppress(ConnectionError):
                assert connection.recv(1) == b""
        assert time.monotonic() - begin < 10 * QUICK.silent_seconds


@pytest.mark.parametrize(
    ("owner", "name", "error"),
    [
        (socket.socket, "accept", OSError(errno.EMFILE, "Too many open files")),
        (threading.Thread, "start", RuntimeError("can't start new thread")),
    ],
)
def test_a_machine_that_cannot_take_one_in_takes_in_the_next(
    port: int, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, error: Exception
) -> None:
    real, failed = getattr(owner, name), threading.Event()

    def once(*given: object) -> object:
        if threading.current_thread().name != "line" or failed.is_set():
            return real(*given)
        failed.set()
        raise error

    monkeypatch.setattr(owner, name, once)
    with suppress(ConnectionError):
        ask(port, status())
    assert ask(port, status())[0] == b"ok"
    wait_for(failed.is_set)
    assert ask(port, status())[0] == b"ok"


def test_who_waits_for_an_answer_never_gives_way() -> None:
    answers: list[Future[str]] = []

    def hold(_: Request) -> "Future[str]":
        answers.append(Future())
        return answers[-1]

    few = Bounds(connections=4, silent_seconds=1.0)
    with running(hold, few) as port, ExitStack() as held:
        tills = [held.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(4)]
        for number, till in enumerate(tills):
            till.sendall(status(f"t{number}"))
        wait_for(lambda: len(answers) == 4)
        with socket.create_connection(("127.0.0.1", port), 10) as fifth:
            word, sentence = answer(fifth)
            assert (word, sentence.decode()[:35]) == (b"erro", "O gateway atende caixas demais agor")
        for each in answers:
            each.set_result("1|10000|")
        assert [answer(till) for till in tills] == [[b"ok", b"1|10000|"]] * 4


def test_who_gave_way_while_its_call_was_read_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its till must not be told "unknown" for a call that is only now begun."""
    asked: list[Request] = []
    reading, go_on = threading.Event(), threading.Event()

    def slowly(fields: Sequence[bytes], token: str) -> Request:
        if fields[2] == b"slow":
            reading.set()
            assert go_on.wait(10)
        return read_call(fields, token)

    def note(request: Request) -> "Future[str]":
        asked.append(request)
        return echo(request)

    monkeypatch.setattr("zelo.pos.edge.door.line.shell.read_call", slowly)
    with running(note, Bounds(connections=1)) as port, socket.create_connection(("127.0.0.1", port), 10) as slow:
        slow.sendall(status("slow"))
        assert reading.wait(10)
        assert ask(port, status("quick"))[0] == b"ok"
        go_on.set()
        with suppress(ConnectionError):
            assert slow.recv(1) == b""
        assert [request.id for request in asked] == ["quick"]


def wait_for(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not so():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_slow_call_shows_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zelo.pos.edge.door.line.shell.WORKING_SECONDS", 0.05)
    slow: Future[str] = Future()
    threading.Timer(0.3, slow.set_result, ["1|10000|"]).start()
    with running(lambda _: slow) as port, socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(status())
        assert exactly(connection, 8) == WORKING * 2
        assert answer(connection)[0] == b"ok"


@pytest.mark.parametrize("broken", [ValueError("x"), "", "a\0b", "x" * MOST_FRAME_BYTES])
def test_a_desk_without_a_reply_leaves_the_till_in_doubt_and_never_says_no(broken: ValueError | str) -> None:
    """ "erro" would say that nothing was done, and nobody knows."""

    def fail(_: Request) -> "Future[str]":
        told: Future[str] = Future()
        told.set_exception(broken) if isinstance(broken, ValueError) else told.set_result(broken)
        return told

    with running(fail) as port:
        assert rest(port, status()) == b""


def test_large_frames_wait_for_one_another_and_small_ones_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zelo.pos.edge.door.line.shell.WORKING_SECONDS", 0.05)
    held: list[Future[str]] = []

    def hold(request: Request) -> "Future[str]":
        if len(request.code) < SMALL_BYTES:
            return echo(request)
        held.append(Future())
        return held[-1]

    with running(hold, Bounds(large_frames=1)) as port, ThreadPoolExecutor(2) as tills:
        large = status("big", "x" * (SMALL_BYTES + 1))
        told = [tills.submit(ask, port, large) for _ in range(2)]
        wait_for(lambda: len(held) == 1)
        assert ask(port, status())[0] == b"ok"
        time.sleep(0.2)
        assert len(held) == 1
        held[0].set_result("1|10000|first")
        wait_for(lambda: len(held) == 2)
        held[1].set_result("1|10000|second")
        assert sorted(each.result(10)[1] for each in told) == [b"1|10000|first", b"1|10000|second"]


SILENT = 400
"""Connections that announce a large frame, and say no more."""


def test_large_frames_that_do_not_come_keep_no_large_sale_waiting_and_no_thread(port: int) -> None:
    """Before they have their turn, so much of them must have come."""
    before = threading.active_count()
    with ExitStack() as stack:
        for _ in range(SILENT):
            silent = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            silent.sendall((SMALL_BYTES + 1).to_bytes(4, "big"))
        begun = time.monotonic()
        assert ask(port, status("big", "x" * (SMALL_BYTES + 1)))[0] == b"ok"
        one_after_another_seconds = SILENT / QUICK.large_frames * QUICK.frame_seconds
        assert time.monotonic() - begun < one_after_another_seconds / 5, "it does not wait for theirs"
        wait_for(lambda: threading.active_count() - before <= Bounds().connections + 1)


def test_who_gave_way_while_it_waited_for_its_turn_leaves() -> None:
    held: list[Future[str]] = []

    def hold(_: Request) -> "Future[str]":
        held.append(Future())
        return held[-1]

    large = status("big", "x" * (SMALL_BYTES + 1))
    with running(hold, Bounds(large_frames=1, connections=2)) as port, ExitStack() as stack:
        first, second = (stack.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(2))
        first.sendall(large)
        wait_for(lambda: len(held) == 1)
        second.sendall(large)
        time.sleep(0.2)
        stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
        with pytest.raises(ConnectionResetError):
            answer(second)
        held[0].set_result("1|10000|first")
        assert answer(first) == [b"ok", b"1|10000|first"]
        wait_for(lambda: sum(each.name == "till" for each in threading.enumerate()) <= 2)
        assert len(held) == 1


def test_strangers_are_told_and_the_allowed_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every address of this machine is loopback, so what loopback means is narrowed for the test."""
    monkeypatch.setattr("ipaddress.IPv4Address.is_loopback", property(lambda self: str(self) == "127.0.0.1"))
    allowed = [ip_network("127.0.0.8/29")]
    with running(echo, host="127.0.0.2", allowed=allowed) as port:

        def from_(address: str) -> list[bytes]:
            with socket.create_connection(("127.0.0.2", port), 10, (address, 0)) as connection:
                connection.sendall(status())
                return answer(connection)

        assert from_("127.0.0.1")[0] == b"ok"
        assert from_("127.0.0.9")[0] == b"ok"
        word, sentence = from_("127.0.0.3")
        assert (word, "não está entre os que podem" in sentence.decode()) == (b"erro", True)


def test_a_till_that_leaves_does_not_stop_its_call() -> None:
    asked: list[Request] = []
    slow: Future[str] = Future()

    def hold(request: Request) -> "Future[str]":
        asked.append(request)
        return slow

    with running(hold) as port:
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(status())
            wait_for(lambda: bool(asked))
        time.sleep(0.05)
        assert not slow.cancelled()
        slow.set_result("1|10000|")
