"""The device as a process: sales over its port, crashes, hostile bytes, and what its memory says afterwards."""

import base64
import json
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.sim.sat import sales
from zelo.sim.sat.shell.client import HOST, Client, LostReplyError, RefusedError
from zelo.sim.sat.shell.server import MOST_CONNECTIONS, Setup, started

SALE = (sales.CODE, sales.sale())
QUIET = Setup(transmit_seconds=3600, slow_seconds=1.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all of these, for its keys take long; each test counts from where the memory stands."""
    return tmp_path_factory.mktemp("sat")


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    with started(folder, QUIET) as (port, _):
        yield port


@pytest.fixture
def client(port: int) -> Iterator[Client]:
    with Client(port) as client:
        yield client


def chaves(client: Client) -> list[str]:
    return [each["chave"] for each in client.command("memory")["coupons"]]


def free(client: Client) -> Iterator[int]:
    """Session numbers that the device has not seen."""
    used = set(client.command("state")["sessions"])
    return (number for number in count(1) if number not in used)


def raw(port: int, sent: bytes) -> bytes:
    """What comes back until the device hangs up, which it may do before all is sent."""
    with socket.create_connection((HOST, port), 10) as connection:
        with suppress(OSError):
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        try:
            return b"".join(iter(lambda: connection.recv(65_536), b""))
        except ConnectionResetError:
            return b""


def framed(message: Any) -> bytes:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return struct.pack(">I", len(body)) + body


def test_a_sale_over_the_port_stands_in_the_memory(client: Client) -> None:
    fields = client.call("EnviarDadosVenda", next(free(client)), *SALE).split("|")
    assert fields[1] == "06000"
    chave = fields[8].removeprefix("CFe")
    assert chaves(client)[-1] == chave
    kept = base64.b64decode(client.command("coupon", chave=chave)["xml"])
    assert kept == base64.b64decode(fields[6])
    assert etree.fromstring(kept)[0].get("Id") == fields[8]


def test_a_lost_reply_is_found_again(client: Client, port: int) -> None:
    session = next(free(client))
    client.command("faults", trouble="lost_after", function="EnviarDadosVenda")
    with pytest.raises(LostReplyError):
        client.call("EnviarDadosVenda", session, *SALE)
    with Client(port) as again:
        found = again.call("ConsultarNumeroSessao", next(free(again)), sales.CODE, session).split("|")
        assert (int(found[0]), found[1]) == (session, "06000")
        assert chaves(again)[-1] == found[8].removeprefix("CFe")


def test_a_hang_holds_the_caller_and_ends_with_a_restart(port: int, client: Client) -> None:
    client.command("faults", trouble="hang_before")
    with Client(port, timeout_seconds=0.5) as held, pytest.raises(LostReplyError):
        held.call("ConsultarSAT", next(free(client)))
    assert client.call("ConsultarSAT", next(free(client))).split("|")[1] == "08098"
    client.command("restart")
    assert client.call("ConsultarSAT", next(free(client))).split("|")[1] == "08000"


def test_a_slow_reply_comes_late(client: Client) -> None:
    client.command("faults", trouble="slow")
    begin = time.monotonic()
    assert client.call("ConsultarSAT", next(free(client))).split("|")[1] == "08000"
    assert time.monotonic() - begin >= 1


def test_the_clock_is_moved_from_outside(client: Client) -> None:
    sold = client.call("EnviarDadosVenda", next(free(client)), *SALE).split("|")[8]
    client.command("clock", advance_seconds=1801)
    late = client.call("CancelarUltimaVenda", next(free(client)), sales.CODE, sold, sales.cancel(sold)).split("|")
    assert late[1:3] == ["07007", "1412"]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\0",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xff\xff\xff",
        b"\0\0\0\x10{}",
        framed(b"[]"),
        framed(b"\xff\xfe"),
        framed(b"[" * 100_000),
        framed({}),
        framed({"function": "Nada", "arguments": []}),
        framed({"function": ["EnviarDadosVenda"], "arguments": []}),
        framed({"function": "ConsultarSAT", "arguments": {}}),
        framed({"function": "ConsultarSAT", "arguments": [1.5]}),
        framed({"function": "ConsultarSAT", "arguments": [2**40]}),
        framed({"function": "EnviarDadosVenda", "arguments": [1, "\ud800", ""]}),
        framed({"function": "EnviarDadosVenda", "arguments": [1, "a", "b" * 2_000_001]}),
        framed({"command": "nada"}),
        framed({"command": 1}),
        framed({"command": "clock", "advance_seconds": 1e300}),
        framed({"command": "clock", "advance_seconds": "x"}),
        framed({"command": "coupon", "chave": "'"}),
        framed({"command": "memory", "from": -1}),
        framed({"command": "block", "by": "me"}),
        framed({"command": "sefaz", "reachable": "no"}),
        framed({"command": "faults", "rates": {"busy": "x"}}),
        framed({"command": "faults", "trouble": "x"}),
    ],
)
def test_what_is_no_question_gets_a_sentence_or_nothing(port: int, client: Client, sent: bytes) -> None:
    back = raw(port, sent)
    assert not back or "error" in json.loads(back[4:])
    assert client.call("ConsultarSAT", next(free(client))).split("|")[1] == "08000"


def test_a_nul_ends_a_text_as_in_c(client: Client) -> None:
    told = client.call("ConsultarStatusOperacional", next(free(client)), f"{sales.CODE}\0garbage").split("|")
    assert told[1] == "10000"


def test_a_client_is_told_what_is_wrong(client: Client) -> None:
    with pytest.raises(RefusedError, match="leva 1 argumentos"):
        client.call("ConsultarSAT")


def test_silent_connections_are_bounded_and_harm_nobody(port: int, client: Client) -> None:
    silent = [socket.create_connection((HOST, port), 5) for _ in range(MOST_CONNECTIONS + 20)]
    try:
        assert client.call("ConsultarSAT", next(free(client))).split("|")[1] == "08000"
        assert silent[-1].recv(1) == b""
    finally:
        for each in silent:
            each.close()


@pytest.mark.usefixtures("port")
@pytest.mark.parametrize(("trouble", "sold"), [("crash_before", 0), ("crash_after", 1)])
def test_a_crash_loses_nothing_that_was_committed(tmp_path: Path, folder: Path, trouble: str, sold: int) -> None:
    for name in ("authority.pem", "server.pem", "ca.pem", "device-key.pem", "device.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with started(tmp_path, QUIET) as (port, process), Client(port) as client:
        client.command("faults", trouble=trouble)
        with pytest.raises(LostReplyError):
            client.call("EnviarDadosVenda", 1, *SALE)
        assert process.wait(10) == 70
    with started(tmp_path, QUIET) as (port, _), Client(port) as client:
        assert len(chaves(client)) == sold
        found = client.call("ConsultarNumeroSessao", 2, sales.CODE, 1).split("|")
        assert found[1] == ("06000" if sold else "11003")


def test_a_setup_that_cannot_be_is_said(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="Perfil desconhecido"), started(tmp_path, Setup(profile="nada")):
        pass
