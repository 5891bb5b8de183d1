"""The area of data of a request: unpacked and read within bounds, or the cStat that says why not.

Checks of the manual's groups B and C: size (214), compression (244), encoding (402), form (243), characters of edition
(599), namespace (598), prefixes (404). A document type or an entity is never read: such a message is malformed.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Collection
from typing import Final

from lxml import etree

from zelo.sim.verdict import Verdict, verdict

NAMESPACE: Final = "http://www.portalfiscal.inf.br/nfcom"
DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"

_GZIP_WINDOW: Final = 31
_DECLARED: Final = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([^"']{1,40})["']""")
_DOCUMENT_TYPE: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_EDITED: Final = re.compile(rb">[ \t\r\n]+<|<!--|<\?(?!xml )")
_SPACE: Final = re.compile(r"\s")
_NAMESPACES: Final = (f"{{{NAMESPACE}}}", f"{{{DSIG}}}")
_UNBROKEN: Final = (f"{{{DSIG}}}SignatureValue", f"{{{DSIG}}}X509Certificate", f"{{{DSIG}}}DigestValue")


def unpack(text: str, most_bytes: int) -> bytes | Verdict:
    """The bytes of base64 of gzip, never growing beyond `most_bytes` by more than one."""
    try:
        packed = base64.b64decode("".join(text.split()), validate=True)
        machine = zlib.decompressobj(wbits=_GZIP_WINDOW)
        data = machine.decompress(packed, most_bytes + 1)
    except (binascii.Error, ValueError, zlib.error):
        return verdict("244")
    if len(data) > most_bytes:
        return verdict("214")
    return data if machine.eof and not machine.unused_data else verdict("244")


def parse(data: bytes) -> etree._Element | Verdict:
    """The tree of a message of bounded size: UTF-8, no document type, no entity, no network, no great depth."""
    declared = _DECLARED.match(data)
    if not _is_utf8(data) or (declared and declared[1].upper() != b"UTF-8"):
        return verdict("402")
    if _DOCUMENT_TYPE.search(data):
        return verdict("243", {"": "DTD e entidades não são aceitas"})
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        return verdict("243", {"": f"linha {line}, coluna {column}"})


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def check_bytes(data: bytes) -> Verdict | None:
    """599: something before, after or between the tags."""
    edited = not data.startswith(b"<") or not data.endswith(b">") or _EDITED.search(data)
    return verdict("599") if edited else None


def check_tree(root: etree._Element, inherited: Collection[str | None] = ()) -> Verdict | None:
    """404, 598 and, inside the signature, 599. `inherited`: prefixes that an envelope declares, not the message."""
    for node in root.iter(etree.Element):
        if node.prefix:
            return verdict("404", {"": f"prefixo {node.prefix}"})
        if not str(node.tag).startswith(_NAMESPACES):
            return verdict("598")
        if node.tag in _UNBROKEN and _SPACE.search(node.text or ""):
            return verdict("599")
    declared = {prefix for prefix in root.nsmap if prefix and prefix not in inherited}
    return verdict("404", {"": f"prefixo {min(declared)}"}) if declared else None
