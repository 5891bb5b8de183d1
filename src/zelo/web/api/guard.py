"""The guard for programs that send by themselves: ask before each send, report what came back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import JSONResponse

from zelo.access.may import Action, Role
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.flow import foreign
from zelo.flow.actions import MOST_SENDS, WHY_CHARS
from zelo.flow.foreign import NotPossibleError, Outcome
from zelo.flow.foreign_stops import Asker
from zelo.guard import foreign as messages
from zelo.guard import shell as guard
from zelo.guard.advice import Said, Word
from zelo.guard.core import Stop
from zelo.guard.foreign import RULE, Foreign, Meaning, Servico
from zelo.guard.shell import GuardConflictError
from zelo.guard.story import Told, story
from zelo.web.api.shapes import Faults, ReleaseIn
from zelo.web.forms import CONTROL, printable
from zelo.web.gate import Visit, keyed, well_formed
from zelo.web.present import without_cpf
from zelo.web.refusal import RETRY_SECONDS, faulty

SUBJECT_CHARS: Final = 55
MOTIVO_CHARS: Final = 2_000
CONFLICT: Final[dict[int | str, dict[str, Any]]] = {409: {"model": Faults, "description": "O estado não permite."}}
router = APIRouter(prefix="/api/v1/companies/{company_id}/guard", tags=["Guarda de outros emissores"])
Sender = Annotated[Visit, keyed(Action.EMIT)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SendIn(_In):
    """What is about to be sent."""

    model: Literal["55", "65", "62"]
    service: Servico
    subject: str = Field(
        "",
        max_length=SUBJECT_CHARS,
        description="Chave, Id, recibo ou NSU; vazio no status e no distNSU.",
    )
    ambiente: Ambiente | None = Field(None, description="1 produção, 2 homologação; dispensável: o da instalação.")
    uf: str = Field("", max_length=2, description="Só para recibo, status e distribuição.")
    cnpj: str = Field("", max_length=14, description="Quem envia; só onde o identificador não o diz.")
    transmitter: str = Field("", max_length=14, description="CNPJ do certificado que transmite, se for outro.")
    shadow: bool = Field(default=False, description="Só observar: a resposta é sempre admit, e would diz a verdadeira.")


class SaidOut(BaseModel):
    """An answer of the guard."""

    answer: Word
    until: datetime | None = Field(description="Quando perguntar de novo; null se esperar não resolve.")
    spent: int = Field(description="Envios que já contam para o número, ou consultas no prazo.")
    most: int = Field(description="O limite que vale agora.")
    stop: Stop | None = Field(description="safety: um usuário libera; maximum: um administrador; ceiling: ninguém.")
    because: str | None = Field(description="A nota por causa da qual o emitente parou.")
    sentence: str = Field(description="O porquê e o que fazer.")


class AdmissionOut(SaidOut):
    """An answer with the token by which its outcome is reported."""

    token: str | None = Field(description="Só onde se pode enviar; identifica o envio em outcome.")
    offline_until: datetime | None = Field(
        description="NFC-e que pode sair em contingência off-line (tpEmis 9, número novo): prazo para transmiti-la."
    )
    would: SaidOut | None = Field(description="Em sombra: o que seria respondido.")


class OutcomeIn(_In):
    """What came back: a code, or a silence."""

    cstat: str = Field("", pattern=r"^[0-9]{3,4}$|^$", description="O cStat do documento, não o do lote.")
    motivo: str = Field("", max_length=MOTIVO_CHARS, description="O xMotivo, inteiro.")
    more: bool = Field(default=False, description="Só na distribuição: há mais documentos (ultNSU menor que maxNSU).")
    silence: Literal["not_sent", "unanswered"] | None = Field(
        None, description="not_sent: nenhum byte saiu; unanswered: saiu e não houve resposta que se entendesse."
    )


class OutcomeOut(BaseModel):
    """What the outcome meant."""

    meaning: Meaning
    sentence: str = Field(description="O que foi feito e o que fazer.")
    spent: int = Field(description="Envios que contam para o número depois disso.")
    until: datetime | None = Field(description="Até quando o emitente não deve enviar nada.")
    because: str | None = Field(description="A nota por causa da qual parou.")


class ToldOut(BaseModel):
    """One line of the past."""

    at: datetime
    subject: str = Field(description="A chave ou o Id que foi enviado.")
    text: str
    spent: int


class NumberOut(BaseModel):
    """The past of a number and what would be answered now."""

    key: str
    now: SaidOut
    story: Sequence[ToldOut]


@router.post("/admissions", response_model=AdmissionOut)
def admit(visit: Sender, given: SendIn) -> AdmissionOut | JSONResponse:
    """Pergunta antes de enviar. Um número tem uma reserva de cada vez; sem resultado, ela vence e conta como envio."""
    texts = (given.subject, given.uf, given.cnpj, given.transmitter)
    if not all(map(printable, texts)):
        return faulty(422, [CONTROL])
    send = messages.read(
        modelo=given.model, servico=given.service, ambiente=given.ambiente or visit.tools.ambiente,
        subject=given.subject, uf=given.uf, cnpj=given.cnpj,
    )  # fmt: skip
    if isinstance(send, Fault):
        return faulty(422, [send])
    asker = _asker(visit)
    fault = messages.of_transmitter(given.transmitter) or (None if asker.owns(send) else _foreign_emitter(send))
    if fault is not None:
        return faulty(422, [fault])
    transmitter = given.transmitter if given.transmitter != send.cnpj else ""
    try:
        with visit.tools.engine.begin() as connection:
            made = foreign.ask(connection, asker, send, transmitter=transmitter, shadow=given.shadow)
    except GuardConflictError as error:
        raise HTTPException(503, headers={"Retry-After": RETRY_SECONDS}) from error
    would = _said(made.would) if made.would else None
    said = _said(made.said).model_dump()
    return AdmissionOut(**said, token=made.token, would=would, offline_until=made.offline_until)


@router.post("/admissions/{token}/outcome", response_model=OutcomeOut, responses=CONFLICT)
def report(visit: Sender, token: str, given: OutcomeIn) -> OutcomeOut | JSONResponse:
    """Informa o que voltou. O mesmo resultado de novo não muda nada; outro é recusado."""
    if bool(given.cstat) == (given.silence is not None):
        return faulty(422, [Fault(RULE, "Informe cstat ou silence, um dos dois.", "Veja o contrato.", "cstat")])
    if not printable(given.motivo, lines=True):
        return faulty(422, [CONTROL.at("motivo")])
    outcome = Outcome(given.cstat, given.motivo, Meaning(given.silence) if given.silence else None, given.more)
    try:
        with visit.tools.engine.begin() as connection:
            done = foreign.report(connection, _asker(visit), token, outcome) if well_formed(token) else None
    except NotPossibleError as error:
        raise HTTPException(409, str(error)) from error
    except GuardConflictError as error:
        raise HTTPException(503, headers={"Retry-After": RETRY_SECONDS}) from error
    if done is None:
        raise HTTPException(404)
    if isinstance(done, Fault):
        return faulty(422, [done])
    return OutcomeOut(
        meaning=done.meaning, sentence=done.sentence, spent=done.spent, until=done.until, because=done.because or None
    )


@router.get("/numbers/{subject}")
def show(visit: Annotated[Visit, keyed(Action.VIEW)], subject: str) -> NumberOut:
    """Conta o que a guarda sabe de uma chave, de um evento ou de uma inutilização, e o que responderia agora."""
    send, asker = _named(visit, subject), _asker(visit)
    with visit.tools.engine.read() as connection:
        return _number(connection, visit, asker, send)


@router.post("/numbers/{subject}/release", responses=CONFLICT)
def release(visit: Annotated[Visit, keyed(Action.RELEASE)], subject: str, given: ReleaseIn) -> NumberOut:
    """Libera mais envios de um número parado. No limite máximo, só uma chave de administrador; no da SEFAZ, ninguém."""
    send, asker = _named(visit, subject), _asker(visit)
    why = without_cpf(given.why)[:WHY_CHARS]
    if not printable(why):
        raise HTTPException(422, CONTROL.sentence)
    try:
        with visit.tools.engine.begin() as connection:
            foreign.release(
                connection, asker, send, sends=min(given.sends, MOST_SENDS), actor=visit.person.actor, why=why,
                administrator=visit.can(Action.RELEASE_MAXIMUM),
            )  # fmt: skip
            visit.record(connection, "liberou o número", send.key, envios=given.sends, motivo=why)
            return _number(connection, visit, asker, send)
    except NotPossibleError as error:
        raise HTTPException(409, str(error)) from error


def _asker(visit: Visit) -> Asker:
    if visit.company is None:
        raise LookupError(visit.request.url.path)
    return Asker(visit.tools, visit.company_id, visit.company.cnpj_base, visit.now)


def _named(visit: Visit, subject: str) -> Foreign:
    """What the path names, if it is the company's. Raises HTTPException 404."""
    send = messages.of_text(subject[: SUBJECT_CHARS + 1], visit.tools.ambiente)
    if isinstance(send, Fault) or not _asker(visit).owns(send):
        raise HTTPException(404)
    return send


def _foreign_emitter(send: Foreign) -> Fault:
    return Fault(
        RULE, "O emitente não é desta empresa.", "Use a chave de API da empresa que envia.", "cnpj", send.cnpj[:8]
    )


def _number(connection: Connection, visit: Visit, asker: Asker, send: Foreign) -> NumberOut:
    lines = story(send.key, guard.entries(connection, send.key))
    return NumberOut(
        key=send.key,
        now=_said(foreign.standing(connection, asker, send)),
        story=[_line(line, visit) for line in lines],
    )


def _line(line: Told, visit: Visit) -> ToldOut:
    text = without_cpf(line.text) if visit.role is Role.READER else line.text
    return ToldOut(at=line.at, subject=line.chave, text=text, spent=line.spent)


def _said(said: Said) -> SaidOut:
    return SaidOut(
        answer=said.word, until=said.until, spent=said.spent, most=said.most, stop=said.stop,
        because=said.because or None, sentence=said.sentence,
    )  # fmt: skip
