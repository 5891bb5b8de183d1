"""Who may knock at the doors, with how much and for how long; what silent and hostile connections do to others."""

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request as Call
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.pos.edge.door.knock import knock
from tests.pos.edge.door.world import BEARER, TERMS, TOKEN, World
from zelo.pos.edge.door import trust
from zelo.pos.edge.door.refused import RefusedError
from zelo.pos.edge.door.shell import shield
from zelo.pos.edge.door.shell.app import application
from zelo.pos.edge.door.shell.gateway import Terms
from zelo.pos.edge.door.shell.listen import MOST_WAITING, listening, serving
from zelo.pos.edge.door.shell.shield import MOST_BODY_BYTES, Shield, say_http

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ASK = ("POST", "/hub/v1/consultarsat", "numero_caixa=1")


FAMILIES = ((socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1"))


def raw(port: int, sent: bytes) -> bytes:
    """What comes back until the other side hangs up."""
    with socket.create_connection(("127.0.0.1", port), 15) as connection:
        connection.sendall(sent)
        found = b""
        try:
            while part := connection.recv(65_536):
                found += part
        except ConnectionResetError:
            pass
        return found


@pytest.mark.parametrize(
    ("headers", "where"),
    [
        ({"Host": "evil.example"}, "Host"),
        ({"Host": "evil.example:7060"}, "Host"),
        ({"Host": "127.0.0.1.evil.example"}, "Host"),
        ({"Host": "localhost@evil.example"}, "Host"),
        ({"Host": "[::1"}, "Host"),
        ({"Host": ""}, "Host"),
        ({"Origin": "http://evil.example"}, "Origin"),
        ({"Origin": "null"}, "Origin"),
        ({"Origin": "http://localhost:1"}, "Origin"),
        ({"Referer": "http://evil.example/page?x=http://localhost/"}, "Origin"),
        ({"Referer": "http://localhost.evil.example/"}, "Origin"),
        ({"Referer": "about:blank"}, "Origin"),
        ({"Sec-Fetch-Site": "cross-site"}, "Origin"),
        ({"Sec-Fetch-Site": "same-site"}, "Origin"),
    ],
)
def test_pages_of_others_cannot_call(port: int, world: World, headers: dict[str, str], where: str) -> None:
    for method, path, body in (ASK, ("GET", "/v1/equipamentos", None)):
        status, told, _ = knock(port, method, path, body, {**FORM, **BEARER, **headers})
        assert (status, told["onde"]) == (403, where)
    assert world.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:80", "LOCALHOST", "[::1]:7060", "192.168.0.10:7060"])
def test_the_own_names_may_call(port: int, host: str) -> None:
    assert knock(port, *ASK, {**FORM, "Host": host, "Origin": f"http://{host}"})[0] == 200
    assert knock(port, *ASK, {**FORM, "Host": host, "Referer": f"http://{host}/equipamentos/1"})[0] == 200


def test_a_name_of_the_configuration_may_call(world: World) -> None:
    with serving(application(world.gateway, Terms(token=TOKEN, names=("Caixa-1.loja",)))) as port:
        assert knock(port, *ASK, {**FORM, "Host": "caixa-1.loja:7060"})[0] == 200


@pytest.mark.parametrize(
    ("address", "listed", "let_in"),
    [
        ("127.0.0.1", (), True),
        ("::1", (), True),
        ("::ffff:127.0.0.1", (), True),
        ("192.168.0.7", (), False),
        ("192.168.0.7", ("192.168.0.0/24",), True),
        ("192.168.1.7", ("192.168.0.0/24",), False),
        ("2001:db8::1", ("192.168.0.0/24",), False),
        ("", (), False),
        ("testclient", (), False),
    ],
)
def test_sathub_is_for_the_own_machine_and_listed_networks(
    address: str, listed: tuple[str, ...], *, let_in: bool
) -> None:
    allowed = trust.networks(listed)
    if let_in:
        trust.check_network(address, allowed)
    else:
        with pytest.raises(RefusedError, match="não pode chamar") as caught:
            trust.check_network(address, allowed)
        assert caught.value.status == 403


def test_sathub_says_no_to_another_machine(world: World) -> None:
    """No second machine here: the application is called with the address of one."""
    app, sent = application(world.gateway, TERMS), list[Any]()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"numero_caixa=1", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/hub/v1/consultarsat",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "client": ("192.168.0.7", 5000),
    }
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 403
    assert "redes, de [web]," in json.loads(sent[1]["body"])["remedio"]
    assert world.asked == []


def test_a_network_that_is_none_is_said() -> None:
    with pytest.raises(ValueError, match="A rede se escreve"):
        trust.networks(("loja",))


def test_answers_name_the_call_and_not_the_server(port: int) -> None:
    first, second = (knock(port, *ASK, FORM)[2] for _ in range(2))
    assert first["x-request-id"] != second["x-request-id"]
    assert first["cache-control"] == "no-store"
    assert first["x-content-type-options"] == "nosniff"
    assert "server" not in first
    refused = knock(port, "GET", "/v1/equipamentos")[2]
    assert refused["www-authenticate"] == "Bearer"
    assert refused["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/", 404), ("GET", "/v1/vendas", 405), ("POST", "/v1/vendas/", 404)]
)
def test_addresses_that_are_none_get_a_sentence(port: int, method: str, path: str, status: int) -> None:
    found, told, _ = knock(port, method, path, None, BEARER)
    assert found == status
    assert told["erro"].endswith(".")


