"""Documents of other programs, written by hand after the official layouts: what a customer's folder would hold."""

import base64
import gzip
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from zelo.fiscal.chave import Chave

CNPJ: Final = "11222333000181"
OTHER_CNPJ: Final = "99887766000150"
NFE: Final = "http://www.portalfiscal.inf.br/nfe"
NFCOM: Final = "http://www.portalfiscal.inf.br/nfcom"
START: Final = datetime(2026, 10, 5, 8, tzinfo=timezone(timedelta(hours=-3)))


def after(minutes: float) -> datetime:
    """An instant of the month, as authorizers write it."""
    return START + timedelta(minutes=minutes)


def chave(number: int, *, mod: str = "55", cnpj: str = CNPJ, cnf: int = 1, serie: int = 1, tpemis: str = "1") -> str:
    """A chave of October 2026 in RS."""
    site = "0" if mod == "62" else ""
    return str(
        Chave.build(
            cuf="43", aamm="2610", cnpj=cnpj, mod=mod, serie=serie, nnf=number, tpemis=tpemis, nsite=site,
            cnf=f"{cnf:0{8 - len(site)}d}",
        )
    )  # fmt: skip


@cache
def certificate(name: str = f"PROVEDOR DE TESTE LTDA:{CNPJ}", serial: int = 77) -> str:
    """A certificate of that common name, as a KeyInfo holds it."""
    key = ec.derive_private_key(7, ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
    )
    return base64.b64encode(built.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)).decode()


def signature(holder: str) -> str:
    """The part of a signature that names its certificate."""
    return (
        '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><KeyInfo><X509Data><X509Certificate>'
        f"{holder}</X509Certificate></X509Data></KeyInfo></Signature>"
    )


def note(key: str, *, program: str = "ERP 1.0", holder: str | None = None, at: datetime = START, fill: int = 0) -> str:
    """A signed note of the chave's model; `fill` items make it as long as real ones."""
    kind, space = ("NFCom", NFCOM) if key[20:22] == "62" else ("NFe", NFE)
    item = "<det nItem='1'><prod><cProd>1</cProd><xProd>Internet 500 Mbps</xProd><vProd>99.90</vProd></prod></det>"
    return (
        f'<{kind} xmlns="{space}"><inf{kind} versao="1.00" Id="{kind}{key}"><ide><cUF>43</cUF><tpAmb>1</tpAmb>'
        f"<mod>{key[20:22]}</mod><dhEmi>{at.isoformat()}</dhEmi><verProc>{program}</verProc></ide>{item * fill}"
        f"</inf{kind}>{signature(holder or certificate())}</{kind}>"
    )


def protocol(key: str, cstat: str, motivo: str = "Rejeição", at: datetime | None = START) -> str:
    """A result of one note."""
    kind = "NFCom" if key[20:22] == "62" else "NFe"
    when = f"<dhRecbto>{at.isoformat()}</dhRecbto>" if at else ""
    return (
        f'<prot{kind} versao="1.00"><infProt><tpAmb>1</tpAmb><ch{kind}>{key}</ch{kind}>{when}'
        f"<cStat>{cstat}</cStat><xMotivo>{motivo}</xMotivo></infProt></prot{kind}>"
    )


def lot_answer(cstat: str, motivo: str = "Lote processado", inside: str = "", at: datetime | None = START) -> str:
    """A retEnviNFe."""
    when = f"<dhRecbto>{at.isoformat()}</dhRecbto>" if at else ""
    return (
        f'<retEnviNFe xmlns="{NFE}" versao="4.00"><tpAmb>1</tpAmb><cStat>{cstat}</cStat><xMotivo>{motivo}</xMotivo>'
        f"<cUF>43</cUF>{when}{inside}</retEnviNFe>"
    )


def rejected(key: str, cstat: str, at: datetime | None = START, motivo: str = "Rejeição: teste") -> str:
    """The answer to one note that was refused, in the form of its model."""
    if key[20:22] != "62":
        return lot_answer("104", inside=protocol(key, cstat, motivo, at))
    return (
        f'<retNFCom xmlns="{NFCOM}" versao="1.00"><tpAmb>1</tpAmb><cUF>43</cUF><cStat>{cstat}</cStat>'
        f"<xMotivo>{motivo}</xMotivo>{protocol(key, cstat, motivo, at)}</retNFCom>"
    )


def blocked(motivo: str, at: datetime | None = START, *, mod: str = "55") -> str:
    """A refusal of everything: consumo indevido."""
    if mod != "62":
        return lot_answer("656", motivo, at=at)
    return (
        f'<retNFCom xmlns="{NFCOM}" versao="1.00"><tpAmb>1</tpAmb><cUF>43</cUF><cStat>678</cStat>'
        f"<xMotivo>{motivo}</xMotivo></retNFCom>"
    )


