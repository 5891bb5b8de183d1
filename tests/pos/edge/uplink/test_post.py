"""What comes back over a real connection, from a centre, from somebody else, from nobody."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from zelo.pos.edge.uplink.core import NO_ANSWER, Answer, Fate
from zelo.pos.edge.uplink.message import MOST_ANSWER_BYTES, pack
from zelo.pos.edge.uplink.shell import post as posting
from zelo.pos.edge.uplink.shell.post import Centre, Post
from zelo.sim.centre.shell.server import Setup, serving

SECONDS = 5
"""Within which what may take a third of one has come to an end."""
EMPTY = pack("epoch", (), (), (), everything=True)


Act = Callable[[socket.socket], None]


def _say(answer: bytes) -> Act:
    """One answer to whatever comes."""

    def act(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(answer)

    return act


def _drip(begin: bytes, drop: bytes) -> Act:
    """An answer that goes on as long as anybody listens."""

    def act(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(begin)
        while True:
            time.sleep(0.02)
            connection.sendall(drop)

    return act


@contextmanager
def _stranger(act: Act) -> Iterator[str]:
    """Whoever does the same to everybody, one connection after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, suppress(ConnectionError):
                    act(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_one_connection_carries_many_batches(tmp_path: Path) -> None:
    with serving(tmp_path) as (url, _):
        post = Post(Centre(url, "till"))
        assert [post.send(EMPTY).fate for _ in range(3)] == [Fate.COMMITTED] * 3
        post.close()


def test_a_refusal_says_what_came(tmp_path: Path) -> None:
    with serving(tmp_path, Setup(rates={"retry_after": 1000})) as (url, _):
        known, unknown = Post(Centre(url, "till")), Post(Centre(url, "another"))
        assert (known.send(EMPTY).fate, known.send(EMPTY).wait_seconds) == (Fate.REFUSED, 1.0)
        assert unknown.send(EMPTY).said == "a central respondeu 401: O token não é o deste gateway"
        known.close()
        unknown.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (MOST_ANSWER_BYTES + 100_000),
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200,
    ],
)
def test_an_answer_that_is_none_leaves_the_fate_unknown(answer: bytes) -> None:
    with _stranger(_say(answer)) as url:
        post = Post(Centre(url, "till"))
        assert [post.send(EMPTY).fate for _ in range(2)] == [Fate.UNKNOWN] * 2
        post.close()


def test_nobody_there_or_nobody_who_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "ANSWER_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        post = Post(Centre(f"http://127.0.0.1:{silent.getsockname()[1]}", "till"))
        assert post.send(EMPTY).fate is Fate.UNKNOWN
        post.close()
    assert post.send(EMPTY).fate is Fate.UNKNOWN


@pytest.mark.parametrize(
    ("begin", "drop"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 ", b"O"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
    ],
    ids=["100 Continue", "status", "head", "body"],
)
def test_an_answer_that_drips_is_hung_up_on(monkeypatch: pytest.MonkeyPatch, begin: bytes, drop: bytes) -> None:
    monkeypatch.setattr(posting, "ANSWER_SECONDS", 0.3)
    with _stranger(_drip(begin, drop)) as url:
        post = Post(Centre(url, "till"))
        told: list[Answer] = []
        thread = threading.Thread(target=lambda: told.append(post.send(EMPTY)), daemon=True)
        thread.start()
        thread.join(SECONDS)
        assert told == [NO_ANSWER]
        post.close()


def test_a_proxy_that_drips_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "CONNECT_SECONDS", 0.2)
    with _stranger(_drip(b"HTTP/1.1 200 ", b"O")) as url:
        post = Post(Centre("http://central.exemplo", "till", proxy=url))
        begun = time.monotonic()
        assert post.send(EMPTY).fate is Fate.UNKNOWN
        assert time.monotonic() - begun < SECONDS
        post.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "central",
        "ftp://central.exemplo",
        "https://",
        "https://central..exemplo",
        f"https://{'a' * 64}.exemplo",
        "https://central.exemplo/à-parte",
    ],
)
def test_an_address_that_is_none_is_said_so(url: str) -> None:
    with pytest.raises(ValueError, match="O endereço da central é como"):
        Post(Centre(url, "till"))


@pytest.mark.parametrize("token", ["abc\n", "“abc”", "açúcar"])
def test_a_token_that_no_header_carries_is_said_so(token: str) -> None:
    with pytest.raises(ValueError, match="O token em "):
        Post(Centre("https://central.exemplo", token))


def test_a_batch_that_is_refused_while_it_is_being_sent_is_halved(tmp_path: Path) -> None:
    with serving(tmp_path) as (url, _):
        post = Post(Centre(url, "till"))
        assert post.send(bytes(9_000_000)).fate is Fate.BAD
        post.close()
    with _stranger(_say(b"HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n")) as url:
        post = Post(Centre(url, "till"))
        assert post.send(bytes(100)).fate is Fate.BAD
        post.close()
