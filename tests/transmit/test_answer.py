"""Reading an answer: every style gives the same Retorno, anything else is silence, and nothing is ever made up."""

import base64
import gzip
import random
import time
import zlib
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.transmit.answers import (
    CHAVE,
    DIGEST,
    MOTIVE,
    NPROT,
    PROTOCOL,
    RECEIVED,
    RESULT,
    SOAP,
    SPACE,
    STYLES,
    in_base64,
    packed,
    result,
    soap,
)  # fmt: skip
from zelo.fiscal.retorno import NoAnswer, Protocolo, Retorno, Silence
from zelo.transmit.answer import MOST_BYTES, parse

FLIPS: Final = 300
DEEP: Final = 100_000

unhurried = settings(deadline=None)


def silent(body: bytes) -> NoAnswer:
    found = parse(body)
    assert isinstance(found, NoAnswer), found
    assert found.why is Silence.UNREADABLE
    assert found.detail
    return found


def heard(body: bytes) -> Retorno:
    found = parse(body)
    assert isinstance(found, Retorno), found
    return found


def protocol(body: bytes) -> Protocolo:
    found = heard(body).protocolo
    assert found is not None
    return found


def plain(xml: bytes) -> bytes:
    """Exclusive C14N without blanks between tags: the meaning of an element, wherever it stood."""
    root = etree.fromstring(xml, etree.XMLParser(remove_blank_text=True))
    return etree.tostring(root, method="c14n", exclusive=True)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_says_the_same(style: str) -> None:
    found = heard(STYLES[style])
    assert (found.cstat, found.motivo, found.recebido) == ("100", MOTIVE, None)
    inside = protocol(STYLES[style])
    assert (inside.chave, inside.cstat, inside.motivo) == (CHAVE, "100", MOTIVE)
    assert (inside.nprot, inside.digest, inside.recebido) == (NPROT, DIGEST, RECEIVED)


@pytest.mark.parametrize("style", STYLES)
def test_the_protocol_means_what_was_sent_and_bears_nothing_of_its_envelope(style: str) -> None:
    kept = protocol(STYLES[style]).xml
    for namespace in (SOAP, "XMLSchema-instance", "wsdl"):
        assert namespace.encode() not in kept
    sent = PROTOCOL.replace("<protNFCom", f'<protNFCom xmlns="{SPACE}"')
    without_prefix = kept.replace(b"ns2:", b"").replace(b"xmlns:ns2", b"xmlns")
    assert plain(without_prefix) == plain(sent.encode())


def test_the_protocol_of_a_plain_answer_is_kept_to_the_byte() -> None:
    """But for the namespace that it inherits, spelled out, and the two characters that C14N leaves alone in text."""
    sent = PROTOCOL.replace("<protNFCom", f'<protNFCom xmlns="{SPACE}"').replace("&quot;", '"')
    assert protocol(STYLES["plain"]).xml == sent.encode()
    assert protocol(STYLES["compressed"]).xml == sent.encode()


def test_outer_and_inner_answer_may_differ() -> None:
    """A consulta of a cancelled note: 101 around the protocol of the authorisation."""
    found = heard(soap(result("101", PROTOCOL)))
    assert found.protocolo is not None
    assert (found.cstat, found.protocolo.cstat) == ("101", "100")


def test_the_status_service_tells_when_it_received() -> None:
    body = soap(
        f'<retConsStatServNFCom xmlns="{SPACE}"><cStat>107</cStat><xMotivo>Serviço em Operação</xMotivo>'
        "<dhRecbto>2026-11-21T10:30:15-03:00</dhRecbto></retConsStatServNFCom>"
    )
    assert heard(body) == Retorno("107", "Serviço em Operação", None, RECEIVED)


@pytest.mark.parametrize(
    "cstat", ["", " ", "10", "10000", "1e2", "-100", "+100", "10 0", "abc", "١٠٠", "１００", "²²²"]
)
def test_what_is_no_code_is_no_answer(cstat: str) -> None:
    assert "cStat" in silent(soap(result(cstat))).detail


