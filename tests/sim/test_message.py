"""What cannot be read is refused with its own code, within bounds, whatever the bytes."""

import base64
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.sim import notes
from tests.sim.world import RECEPCAO, UNHURRIED, World
from zelo.sim.message import check_bytes, check_tree, parse, unpack
from zelo.sim.verdict import Verdict

MEBIBYTE = 1_048_576
PLAIN = f'<NFCom xmlns="{notes.NFCOM}"><a>1</a></NFCom>'.encode()


def _bomb(megabytes: int) -> str:
    machine = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = b"0" * MEBIBYTE
    packed = b"".join(machine.compress(zeros) for _ in range(megabytes)) + machine.flush()
    return base64.b64encode(packed).decode()


NOT_PACKED = {
    "not base64": "***",
    "not ASCII": "çã",
    "not gzip": base64.b64encode(PLAIN).decode(),
    "empty": "",
    "zlib, not gzip": base64.b64encode(zlib.compress(PLAIN)).decode(),
    "cut short": base64.b64encode(gzip.compress(PLAIN)[:-9]).decode(),
    "something after": base64.b64encode(gzip.compress(PLAIN) + b"x").decode(),
}


@pytest.mark.parametrize("what", NOT_PACKED)
def test_what_does_not_unpack(what: str) -> None:
    result = unpack(NOT_PACKED[what], MEBIBYTE)
    assert isinstance(result, Verdict)
    assert result.cstat == "244"


def test_size_is_judged_unpacked_and_to_the_byte() -> None:
    packed = base64.b64encode(gzip.compress(b"0" * MEBIBYTE)).decode()
    assert unpack(packed, MEBIBYTE) == b"0" * MEBIBYTE
    for text, most in ((packed, MEBIBYTE - 1), (_bomb(64), MEBIBYTE)):
        result = unpack(text, most)
        assert isinstance(result, Verdict)
        assert result.cstat == "214"


def test_base64_may_be_broken_into_lines() -> None:
    packed = base64.encodebytes(gzip.compress(PLAIN)).decode()
    assert unpack(packed, MEBIBYTE) == PLAIN


LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><NFCom xmlns="x">&b;</NFCom>'
UNREADABLE = {
    "unclosed": (b"<NFCom>", "243"),
    "empty": (b"", "243"),
    "deep": (b"<a>" * 5_000 + b"</a>" * 5_000, "243"),
    "entities": (LAUGHS, "243"),
    "external entity": (b'<!DOCTYPE l SYSTEM "file:///etc/passwd"><l/>', "243"),
    "undeclared entity": (b"<a>&b;</a>", "243"),
    "latin-1": ('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"), "402"),
    "said to be latin-1": (b'<?xml version="1.0" encoding="iso-8859-1"?><a/>', "402"),
    "UTF-16": ('<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"), "402"),
    "bad UTF-8": (b"<a>\xff</a>", "402"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_is_not_xml_as_it_should_be(what: str) -> None:
    data, cstat = UNREADABLE[what]
    result = parse(data)
    assert isinstance(result, Verdict)
    assert result.cstat == cstat


@pytest.mark.parametrize(
    "data",
    [
        b" " + PLAIN,
        PLAIN + b"\n",
        PLAIN.replace(b"<a>", b"\n<a>"),
        PLAIN.replace(b"<a>", b"<!--x--><a>"),
        PLAIN.replace(b"<a>", b"<?x?><a>"),
        b"\xef\xbb\xbf" + PLAIN,
    ],
)
def test_characters_of_edition(data: bytes) -> None:
    verdict = check_bytes(data)
    assert verdict is not None
    assert verdict.cstat == "599"


def test_a_declaration_is_no_edition() -> None:
    assert check_bytes(b'<?xml version="1.0" encoding="UTF-8"?>' + PLAIN) is None


TREES = {
    "prefix": (f'<n:NFCom xmlns:n="{notes.NFCOM}"/>', "404"),
    "prefix declared only": (f'<NFCom xmlns="{notes.NFCOM}" xmlns:x="urn:x"/>', "404"),
    "no namespace": ("<NFCom/>", "598"),
    "another namespace": (f'<NFCom xmlns="{notes.NFCOM}"><a xmlns="urn:x"/></NFCom>', "598"),
    "broken signature value": (
        f'<Signature xmlns="{notes.DSIG}"><SignatureValue>a\nb</SignatureValue></Signature>',
        "599",
    ),
}


@pytest.mark.parametrize("what", TREES)
def test_namespaces(what: str) -> None:
    text, cstat = TREES[what]
    verdict = check_tree(etree.fromstring(text))
    assert verdict is not None
    assert verdict.cstat == cstat


@UNHURRIED
@given(st.binary(max_size=2_000))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    assert unpack(data.decode("latin-1"), MEBIBYTE) is not None
    assert parse(data) is not None


BY_MESSAGE = {
    "214": notes.packed(b"<a>" + b"0" * MEBIBYTE + b"</a>"),
    "243": notes.packed(b"<a>"),
    "244": b"AAAA",
    "402": notes.packed('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1")),
    "404": notes.packed(f'<n:NFCom xmlns:n="{notes.NFCOM}"/>'.encode()),
    "598": notes.packed(b"<NFCom/>"),
    "599": notes.packed(PLAIN + b"\n"),
}


@pytest.mark.parametrize("cstat", BY_MESSAGE)
def test_reception_says_what_is_wrong_with_the_message(sim: World, cstat: str) -> None:
    told = sim.submit_packed(BY_MESSAGE[cstat])
    assert told.cstat == cstat
    assert sim.sefaz.journal.entries[-1].servico == RECEPCAO


def test_the_note_itself_instead_of_its_packet(sim: World) -> None:
    assert sim.submit_packed(notes.signed(notes.Draft(), sim.a1)).cstat == "244"
