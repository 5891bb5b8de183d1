"""The enveloped signature of the fiscal documents: RSA-SHA1 over inclusive C14N 1.0 (MOC NFCom 1.00a, item 3.2.4).

The schema admits nothing stronger than SHA-1. The element comes canonical from the writer, so it is hashed as it
stands, only with the namespace that it inherits spelled out; `verify` does it the long way, with lxml's C14N.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1
from lxml import etree

from zelo.sign.certificate import Certificate

DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
_C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_BEFORE_REFERENCE: Final = (
    f'<CanonicalizationMethod Algorithm="{_C14N}"></CanonicalizationMethod>'
    f'<SignatureMethod Algorithm="{DSIG}rsa-sha1"></SignatureMethod>'
    '<Reference URI="#'
)
_BEFORE_DIGEST: Final = (
    '"><Transforms>'
    f'<Transform Algorithm="{DSIG}enveloped-signature"></Transform>'
    f'<Transform Algorithm="{_C14N}"></Transform></Transforms>'
    f'<DigestMethod Algorithm="{DSIG}sha1"></DigestMethod><DigestValue>'
)
_END: Final = "</DigestValue></Reference></SignedInfo>"
_XMLNS: Final = f' xmlns="{DSIG}"'
_PADDING: Final = PKCS1v15()
_SHA1: Final = SHA1()  # noqa: S303 the schema of NFCom admits no other


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed document in UTF-8 without XML declaration, and the digest of its signed element in base64."""

    xml: bytes
    digest: str


def sign_document(
    *,
    root: str,
    namespace: str,
    element: str,
    reference: str,
    certificate: Certificate,
    supplement: str = "",
    versao: str = "",
) -> Signed:
    """Join `element` (canonical, bearing Id=`reference`), `supplement` and the signature under `root`.

    `versao` is an attribute of the root where the layout has it there.
    """
    name_end = min(element.index(" "), element.index(">"))
    canonical = f'{element[:name_end]} xmlns="{namespace}"{element[name_end:]}'
    digest = base64.b64encode(hashlib.sha1(canonical.encode(), usedforsecurity=False).digest()).decode()
    info = f"{_BEFORE_REFERENCE}{reference}{_BEFORE_DIGEST}{digest}{_END}"
    value = base64.b64encode(_rsa_sha1(certificate.key, f"<SignedInfo{_XMLNS}>{info}".encode())).decode()
    stated = f' versao="{versao}"' if versao else ""
    xml = (
        f'<{root} xmlns="{namespace}"{stated}>{element}{supplement}<Signature{_XMLNS}><SignedInfo>{info}'
        f"<SignatureValue>{value}</SignatureValue><KeyInfo><X509Data><X509Certificate>{certificate.der_base64}"
        f"</X509Certificate></X509Data></KeyInfo></Signature></{root}>"
    )
    return Signed(xml.encode(), digest)


def sign_text(text: str, certificate: Certificate) -> str:
    """Base64 of the RSA-SHA1 of a text: the `sign` of a contingency QR code."""
    return base64.b64encode(_rsa_sha1(certificate.key, text.encode())).decode()


def _rsa_sha1(key: RSAPrivateKey, data: bytes) -> bytes:
    return key.sign(data, _PADDING, _SHA1)


def verify(xml: bytes) -> str | None:
    """None when digest and signature of a document hold; else what does not, in one English phrase for the log.

    What is signed must be the first element of the root and the signature its last, each part at its one place: else
    a forged element could stand where readers look, and the signed one where only the signature looks. That the
    certificate is to be trusted is not asked here.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        return f"not XML: {error.msg}"
    if root.getroottree().docinfo.internalDTD is not None:
        return "a document with a DTD"
    found = {name: root.findall(path) for name, path in _PLACES.items()}
    if any(len(nodes) != 1 for nodes in found.values()) or root[-1].tag != f"{{{DSIG}}}Signature":
        return "no signature"
    parts = {name: nodes[0] for name, nodes in found.items()}
    uri, target = parts["Reference"].get("URI", ""), root[0]
    named = [node for node in root.iter() if f"#{node.get('Id')}" == uri]
    if named != [target]:
        return f"reference {uri} names {len(named)} elements, or not the first"
    return _judge(target, parts)


def _judge(target: etree._Element, parts: Mapping[str, etree._Element]) -> str | None:
    """Digest of the target and signature of SignedInfo."""
    try:
        value = {name: base64.b64decode(parts[name].text or "") for name in _VALUES}
        if hashlib.sha1(_c14n(target), usedforsecurity=False).digest() != value["DigestValue"]:
            return "digest differs"
        public = x509.load_der_x509_certificate(value["X509Certificate"]).public_key()
        if not isinstance(public, RSAPublicKey):
            return "certificate without RSA key"
        public.verify(value["SignatureValue"], _c14n(parts["SignedInfo"]), _PADDING, _SHA1)
    except InvalidSignature:
        return "signature differs"
    except (ValueError, etree.LxmlError) as error:
        return f"unreadable signature: {error}"
    return None


_VALUES: Final = ("DigestValue", "SignatureValue", "X509Certificate")
_PLACES: Final = {
    steps[-1]: "/".join(f"{{{DSIG}}}{step}" for step in steps)
    for steps in (
        ("Signature",),
        ("Signature", "SignedInfo"),
        ("Signature", "SignedInfo", "Reference"),
        ("Signature", "SignedInfo", "Reference", "DigestValue"),
        ("Signature", "SignatureValue"),
        ("Signature", "KeyInfo", "X509Data", "X509Certificate"),
    )
}


def _c14n(node: etree._Element) -> bytes:
    """Inclusive C14N of an element as if it stood alone: read again first, else lxml writes xmlns="" on children."""
    alone = etree.fromstring(etree.tostring(node, with_tail=False))
    return etree.tostring(alone, method="c14n")
