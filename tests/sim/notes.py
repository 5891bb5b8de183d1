"""Notes for the simulator's tests, built apart from it: a text template, another check digit, xmlsec for signing."""

import base64
import gzip
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final
from xml.sax.saxutils import escape

import xmlsec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree

from zelo.sim.pki import A1

NFCOM: Final = "http://www.portalfiscal.inf.br/nfcom"
DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
SOAP_12: Final = "http://www.w3.org/2003/05/soap-envelope"
SOAP_11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SVRS_QR: Final = "https://dfe-portal.svrs.rs.gov.br/NFCom/QRCode"
CNPJ: Final = "06117473000150"
IE: Final = "0963233556"

ITEM: Final = (
    '<det nItem="1"><prod><cProd>P1</cProd><xProd>Internet 500 Mega</xProd><cClass>0100401</cClass><CFOP>5307</CFOP>'
    "<uMed>4</uMed><qFaturada>1</qFaturada><vItem>100.00</vItem><vProd>100.00</vProd></prod><imposto>"
    "<ICMS00><CST>00</CST><vBC>100.00</vBC><pICMS>17.00</pICMS><vICMS>17.00</vICMS></ICMS00>"
    "<PIS><CST>01</CST><vBC>100.00</vBC><pPIS>0.65</pPIS><vPIS>0.65</vPIS></PIS>"
    "<COFINS><CST>01</CST><vBC>100.00</vBC><pCOFINS>3.00</pCOFINS><vCOFINS>3.00</vCOFINS></COFINS>"
    "<FUST><vBC>100.00</vBC><pFUST>1.00</pFUST><vFUST>1.00</vFUST></FUST>"
    "<FUNTTEL><vBC>100.00</vBC><pFUNTTEL>0.50</pFUNTTEL><vFUNTTEL>0.50</vFUNTTEL></FUNTTEL>"
    "<IBSCBS><CST>000</CST><cClassTrib>000001</cClassTrib><gIBSCBS><vBC>79.35</vBC>"
    "<gIBSUF><pIBSUF>0.1000</pIBSUF><vIBSUF>0.08</vIBSUF></gIBSUF>"
    "<gIBSMun><pIBSMun>0</pIBSMun><vIBSMun>0.00</vIBSMun></gIBSMun><vIBS>0.08</vIBS>"
    "<gCBS><pCBS>0.9000</pCBS><vCBS>0.71</vCBS></gCBS></gIBSCBS></IBSCBS></imposto></det>"
)
PLAIN_ITEM: Final = (
    '<det nItem="2"><prod><cProd>P2</cProd><xProd>Aplicativos</xProd><cClass>0600601</cClass>'
    "<uMed>4</uMed><qFaturada>2</qFaturada><vItem>10.00</vItem><vProd>20.00</vProd></prod>"
    "<imposto><indSemCST>1</indSemCST></imposto></det>"
)
_ADDRESS: Final = (
    "<xLgr>Rua A</xLgr><nro>1</nro><xBairro>Centro</xBairro><cMun>{mun}</cMun><xMun>Porto Alegre</xMun>"
    "<CEP>90000000</CEP><UF>{uf}</UF>"
)
TOTAL: Final = (
    "<total><vProd>120.00</vProd><ICMSTot><vBC>100.00</vBC><vICMS>17.00</vICMS><vICMSDeson>0.00</vICMSDeson>"
    "<vFCP>0.00</vFCP></ICMSTot><vCOFINS>3.00</vCOFINS><vPIS>0.65</vPIS><vFUNTTEL>0.50</vFUNTTEL><vFUST>1.00</vFUST>"
    "<vRetTribTot><vRetPIS>0.00</vRetPIS><vRetCofins>0.00</vRetCofins><vRetCSLL>0.00</vRetCSLL><vIRRF>0.00</vIRRF>"
    "</vRetTribTot><vDesc>0.00</vDesc><vOutro>0.00</vOutro><vNF>120.00</vNF>"
    "<IBSCBSTot><vBCIBSCBS>79.35</vBCIBSCBS><gIBS><gIBSUF><vDif>0.00</vDif><vDevTrib>0.00</vDevTrib>"
    "<vIBSUF>0.08</vIBSUF></gIBSUF><gIBSMun><vDif>0.00</vDif><vDevTrib>0.00</vDevTrib><vIBSMun>0.00</vIBSMun>"
    "</gIBSMun><vIBS>0.08</vIBS></gIBS><gCBS><vDif>0.00</vDif><vDevTrib>0.00</vDevTrib><vCBS>0.71</vCBS></gCBS>"
    "</IBSCBSTot><vTotDFe>120.00</vTotDFe></total>"
)
_FATURA: Final = (
    "<gFat><CompetFat>202611</CompetFat><dVencFat>2026-12-10</dVencFat>"
    "<codBarras>12345678901234567890123456789012345678901234567</codBarras></gFat>"
)
SIGNATURE: Final = (
    f'<Signature xmlns="{DSIG}"><SignedInfo>'
    '<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>'
    f'<SignatureMethod Algorithm="{DSIG}rsa-sha1"/><Reference URI="#{{id}}"><Transforms>'
    f'<Transform Algorithm="{DSIG}enveloped-signature"/>'
    '<Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/></Transforms>'
    f'<DigestMethod Algorithm="{DSIG}sha1"/><DigestValue></DigestValue></Reference></SignedInfo>'
    "<SignatureValue></SignatureValue><KeyInfo><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data>"
    "</KeyInfo></Signature>"
)

