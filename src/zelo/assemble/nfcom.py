"""Assembles one NFCom. Number, cNF, instant and environment are arguments: nothing here is drawn or looked up."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from zelo.facts import authorizer, place, reform, rounding
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.chave import Chave
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import local_date, to_tag
from zelo.fiscal.uf import Uf
from zelo.models.canonical.layout import Layout
from zelo.models.canonical.writer import write
from zelo.models.nfcom import document
from zelo.models.nfcom.document import Emit, Ide, InfNFCom, InfNFComSupl
from zelo.models.nfcom.draft import NfcomDraft
from zelo.models.nfcom.qrcode import qrcode
from zelo.models.nfcom.total import Total, totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """What makes this document this one: environment, série, number, random code, instant and program."""

    ambiente: Ambiente
    serie: int
    nnf: int
    cnf: str
    emitted_at: datetime
    program: str
    nsite: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contingency:
    """Off-line emission: since when and why, and the signature of the chave that its QR code carries."""

    since: datetime
    why: str
    sign: str


@dataclass(frozen=True, slots=True)
class Assembled:
    """A document ready to be signed: the two canonical elements beside the signature, without namespace on them."""

    chave: str
    signed_element: str
    supplement: str
    total: Total


def chave_of(emit: Emit, numbering: Numbering, *, contingency: bool = False) -> Chave:
    """The chave that these data give. Raises ValueError when a part does not fit."""
    uf = Uf(emit.enderEmit.UF)
    return Chave.build(
        cuf=uf.codigo,
        aamm=numbering.emitted_at.astimezone(place.zone(uf)).strftime("%y%m"),
        cnpj=emit.CNPJ,
        mod=document.MODELO,
        serie=numbering.serie,
        nnf=numbering.nnf,
        tpemis=document.EMISSAO_CONTINGENCIA if contingency else document.EMISSAO_NORMAL,
        nsite=numbering.nsite,
        cnf=numbering.cnf,
    )


def assemble(
    layout: Layout, draft: NfcomDraft, emit: Emit, numbering: Numbering, contingency: Contingency | None = None
) -> Assembled | list[Fault]:
    """The document, or everything that the layout refuses in it."""
    uf = Uf(emit.enderEmit.UF)
    zone = place.zone(uf)
    day = local_date(numbering.emitted_at, zone)
    parts = chave_of(emit, numbering, contingency=contingency is not None)
    chave = str(parts)
    total = totals(draft.det, rounding.of_value(day), adds_ibs_cbs=reform.total_includes_ibs_cbs(day))
    signed = InfNFCom(
        Id=f"{document.ID_PREFIX}{chave}",
        ide=_ide(draft, parts, numbering, contingency, zone),
        emit=emit,
        dest=draft.dest,
        assinante=draft.assinante,
        det=draft.det,
        total=total,
        gFat=draft.gFat,
        gFatCentral=draft.gFatCentral,
        autXML=draft.autXML,
        infAdic=draft.infAdic,
    )
    url = authorizer.qrcode(document.MODELO, authorizer.autorizador(document.MODELO, uf, day), numbering.ambiente, day)
    supplement = InfNFComSupl(
        qrCodNFCom=qrcode(url, chave, numbering.ambiente, contingency.sign if contingency else "")
    )
    signed_xml, faults = write(layout.find(document.SIGNED), signed)
    supplement_xml, more = write(layout.find(document.SUPPLEMENT), supplement)
    if faults or more:
        return faults + more
    return Assembled(chave, signed_xml, supplement_xml, total)


def _ide(draft: NfcomDraft, chave: Chave, numbering: Numbering, contingency: Contingency | None, zone: ZoneInfo) -> Ide:
    return Ide(
        cUF=chave.cuf,
        tpAmb=numbering.ambiente.value,
        mod=chave.mod,
        serie=chave.serie,
        nNF=chave.nnf,
        cNF=chave.cnf,
        cDV=chave.dv,
        dhEmi=to_tag(numbering.emitted_at, zone),
        tpEmis=chave.tpemis,
        nSiteAutoriz=chave.nsite,
        cMunFG=draft.cMunFG,
        finNFCom=draft.finNFCom,
        tpFat=draft.tpFat,
        verProc=numbering.program,
        indPrePago=draft.indPrePago,
        indCessaoMeiosRede=draft.indCessaoMeiosRede,
        dhCont=to_tag(contingency.since, zone) if contingency else None,
        xJust=contingency.why if contingency else None,
        gCompraGov=draft.gCompraGov,
    )