def test_a_body_beyond_the_bound_is_refused_before_and_while_it_comes(port: int) -> None:
    announced = {**FORM, "Content-Length": str(MOST_BODY_BYTES + 1)}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/hub/v1/consultarsat", b"", announced)
    assert connection.getresponse().status == 413
    connection.close()
    head = b"POST /hub/v1/consultarsat HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 10) as stream:
        stream.sendall(head)
        chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
        for _ in range(MOST_BODY_BYTES // 0x10000 + 1):
            stream.sendall(chunk)
        assert stream.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"\0" * 100, "chegou cortado ou com forma errada"),
        (b"GET\r\n\r\n", "chegou cortado ou com forma errada"),
        (b"A" * 100_000, "chegou cortado ou com forma errada"),
        (b"\x16\x03\x01\x02\0\x01\0", "chegou cortado ou com forma errada"),
        (b"GET / HTTP/9.9\r\n\r\n", "não atende por este nome"),
    ],
)
def test_what_is_no_http_is_told_and_harms_nobody(port: int, sent: bytes, said: str) -> None:
    assert said in raw(port, sent).decode()
    assert knock(port, *ASK, FORM)[0] == 200


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"POST /v1/vendas HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\n"]),
)
def test_whatever_bytes_come_the_door_lives(port: int, sent: bytes, begin: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(begin + sent)
    assert knock(port, *ASK, FORM)[0] == 200


def test_a_thousand_silent_connections_do_not_stop_a_till(port: int) -> None:
    silent = []
    try:
        for number in range(1_000):
            each = socket.create_connection(("127.0.0.1", port), 10)
            silent.append(each)
            if number % 3 == 0:
                each.sendall(b"POST /hub/v1/consultarsat HTTP/1.1\r\nHos")
        assert all(knock(port, *ASK, FORM)[0] == 200 for _ in range(20))
        hung_up = 0
        for each in silent:
            each.settimeout(0.001)
            try:
                hung_up += each.recv(1) == b""
            except ConnectionResetError:
                hung_up += 1
            except TimeoutError:
                continue
        assert hung_up >= 1_000 - MOST_WAITING
    finally:
        for each in silent:
            each.close()


def test_a_kept_connection_is_answered_at_once() -> None:
    """Not a speed: whether the system holds small answers back (Nagle), which costs 40 ms each."""
    with listening(port=0) as bound, socket.create_connection(bound.getsockname()):
        accepted, _ = bound.accept()
        with accepted:
            assert accepted.proto == socket.IPPROTO_TCP


def test_a_name_of_both_kinds_is_listened_to_where_tills_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are configured with 127.0.0.1."""
    both = [(family, socket.SOCK_STREAM, 6, "", (host, 0)) for family, host in FAMILIES]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: both)
    with listening("localhost", 0) as bound:
        assert bound.getsockname()[0] == "127.0.0.1"


def test_a_taken_port_is_said() -> None:
    with listening(port=0) as bound, pytest.raises(OSError, match="in use"):
        listening(port=bound.getsockname()[1])


def test_a_head_that_does_not_come_is_hung_up(world: World) -> None:
    with serving(application(world.gateway, TERMS), head_seconds=0.2) as port:
        begin = time.monotonic()
        assert raw(port, b"") == b""
        assert raw(port, b"GET / HT") == b""
        kept = raw(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET")
        assert kept.startswith(b"HTTP/1.1 404")
        assert time.monotonic() - begin < 5


BEGUN, LET_GO = threading.Semaphore(0), threading.Event()
"""A call of the route that waits has come; it may go on."""


@pytest.fixture
def slow_port() -> Iterator[int]:
    """A layer with small bounds around a route that waits, one that breaks and one that reads."""

    async def wait(_: Call) -> JSONResponse:
        BEGUN.release()
        while not LET_GO.is_set():
            await asyncio.sleep(0.01)
        return JSONResponse({})

    async def fail(call: Call) -> JSONResponse:
        raise KeyError(call.query_params["cpf"])

    async def read(call: Call) -> JSONResponse:
        return JSONResponse({"bytes": len(await call.body())})

    routes = [Route("/wait", wait), Route("/fail", fail), Route("/read", read, methods=["POST"])]
    layer = Middleware(Shield, names=(), new_id=lambda: "id-1", body_seconds=0.3, most_active=2)
    with serving(Starlette(routes=routes, middleware=[layer])) as port:
        yield port


def test_a_body_that_does_not_come_is_given_up(slow_port: int) -> None:
    found = raw(
        slow_port, b"POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nConnection: close\r\n\r\nab"
    )
    assert found.startswith(b"HTTP/1.1 408")
    assert "não chegou inteiro".encode() in found


def test_more_calls_than_there_is_room_for_are_told_to_come_back(slow_port: int) -> None:
    LET_GO.clear()
    with ExitStack() as stack:
        waiting = [http.client.HTTPConnection("127.0.0.1", slow_port, timeout=10) for _ in range(2)]
        stack.callback(LET_GO.set)
        for each in waiting:
            stack.callback(each.close)
            each.request("GET", "/wait")
            assert BEGUN.acquire(timeout=10)
        status, told, headers = knock(slow_port, "GET", "/wait")
        assert (status, told["regra"], headers["retry-after"]) == (503, "PORTA-CHEIA", "1")
        LET_GO.set()
        assert [each.getresponse().status for each in waiting] == [200, 200]


def test_bodies_together_are_bounded_and_let_go(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shield, "MOST_HELD_BYTES", 100)
    assert all(knock(port, *ASK, FORM)[0] == 200 for _ in range(20))
    status, told, _ = knock(port, "POST", ASK[1], f"{ASK[2]}&x={'x' * 200}", FORM)
    assert (status, told["regra"]) == (503, "PORTA-CHEIA")
    assert knock(port, *ASK, FORM)[0] == 200


def _half(port: int, body: bytes = b"") -> socket.socket:
    """A call whose body does not come, or half of it."""
    connection = socket.create_connection(("127.0.0.1", port), 10)
    head = b"POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\nConnection: close\r\n\r\n"
    connection.sendall(head + body)
    return connection


def test_bodies_that_do_not_come_keep_nobody_out_and_the_oldest_gives_way(
    slow_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shield, "MOST_COMING", 5)
    with ExitStack() as stack:
        halves = [stack.enter_context(_half(slow_port)) for _ in range(6)]
        oldest = b"".join(iter(partial(halves[0].recv, 65_536), b""))
        assert oldest.startswith(b"HTTP/1.1 408")
        assert b"outras chamadas esperam" in oldest
        assert knock(slow_port, "POST", "/read", "x")[:2] == (200, {"bytes": 1})


def test_a_body_that_fills_the_room_and_does_not_end_gives_way_to_one_that_does(
    slow_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shield, "MOST_HELD_BYTES", 100)
    with _half(slow_port, b"x" * 90) as half:
        time.sleep(0.1)
        assert knock(slow_port, "POST", "/read", "x" * 50)[:2] == (200, {"bytes": 50})
        assert half.recv(65_536).startswith(b"HTTP/1.1 408")


def test_a_caller_that_hangs_up_is_no_defect(port: int, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"POST /hub/v1/consultarsat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab")
        time.sleep(0.1)
    assert knock(port, *ASK, FORM)[0] == 200
    assert "defect" not in caplog.text


def test_a_defect_is_told_without_what_it_was(slow_port: int, caplog: pytest.LogCaptureFixture) -> None:
    status, told, _ = knock(slow_port, "GET", "/fail?cpf=12345678909")
    assert (status, told["regra"]) == (500, "PORTA-DEFEITO")
    assert "id-1" in told["remedio"]
    assert "KeyError" in caplog.text
    assert "12345678909" not in caplog.text + json.dumps(told)


def test_a_long_address_is_not_told_back_whole() -> None:
    assert len(bytes(say_http(HTTPException(404), "/" * 10_000).body)) < 400