@pytest.mark.parametrize("cstat", ["100", "678", "1010", " 100 ", "\n100\n"])
def test_codes_have_three_or_four_digits(cstat: str) -> None:
    assert heard(soap(result(cstat))).cstat == cstat.strip()


def test_a_code_with_tags_inside_is_none() -> None:
    silent(soap(result("100<b/>1")))
    assert protocol(soap(result("104", PROTOCOL.replace(NPROT, f"{NPROT}<b>9</b>")))).nprot == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "agora",
        "2026-11-21T10:30:15",
        "2026-13-21T10:30:15-03:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-03:00",
    ],
)
def test_an_instant_that_is_none_is_left_out(text: str) -> None:
    body = soap(result("104", PROTOCOL.replace("2026-11-21T10:30:15-03:00", text)))
    assert protocol(body).recebido is None
    assert heard(soap(result("107", f"<dhRecbto>{text}</dhRecbto>"))).recebido is None


def test_a_protocol_without_its_information_is_none() -> None:
    assert heard(soap(result("104", "<protNFCom><outro/></protNFCom>"))).protocolo is None
    bare = protocol(soap(result("104", "<protNFCom><infProt/></protNFCom>")))
    assert (bare.chave, bare.cstat, bare.nprot, bare.digest, bare.recebido) == ("", "", "", "", None)


