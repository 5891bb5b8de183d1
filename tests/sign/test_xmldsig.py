"""The signature, judged by xmlsec and by OpenSSL's arithmetic; and our own judge, on whom every trick is tried."""

import base64
import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
import xmlsec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.x509 import load_der_x509_certificate
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.models.nfcom.golden import FOLDER
from tests.sign.certificates import certificate, good, key, loaded, pfx
from zelo.sign.xmldsig import DSIG, Signed, sign_document, sign_text, verify
from zelo.sim.pki import key_pem

SPACE: Final = "http://www.portalfiscal.inf.br/nfcom"
REFERENCE: Final = "NFCom43261112ABC34501DE35620010000000051076543217"
DS: Final = f"{{{DSIG}}}"
NS: Final = f"{{{SPACE}}}"
DIGEST_CHARS: Final = 28
SIGNATURE_CHARS: Final = 344

unhurried = settings(deadline=None)
xml_text = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("&<>\"'\t\n\r]&;#"),
    max_size=60,
)  # fmt: skip


def canonical_element(*texts: str) -> str:
    """The signed element in the midst of its document, as lxml's C14N writes it: without the namespace it inherits."""
    root = etree.fromstring(f'<NFCom xmlns="{SPACE}"/>')
    inside = etree.SubElement(root, f"{NS}infNFCom", {"Id": REFERENCE, "versao": "1.00"})
    for text in texts:
        etree.SubElement(inside, f"{NS}xTexto").text = text
    whole = etree.tostring(root, method="c14n").decode()
    return whole[whole.index("<infNFCom") : whole.rindex("</NFCom>")]


def signed(*texts: str) -> Signed:
    return sign_document(
        root="NFCom",
        namespace=SPACE,
        element=canonical_element(*texts),
        supplement="<infNFComSupl><qrCodNFCom>https://x?a=1&amp;b=2</qrCodNFCom></infNFComSupl>",
        reference=REFERENCE,
        certificate=good(),
    )


def accepted_by_xmlsec(xml: bytes) -> bool:
    """With the certificate that the document shows, as a receiver would who trusts it."""
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
        xmlsec.tree.add_ids(root, ["Id"])
        signature = root.find(f".//{DS}Signature")
        if signature is None:
            return False
        der = base64.b64decode(signature.findtext(f".//{DS}X509Certificate") or "")
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(der, xmlsec.constants.KeyDataFormatCertDer, None)
        context.verify(signature)
    except (xmlsec.Error, etree.XMLSyntaxError, ValueError):
        return False
    return True


def alone(xml: bytes, path: str) -> bytes:
    """An element in inclusive C14N, found by its path of tags with namespaces spelled out."""
    node = etree.fromstring(xml).find(path)
    assert node is not None
    return etree.tostring(etree.fromstring(etree.tostring(node, with_tail=False)), method="c14n")


def value(xml: bytes, name: str) -> bytes:
    return base64.b64decode(etree.fromstring(xml).findtext(f".//{DS}{name}") or "", validate=True)


@unhurried
@given(st.lists(xml_text, min_size=1, max_size=5))
def test_hostile_text_is_signed_so_that_others_accept_it(texts: list[str]) -> None:
    found = signed(*texts)
    assert accepted_by_xmlsec(found.xml)
    assert verify(found.xml) is None
    read = [node.text or "" for node in etree.fromstring(found.xml).iter(f"{NS}xTexto")]
    assert read == texts


def test_digest_and_signature_computed_apart() -> None:
    found = signed("Ação & <reação>")
    digest = hashlib.sha1(alone(found.xml, f"{NS}infNFCom"), usedforsecurity=False).digest()
    assert value(found.xml, "DigestValue") == digest == base64.b64decode(found.digest)
    public = load_der_x509_certificate(value(found.xml, "X509Certificate")).public_key()
    assert isinstance(public, RSAPublicKey)
    info = alone(found.xml, f"{DS}Signature/{DS}SignedInfo")
    public.verify(value(found.xml, "SignatureValue"), info, PKCS1v15(), SHA1())  # noqa: S303 as the schema wants
    numbers = public.public_numbers()
    opened = pow(int.from_bytes(value(found.xml, "SignatureValue"), "big"), numbers.e, numbers.n)
    assert opened.to_bytes(256, "big").endswith(hashlib.sha1(info, usedforsecurity=False).digest())


