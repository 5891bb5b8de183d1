"""Reads one file by local names, whatever wraps it: SOAP, lots, procs, base64 of gzip, XML inside text.

Nothing outside the bytes is touched: no entities, no DTD, no network; size, depth and number of elements are bounded.
"""

import base64
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from sys import intern
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import NameOID
from lxml import etree

from zelo.fiscal.cnpj import hide_inside
from zelo.guard.diagnosis.evidence import (
    NFCOM,
    NFE,
    Answer,
    Certificate,
    Finding,
    Key,
    Sent,
    Service,
    consulted,
    event_of,
    number_of,
    shaped,
)

MOST_BYTES: Final = 5_000_000
"""Of one file, and of what is packed inside it: a lot of fifty notes fits several times."""
MOST_DEPTH: Final = 16
"""Elements around a document, packings included; SOAP, wrapper, lot and proc make six."""
MOST_ELEMENTS: Final = 20_000
"""Looked at on the way to documents; their insides do not count."""
MOST_CHARS: Final = 500
"""Of a text that is kept."""
MOST_NAME_CHARS: Final = 200
_GZIP_OR_ZLIB_WINDOW: Final = 47
_CSTAT: Final = re.compile(r"[0-9]{3,4}")
_CHAVE_IN_NAME: Final = re.compile(r"(?<![0-9A-Z])[0-9]{6}[A-Z0-9]{12}[0-9]{26}(?![0-9A-Z])")
_OFFICIAL_OFFSET: Final = timezone(timedelta(hours=-3))
"""Brasília, for instants of layouts before 3.10, that carry no offset."""
_HOLDER: Final = re.compile(r":([A-Z0-9]{12}[0-9]{2})$")
_ICP_CNPJ: Final = x509.ObjectIdentifier("2.16.76.1.3.3")
"""CNPJ of the holder in an ICP-Brasil certificate (DOC-ICP-04)."""
_LATIN: Final = "iso-8859-1"


@dataclass(slots=True)
class _Found:
    """What has been met on the way through one file."""

    name: str
    chave_in_name: str = ""
    ip: str = ""
    looked_at: int = 0
    sent: list[Sent] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


def read(name: str, content: bytes) -> Finding | None:
    """What the file proves; None for one that is no XML, too large, or wants entities. Never raises."""
    root = _xml(content)
    if root is None:
        return None
    named = _CHAVE_IN_NAME.search(name.rpartition("/")[2].upper())
    found = _Found(name[-MOST_NAME_CHARS:], named.group() if named else "")
    _visit(root, found, 0)
    return Finding(found.name, tuple(found.sent), tuple(found.answers))


def _xml(content: bytes) -> etree._Element | None:
    """The root; a file that lies about its encoding is read as Latin-1."""
    content = content.strip()
    if not content or len(content) > MOST_BYTES:
        return None
    for encoding in (None, _LATIN):
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
            remove_pis=True, collect_ids=False, encoding=encoding,
        )  # fmt: skip
        try:
            root = etree.fromstring(content, parser)
        except (etree.LxmlError, ValueError, AssertionError):
            continue
        return root if root.getroottree().docinfo.internalDTD is None else None
    return None


def _visit(node: etree._Element, found: _Found, depth: int) -> None:
    """Go down until a document is met; what is packed in text is unpacked and visited as well."""
    found.looked_at += 1
    if depth > MOST_DEPTH or found.looked_at > MOST_ELEMENTS or not isinstance(node.tag, str):
        return
    handler = _HANDLERS.get(_local(node))
    if handler is not None:
        handler(node, found)
        return
    found.ip = intern((node.get("ipTransmissor") or found.ip)[:MOST_CHARS])
    if len(node) == 0 and node.text and _local(node).endswith(_PACKED):
        inner = _unpack(node.text)
        if inner is not None:
            _visit(inner, found, depth + 1)
    for child in node:
        _visit(child, found, depth + 1)


_PACKED: Final = ("DadosMsg", "DadosMsgZip", "ResultMsg", "Result", "return", "xmlDados", "loteDistDFeInt")
"""Ends of the names of elements that carry a document as text."""


def _unpack(text: str) -> etree._Element | None:
    """XML as text, or base64 of it, plain or compressed; bounded while it grows."""
    text = text.strip()
    if text.startswith("<"):
        return _xml(re.sub(r"^<\?xml[^>]{0,200}\?>", "", text).encode())
    try:
        packed = base64.b64decode(text, validate=False)
    except ValueError:
        return None
    machine = zlib.decompressobj(_GZIP_OR_ZLIB_WINDOW)
    try:
        unpacked = machine.decompress(packed, MOST_BYTES)
    except zlib.error:
        return _xml(packed)
    return None if machine.unconsumed_tail or not machine.eof else _xml(unpacked)


