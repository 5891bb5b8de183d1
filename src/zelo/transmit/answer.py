"""Reads an answer by local names, for authorizers differ in prefixes and some compress: plain XML, or base64 of gzip.

Nothing is believed that is not there: no result, no cStat, a body cut in the middle, an HTML page, all are silence.
"""

import base64
import zlib
from datetime import datetime
from typing import Final

from lxml import etree

from zelo.fiscal.instant import from_tag
from zelo.fiscal.retorno import NoAnswer, Protocolo, Retorno, Silence

MOST_BYTES: Final = 4_000_000
"""Larger answers are not read; a note is at most 1 MB and its answer holds a protocol only."""

_GZIP_WINDOW: Final = 31
_CSTAT_DIGITS: Final = (3, 4)


def parse(body: bytes) -> Retorno | NoAnswer:
    """What an answer says."""
    root = _xml(body)
    result = _result(root) if root is not None else None
    if result is None:
        return NoAnswer(Silence.UNREADABLE, f"resposta ilegível de {len(body)} bytes")
    cstat, motivo = _text(result, "cStat"), _text(result, "xMotivo")
    if not (cstat.isascii() and cstat.isdecimal()) or len(cstat) not in _CSTAT_DIGITS:
        return NoAnswer(Silence.UNREADABLE, "resposta sem cStat")
    try:
        protocolo = _protocolo(result)
    except etree.LxmlError:
        return NoAnswer(Silence.UNREADABLE, "resposta com protocolo ilegível")
    return Retorno(cstat, motivo, protocolo, _instant(_text(result, "dhRecbto")))


def _xml(body: bytes) -> etree._Element | None:
    if len(body) > MOST_BYTES:
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root if root.getroottree().docinfo.internalDTD is None else None


def _result(root: etree._Element) -> etree._Element | None:
    """The element whose name starts with "ret", wherever it stands or whatever it is packed in."""
    for node in root.iter():
        name = _local(node)
        if name.startswith("ret") and _child(node, "cStat") is not None:
            return node
        if name.endswith("ResultMsg") and len(node) == 0 and node.text:
            inner = _unpack(node.text)
            return _result(inner) if inner is not None else None
    return None


def _unpack(text: str) -> etree._Element | None:
    """Base64 of gzip or of plain XML; bounded while it grows."""
    try:
        packed = base64.b64decode(text, validate=False)
    except ValueError:
        return None
    machine = zlib.decompressobj(_GZIP_WINDOW)
    try:
        unpacked = machine.decompress(packed, MOST_BYTES)
    except zlib.error:
        return _xml(packed)
    return None if machine.unconsumed_tail or not machine.eof else _xml(unpacked)


def _protocolo(result: etree._Element) -> Protocolo | None:
    for node in result:
        if _local(node).startswith("prot"):
            inner = _child(node, "infProt")
            if inner is None:
                return None
            alone = etree.fromstring(etree.tostring(node, with_tail=False))
            return Protocolo(
                chave=next((_value(n) for n in inner if _local(n).startswith("ch")), ""),
                cstat=_text(inner, "cStat"),
                motivo=_text(inner, "xMotivo"),
                nprot=_text(inner, "nProt"),
                digest=_text(inner, "digVal"),
                recebido=_instant(_text(inner, "dhRecbto")),
                xml=etree.tostring(alone, method="c14n", exclusive=True),
            )
    return None


def _local(node: etree._Element) -> str:
    return etree.QName(node).localname


def _child(node: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in node if _local(child) == name), None)


def _value(node: etree._Element) -> str:
    return "" if len(node) else (node.text or "").strip()


def _text(node: etree._Element, name: str) -> str:
    child = _child(node, name)
    return _value(child) if child is not None else ""


def _instant(text: str) -> datetime | None:
    try:
        return from_tag(text) if text else None
    except ValueError:
        return None
