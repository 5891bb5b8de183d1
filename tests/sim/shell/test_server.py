"""The simulator as a process: TLS with client certificates, broken connections, concurrency, restart."""

import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from tests.sim import notes
from tests.sim.judge.cases import BASE
from tests.sim.world import RECEPCAO, STATUS, Told, read
from zelo.sim import pki
from zelo.sim.faults import Cut
from zelo.sim.sefaz import Reply
from zelo.sim.shell.folder import a1_in, journal_in
from zelo.sim.shell.server import Handle, Setup, start

REAL_NOW = datetime.now(UTC)  # noqa: TID251 TLS lives in real time
BRASILIA = timezone(timedelta(hours=-3))
DRAFT = replace(BASE, dhemi=REAL_NOW.astimezone(BRASILIA).isoformat(timespec="seconds"))


@dataclass(frozen=True, slots=True)
class Site:
    """A running simulator, a client that it lets in, and that client's certificate with its file for TLS."""

    handle: Handle
    client: httpx2.Client
    a1: pki.A1
    pem: Path

    def manage(self, path: str, members: object = None) -> Any:
        """A command to the management port."""
        url = self.handle.management_url(path)
        if members is None:
            answer = httpx2.get(url, trust_env=False)
        else:
            answer = httpx2.post(url, json=members, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def body(self, draft: notes.Draft) -> bytes:
        """A request that hands in a note."""
        return notes.envelope(notes.packed(notes.signed(draft, self.a1)), RECEPCAO)

    def post(self, body: bytes, servico: str = RECEPCAO, autorizador: str = "SVRS") -> httpx2.Response:
        """What comes back over HTTPS."""
        return self.client.post(self.handle.url(autorizador, servico), content=body)


def told(answer: httpx2.Response) -> Told:
    """The answer in a response."""
    return read(Reply(answer.status_code, answer.content, 0, Cut.NONE))


def _opened(pfx: Path, pem: Path) -> pki.A1:
    """A certificate from its file; `pem` gets what TLS wants of it."""
    bundle = pkcs12.load_pkcs12(pfx.read_bytes(), pki.PASSWORD.encode())
    assert bundle.cert is not None
    key: Any = bundle.key
    chain = [bundle.cert.certificate, *(each.certificate for each in bundle.additional_certs)]
    pem.write_bytes(pki.key_pem(key) + b"".join(each.public_bytes(Encoding.PEM) for each in chain))
    return pki.A1(notes.CNPJ, bundle.cert.certificate, key, b"", "")


def _tls(handle: Handle, client: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(handle.ca_file))
    if client is not None:
        context.load_cert_chain(client)
    return context


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("sim")
    with start(folder, Setup(seed=1, slow_ms=300)) as handle:
        pem = folder / "client.pem"
        a1 = _opened(a1_in(folder, notes.CNPJ, "PROVEDOR TESTE LTDA", REAL_NOW), pem)
        with httpx2.Client(verify=_tls(handle, pem), timeout=10, trust_env=False) as client:
            yield Site(handle, client, a1, pem)


def test_a_note_is_authorised_over_https(site: Site) -> None:
    assert told(site.post(site.body(DRAFT))).cstat == "100"
    entry = site.manage("/journal")["entries"][-1]
    assert (entry["transmitter"], entry["ip"], entry["chave"]) == (notes.CNPJ, "127.0.0.1", DRAFT.chave)


def test_every_authorizer_answers(site: Site) -> None:
    for name in ("SVRS", "MG", "MS", "MT"):
        answer = site.post(notes.envelope(notes.status(), STATUS), STATUS, name)
        assert answer.headers["content-type"] == "application/soap+xml; charset=utf-8"
        assert told(answer).cstat == "107"


def test_the_content_type_is_that_of_the_envelope(site: Site) -> None:
    answer = site.post(notes.envelope(notes.status(), STATUS, notes.SOAP_11), STATUS)
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"


def test_without_a_client_certificate_nobody_comes_in(site: Site) -> None:
    url = site.handle.url("SVRS", STATUS)
    with pytest.raises(httpx2.TransportError):
        httpx2.post(url, content=b"x", verify=_tls(site.handle, None), trust_env=False)


def test_in_tls_1_2_the_handshake_itself_fails(site: Site) -> None:
    context = _tls(site.handle, None)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", site.handle.ports.services)) as raw, pytest.raises(ssl.SSLError):
        context.wrap_socket(raw, server_hostname="localhost")


def test_a_certificate_of_another_authority_is_refused(site: Site, tmp_path: Path) -> None:
    pem = tmp_path / "client.pem"
    _opened(a1_in(tmp_path, notes.CNPJ, "PROVEDOR TESTE LTDA", REAL_NOW), pem)
    url = site.handle.url("SVRS", STATUS)
    with pytest.raises(httpx2.TransportError):
        httpx2.post(url, content=b"x", verify=_tls(site.handle, pem), trust_env=False)


def test_lost_after_leaves_the_note_authorised(site: Site) -> None:
    draft = replace(DRAFT, nnf="200")
    body = site.body(draft)
    site.manage("/faults", {"trouble": "lost_after", "chave": draft.chave})
    with pytest.raises(httpx2.RemoteProtocolError):
        site.post(body)
    again = told(site.post(body))
    assert (again.cstat, again.text("protNFCom/infProt/cStat")) == ("204", "100")


def test_lost_before_leaves_nothing(site: Site) -> None:
    draft = replace(DRAFT, nnf="201")
    body = site.body(draft)
    site.manage("/faults", {"trouble": "lost_before", "chave": draft.chave})
    with pytest.raises(httpx2.RemoteProtocolError):
        site.post(body)
    assert told(site.post(body)).cstat == "100"


def test_truncated_breaks_off_within_the_answer(site: Site) -> None:
    draft = replace(DRAFT, nnf="202")
    site.manage("/faults", {"trouble": "truncated", "chave": draft.chave})
    body = site.body(draft)
    head = f"POST /SVRS/{RECEPCAO} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    raw = socket.create_connection(("127.0.0.1", site.handle.ports.services), timeout=10)
    received = b""
    with _tls(site.handle, site.pem).wrap_socket(raw, server_hostname="localhost") as connection:
        connection.sendall(head + body)
        with suppress(ssl.SSLError, ConnectionError):
            while part := connection.recv(65_536):
                received += part
    headers, _, content = received.partition(b"\r\n\r\n")
    promised = int(headers.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    assert headers.startswith(b"HTTP/1.1 200")
    assert content.startswith(b"<?xml")
    assert 0 < len(content) < promised
    assert b"</soap:Envelope>" not in content


@pytest.mark.parametrize(("trouble", "status"), [("http_500", 500), ("http_503", 503), ("html_200", 200)])
def test_pages_instead_of_answers(site: Site, trouble: str, status: int) -> None:
    site.manage("/faults", {"trouble": trouble})
    answer = site.post(notes.envelope(notes.status(), STATUS), STATUS)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "indisponível" in answer.text


def test_slow_is_slow_for_its_own_sender_only(site: Site) -> None:
    draft = replace(DRAFT, nnf="203")
    site.manage("/faults", {"trouble": "slow", "chave": draft.chave})
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(site.post, site.body(draft))
        quick = [site.post(notes.envelope(notes.status(), STATUS), STATUS) for _ in range(3)]
        assert not slow.done()
        assert told(slow.result()).cstat == "100"
    assert slow.result().elapsed >= timedelta(milliseconds=300)
    assert all(told(answer).cstat == "107" for answer in quick)


def test_eight_senders_at_once(site: Site) -> None:
    bodies = [site.body(replace(DRAFT, nnf=str(number))) for number in range(1_000, 1_040)] * 2
    with ThreadPoolExecutor(8) as pool:
        answers = [told(answer).cstat for answer in pool.map(site.post, bodies)]
    assert sorted(answers) == ["100"] * 40 + ["204"] * 40
    assert site.manage("/summary")["numbers_used_twice"] == 0


def test_bodies_that_are_too_large(site: Site) -> None:
    assert site.post(b"0" * 50_000_000).status_code == 413
    assert told(site.post(notes.envelope(notes.packed(b"<a>" + b"0" * 30_000_000), RECEPCAO))).cstat == "214"


def test_what_is_no_service(site: Site) -> None:
    assert site.client.get(site.handle.url("SVRS", STATUS)).status_code == 405
    assert site.post(b"", "x").status_code == 404
    assert site.post(b"", "x/y").status_code == 404
    assert httpx2.get(site.handle.management_url("/x"), trust_env=False).status_code == 404
    large = httpx2.post(site.handle.management_url("/pause"), content=b"0" * 100_000, trust_env=False)
    assert large.status_code == 400


def test_a_killed_simulator_remembers(site: Site, tmp_path: Path) -> None:
    for name in ("ca.pem", "authority.pem", "server.pem"):
        (tmp_path / name).write_bytes((site.handle.folder / name).read_bytes())
    for expected in ("100", "204"):
        with start(tmp_path) as handle, httpx2.Client(verify=_tls(handle, site.pem), trust_env=False) as client:
            assert told(replace(site, handle=handle, client=client).post(site.body(DRAFT))).cstat == expected
    assert [entry.cstat for entry in journal_in(tmp_path).entries] == ["100", "204"]


def test_a_simulator_that_cannot_start_says_why(site: Site, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="Leitura desconhecida: x"):
        start(tmp_path, Setup(reading="x"))
    with pytest.raises(RuntimeError, match="O simulador não iniciou"):
        start(tmp_path, Setup(port=site.handle.ports.services))