Edit = tuple[str, str]
"""What stands in the text, and what shall stand there instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A note before it is signed. `edits` change the text before the signature, `later` after it.

    `sign` is that of the QR code: None for the right one, which only a note of contingency has.
    """

    cuf: str = "43"
    uf: str = "RS"
    municipality: str = "4314902"
    dhemi: str = "2026-11-20T09:00:00-03:00"
    cnpj: str = CNPJ
    ie: str = IE
    serie: str = "1"
    nnf: str = "123"
    tpemis: str = "1"
    nsite: str = "0"
    cnf: str = "1234567"
    wrong_digit: bool = False
    dest_uf: str = "RS"
    dest_municipality: str = "4314902"
    qrcode: str = SVRS_QR
    sign: str | None = None
    edits: tuple[Edit, ...] = ()
    later: tuple[Edit, ...] = ()

    @property
    def chave(self) -> str:
        """The 44 characters of these fields."""
        aamm = self.dhemi[2:4] + self.dhemi[5:7]
        body = (
            f"{self.cuf}{aamm}{self.cnpj}62{int(self.serie):03d}{int(self.nnf):09d}{self.tpemis}{self.nsite}{self.cnf}"
        )
        digit = digit_of(body)
        return body + (str((int(digit) + 1) % 10) if self.wrong_digit else digit)

    def but(self, *edits: Edit) -> "Draft":
        """The same with more edits before the signature."""
        return replace(self, edits=(*self.edits, *edits))


def digit_of(body: str) -> str:
    """Check digit by the complement: weights 4 3 2 9 8 ... from the left, 11 minus the rest, 10 and 11 give 0."""
    weights = [4, 3, 2, *(9, 8, 7, 6, 5, 4, 3, 2) * 5]
    due = 11 - sum((ord(c) - 48) * w for c, w in zip(body, weights, strict=True)) % 11
    return str(due if due < 10 else 0)