def test_the_document_is_one_line_without_declaration_and_in_the_order_of_the_schema() -> None:
    xml = signed("x").xml
    assert xml.startswith(f'<NFCom xmlns="{SPACE}"><infNFCom Id="{REFERENCE}" versao="1.00">'.encode())
    assert [etree.QName(node).localname for node in etree.fromstring(xml)] == ["infNFCom", "infNFComSupl", "Signature"]
    assert xml.count(b"\n") == 0
    assert len(signed("x").digest) == DIGEST_CHARS


def test_signing_again_gives_the_same_bytes() -> None:
    """Only byte-identical resends are idempotent at SEFAZ."""
    assert signed("x") == signed("x")


@unhurried
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_text_signed_for_a_qr_code(text: str) -> None:
    signature = base64.b64decode(sign_text(text, good()), validate=True)
    good().key.public_key().verify(signature, text.encode(), PKCS1v15(), SHA1())  # noqa: S303 as the manual wants
    with pytest.raises(InvalidSignature):
        good().key.public_key().verify(signature, text.encode() + b"x", PKCS1v15(), SHA1())  # noqa: S303 as above


def test_a_signature_that_another_library_made_is_accepted() -> None:
    root = etree.fromstring(f'<NFCom xmlns="{SPACE}">{canonical_element("é &amp; <")}</NFCom>')
    xmlsec.tree.add_ids(root, ["Id"])
    node = xmlsec.template.create(root, xmlsec.constants.TransformInclC14N, xmlsec.constants.TransformRsaSha1)
    root.append(node)
    reference = xmlsec.template.add_reference(node, xmlsec.constants.TransformSha1, uri=f"#{REFERENCE}")
    for transform in (xmlsec.constants.TransformEnveloped, xmlsec.constants.TransformInclC14N):
        xmlsec.template.add_transform(reference, transform)
    xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(node))
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(key_pem(good().key), xmlsec.constants.KeyDataFormatPem, None)
    context.key.load_cert_from_memory(good().chain_pem, xmlsec.constants.KeyDataFormatPem)
    context.sign(node)
    assert verify(etree.tostring(root)) is None


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.xml")), ids=lambda path: path.stem)
def test_golden_documents_are_accepted(path: Path) -> None:
    assert verify(path.read_bytes()) is None


def span(xml: bytes, opening: bytes, closing: bytes) -> range:
    return range(xml.index(opening), xml.index(closing) + len(closing))


def test_no_changed_byte_of_what_is_signed_passes() -> None:
    """Every byte of the signed element, of SignedInfo and of the signature's value (but its last, unused bits)."""
    chance = random.Random(62)
    xml = signed("Ação & <reação>").xml
    value_at = xml.index(b"<SignatureValue>") + len(b"<SignatureValue>")
    places = [
        *span(xml, b"<infNFCom ", b"</infNFCom>"),
        *span(xml, b"<SignedInfo>", b"</SignedInfo>"),
        *range(value_at, value_at + SIGNATURE_CHARS - 3),
    ]
    for place in places:
        changed = bytearray(xml)
        changed[place] ^= 1 << chance.randrange(8)
        assert verify(bytes(changed)) is not None, bytes(changed)


def test_no_byte_left_out_or_doubled_passes_that_xmlsec_refuses() -> None:
    xml = signed("Ação & <reação>").xml
    for place in range(0, len(xml), 7):
        for changed in (xml[:place] + xml[place + 1 :], xml[:place] + xml[place : place + 1] + xml[place:]):
            assert verify(changed) is not None or accepted_by_xmlsec(changed), changed


@unhurried
@given(st.binary(max_size=200))
def test_any_bytes_have_a_verdict(content: bytes) -> None:
    assert isinstance(verify(content), str)


def _other_certificate(xml: bytes) -> bytes:
    own = good().der_base64.encode()
    return xml.replace(own, loaded(pfx(certificate(holder=key("other")), key("other"))).der_base64.encode())


def _forged(xml: bytes) -> bytes:
    return xml.replace(b">honest<", b">forged<")


def _digest_of_forged(xml: bytes) -> str:
    return base64.b64encode(hashlib.sha1(alone(_forged(xml), f"{NS}infNFCom"), usedforsecurity=False).digest()).decode()


