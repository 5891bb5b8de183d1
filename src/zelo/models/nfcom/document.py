"""A whole NFCom as it is written: the draft plus number, emitter, totals and the supplementary QR code."""

from dataclasses import dataclass
from typing import Final

from zelo.models.nfcom.draft import (
    Assinante,
    AutXML,
    Dest,
    Det,
    Endereco,
    GCompraGov,
    GFat,
    GFatCentral,
    InfAdic,
)
from zelo.models.nfcom.total import Total

MODELO: Final = "62"
VERSAO: Final = "1.00"
NAMESPACE: Final = "http://www.portalfiscal.inf.br/nfcom"
ROOT: Final = "NFCom"
SIGNED: Final = "infNFCom"
SUPPLEMENT: Final = "infNFComSupl"
ID_PREFIX: Final = "NFCom"
EMISSAO_NORMAL: Final = "1"
EMISSAO_CONTINGENCIA: Final = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Emit:
    """The emitter: one establishment as it is registered."""

    CNPJ: str
    IE: str
    CRT: str
    xNome: str
    enderEmit: Endereco
    xFant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ide:
    """What identifies the note. `dhEmi` and `dhCont` are written with the emitter's offset."""

    cUF: str
    tpAmb: int
    mod: str
    serie: int
    nNF: int
    cNF: str
    cDV: str
    dhEmi: str
    tpEmis: str
    nSiteAutoriz: str
    cMunFG: str
    finNFCom: str
    tpFat: str
    verProc: str
    indPrePago: str | None = None
    indCessaoMeiosRede: str | None = None
    dhCont: str | None = None
    xJust: str | None = None
    gCompraGov: GCompraGov | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InfNFCom:
    """The signed part."""

    Id: str
    ide: Ide
    emit: Emit
    dest: Dest
    assinante: Assinante
    det: tuple[Det, ...]
    total: Total
    gFat: GFat | None
    gFatCentral: GFatCentral | None
    autXML: tuple[AutXML, ...] | None
    infAdic: InfAdic | None
    versao: str = VERSAO


@dataclass(frozen=True, slots=True, kw_only=True)
class InfNFComSupl:
    """The part beside the signature."""

    qrCodNFCom: str