def _note(node: etree._Element, found: _Found) -> None:
    inf = next((child for child in node if _local(child) in ("infNFe", "infNFCom")), None)
    if inf is None:
        return
    chave = shaped((inf.get("Id") or "").removeprefix("NFe").removeprefix("NFCom"))
    ide = _child(inf, "ide")
    if not chave or ide is None:
        return
    found.sent.append(
        Sent(
            number_of(chave, _text(ide, "tpAmb")),
            chave,
            intern(hide_inside(_text(ide, "verProc"))),
            _signer(node),
            found.ip,
            _instant(_text(ide, "dhEmi")),
        )
    )


def _event(node: etree._Element, found: _Found) -> None:
    inf = _child(node, "infEvento")
    if inf is None:
        return
    key, chave = _event_key(inf, node)
    found.sent.append(Sent(key, chave, "", _signer(node), found.ip, _instant(_text(inf, "dhEvento"))))


def _event_key(inf: etree._Element, node: etree._Element) -> tuple[Key, str]:
    chave = shaped(_text(inf, "chNFe") or _text(inf, "chNFCom"))
    return event_of(
        chave, _text(inf, "tpEvento"), _text(inf, "nSeqEvento") or "1", _text(inf, "tpAmb"), _family(node)
    ), chave


def _inutilizacao_key(inf: etree._Element) -> Key:
    """By the official Id, made of its parts, for answers do not repeat it."""
    cnpj, modelo = _text(inf, "CNPJ"), _text(inf, "mod") or NFE
    numbers = [_text(inf, name) for name in ("serie", "nNFIni", "nNFFin")]
    ident = ""
    if cnpj and all(number.isascii() and number.isdecimal() and len(number) <= 9 for number in numbers):
        serie, first, last = map(int, numbers)
        ident = f"ID{_text(inf, 'cUF')}{_text(inf, 'ano')}{cnpj}{modelo}{serie:03d}{first:09d}{last:09d}"
    return Key(Service.INUTILIZACAO, modelo, _text(inf, "tpAmb"), cnpj, ident=intern(ident))


def _inutilizacao(node: etree._Element, found: _Found) -> None:
    inf = _child(node, "infInut")
    if inf is not None:
        found.sent.append(Sent(_inutilizacao_key(inf), "", "", _signer(node), found.ip))


def _inutilizacao_answer(node: etree._Element, found: _Found) -> None:
    inf = _child(node, "infInut")
    if inf is not None:
        _answer(_inutilizacao_key(inf), "", inf, found, "dhRecbto")


def _consulta(node: etree._Element, found: _Found) -> None:
    chave = shaped(_text(node, "chNFe") or _text(node, "chNFCom"))
    found.sent.append(Sent(consulted(chave, _family(node), _text(node, "tpAmb")), chave))


def _consulta_answer(node: etree._Element, found: _Found) -> None:
    """What it says of the note is history; the consulta itself is what counts. NFCom's answer names no chave."""
    inside = [
        _text(inf, "chNFCom") or _text(inf, "chNFe") for protocol in node for inf in protocol if _is(protocol, "prot")
    ]
    chave = shaped(_text(node, "chNFe") or next(filter(None, inside), "")) or found.chave_in_name
    _answer(consulted(chave, _family(node), _text(node, "tpAmb")), chave, node, found, "dhRecbto")


def _receipt_key(node: etree._Element) -> Key:
    return Key(Service.RECIBO, NFE, _text(node, "tpAmb"), ident=_text(node, "nRec"))


def _receipt(node: etree._Element, found: _Found) -> None:
    found.sent.append(Sent(_receipt_key(node), ""))


def _receipt_answer(node: etree._Element, found: _Found) -> None:
    """One look at a receipt, and the results that it brought."""
    _answer(_receipt_key(node), "", node, found, "dhRecbto")
    for child in node:
        if _is(child, "prot"):
            _protocol(child, found)


def _lot_answer(node: etree._Element, found: _Found) -> None:
    """With protocols each note has its own result; without any the lot has one, and the file's name may tell whose."""
    protocols = [child for child in node if _is(child, "prot")]
    for protocol in protocols:
        _protocol(protocol, found)
    if not protocols:
        chave = found.chave_in_name
        key = replace(number_of(chave, _text(node, "tpAmb")), modelo=chave[20:22] or _family(node))
        _answer(key, chave, node, found, "dhRecbto")


def _protocol(node: etree._Element, found: _Found) -> None:
    inf = _child(node, "infProt")
    if inf is not None:
        chave = shaped(_text(inf, "chNFe") or _text(inf, "chNFCom"))
        key = replace(number_of(chave, _text(inf, "tpAmb")), modelo=chave[20:22] or _family(node))
        _answer(key, chave, inf, found, "dhRecbto")


def _events_answer(node: etree._Element, found: _Found) -> None:
    results = [child for child in node if _is(child, "retEvento")]
    for result in results:
        _event_answer(result, found)
    if not results:
        _answer(Key(Service.EVENTO, _family(node), _text(node, "tpAmb")), "", node, found, "dhRecbto")


