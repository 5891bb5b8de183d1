"""The way up over TLS and through a proxy: what is trusted, what is refused, and in which words."""

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.pos.edge.shop import Shop
from tests.pos.edge.uplink.lines import HOST, Proxy, proxy, sipper, tls_front
from zelo.pos.edge.gather.shell.gatherer import Gatherer
from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.outbox.shell import queue
from zelo.pos.edge.shell.carrier import ToCentre
from zelo.pos.edge.uplink.core import NO_ANSWER, Answer, Fate
from zelo.pos.edge.uplink.message import pack
from zelo.pos.edge.uplink.shell import post as posting
from zelo.pos.edge.uplink.shell.post import Centre, Post
from zelo.sim import pki
from zelo.sim.centre.shell.server import serving

EMPTY = pack("epoch", (), (), (), everything=True)
NAME = "localhost"
KEY_BITS = 2_048
SECONDS = 10
"""Within which what may take a third of one has come to an end."""


@dataclass
class Place:
    """A centre that only TLS reaches. `ca`: the authority of its certificate; `other`: of nobody's here."""

    folder: Path
    authority: pki.Authority
    plain: int
    port: int
    ca: Path
    other: Path

    def front(self, stack: ExitStack, issued: datetime) -> int:
        """Another front, whose certificate was issued then."""
        return stack.enter_context(tls_front(_server(self.folder / "then.pem", self.authority, issued), self.plain))


def _server(file: Path, authority: pki.Authority, issued: datetime) -> Path:
    file.write_bytes(pki.issue_server(authority, issued, key_bits=KEY_BITS))
    return file


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, now = tmp_path_factory.mktemp("tls"), datetime.now(UTC)  # noqa: TID251 OpenSSL's clock is the machine's
    authority, stranger = (pki.new_authority(now - timedelta(days=3_000), key_bits=KEY_BITS) for _ in range(2))
    ca, other = folder / "ca.pem", folder / "other.pem"
    ca.write_bytes(authority.pem)
    other.write_bytes(stranger.pem)
    with serving(folder / "centre") as (url, _):
        plain = urlsplit(url).port
        assert plain is not None
        with tls_front(_server(folder / "server.pem", authority, now), plain) as port:
            yield Place(folder, authority, plain, port, ca, other)


def _sent(url: str, ca: Path | None, through: str = "") -> Answer:
    with closing(Post(Centre(url, "till", ca, through))) as post:
        first = post.send(EMPTY)
        assert post.send(EMPTY).fate is first.fate, "the second batch fares otherwise"
        return first


def test_a_centre_of_the_authority_that_was_named_is_trusted(place: Place) -> None:
    assert _sent(f"https://{NAME}:{place.port}", place.ca).fate is Fate.COMMITTED


@pytest.mark.parametrize("ca", ["other", None])
def test_a_centre_of_another_authority_is_not(place: Place, ca: str | None) -> None:
    answer = _sent(f"https://{NAME}:{place.port}", None if ca is None else place.other)
    assert (answer.fate, answer.lasting) == (Fate.UNKNOWN, True)
    assert "não é de uma autoridade em que esta máquina confia" in answer.said
    assert "[centro] ca" in answer.said


@pytest.mark.parametrize(("days", "said"), [(-2_900, "está vencido"), (30, "ainda não vale")])
def test_a_certificate_has_its_time(place: Place, days: int, said: str) -> None:
    with ExitStack() as stack:
        port = place.front(stack, datetime.now(UTC) + timedelta(days=days))  # noqa: TID251 OpenSSL's clock again
        answer = _sent(f"https://{NAME}:{port}", place.ca)
    assert (answer.fate, answer.lasting) == (Fate.UNKNOWN, True)
    assert said in answer.said
    assert "relógio desta máquina" in answer.said


def test_a_certificate_of_another_host_is_refused(place: Place) -> None:
    with proxy({"central.exemplo:443": place.port}) as made:
        answer = _sent("https://central.exemplo", place.ca, made.url)
    assert (answer.fate, answer.lasting) == (Fate.UNKNOWN, True)
    assert "não é o do endereço da central" in answer.said


def test_what_does_not_speak_tls_is_told(place: Place) -> None:
    answer = _sent(f"https://{NAME}:{place.plain}", place.ca)
    assert (answer.fate, answer.lasting) == (Fate.UNKNOWN, True)
    assert "não fala TLS" in answer.said


