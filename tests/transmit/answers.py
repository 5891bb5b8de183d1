"""Answers as authorizers write them, made here by hand and by no code of ours."""

import base64
import gzip
from datetime import UTC, datetime
from typing import Final

SPACE: Final = "http://www.portalfiscal.inf.br/nfcom"
WSDL: Final = "http://www.portalfiscal.inf.br/nfcom/wsdl/NFComRecepcao"
SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
CHAVE: Final = "43261112ABC34501DE35620010000000051076543217"
DIGEST: Final = "qUqP5cyxm6YcTAhz05Hph5gvu9M="
NPROT: Final = "3432600000000001"
RECEIVED: Final = datetime(2026, 11, 21, 13, 30, 15, tzinfo=UTC)
MOTIVE: Final = 'Autorizado o uso da NFCom & "mais" <nada>'
ESCAPED: Final = "Autorizado o uso da NFCom &amp; &quot;mais&quot; &lt;nada&gt;"

PROTOCOL: Final = (
    '<protNFCom versao="1.00"><infProt Id="ID1"><tpAmb>2</tpAmb><verAplic>SVRS1.0</verAplic>'
    f"<chNFCom>{CHAVE}</chNFCom><dhRecbto>2026-11-21T10:30:15-03:00</dhRecbto><nProt>{NPROT}</nProt>"
    f"<digVal>{DIGEST}</digVal><cStat>100</cStat><xMotivo>{ESCAPED}</xMotivo></infProt></protNFCom>"
)
RESULT: Final = (
    f'<retNFCom xmlns="{SPACE}" versao="1.00"><tpAmb>2</tpAmb><cUF>43</cUF><verAplic>SVRS1.0</verAplic>'
    f"<cStat>100</cStat><xMotivo>{ESCAPED}</xMotivo>{PROTOCOL}</retNFCom>"
)
DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>'


def result(cstat: str, inside: str = "", motive: str = "x") -> str:
    """A result without protocol, or with what is given."""
    return f'<retNFCom xmlns="{SPACE}"><cStat>{cstat}</cStat><xMotivo>{motive}</xMotivo>{inside}</retNFCom>'


def soap(inside: str, declaration: str = DECLARATION, version: str = SOAP) -> bytes:
    """An envelope around whatever the result element shall hold."""
    return (
        f'{declaration}<soap:Envelope xmlns:soap="{version}" xmlns:xsi="{XSI}"><soap:Body>'
        f'<nfcomResultMsg xmlns="{WSDL}">{inside}</nfcomResultMsg></soap:Body></soap:Envelope>'
    ).encode()


def prefixed(xml: str = RESULT) -> str:
    """The same with a prefix on every tag."""
    plain = xml.replace(f' xmlns="{SPACE}"', "")
    tagged = plain.replace("<", "<ns2:").replace("<ns2:/", "</ns2:")
    return tagged.replace("<ns2:retNFCom", f'<ns2:retNFCom xmlns:ns2="{SPACE}"', 1)


def packed(xml: str = RESULT) -> str:
    """Base64 of gzip."""
    return base64.b64encode(gzip.compress(xml.encode(), mtime=0)).decode()


def in_base64(xml: str = RESULT) -> str:
    """Base64 of plain XML."""
    return base64.b64encode(xml.encode()).decode()


STYLES: Final = {
    "plain": soap(RESULT),
    "plain, no declaration": soap(RESULT, ""),
    "SOAP 1.1": soap(RESULT, version="http://schemas.xmlsoap.org/soap/envelope/"),
    "with a byte order mark": b"\xef\xbb\xbf" + soap(RESULT),
    "indented": soap("\n  " + RESULT.replace("><", ">\n  <") + "\n"),
    "prefixed": soap(prefixed()),
    "compressed": soap(packed()),
    "compressed, in lines": soap("\n".join(packed()[i : i + 76] for i in range(0, len(packed()), 76))),
    "compressed, with declaration": soap(packed(DECLARATION + RESULT)),
    "compressed and prefixed": soap(packed(prefixed())),
    "base64": soap(in_base64()),
    "another name of the wrapper": soap(RESULT).replace(b"nfcomResultMsg", b"nfcomRecepcaoNFResult"),
    "without envelope": RESULT.encode(),
    "UTF-16": soap(RESULT, '<?xml version="1.0" encoding="utf-16"?>').decode().encode("utf-16"),
    "comments": soap(RESULT.replace("<cStat>", "<!-- <cStat>999</cStat> --><cStat>")),
}
