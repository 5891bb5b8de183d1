"""Groups E and F: who signed, and whether digest and signature hold (290 to 293, 297, 298, 213)."""

import base64
import binascii
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1
from lxml import etree

from zelo.fiscal.cnpj import base
from zelo.sim.certificate import Holder, signer_fault
from zelo.sim.judge.case import Case, Check, whole
from zelo.sim.message import DSIG
from zelo.sim.note import canonical, signature_value, text

_TRANSFORMS: Final = [f"{DSIG}enveloped-signature", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"]
_SHA1: Final = SHA1()  # noqa: S303 the schema of NFCom admits no other
_PADDING: Final = PKCS1v15()


def signed_by(xml: etree._Element) -> bytes:
    """DER of the certificate inside the signature, b"" when it cannot be read."""
    return decode(signature_value(xml, "X509Certificate"))


def decode(text_64: str) -> bytes:
    """Base64 to bytes, b"" when it is not base64."""
    try:
        return base64.b64decode(text_64, validate=True)
    except (binascii.Error, ValueError):
        return b""


def verifies(key: RSAPublicKey | None, signature: bytes, data: bytes) -> bool:
    """Whether an RSA-SHA1 signature (PKCS#1 v1.5) of the data holds."""
    if key is None:
        return False
    try:
        key.verify(signature, data, _PADDING, _SHA1)
    except InvalidSignature:
        return False
    return True


def off_pattern(xml: etree._Element, signed_id: str) -> bool:
    """Not the one reference to that Id with the two transforms in their order; the schema has seen to the rest."""
    reference = xml.find(f"{{{DSIG}}}Signature/{{{DSIG}}}SignedInfo/{{{DSIG}}}Reference")
    if reference is None or reference.get("URI") != f"#{signed_id}":
        return True
    transforms = reference.findall(f"{{{DSIG}}}Transforms/{{{DSIG}}}Transform")
    return [node.get("Algorithm") for node in transforms] != _TRANSFORMS or any(len(node) for node in transforms)


def differs(xml: etree._Element, digest: str, signer: Holder | None) -> bool:
    """Whether the digest or the signature does not hold."""
    info: etree._Element | None = xml.find(f"{{{DSIG}}}Signature/{{{DSIG}}}SignedInfo")
    if info is None or signature_value(xml, "DigestValue") != digest:
        return True
    key = signer.key if signer else None
    return not verifies(key, decode(signature_value(xml, "SignatureValue")), canonical(info))


def other_company(signer: Holder | None, cnpj: str) -> bool:
    """Whether somebody else's certificate signed."""
    return signer is None or base(signer.cnpj) != base(cnpj)


def _signer(code: str, source: str) -> Check:
    def find(case: Case) -> dict[str, str] | None:
        fault = signer_fault(case.signer, case.now)
        return dict(fault[1]) if fault and fault[0] == code else None

    return Check(code, source, find)


CHECKS: Final = (
    _signer("290", "E01"),
    _signer("291", "E02"),
    _signer("292", "E03"),
    _signer("293", "E04"),
    whole("298", "F01", lambda case: off_pattern(case.note.xml, case.note.inf.attributes.get("Id", ""))),
    whole("297", "F02", lambda case: differs(case.note.xml, case.note.digest, case.signer)),
    whole("213", "F03", lambda case: other_company(case.signer, text(case.note.emit, "CNPJ"))),
)