def test_a_batch_that_is_taken_by_sips_is_given_up(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each record of TLS arrives in time, and there are a thousand."""
    monkeypatch.setattr(posting, "SEND_SECONDS", 0.3)
    with sipper() as inner, tls_front(place.folder / "server.pem", inner) as port:
        post = Post(Centre(f"https://{NAME}:{port}", "till", place.ca))
        told: list[Answer] = []
        thread = threading.Thread(target=lambda: told.append(post.send(bytes(20_000_000))), daemon=True)
        thread.start()
        thread.join(SECONDS)
        assert told == [NO_ANSWER]
        post.close()


def test_a_proxy_carries_batches_and_sees_none(place: Place) -> None:
    with proxy({f"{NAME}:{place.port}": place.port}) as made:
        assert _sent(f"https://{NAME}:{place.port}", place.ca, made.url).fate is Fate.COMMITTED
        assert made.asked == [f"CONNECT {NAME}:{place.port}"], "one tunnel for both batches"
    with proxy({f"{HOST}:{place.plain}": place.plain}) as made:
        assert _sent(f"http://{HOST}:{place.plain}", None, made.url).fate is Fate.COMMITTED


def test_status_and_alarm_say_what_a_person_must_mend(place: Place, open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(1)
    told = {"url": f"https://{NAME}:{place.port}", "token": "till", "ca": str(place.other), "proxy": ""}
    gatherer = Gatherer(shop.desk, shop.folder, "loja", shop.clock, has_centre=True)
    uplink = ToCentre(told, shop.desk, gatherer, shop.clock, threading.Event())
    gatherer.open()
    shop.store.write(queue.put, Rank.LOG, "loja", "log", b"{}", shop.clock())
    try:
        assert uplink.sender.once()
        assert "autoridade em que esta máquina confia" in uplink.stands().said
        assert "Precisa de correção" in uplink.stands().said
        gatherer.watch(uplink.sender.connection)
        [found] = [alarm.finding for alarm in gatherer.alarms.values() if alarm.finding.rule == "ligacao"]
        assert "Nada pode chegar à central: o certificado da central não é" in found.sentence
    finally:
        uplink.close()


def _with_password(made: Proxy, told: str) -> str:
    return made.url.replace("//", f"//{told}@")


def test_a_proxy_may_want_a_password(place: Place) -> None:
    wants = base64.b64encode(b"caixa:se/nha").decode()
    with proxy({f"{NAME}:{place.port}": place.port}, wants) as made:
        assert _sent(f"https://{NAME}:{place.port}", place.ca, _with_password(made, "caixa:se%2Fnha")).fate is (
            Fate.COMMITTED
        )
        for through in (made.url, _with_password(made, "caixa:outra")):
            answer = _sent(f"https://{NAME}:{place.port}", place.ca, through)
            assert answer.lasting
            assert "o proxy pede usuário e senha" in answer.said


def test_a_proxy_that_refuses_or_is_not_there_is_told(place: Place) -> None:
    with proxy({}) as made:
        answer = _sent(f"https://{NAME}:{place.port}", place.ca, made.url)
        assert "o proxy não deixa chegar à central (502)" in answer.said
    gone = _sent(f"https://{NAME}:{place.port}", place.ca, made.url)
    assert (gone.said, gone.lasting) == ("ninguém atende no endereço do proxy", False)
    nameless = _sent(f"https://{NAME}:{place.port}", place.ca, "http://nenhum.invalid:3128")
    assert (nameless.said, nameless.lasting) == ("esta rede não conhece o nome do proxy", False)


def test_proxies_of_the_environment_are_not_used(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert _sent(f"https://{NAME}:{place.port}", place.ca).fate is Fate.COMMITTED


@pytest.mark.parametrize(
    "through",
    ["proxy", "proxy:3128", "https://proxy:3128", "socks5://p:1", "http://proxy", "http://u:segredo@:1", "http://p:x"],
)
def test_a_proxy_that_is_none_is_said_so_without_its_password(through: str) -> None:
    with pytest.raises(ValueError, match="O proxy em") as caught:
        Post(Centre("https://central.exemplo", "till", None, through))
    assert "segredo" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
def test_an_authority_that_is_none_is_said_so(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=r"O arquivo em \[centro\] ca"):
        Post(Centre("https://central.exemplo", "till", file))