def unsigned(draft: Draft) -> str:
    """The text of `infNFCom` with the edits done; each must find its place exactly once."""
    chave = draft.chave
    emitter_address = _ADDRESS.format(mun=draft.municipality, uf=draft.uf)
    address = _ADDRESS.format(mun=draft.dest_municipality, uf=draft.dest_uf)
    text = (
        f'<infNFCom versao="1.00" Id="NFCom{chave}"><ide><cUF>{draft.cuf}</cUF><tpAmb>2</tpAmb><mod>62</mod>'
        f"<serie>{draft.serie}</serie><nNF>{draft.nnf}</nNF><cNF>{draft.cnf}</cNF><cDV>{chave[-1]}</cDV>"
        f"<dhEmi>{draft.dhemi}</dhEmi><tpEmis>{draft.tpemis}</tpEmis><nSiteAutoriz>{draft.nsite}</nSiteAutoriz>"
        f"<cMunFG>{draft.municipality}</cMunFG><finNFCom>0</finNFCom><tpFat>0</tpFat><verProc>t1</verProc></ide>"
        f"<emit><CNPJ>{draft.cnpj}</CNPJ><IE>{draft.ie}</IE><CRT>3</CRT><xNome>PROVEDOR TESTE LTDA</xNome>"
        f"<enderEmit>{emitter_address}</enderEmit></emit>"
        f"<dest><xNome>Assinante de Teste</xNome><CPF>52998224725</CPF><indIEDest>9</indIEDest>"
        f"<enderDest>{address}</enderDest></dest>"
        "<assinante><iCodAssinante>123</iCodAssinante><tpAssinante>3</tpAssinante><tpServUtil>4</tpServUtil>"
        "<nContrato>C-1</nContrato><dContratoIni>2025-01-01</dContratoIni></assinante>"
        f"{ITEM}{PLAIN_ITEM}{TOTAL}{_FATURA}<infAdic><infCpl>Teste</infCpl></infAdic></infNFCom>"
    )
    return edited(text, draft.edits)


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text after the edits."""
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the note"
        text = text.replace(old, new)
    return text


def signed(draft: Draft, a1: A1) -> bytes:
    """The whole note, signed by xmlsec."""
    right_sign = contingency_sign(draft.chave, a1) if draft.tpemis == "2" else ""
    sign = right_sign if draft.sign is None else draft.sign
    qrcode = f"{draft.qrcode}?chNFCom={draft.chave}&tpAmb=2{f'&sign={sign}' if sign else ''}"
    text = (
        f'<NFCom xmlns="{NFCOM}">{unsigned(draft)}<infNFComSupl><qrCodNFCom>{escape(qrcode)}</qrCodNFCom>'
        f"</infNFComSupl>{SIGNATURE}</NFCom>"
    )
    return edited(sealed(text, f"NFCom{draft.chave}", a1), draft.later).encode()


def sealed(text: str, reference: str, a1: A1) -> str:
    """A document that ends in SIGNATURE, signed by xmlsec."""
    certificate = base64.b64encode(a1.der).decode()
    root = etree.fromstring(text.replace("{id}", reference).replace("{certificate}", certificate))
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = _key(a1.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context.sign(root[-1])
    for name in ("DigestValue", "SignatureValue", "X509Certificate"):
        node = root.find(f".//{{{DSIG}}}{name}")
        assert node is not None
        node.text = "".join((node.text or "").split())
    return str(etree.tostring(root, encoding="unicode"))


@cache
def _key(pem: bytes) -> xmlsec.Key:
    return xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatPem)


def contingency_sign(chave: str, a1: A1) -> str:
    """The `sign` of a QR code in contingency."""
    return base64.b64encode(a1.key.sign(chave.encode(), PKCS1v15(), SHA1())).decode()  # noqa: S303 the rule says SHA-1


def packed(document: bytes) -> bytes:
    """Base64 of gzip."""
    return base64.b64encode(gzip.compress(document, 1))


def envelope(content: bytes, servico: str, soap: str = SOAP_12) -> bytes:
    """A SOAP request."""
    wsdl = f"http://www.portalfiscal.inf.br/nfcom/wsdl/{servico}"
    return (
        (
            f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{soap}"><s:Body><nfcomDadosMsg xmlns="{wsdl}">'
        ).encode()
        + content
        + b"</nfcomDadosMsg></s:Body></s:Envelope>"
    )


def consulta(chave: str, *, tp_amb: str = "2", versao: str = "1.00") -> bytes:
    """The question after a chave."""
    return (
        f'<consSitNFCom xmlns="{NFCOM}" versao="{versao}"><tpAmb>{tp_amb}</tpAmb><xServ>CONSULTAR</xServ>'
        f"<chNFCom>{chave}</chNFCom></consSitNFCom>"
    ).encode()


def status(*, tp_amb: str = "2", versao: str = "1.00") -> bytes:
    """The question after the service."""
    return (
        f'<consStatServNFCom xmlns="{NFCOM}" versao="{versao}"><tpAmb>{tp_amb}</tpAmb><xServ>STATUS</xServ>'
        "</consStatServNFCom>"
    ).encode()
