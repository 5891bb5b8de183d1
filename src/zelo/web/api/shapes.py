"""What the API takes and gives, as OpenAPI tells it. Amounts are text, instants ISO 8601 in UTC."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row

from zelo.access.may import Role
from zelo.fiscal.fault import Fault
from zelo.flow.actions import MOST_SENDS, WHY_CHARS
from zelo.flow.event.request import Taken as EventTaken
from zelo.flow.intake import REFERENCE_CHARS, Taken
from zelo.flow.lifecycle import State
from zelo.monitor.wording import WORDING
from zelo.web import present, words
from zelo.web.gate import Visit

LAST_SERIE: Final = 999


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FaultOut(BaseModel):
    """One thing wrong."""

    rule: str = Field(description="A regra, estável entre versões.")
    sentence: str = Field(description="O que está errado.")
    remedy: str = Field(description="O que fazer.")
    where: str = Field(description="Onde: tag, campo ou coluna.")
    value: str = Field(description="O valor encontrado.")
    cstat: str = Field(description="O cStat que a SEFAZ responderia, ou vazio.")


class Faults(BaseModel):
    """Everything that is wrong."""

    faults: list[FaultOut]


class CompanyOut(BaseModel):
    """A company that the key may see."""

    id: str
    name: str
    cnpj_base: str = Field(description="Os oito primeiros caracteres do CNPJ.")
    role: str = Field(description="O papel da chave: reader, user ou administrator.")


class Companies(BaseModel):
    """Companies."""

    companies: list[CompanyOut]


class SerieOut(BaseModel):
    """A série."""

    modelo: str
    serie: int
    next_nnf: int = Field(description="O próximo número.")


class EstablishmentOut(BaseModel):
    """An establishment."""

    id: str
    ambiente: int = Field(description="1 produção, 2 homologação.")
    cnpj: str
    ie: str
    crt: str
    nome: str
    fantasia: str | None
    uf: str
    municipio: str = Field(description="Código IBGE.")
    logradouro: str
    numero: str
    complemento: str | None
    bairro: str
    cep: str
    fone: str | None
    email: str | None
    certificate_id: str | None
    transmitter_id: str | None
    disabled: bool
    series: list[SerieOut]


class Establishments(BaseModel):
    """Establishments."""

    establishments: list[EstablishmentOut]


class EstablishmentIn(_In):
    """The register of an establishment; a change names only what changes."""

    cnpj: str | None = Field(None, max_length=20)
    ie: str | None = Field(None, max_length=18)
    crt: str | None = Field(None, max_length=1)
    nome: str | None = Field(None, max_length=60)
    fantasia: str | None = Field(None, max_length=60)
    uf: str | None = Field(None, max_length=2)
    municipio: str | None = Field(None, max_length=60, description="Nome, ou código IBGE.")
    logradouro: str | None = Field(None, max_length=60)
    numero: str | None = Field(None, max_length=60)
    complemento: str | None = Field(None, max_length=60)
    bairro: str | None = Field(None, max_length=60)
    cep: str | None = Field(None, max_length=10)
    fone: str | None = Field(None, max_length=20)
    email: str | None = Field(None, max_length=60)


class CertificateOut(BaseModel):
    """A certificate in use. Its file and password never leave."""

    id: str
    cnpj: str
    subject: str
    issuer: str
    valid_from: datetime
    valid_until: datetime
    fingerprint: str = Field(description="SHA-256 do certificado.")


class Certificates(BaseModel):
    """Certificates."""

    certificates: list[CertificateOut]


class NoteIn(_In):
    """A note to be issued. The same reference and content again change nothing."""

    reference: str = Field(
        min_length=1, max_length=REFERENCE_CHARS, description="A fatura no seu sistema; identifica a nota."
    )
    serie: int | None = Field(None, ge=0, le=LAST_SERIE, description="Dispensável quando há uma só.")
    draft: dict[str, Any] = Field(description="A nota, como o leiaute a escreve; o esquema é NfcomDraft.")


class ReleaseIn(_In):
    """How many sends more, and why."""

    sends: int = Field(1, ge=1, le=MOST_SENDS)
    why: str = Field(min_length=1, max_length=WHY_CHARS, description="Fica guardado para sempre.")


class ReceiptOut(BaseModel):
    """What became of a note that was handed in."""

    id: str
    state: State
    taken: Taken = Field(description="nova, igual ou corrigida.")


class DocumentOut(BaseModel):
    """Where a note stands."""

    id: str
    state: State
    label: str = Field(description="O estado, como as páginas o chamam.")
    sentence: str = Field(description="O que significa e o que fazer.")
    establishment_id: str
    modelo: str
    reference: str
    revision: int
    recipient: str
    period: str = Field(description="AAAAMM, ou vazio.")
    total: str = Field(description="Valor da nota, em reais: 1234.56.")
    serie: int
    nnf: int | None
    chave: str | None
    nprot: str | None
    cstat: str | None
    motivo: str | None
    situacao: str | None
    faults: list[FaultOut]
    due_at: datetime | None = Field(description="Quando o próximo passo está marcado.")
    emitted_at: datetime | None
    authorised_at: datetime | None
    created_at: datetime
    updated_at: datetime


class Documents(BaseModel):
    """A page of notes, newest first."""

    documents: list[DocumentOut]
    cursor: str | None = Field(description="Para pedir a página seguinte; null na última.")


class CancelIn(_In):
    """A request to cancel a note."""

    reason: str = Field(description="O motivo, de 15 a 255 caracteres: vai para a SEFAZ.", max_length=255)


class CancelOut(BaseModel):
    """What became of the request."""

    event_id: str
    taken: EventTaken = Field(description="pedido, ou pedido de novo.")


class HistoryLine(BaseModel):
    """One thing that happened to a note."""

    seq: int
    at: datetime
    event: str
    label: str
    from_state: str
    to_state: State
    actor: str
    detail: str


class History(BaseModel):
    """The past of a note, oldest first."""

    history: list[HistoryLine]


def faults_out(faults: Iterable[Fault]) -> list[FaultOut]:
    """Faults as the API tells them."""
    return [
        FaultOut(rule=f.rule, sentence=f.sentence, remedy=f.remedy, where=f.where, value=f.value, cstat=f.cstat)
        for f in faults
    ]


def document_out(row: Row[Any], visit: Visit) -> DocumentOut:
    """A document row; a reader sees every CPF starred."""
    wording = WORDING[row.state]
    hidden = visit.role is Role.READER
    faults = [Fault(**fault) for fault in row.faults or ()]
    if hidden:
        faults = [Fault(f.rule, f.sentence, f.remedy, f.where, present.without_cpf(f.value), f.cstat) for f in faults]
    same = {name: getattr(row, name) for name in DocumentOut.model_fields if name in _SAME}
    return DocumentOut(
        **same,
        label=wording.label,
        sentence=wording.sentence,
        total=f"{row.total:.2f}",
        motivo=present.without_cpf(row.motivo) if hidden and row.motivo else row.motivo,
        faults=faults_out(faults),
    )


_SAME: Final = frozenset(DocumentOut.model_fields) - {"label", "sentence", "total", "motivo", "faults"}


def history_out(row: Row[Any], visit: Visit) -> HistoryLine:
    """A history row."""
    detail = present.without_cpf(row.detail) if visit.role is Role.READER else row.detail
    return HistoryLine(
        seq=row.seq, at=row.at, event=row.event, label=words.EVENTS[row.event], from_state=row.from_state,
        to_state=row.to_state, actor=row.actor, detail=detail,
    )  # fmt: skip
