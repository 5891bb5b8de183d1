"""Reads an answer by local names, for authorizers differ in prefixes and some compress: plain XML, or base64 of gzip.

Nothing is believed that is not there: no result, no cStat, a body cut in the middle, an HTML page, all are silence.
"""

import base64
import zlib
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from lxml import etree

from zelo.fiscal.instant import from_tag
from zelo.fiscal.retorno import Evento, NoAnswer, Protocolo, Retorno, Silence

MOST_BYTES: Final = 4_000_000
"""Larger answers are not read; a note is at most 1 MB and its answer holds a protocol only."""

MOST_EVENTS: Final = 100
"""Of one note that are read in the answer to a consulta."""

_GZIP_WINDOW: Final = 31
_SEQ_DIGITS: Final = 3
_CSTAT_DIGITS: Final = (3, 4)


def parse(body: bytes) -> Retorno | NoAnswer:
    """What an answer says."""
    root = _xml(body)
    result = _result(root) if root is not None else None
    if result is None:
        return NoAnswer(Silence.UNREADABLE, f"resposta ilegível de {len(body)} bytes")
    said = _said(result)
    cstat, motivo = _text(said, "cStat"), _text(said, "xMotivo")
    if not (cstat.isascii() and cstat.isdecimal()) or len(cstat) not in _CSTAT_DIGITS:
        return NoAnswer(Silence.UNREADABLE, "resposta sem cStat")
    try:
        protocolo, eventos = _protocolo(result), tuple(_eventos(result))
    except etree.LxmlError:
        return NoAnswer(Silence.UNREADABLE, "resposta com protocolo ilegível")
    return Retorno(cstat, motivo, protocolo, _instant(_text(result, "dhRecbto")), eventos)


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
        if name.startswith("ret") and _child(_said(node), "cStat") is not None:
            return node
        if name.endswith("ResultMsg") and len(node) == 0 and node.text:
            inner = _unpack(node.text)
            return _result(inner) if inner is not None else None
    return None


def _said(result: etree._Element) -> etree._Element:
    """Where an answer has its cStat: in itself, or in the infEvento of a retEvento."""
    inner = _child(result, "infEvento")
    return result if inner is None else inner


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
            return Protocolo(
                chave=next((_value(n) for n in inner if _local(n).startswith("ch")), ""),
                cstat=_text(inner, "cStat"),
                motivo=_text(inner, "xMotivo"),
                nprot=_text(inner, "nProt"),
                digest=_text(inner, "digVal"),
                recebido=_instant(_text(inner, "dhRecbto")),
                xml=_alone(node),
            )
    return None


def _eventos(result: etree._Element) -> Iterator[Evento]:
    """The answer to an event, or the events that a consulta brings, each a procEvento (in another or not)."""
    if _local(result).startswith("retEvento"):
        yield _evento(result, None)
        return
    for node in islice((node for node in result.iter() if _local(node).startswith("procEvento")), MOST_EVENTS):
        answer = next((child for child in node if _local(child).startswith("retEvento")), None)
        if answer is not None and _child(answer, "infEvento") is not None:
            yield _evento(answer, node)


def _evento(answer: etree._Element, proc: etree._Element | None) -> Evento:
    inner = _said(answer)
    digest = next((node for node in proc.iter() if _local(node) == "DigestValue"), None) if proc is not None else None
    seq = _text(inner, "nSeqEvento")
    return Evento(
        chave=next((_value(n) for n in inner if _local(n).startswith("ch")), ""),
        tipo=_text(inner, "tpEvento"),
        seq=int(seq) if seq.isascii() and seq.isdecimal() and len(seq) <= _SEQ_DIGITS else 0,
        cstat=_text(inner, "cStat"),
        nprot=_text(inner, "nProt"),
        registrado=_instant(_text(inner, "dhRegEvento")),
        digest=_value(digest) if digest is not None else "",
        xml=_alone(answer),
        proc=b"" if proc is None else _alone(proc),
    )


def _alone(node: etree._Element) -> bytes:
    """The canonical bytes of an element, with the namespaces that it needs and no others."""
    return etree.tostring(etree.fromstring(etree.tostring(node, with_tail=False)), method="c14n", exclusive=True)


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
