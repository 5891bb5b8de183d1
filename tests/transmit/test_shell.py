"""HTTPS over real TLS on loopback: who is seen, what is told of each way to fail, and that nothing is sent twice."""

import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests import house
from tests.transmit.authority import (
    GOOD,
    HOST,
    Authority,
    Behaviour,
    drip,
    hang,
    reply,
    say,
    simulated,
    slow_reader,
    until,
)  # fmt: skip
from zelo.fiscal.retorno import NoAnswer, Silence
from zelo.sim import pki
from zelo.transmit import shell
from zelo.transmit.answer import MOST_BYTES
from zelo.transmit.shell import ClientCertificate, HttpsTransport

CNPJS: Final = ("11222333000181", "45624871000114")
SHORT_SECONDS: Final = 1
PATIENCE_SECONDS: Final = 10


def client(cnpj: str) -> ClientCertificate:
    a1 = house.a1(cnpj)
    chain = a1.certificate.public_bytes(Encoding.PEM) + house.authority().pem
    return ClientCertificate(a1.key, chain)


def new_transport(ca_file: str, *, timeout: int = PATIENCE_SECONDS) -> HttpsTransport:
    return HttpsTransport(
        client, ca_file=ca_file, connect_seconds=SHORT_SECONDS, timeout_seconds=timeout, connections=4
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with simulated(tmp_path_factory.mktemp("tls")) as authority:
        yield authority


@pytest.fixture
def authority(server: Authority) -> Authority:
    """The server as if it had just begun."""
    server.behave = say(reply(b"200 OK", GOOD))
    server.arrived.messages.clear()
    server.arrived.heads.clear()
    server.arrived.connections = 0
    return server


@pytest.fixture
def transport(authority: Authority) -> Iterator[HttpsTransport]:
    made = new_transport(authority.ca_file)
    yield made
    made.close()


@pytest.fixture
def hasty(authority: Authority) -> Iterator[HttpsTransport]:
    made = new_transport(authority.ca_file, timeout=SHORT_SECONDS)
    yield made
    made.close()


def post(
    transport: HttpsTransport, authority: Authority, body: bytes = b"<m/>", cnpj: str = CNPJS[0], url: str = ""
) -> bytes | NoAnswer:
    headers = {"Content-Type": 'application/soap+xml; charset=utf-8; action="urn:a"'}
    return transport.post(url=url or authority.url, headers=headers, body=body, certificate_id=cnpj)


def why(answer: bytes | NoAnswer) -> Silence:
    assert isinstance(answer, NoAnswer), answer
    assert answer.detail
    return answer.why


def test_the_certificate_of_the_transmitter_is_seen(transport: HttpsTransport, authority: Authority) -> None:
    assert post(transport, authority, b"<message/>") == GOOD
    assert authority.arrived.messages == [(b"<message/>", CNPJS[0])]
    assert b'application/soap+xml; charset=utf-8; action="urn:a"' in authority.arrived.heads[0]


def test_connections_are_kept_and_used_again(transport: HttpsTransport, authority: Authority) -> None:
    for number in range(5):
        assert post(transport, authority, b"<m n='%d'/>" % number) == GOOD
    assert len(authority.arrived.bodies) == 5
    assert authority.arrived.connections == 1


def test_several_certificates_at_once_never_mix(transport: HttpsTransport, authority: Authority) -> None:
    wrong: list[object] = []

    def work(number: int) -> None:
        for step in range(5):
            cnpj = CNPJS[(number + step) % 2]
            answer = post(transport, authority, f"{cnpj}/{number}/{step}".encode(), cnpj)
            if answer != GOOD:
                wrong.append(answer)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    arrived = authority.arrived
    assert len(set(arrived.bodies)) == len(arrived.bodies) == 30
    assert all(body.startswith(cnpj.encode()) for body, cnpj in arrived.messages)


@cache
def foreign() -> pki.Authority:
    """An authority that nobody here trusts."""
    return pki.new_authority(house.BORN)


def test_a_server_of_another_authority_gets_nothing(authority: Authority, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(foreign().pem)
    transport = new_transport(str(path))
    assert why(post(transport, authority)) is Silence.NOT_SENT
    transport.close()
    assert authority.arrived.bodies == []


def test_a_server_whose_certificate_is_not_for_its_name_gets_nothing(
    transport: HttpsTransport, authority: Authority
) -> None:
    url = authority.url.replace(HOST, "127.0.0.2")
    with socket.create_server(("127.0.0.2", 0)):
        assert why(post(transport, authority, url=url)) is Silence.NOT_SENT
    assert authority.arrived.bodies == []


def test_a_client_that_the_server_refuses_gets_no_answer(authority: Authority) -> None:
    """In TLS 1.3 the refusal comes after the request may have left: then it is not claimed that it has not."""
    stranger = pki.issue_a1(foreign(), CNPJS[0], "X", house.BORN, house.DIES, key=house.a1(CNPJS[0]).key)
    chain = stranger.certificate.public_bytes(Encoding.PEM)
    transport = HttpsTransport(
        lambda _: ClientCertificate(stranger.key, chain),
        ca_file=authority.ca_file, connect_seconds=SHORT_SECONDS, timeout_seconds=PATIENCE_SECONDS, connections=1,
    )  # fmt: skip
    assert why(post(transport, authority)) in (Silence.CONNECTION_LOST, Silence.NOT_SENT)
    transport.close()
    assert authority.arrived.bodies == []


def test_nobody_listens(transport: HttpsTransport, authority: Authority) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
    assert why(post(transport, authority, url=f"https://{HOST}:{port}/x")) is Silence.NOT_SENT


def test_somebody_listens_who_does_not_speak_tls(hasty: HttpsTransport, authority: Authority) -> None:
    with socket.create_server((HOST, 0)) as silent:
        url = f"https://{HOST}:{silent.getsockname()[1]}/x"
        start = time.monotonic()
        assert why(post(hasty, authority, url=url)) is Silence.NOT_SENT
        assert time.monotonic() - start < 3 * SHORT_SECONDS


def test_a_name_that_does_not_resolve(transport: HttpsTransport, authority: Authority) -> None:
    assert why(post(transport, authority, url="https://name.invalid/x")) is Silence.NOT_SENT


def reset(connection: ssl.SSLSocket) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


LOST: Final[dict[str, Behaviour]] = {
    "no byte": say(b"", go_on=False),
    "a reset": reset,
    "half a head": say(b"HTTP/1.1 200 OK\r\nConte", go_on=False),
    "half a body": say(reply(b"200 OK", GOOD)[:-5], go_on=False),
    "half a chunk": say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nab", go_on=False),
    "no HTTP": say(b"220 smtp ready\r\n\r\n", go_on=False),
    "two lengths": say(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", go_on=False),
}


@pytest.mark.parametrize("name", LOST)
def test_a_connection_lost_after_the_request_left(transport: HttpsTransport, authority: Authority, name: str) -> None:
    authority.behave = LOST[name]
    assert why(post(transport, authority)) is Silence.CONNECTION_LOST
    assert authority.arrived.bodies == [b"<m/>"], "sent once, and not again"


@pytest.mark.parametrize(
    "status", [b"100 Continue", b"204 No Content", b"302 Found", b"400 Bad", b"500 Error", b"503 Busy"]
)
def test_any_other_status_is_an_http_error(hasty: HttpsTransport, authority: Authority, status: bytes) -> None:
    elsewhere = b"Location: " + authority.url.encode() + b"/elsewhere"
    authority.behave = say(reply(status, b"" if status[:3] in (b"100", b"204") else GOOD, elsewhere))
    expected = Silence.TIMEOUT if status.startswith(b"1") else Silence.HTTP_ERROR
    answer = post(hasty, authority)
    assert why(answer) is expected
    assert len(authority.arrived.bodies) == 1, "a redirection is not followed"


def test_a_server_that_says_nothing(hasty: HttpsTransport, authority: Authority) -> None:
    authority.behave = hang(authority)
    start = time.monotonic()
    assert why(post(hasty, authority)) is Silence.TIMEOUT
    assert SHORT_SECONDS * 0.9 < time.monotonic() - start < 3 * SHORT_SECONDS
    assert len(authority.arrived.bodies) == 1


@pytest.mark.parametrize(
    "content",
    [
        reply(b"200 OK", b" " * 200),
        b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 200,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 8,
    ],
    ids=["body", "head", "informational"],
)
def test_a_server_that_drips_does_not_hold_a_sender_for_longer(
    hasty: HttpsTransport, authority: Authority, content: bytes
) -> None:
    """No single read takes long, all together would."""
    authority.behave = drip(authority, content)
    start = time.monotonic()
    assert why(post(hasty, authority)) is Silence.TIMEOUT
    assert time.monotonic() - start < 3 * SHORT_SECONDS


def test_a_server_that_reads_drop_by_drop_does_not_either(hasty: HttpsTransport, authority: Authority) -> None:
    with slow_reader(authority) as url:
        start = time.monotonic()
        assert why(post(hasty, authority, bytes(30_000_000), url=url)) is Silence.TIMEOUT
        assert time.monotonic() - start < 3 * SHORT_SECONDS


@pytest.mark.parametrize("length", [MOST_BYTES, MOST_BYTES + 1])
def test_an_answer_may_be_as_large_as_is_read_and_no_larger(
    transport: HttpsTransport, authority: Authority, length: int
) -> None:
    authority.behave = say(reply(b"200 OK", b" " * length))
    answer = post(transport, authority)
    if length == MOST_BYTES:
        assert answer == b" " * MOST_BYTES
    else:
        assert why(answer) is Silence.UNREADABLE


def test_a_body_that_unpacks_without_end_is_not_read(transport: HttpsTransport, authority: Authority) -> None:
    bomb = gzip.compress(bytes(100_000_000), 9)
    authority.behave = say(reply(b"200 OK", bomb, b"Content-Encoding: gzip"))
    assert why(post(transport, authority)) is Silence.UNREADABLE


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate"])
def test_a_body_that_does_not_unpack_is_unreadable(
    transport: HttpsTransport, authority: Authority, encoding: bytes
) -> None:
    authority.behave = say(reply(b"200 OK", b"not compressed at all", b"Content-Encoding: " + encoding))
    assert why(post(transport, authority)) is Silence.UNREADABLE


def test_a_body_in_gzip_is_unpacked(transport: HttpsTransport, authority: Authority) -> None:
    authority.behave = say(reply(b"200 OK", gzip.compress(GOOD), b"Content-Encoding: gzip"))
    assert post(transport, authority) == GOOD


def test_a_connection_closed_while_idle_costs_no_second_post(transport: HttpsTransport, authority: Authority) -> None:
    authority.behave = say(reply(b"200 OK", GOOD), go_on=False)
    for number in range(6):
        answer = post(transport, authority, b"%d" % number)
        assert answer == GOOD or why(answer) in (Silence.CONNECTION_LOST, Silence.NOT_SENT)
    assert len(set(authority.arrived.bodies)) == len(authority.arrived.bodies)
    assert authority.arrived.bodies[0] == b"0"


def test_after_any_trouble_the_next_call_goes_through(transport: HttpsTransport, authority: Authority) -> None:
    for behaviour in LOST.values():
        authority.behave = behaviour
        post(transport, authority, b"lost")
        authority.behave = say(reply(b"200 OK", GOOD))
        assert post(transport, authority, b"good") == GOOD


def test_more_calls_than_connections_wait_their_turn(authority: Authority) -> None:
    transport = HttpsTransport(
        client,
        ca_file=authority.ca_file,
        connect_seconds=PATIENCE_SECONDS,
        timeout_seconds=PATIENCE_SECONDS,
        connections=1,
    )
    answers: list[object] = []
    threads = [threading.Thread(target=lambda: answers.append(post(transport, authority))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    transport.close()
    assert answers == [GOOD] * 6


def test_closing_lets_go_of_every_connection(transport: HttpsTransport, authority: Authority) -> None:
    ended = threading.Event()

    def behave(connection: ssl.SSLSocket) -> bool:
        connection.sendall(reply(b"200 OK", GOOD))
        connection.settimeout(5)
        if connection.recv(1) == b"":
            ended.set()
        return False

    authority.behave = behave
    assert post(transport, authority) == GOOD
    transport.close()
    assert ended.wait(5)


def test_the_private_key_is_in_no_file_but_sealed_and_for_a_moment(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    load = ssl.SSLContext.load_cert_chain

    def watched(
        context: ssl.SSLContext, certfile: str, keyfile: str | None = None, password: str | None = None
    ) -> None:
        seen.append(Path(certfile).read_bytes())
        assert Path(certfile).stat().st_mode & 0o077 == 0
        load(context, certfile, keyfile, password)

    monkeypatch.setattr(shell, "_IN_MEMORY", tmp_path)
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watched)
    transport = new_transport(authority.ca_file)
    assert post(transport, authority) == GOOD
    transport.close()
    assert list(tmp_path.iterdir()) == []
    (content,) = seen
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in content
    assert b"BEGIN PRIVATE KEY" not in content
    assert b"RSA PRIVATE KEY" not in content


def test_the_file_is_gone_though_the_key_was_not_accepted(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "_IN_MEMORY", tmp_path)
    other = client(CNPJS[1])
    transport = HttpsTransport(
        lambda _: ClientCertificate(house.a1(CNPJS[0]).key, other.chain_pem),
        ca_file=authority.ca_file, connect_seconds=SHORT_SECONDS, timeout_seconds=SHORT_SECONDS, connections=1,
    )  # fmt: skip
    with pytest.raises(ssl.SSLError):
        post(transport, authority)
    assert list(tmp_path.iterdir()) == []


def test_the_environment_decides_nothing(
    transport: HttpsTransport, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No proxy and no other authority by a variable that somebody set."""
    for name in ("HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert post(transport, authority) == GOOD


def test_a_request_is_a_post_of_http_11(transport: HttpsTransport, authority: Authority) -> None:
    assert post(transport, authority) == GOOD
    assert authority.arrived.heads[0].startswith(b"POST /x HTTP/1.1\r\n")
    assert until(lambda: authority.arrived.connections == 1)
