"""All that the conductor must know of model 62: how a draft is read, shown, judged, and made into signed bytes."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from zelo.assemble import nfcom as assembling
from zelo.assemble.nfcom import Contingency, Numbering
from zelo.facts import place, rounding
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import local_date
from zelo.fiscal.money import ZERO
from zelo.fiscal.uf import Uf
from zelo.models.canonical.package import SchemaPackage
from zelo.models.nfcom import document
from zelo.models.nfcom.document import Emit
from zelo.models.nfcom.draft import NfcomDraft
from zelo.models.nfcom.rules.subject import Note
from zelo.models.nfcom.rules.table import RULES
from zelo.models.nfcom.total import billed, sign_of
from zelo.prevalidate import core as prevalidate
from zelo.sign.certificate import Certificate
from zelo.sign.xmldsig import sign_document, sign_text

MESSAGE_BYTES: Final = 1_000_000
"""Below the 1024 KB of a message (MOC NFCom Anexo I, B01), which counts the XML declaration too."""
TOO_LARGE: Final = Fault(
    "NFCOM-B01", "A nota passa do tamanho que a SEFAZ aceita (1 MB).", "Divida-a em mais de uma nota.", cstat="214"
)


@dataclass(frozen=True, slots=True)
class Header:
    """What lists show of a note before it exists."""

    recipient: str
    period: str
    total: Decimal
    billed: Decimal
    contract: str


@dataclass(frozen=True, slots=True)
class Part:
    """Items of one CFOP and cClass together: how many, and their signed vProd."""

    items: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note whose bytes are frozen."""

    chave: str
    digest: str
    xml: bytes
    total: Decimal
    package: str


@dataclass(frozen=True, slots=True)
class Offline:
    """Since when and why an emitter is in contingency."""

    since: datetime
    why: str


def header(draft: NfcomDraft, on: date) -> Header:
    """Name, month (of arrival, `on`, where there is no invoice), vNF, vProd and whose contract a draft is."""
    vprod, vnf = billed(draft.det, rounding.of_value(on))
    period = draft.gFat.CompetFat if draft.gFat else f"{on:%Y%m}"
    contract = f"{draft.assinante.iCodAssinante}/{draft.assinante.nContrato or ''}"
    return Header(draft.dest.xNome, period, vnf, vprod, contract)


def parts(draft: NfcomDraft) -> dict[tuple[str, str], Part]:
    """What a draft bills by CFOP ("" for an item without one) and cClass; the values add up to its vProd."""
    found: dict[tuple[str, str], Part] = {}
    for det in draft.det:
        key = (det.prod.CFOP or "", det.prod.cClass)
        before = found.get(key, Part(0, ZERO))
        found[key] = Part(before.items + 1, before.value + sign_of(det) * det.prod.vProd)
    return found


def judge(draft: NfcomDraft, emit: Emit, ambiente: Ambiente, now: datetime) -> list[Fault]:
    """Every rule that can be known before sending."""
    on = local_date(now, place.zone(Uf(emit.enderEmit.UF)))
    return prevalidate.run(RULES, Note(draft=draft, emit=emit, ambiente=ambiente, on=on))


def compose(
    draft: NfcomDraft,
    emit: Emit,
    numbering: Numbering,
    package: SchemaPackage,
    signer: Certificate,
    offline: Offline | None = None,
) -> SignedNote | list[Fault]:
    """Assemble, sign, and check against the official schema of the day; `offline` in contingency."""
    contingency = None
    if offline is not None:
        chave = str(assembling.chave_of(emit, numbering, contingency=True))
        contingency = Contingency(since=offline.since, why=offline.why, sign=sign_text(chave, signer))
    assembled = assembling.assemble(package.layout, draft, emit, numbering, contingency)
    if isinstance(assembled, list):
        return assembled
    signed = sign_document(
        root=document.ROOT,
        namespace=document.NAMESPACE,
        element=assembled.signed_element,
        supplement=assembled.supplement,
        reference=document.ID_PREFIX + assembled.chave,
        certificate=signer,
    )
    if len(signed.xml) > MESSAGE_BYTES:
        return [TOO_LARGE]
    refused = package.check(signed.xml)
    if refused:
        return refused
    return SignedNote(assembled.chave, signed.digest, signed.xml, assembled.total.vNF, package.name)
