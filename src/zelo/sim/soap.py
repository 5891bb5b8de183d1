"""The envelope: SOAP 1.2 as the authorizers publish it, 1.1 tolerated, each answered in kind.

The styles are what the authorizers are known to do differently (sources: public clients that talk to them).
"""

import base64
import gzip
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from xml.sax.saxutils import escape

from lxml import etree

from zelo.sim import message
from zelo.sim.verdict import Verdict

SOAP_12: Final = "http://www.w3.org/2003/05/soap-envelope"
SOAP_11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
WSDL: Final = "http://www.portalfiscal.inf.br/nfcom/wsdl"

_WRAPPER: Final = "nfcomdadosmsg"
_GZIP_LEVEL: Final = 1
_OPENING: Final = re.compile(r"<(/?)(?=\w)")


class Style(StrEnum):
    """How an authorizer writes its answer inside the envelope."""

    PLAIN = "plain"
    PREFIXED = "prefixed"
    COMPRESSED = "compressed"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request's envelope: its SOAP namespace and the wrapper element `nfcomDadosMsg`."""

    soap: str
    wrapper: etree._Element


@dataclass(frozen=True, slots=True)
class NotSoap:
    """Why a request gets a SOAP fault only: the reason in pt-BR, the SOAP version to answer in, the HTTP status."""

    reason: str
    soap: str = SOAP_12
    status: int = 500


def unwrap(body: bytes, servico: str) -> Envelope | NotSoap:
    """The wrapper of a request to `servico`, whatever the content type said."""
    root = message.parse(body.strip())
    if isinstance(root, Verdict):
        return NotSoap(f"O corpo não é um envelope SOAP legível: {root.motivo}")
    soap = next((name for name in (SOAP_12, SOAP_11) if root.tag == f"{{{name}}}Envelope"), "")
    if not soap:
        return NotSoap("O corpo não é um envelope SOAP 1.2 nem 1.1.")
    content = root.find(f"{{{soap}}}Body")
    wrapper = next(content.iterchildren(etree.Element), None) if content is not None else None
    if wrapper is None:
        return NotSoap("O envelope não traz conteúdo em Body.", soap)
    name = etree.QName(wrapper)
    if name.localname.lower() != _WRAPPER or name.namespace != f"{WSDL}/{servico}":
        return NotSoap(f"Esperado nfcomDadosMsg de {WSDL}/{servico}, veio {name.localname} de {name.namespace}.", soap)
    return Envelope(soap, wrapper)


def wrap(answer: str, *, soap: str, servico: str, style: Style) -> bytes:
    """An answer such as `<retNFCom ...>` in the envelope and the style of an authorizer."""
    namespace = f"{WSDL}/{servico}"
    if style is Style.PREFIXED:
        prefixed = _OPENING.sub(r"<\1ns0:", answer).replace(" xmlns=", " xmlns:ns0=", 1)
        inner = f'<ns2:nfcomResultMsg xmlns:ns2="{namespace}">{prefixed}</ns2:nfcomResultMsg>'
    else:
        if style is Style.COMPRESSED:
            answer = base64.b64encode(gzip.compress(answer.encode(), _GZIP_LEVEL, mtime=0)).decode()
        inner = f'<nfcomResultMsg xmlns="{namespace}">{answer}</nfcomResultMsg>'
    return _envelope(soap, inner)


def fault(problem: NotSoap) -> bytes:
    """A SOAP fault of the sender's making."""
    reason = escape(problem.reason)
    if problem.soap == SOAP_11:
        inner = f"<soap:Fault><faultcode>soap:Client</faultcode><faultstring>{reason}</faultstring></soap:Fault>"
    else:
        inner = (
            "<soap:Fault><soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code>"
            f'<soap:Reason><soap:Text xml:lang="pt-BR">{reason}</soap:Text></soap:Reason></soap:Fault>'
        )
    return _envelope(problem.soap, inner)


def _envelope(soap: str, inner: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{soap}">'
        f"<soap:Body>{inner}</soap:Body></soap:Envelope>"
    ).encode()
