"""What a person or an ERP tells of one note: everything but number, chave, emitter, totals and signature.

Attributes bear the names of the tags (layout.txt) and are written as they are; None is absent. Amounts are Decimal at
the scale of the tag, dates are dates, codes are text. Groups that no issue has asked for yet (substitution, ajuste,
cofaturamento, processes, refunds, payment link) are not here, so they cannot be half-filled.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from zelo.models.nfcom.tax import Imposto


@dataclass(frozen=True, slots=True, kw_only=True)
class Endereco:
    """An address of emitter or correspondence."""

    xLgr: str
    nro: str
    xBairro: str
    cMun: str
    xMun: str
    CEP: str
    UF: str
    xCpl: str | None = None
    fone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnderecoDest(Endereco):
    """An address of a subscriber, who may live abroad."""

    cPais: str | None = None
    xPais: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dest:
    """Who receives the note: exactly one of CNPJ, CPF and idOutros."""

    xNome: str
    indIEDest: str
    enderDest: EnderecoDest
    CNPJ: str | None = None
    CPF: str | None = None
    idOutros: str | None = None
    IE: str | None = None
    IM: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalAdicional:
    """One more telephone line of the contract."""

    NroTermAdic: str
    cUFAdic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assinante:
    """The subscriber's account at the provider."""

    iCodAssinante: str
    tpAssinante: str
    tpServUtil: str
    nContrato: str | None = None
    dContratoIni: date | None = None
    dContratoFim: date | None = None
    NroTermPrinc: str | None = None
    cUFPrinc: str | None = None
    NroTermAdic: tuple[TerminalAdicional, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prod:
    """A product or service. `vProd` = vItem x qFaturada - vDesc + vOutro (MOC Anexo I, G86)."""

    cProd: str
    xProd: str
    cClass: str
    uMed: str
    qFaturada: Decimal
    vItem: Decimal
    vProd: Decimal
    CFOP: str | None = None
    vDesc: Decimal | None = None
    vOutro: Decimal | None = None
    dExpiracao: date | None = None
    indDevolucao: str | None = None
    CNPJCobrTerc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Det:
    """One item. `nItem` is its place, from 1."""

    nItem: int
    prod: Prod
    imposto: Imposto
    chNFComAnt: str | None = None
    nItemAnt: int | None = None
    infAdProd: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GPix:
    """The Pix charge of the invoice."""

    urlQRCodePIX: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GFat:
    """The invoice that is charged with this note. `codBarras` is the linha digitável, mandatory."""

    CompetFat: str
    dVencFat: date
    codBarras: str
    dPerUsoIni: date | None = None
    dPerUsoFim: date | None = None
    codDebAuto: str | None = None
    codBanco: str | None = None
    codAgencia: str | None = None
    enderCorresp: Endereco | None = None
    gPIX: GPix | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GFatCentral:
    """The establishment that charges on behalf of this one (tpFat 1)."""

    CNPJ: str
    cUF: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AutXML:
    """Somebody else who may download the XML: CNPJ or CPF."""

    CNPJ: str | None = None
    CPF: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InfAdic:
    """Free texts: to the tax authority and to the subscriber (up to five)."""

    infAdFisco: str | None = None
    infCpl: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GCompraGov:
    """A purchase by a government body."""

    tpEnteGov: str
    pRedutor: Decimal
    tpOperGov: str
    refDFeAnt: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NfcomDraft:
    """One note before it has a number."""

    dest: Dest
    assinante: Assinante
    det: tuple[Det, ...]
    cMunFG: str
    finNFCom: str = "0"
    tpFat: str = "0"
    indPrePago: str | None = None
    indCessaoMeiosRede: str | None = None
    gCompraGov: GCompraGov | None = None
    gFat: GFat | None = None
    gFatCentral: GFatCentral | None = None
    autXML: tuple[AutXML, ...] | None = None
    infAdic: InfAdic | None = None