def soap(inside: str, wrapper: str = "nfeResultMsg") -> str:
    """An envelope around an answer or a request."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
        f'<{wrapper} xmlns="urn:x">{inside}</{wrapper}></s:Body></s:Envelope>'
    )


def packed(text: str, *, squeeze: bool = True) -> str:
    """Base64 of gzip, as NFCom wants its dadosMsg; or of zlib."""
    pack = gzip.compress if squeeze else zlib.compress
    return base64.b64encode(pack(text.encode())).decode()


def event_answer(
    key: str, cstat: str, at: datetime | None = START, *, kind: str = "110111", sequence: str = "1"
) -> str:
    """A retEnvEvento with one result, or NFCom's retEventoNFCom."""
    nfcom = key[20:22] == "62"
    when = f"<dhRegEvento>{at.isoformat()}</dhRegEvento>" if at else ""
    name = "chNFCom" if nfcom else "chNFe"
    inf = (
        f"<infEvento><tpAmb>1</tpAmb><cOrgao>43</cOrgao><cStat>{cstat}</cStat><xMotivo>Rejeição: evento</xMotivo>"
        f"<{name}>{key}</{name}><tpEvento>{kind}</tpEvento><nSeqEvento>{sequence}</nSeqEvento>{when}</infEvento>"
    )
    if nfcom:
        return f'<retEventoNFCom xmlns="{NFCOM}" versao="1.00">{inf}</retEventoNFCom>'
    return (
        f'<retEnvEvento xmlns="{NFE}" versao="1.00"><tpAmb>1</tpAmb><cStat>128</cStat><xMotivo>Lote de Evento</xMotivo>'
        f'<retEvento versao="1.00">{inf}</retEvento></retEnvEvento>'
    )


def event(key: str, *, kind: str = "110111", sequence: str = "1") -> str:
    """An envEvento with one event."""
    return (
        f'<envEvento xmlns="{NFE}" versao="1.00"><idLote>1</idLote><evento versao="1.00"><infEvento Id="x">'
        f"<tpAmb>1</tpAmb><chNFe>{key}</chNFe><dhEvento>{START.isoformat()}</dhEvento><tpEvento>{kind}</tpEvento>"
        f"<nSeqEvento>{sequence}</nSeqEvento></infEvento>{signature(certificate())}</evento></envEvento>"
    )


def inutilizacao(*, first: int, last: int, cstat: str = "", at: datetime | None = START) -> str:
    """An inutNFe, or with a cStat its answer."""
    kind = "retInutNFe" if cstat else "inutNFe"
    when = f"<dhRecbto>{at.isoformat()}</dhRecbto>" if at and cstat else ""
    result = f"<cStat>{cstat}</cStat><xMotivo>Rejeição: faixa</xMotivo>" if cstat else ""
    return (
        f'<{kind} xmlns="{NFE}" versao="4.00"><infInut><tpAmb>1</tpAmb>{result}<cUF>43</cUF><ano>26</ano>'
        f"<CNPJ>{CNPJ}</CNPJ><mod>55</mod><serie>1</serie><nNFIni>{first}</nNFIni><nNFFin>{last}</nNFFin>{when}"
        f"</infInut></{kind}>"
    )


def consulta_answer(key: str, cstat: str = "217", at: datetime | None = START, motivo: str = "Rejeição") -> str:
    """A retConsSitNFe."""
    when = f"<dhRecbto>{at.isoformat()}</dhRecbto>" if at else ""
    return (
        f'<retConsSitNFe xmlns="{NFE}" versao="4.00"><tpAmb>1</tpAmb><cStat>{cstat}</cStat><xMotivo>{motivo}</xMotivo>'
        f"<cUF>43</cUF>{when}<chNFe>{key}</chNFe></retConsSitNFe>"
    )


def receipt_answer(receipt: str, cstat: str = "105", inside: str = "", at: datetime = START, motivo: str = "x") -> str:
    """A retConsReciNFe."""
    return (
        f'<retConsReciNFe xmlns="{NFE}" versao="4.00"><tpAmb>1</tpAmb><nRec>{receipt}</nRec><cStat>{cstat}</cStat>'
        f"<xMotivo>{motivo}</xMotivo><cUF>43</cUF><dhRecbto>{at.isoformat()}</dhRecbto>{inside}</retConsReciNFe>"
    )


def status_answer(at: datetime = START) -> str:
    """A retConsStatServ."""
    return (
        f'<retConsStatServ xmlns="{NFE}" versao="4.00"><tpAmb>1</tpAmb><cStat>107</cStat><xMotivo>Em Operação</xMotivo>'
        f"<cUF>43</cUF><dhRecbto>{at.isoformat()}</dhRecbto></retConsStatServ>"
    )


def month(notes: int, *, fill: int = 0) -> Iterator[tuple[str, bytes]]:
    """A month of one emitter: every note and its answer; one in eight is refused once and once more, number 7 goes on
    for 32 times and blocks the company for an hour, which refuses five others. Files: 2 for each note, and 44 more.
    """
    for number in range(1, notes + 1):
        key, at = chave(number), after(number)
        yield f"envio/{key}-nfe.xml", note(key, at=at, fill=fill).encode()
        ok = protocol(key, "100", "Autorizado o uso da NF-e", at)
        yield f"retorno/{key}-rec.xml", soap(lot_answer("104", inside=ok, at=at)).encode()
        if number % 8 == 0 and number <= 32:
            yield f"retorno/{key}-a.xml", rejected(key, "539", after(number - 0.5)).encode()
    for turn in range(32):
        yield f"retorno/laco-{turn:02d}.xml", rejected(chave(7), "539", after(100 + turn)).encode()
    named = f"Rejeicao: Consumo Indevido [det: Quantidade de rejeicoes encontradas: 33, NF-e: {chave(7)}]"
    for turn in range(5):
        yield f"retorno/bloqueio-{turn}.xml", blocked(named, after(140 + turn)).encode()
    yield "leia-me.txt", b"nada"
    yield "config.xml", b"<configuracao><porta>1</porta></configuracao>"
    yield "retorno/copia.xml", rejected(chave(7), "539", after(100)).encode()