def _digest_in_front(xml: bytes) -> bytes:
    """The digest of forged content before the one that is signed."""
    lie = f"<Object><DigestValue>{_digest_of_forged(xml)}</DigestValue></Object><SignedInfo>"
    return _forged(xml).replace(b"<SignedInfo>", lie.encode())


def _signed_info_in_front(xml: bytes) -> bytes:
    info = span(xml, b"<SignedInfo>", b"</SignedInfo>")
    honest = xml[info.start : info.stop]
    lie = honest.replace(value_text(xml, "DigestValue"), _digest_of_forged(xml).encode())
    return _forged(xml).replace(honest, lie + honest)


def value_text(xml: bytes, name: str) -> bytes:
    return base64.b64encode(value(xml, name))


def _element(xml: bytes) -> bytes:
    places = span(xml, b"<infNFCom ", b"</infNFCom>")
    return xml[places.start : places.stop]


def _wrapped(xml: bytes) -> bytes:
    """The signed element put aside, a forged one with another Id in its place."""
    honest = _element(xml)
    forged = _forged(honest).replace(REFERENCE.encode(), b"NFComForged")
    return xml.replace(honest, forged + b"<wrapper>" + honest + b"</wrapper>")


def _second(xml: bytes) -> bytes:
    honest = _element(xml)
    return xml.replace(honest, honest + _forged(honest))


def _first(xml: bytes) -> bytes:
    honest = _element(xml)
    return xml.replace(honest, _forged(honest) + honest)


def _second_elsewhere(xml: bytes) -> bytes:
    return xml.replace(b"<infNFComSupl>", f'<infNFComSupl Id="{REFERENCE}">'.encode())


def _signature(xml: bytes) -> bytes:
    places = span(xml, b"<Signature ", b"</Signature>")
    return xml[places.start : places.stop]


def _moved_to_the_front(xml: bytes) -> bytes:
    return xml.replace(_signature(xml), b"").replace(b"<infNFCom ", _signature(xml) + b"<infNFCom ")


def _moved_into_the_supplement(xml: bytes) -> bytes:
    return xml.replace(_signature(xml), b"").replace(b"</infNFComSupl>", _signature(xml) + b"</infNFComSupl>")


def _whole_document(xml: bytes) -> bytes:
    return xml.replace(f'URI="#{REFERENCE}"'.encode(), b'URI=""')


def _dtd(xml: bytes) -> bytes:
    return b'<!DOCTYPE NFCom [<!ENTITY e "honest">]>' + xml.replace(b">honest<", b">&e;<")


def _undeclared_entity(xml: bytes) -> bytes:
    return b'<!DOCTYPE NFCom SYSTEM "http://127.0.0.1:9/x.dtd">' + xml.replace(b">honest<", b">&e;<")


def _entity_bomb(xml: bytes) -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<!DOCTYPE NFCom [<!ENTITY e0 "0123456789">{entities}]>'
    return head.encode() + xml.replace(b">honest<", b">&e9;<")


def _idle_dtd(xml: bytes) -> bytes:
    return b"<!DOCTYPE NFCom>" + xml


def _namespace_that_canonical_xml_refuses(xml: bytes) -> bytes:
    return xml.replace(SPACE.encode(), b"relative")


TRICKS: Final[tuple[Callable[[bytes], bytes], ...]] = (
    _forged, _other_certificate, _digest_in_front, _signed_info_in_front, _wrapped, _second, _first, _second_elsewhere,
    _moved_to_the_front, _moved_into_the_supplement, _whole_document, _dtd, _undeclared_entity, _entity_bomb, _idle_dtd,
    _namespace_that_canonical_xml_refuses,
)  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__.strip("_"))
def test_no_trick_passes(trick: Callable[[bytes], bytes]) -> None:
    xml = signed("honest").xml
    assert verify(xml) is None
    tricked = trick(xml)
    assert tricked != xml
    assert verify(tricked) is not None


def test_there_is_nothing_to_verify() -> None:
    assert verify(b"<NFCom/>") == "no signature"
    for cut in (b"", b"  ", signed("x").xml[:-1]):
        assert str(verify(cut)).startswith("not XML: ")