SILENT: Final = {
    "empty": b"",
    "blank": b" \n ",
    "zeroes": bytes(100),
    "text": b"Service Unavailable",
    "html": b"<!DOCTYPE html><html><body>503<br/>cStat</body></html>",
    "html that is xml": b"<html><body><cStat>100</cStat></body></html>",
    "json": b'{"cStat": "100"}',
    "soap fault": soap("").replace(
        b"<nfcomResultMsg", b"<soap:Fault><soap:Reason>cStat 100</soap:Reason></soap:Fault><nfcomResultMsg"
    ),
    "empty result": soap(""),
    "result with text": soap("Erro interno"),
    "result with accents": soap("é inválido"),
    "result without code": soap(f'<retNFCom xmlns="{SPACE}"><xMotivo>x</xMotivo></retNFCom>'),
    "code elsewhere": soap(f'<retNFCom xmlns="{SPACE}"><infProt><cStat>100</cStat></infProt></retNFCom>'),
    "code outside a result": soap("<cStat>100</cStat>"),
    "base64 of nothing": soap("===="),
    "base64 of rubbish": soap(base64.b64encode(bytes(range(256))).decode()),
    "gzip of nothing": soap(packed("")),
    "gzip of rubbish": soap(packed("100")),
    "gzip cut": soap(packed()[:-40]),
    "gzip with a wrong sum": soap(base64.b64encode(gzip.compress(RESULT.encode())[:-8] + bytes(8)).decode()),
    "gzip twice": soap(base64.b64encode(gzip.compress(gzip.compress(RESULT.encode()))).decode()),
    "zlib": soap(base64.b64encode(zlib.compress(RESULT.encode())).decode()),
    "gzip that unpacks to too much": soap(packed(f"<a>{' ' * MOST_BYTES}</a>")),
    "two roots": RESULT.encode() * 2,
    "bad encoding": soap(RESULT, '<?xml version="1.0" encoding="klingon"?>'),
    "bad bytes": soap(RESULT).replace(b"Autorizado", b"\xff\xfe"),
    "unknown entity": soap(result("100", "&nbsp;")),
    "namespace that canonical XML refuses": RESULT.replace(SPACE, "relative").encode(),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_says_nothing_is_silence(name: str) -> None:
    silent(SILENT[name])


@pytest.mark.parametrize("style", ["plain", "prefixed", "compressed", "base64"])
def test_an_answer_cut_at_any_byte_is_silence(style: str) -> None:
    body = STYLES[style]
    for end in range(len(body)):
        silent(body[:end])


@pytest.mark.parametrize("style", ["plain", "prefixed", "compressed", "base64"])
def test_a_damaged_answer_is_read_or_silence(style: str) -> None:
    chance = random.Random(62)
    for _ in range(FLIPS):
        body = bytearray(STYLES[style])
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        found = parse(bytes(body))
        assert isinstance(found, Retorno | NoAnswer)
        if isinstance(found, Retorno) and style == "compressed":
            assert found.cstat == "100", "gzip has a sum of its own"


DTD: Final = {
    "an entity in the result": ('<!ENTITY x "100">', result("&x;")),
    "an entity beside it": ('<!ENTITY x "100">', result("100", "&x;")),
    "an entity before it": ('<!ENTITY x "100">', f"&x;{RESULT}"),
    "one that nobody uses": ('<!ENTITY x "100">', RESULT),
    "an empty one": ("", RESULT),
    "an external entity": ('<!ENTITY x SYSTEM "file:///etc/hostname">', result("100", "<a>&x;</a>")),
    "a parameter entity": ('<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;', RESULT),
    "a billion laughs": (
        '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)),
        result("100", "<a>&a9;</a>"),
    ),
    "a quadratic blow-up": (f'<!ENTITY a "{"x" * 50_000}">', result("100", f"<a>{'&a;' * 50_000}</a>")),
    "default attributes": ("<!ATTLIST retNFCom versao CDATA '9.99'>", RESULT),
}


@pytest.mark.parametrize("name", DTD)
@pytest.mark.parametrize("place", ["outside", "compressed", "base64"])
def test_an_answer_with_a_dtd_is_not_read(name: str, place: str) -> None:
    subset, inside = DTD[name]
    start = time.monotonic()
    if place == "outside":
        silent(soap(inside, f"<!DOCTYPE a [{subset}]>"))
    else:
        xml = f"<!DOCTYPE a [{subset}]>{inside if inside.startswith('<') else result('100')}"
        silent(soap(packed(xml) if place == "compressed" else in_base64(xml)))
    assert time.monotonic() - start < 2


def test_an_answer_of_the_largest_size_is_read_and_none_beyond() -> None:
    body = soap(RESULT)
    room = MOST_BYTES - len(body)
    assert heard(body + b" " * room).cstat == "100"
    silent(body + b" " * (room + 1))
    silent(bytes(5_000_000))


@pytest.mark.parametrize(
    "body",
    [b"<a>" * DEEP, b"<a>" * DEEP + b"</a>" * DEEP, soap("<a>" * DEEP + RESULT + "</a>" * DEEP), b"<a " * DEEP,
     b"<a " + b"".join(b'x%d="" ' % n for n in range(20_000)) + b"/>", b"<!--" + b"-" * DEEP],
    ids=["open", "closed", "around a result", "attributes", "many attributes", "comment"],
)  # fmt: skip
def test_deep_and_wide_bodies_are_silence(body: bytes) -> None:
    start = time.monotonic()
    silent(body)
    assert time.monotonic() - start < 2


def test_a_bomb_in_gzip_is_not_unpacked() -> None:
    bomb = base64.b64encode(gzip.compress(bytes(200_000_000), 9)).decode()
    start = time.monotonic()
    silent(soap(bomb))
    assert time.monotonic() - start < 2


@unhurried
@given(st.binary(max_size=400))
def test_any_bytes_are_silence(body: bytes) -> None:
    silent(body)


tags = st.sampled_from(
    [
        "retNFCom",
        "cStat",
        "xMotivo",
        "protNFCom",
        "infProt",
        "chNFCom",
        "nfcomResultMsg",
        "dhRecbto",
        "a",
        "ns:ret",
        "ret",
    ]
)
texts = st.sampled_from(
    ["", "100", "204", "x", "&amp;", "&x;", "<!-- 100 -->", "<?pi 100?>", "<![CDATA[100]]>", packed()]
)


@st.composite
def trees(draw: st.DrawFn, depth: int = 5) -> str:
    tag = draw(tags)
    children = draw(st.lists(trees(depth - 1) if depth else texts, max_size=3))
    return f'<{tag} xmlns:ns="urn:x">{draw(texts)}{"".join(children)}</{tag}>'


@unhurried
@given(trees())
def test_any_tree_of_these_tags_is_read_or_silence(xml: str) -> None:
    found = parse(soap(xml))
    if isinstance(found, Retorno):
        assert found.cstat in ("100", "204")
    else:
        assert found.why is Silence.UNREADABLE