def _event_answer(node: etree._Element, found: _Found) -> None:
    inf = _child(node, "infEvento")
    if inf is None:
        return
    key, chave = _event_key(inf, node)
    _answer(key, chave, inf, found, "dhRegEvento")


def _other(service: Service) -> Callable[[etree._Element, _Found], None]:
    """A service without a subject of its own: status, cadastro, distribuição."""

    def handle(node: etree._Element, found: _Found) -> None:
        who = _text(node, "cUF") or _text(node, "CNPJ")
        key = Key(service, _family(node), _text(node, "tpAmb"), ident=who or service.value)
        if _local(node).startswith("ret"):
            _answer(key, "", node, found, "dhResp" if service is Service.DISTRIBUICAO else "dhRecbto")
        else:
            found.sent.append(Sent(key, ""))

    return handle


_HANDLERS: Final[dict[str, Callable[[etree._Element, _Found], None]]] = {
    **dict.fromkeys(("NFe", "NFCom"), _note),
    **dict.fromkeys(("evento", "eventoNFCom"), _event),
    "inutNFe": _inutilizacao,
    "retInutNFe": _inutilizacao_answer,
    **dict.fromkeys(("consSitNFe", "consSitNFCom"), _consulta),
    **dict.fromkeys(("retConsSitNFe", "retConsSitNFCom"), _consulta_answer),
    "consReciNFe": _receipt,
    "retConsReciNFe": _receipt_answer,
    **dict.fromkeys(("retEnviNFe", "retNFCom"), _lot_answer),
    **dict.fromkeys(("protNFe", "protNFCom"), _protocol),
    "retEnvEvento": _events_answer,
    **dict.fromkeys(("retEvento", "retEventoNFCom"), _event_answer),
    **dict.fromkeys(
        ("consStatServ", "consStatServNFCom", "retConsStatServ", "retConsStatServNFCom"), _other(Service.STATUS)
    ),
    **dict.fromkeys(("distDFeInt", "retDistDFeInt"), _other(Service.DISTRIBUICAO)),
}
"""By the local name of the element that is the document."""


def _answer(key: Key, chave: str, node: etree._Element, found: _Found, instant: str) -> None:
    """Keep a result that has a code; anything else proves nothing."""
    cstat = _text(node, "cStat")
    if _CSTAT.fullmatch(cstat):
        motivo = intern(hide_inside(_text(node, "xMotivo")))
        found.answers.append(Answer(key, chave, intern(cstat), motivo, _instant(_text(node, instant))))


def _signer(node: etree._Element) -> Certificate | None:
    signature = _child(node, "Signature")
    info = _child(signature, "KeyInfo") if signature is not None else None
    data = _child(info, "X509Data") if info is not None else None
    holder = _child(data, "X509Certificate") if data is not None else None
    return _certificate("".join((holder.text or "").split())) if holder is not None else None


@lru_cache(maxsize=4_096)
def _certificate(encoded: str) -> Certificate | None:
    """The certificate of a KeyInfo; the same one signs a whole month."""
    try:
        parsed = x509.load_der_x509_certificate(base64.b64decode(encoded))
        names = parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        name = str(names[0].value)[:MOST_CHARS] if names else ""
        holder = _HOLDER.search(name)
        cnpj = holder.group(1) if holder else _alternative_cnpj(parsed)
        return Certificate(hide_inside(name), cnpj, f"{parsed.serial_number:x}")
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.DuplicateExtension):
        return None


def _alternative_cnpj(parsed: x509.Certificate) -> str:
    """From the subject's alternative names, as ICP-Brasil writes them: the last 14 characters of a DER string."""
    try:
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ""
    others = [each.value for each in names.get_values_for_type(x509.OtherName) if each.type_id == _ICP_CNPJ]
    return others[0][-14:].decode("ascii", "ignore") if others else ""


def _family(node: etree._Element) -> str:
    """The model that a document's own name tells."""
    return NFCOM if "NFCom" in _local(node) else NFE


def _local(node: etree._Element) -> str:
    """The name without its namespace."""
    return str(node.tag).rpartition("}")[2]


def _is(node: etree._Element, start: str) -> bool:
    return _local(node).startswith(start)


def _child(node: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in node if _local(child) == name), None)


def _text(node: etree._Element, name: str) -> str:
    child = _child(node, name)
    return "" if child is None or len(child) else (child.text or "").strip()[:MOST_CHARS]


def _instant(text: str) -> datetime | None:
    """With the offset as written; nothing beyond the calendar, for it could not be compared."""
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else at.replace(tzinfo=_OFFICIAL_OFFSET)
        return at if at.astimezone(UTC).year > 1 else None
    except (ValueError, OverflowError):
        return None
