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
from zelo.sim.certificate import signer_fault
from zelo.sim.judge.case import Case, Check, whole
from zelo.sim.message import DSIG
from zelo.sim.note import Note, canonical, signature_value, text

_TRANSFORMS: Final = [f"{DSIG}enveloped-signature", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"]
_SHA1: Final = SHA1()  # noqa: S303 the schema of NFCom admits no other
_PADDING: Final = PKCS1v15()


def signed_by(note: Note) -> bytes:
    """DER of the certificate inside the signature, b"" when it cannot be read."""
    return decode(signature_value(note.xml, "X509Certificate"))


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


def _off_pattern(case: Case) -> bool:
    """Not the one reference to this note with the two transforms in their order; the schema has seen to the rest."""
    reference = case.note.xml.find(f"{{{DSIG}}}Signature/{{{DSIG}}}SignedInfo/{{{DSIG}}}Reference")
    if reference is None or reference.get("URI") != f"#{case.note.inf.attributes.get('Id')}":
        return True
    transforms = reference.findall(f"{{{DSIG}}}Transforms/{{{DSIG}}}Transform")
    return [node.get("Algorithm") for node in transforms] != _TRANSFORMS or any(len(node) for node in transforms)


def _differs(case: Case) -> bool:
    note = case.note
    info: etree._Element | None = note.xml.find(f"{{{DSIG}}}Signature/{{{DSIG}}}SignedInfo")
    if info is None or signature_value(note.xml, "DigestValue") != note.digest:
        return True
    key = case.signer.key if case.signer else None
    return not verifies(key, decode(signature_value(note.xml, "SignatureValue")), canonical(info))


def _other_company(case: Case) -> bool:
    return case.signer is None or base(case.signer.cnpj) != base(text(case.note.emit, "CNPJ"))


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
    whole("298", "F01", _off_pattern),
    whole("297", "F02", _differs),
    whole("213", "F03", _other_company),
)
