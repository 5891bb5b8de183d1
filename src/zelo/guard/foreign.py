"""What another program is about to send by itself, and what an answer to it means to the guard. Pure.

The program names its message: model, service, and the chave, Id or receipt that the service is about. From that comes
the key under which the guard counts, the same as for notes of our own: SEFAZ does not ask which program sent.

    autorizacao    number of a série, whatever AAMM or cNF; for 65 each tpEmis by itself (MOC 7.0, 2B08-10)
    evento         Id of the event (tpEvento, chave, nSeqEvento)
    inutilizacao   emitter, model, série and range, whatever year
    consulta       chave, so many in an hour
    recibo         receipt, so many in an hour
    status         authorizer and company, one each so many seconds
    distribuicao   CNPJ: by NSU one an hour unless more is said to wait; by chave or one NSU so many in an hour
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from zelo.facts.authorizer import autorizador, svc
from zelo.facts.cstat import Classe, Classify, classe
from zelo.facts.limit import limit
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.chave import Chave
from zelo.fiscal.cnpj import base, hide, is_cnpj
from zelo.fiscal.fault import Fault
from zelo.fiscal.uf import Uf, from_codigo
from zelo.guard.core import Event
from zelo.guard.window import Budget

RULE: Final = "GUARDA"
NFE: Final = "55"
NFCOM: Final = "62"
NFCE: Final = "65"


class Servico(StrEnum):
    """What the message asks of the authorizer."""

    AUTORIZACAO = "autorizacao"
    EVENTO = "evento"
    INUTILIZACAO = "inutilizacao"
    CONSULTA = "consulta"
    RECIBO = "recibo"
    STATUS = "status"
    DISTRIBUICAO = "distribuicao"


COUNTED: Final = frozenset({Servico.AUTORIZACAO, Servico.EVENTO, Servico.INUTILIZACAO})
"""Equal rejections are counted here, for ever; the other services have budgets per time."""
_OF_A_NOTE: Final = frozenset({Servico.AUTORIZACAO, Servico.EVENTO, Servico.CONSULTA})
_NFE: Final = {
    Servico.AUTORIZACAO: "NFeAutorizacao",
    Servico.EVENTO: "NFeRecepcaoEvento",
    Servico.INUTILIZACAO: "NFeInutilizacao",
    Servico.CONSULTA: "NFeConsultaProtocolo",
    Servico.RECIBO: "NFeRetAutorizacao",
    Servico.STATUS: "NFeStatusServico",
}
SERVICES: Final[Mapping[str, Mapping[Servico, str]]] = {
    NFE: {**_NFE, Servico.DISTRIBUICAO: "NFeDistribuicaoDFe"},
    NFCE: _NFE,
    NFCOM: {
        Servico.AUTORIZACAO: "NFComRecepcao",
        Servico.EVENTO: "NFComRecepcaoEvento",
        Servico.CONSULTA: "NFComConsulta",
        Servico.STATUS: "NFComStatusServico",
    },
}
"""Model → service → its name in the tables of facts. NFCom is synchronous and has no inutilização."""

_EVENT_ID: Final = re.compile(r"ID[0-9]{6}([0-9]{6}[A-Z0-9]{12}[0-9]{26})([0-9]{2,3})")
_EVENT_SEQ: Final = {NFCOM: 3}
"""Digits of nSeqEvento; two where the model is not here (NFCom 1.00a: three; MOC 7.0: two)."""
_VOIDING_ID: Final = re.compile(r"ID([0-9]{2})[0-9]{2}([A-Z0-9]{12}[0-9]{2})([0-9]{2})([0-9]{3})([0-9]{9})([0-9]{9})")
_RECEIPT: Final = re.compile(r"[0-9]{15}")
_NSU_OR_CHAVE: Final = re.compile(r"[0-9]{15}|[0-9]{6}[A-Z0-9]{12}[0-9]{26}|")
_CENTURY: Final = 100
_NATIONAL: Final = "AN"
_OFFLINE: Final = "9"
_STAND_IN: Final = frozenset("67")
"""tpEmis of a note that SVC-AN or SVC-RS answers."""
_SHOWN_CHARS: Final = 60


@dataclass(frozen=True, slots=True)
class Foreign:
    """A message that is about to be sent. `subject`: chave, Id or receipt, "" for the status; `cnpj` of who sends.

    `key`: the name of what is counted, or of the budget that is spent. `serie` where the message is a note.
    """

    modelo: str
    servico: Servico
    ambiente: Ambiente
    uf: Uf
    cnpj: str
    subject: str
    key: str
    serie: int | None = None

    @property
    def counted(self) -> bool:
        """Whether equal rejections of it are counted; otherwise it spends a budget."""
        return self.servico in COUNTED


def read(
    *, modelo: str, servico: Servico, ambiente: Ambiente, subject: str = "", uf: str = "", cnpj: str = ""
) -> Foreign | Fault:
    """The message, or what is wrong with how it was named.

    `uf` and `cnpj` are needed where the subject does not tell them: status and receipt, and the CNPJ of who asks after
    somebody else's note. Elsewhere they must agree with the subject.
    """
    if modelo not in SERVICES:
        return _fault("modelo", modelo, "O modelo não é guardado.", f"Use {', '.join(SERVICES)}.")
    if servico not in SERVICES[modelo]:
        return _fault("servico", servico, f"O modelo {modelo} não tem esse serviço.", "Confira modelo e serviço.")
    if uf and uf not in list(Uf):
        return _fault("uf", uf, "Não é uma UF.", "Use a sigla, por exemplo PR.")
    if cnpj and not is_cnpj(cnpj):
        return _fault("cnpj", cnpj, "O CNPJ não confere.", "São 14 caracteres, sem máscara; letras são aceitas.")
    if servico in (Servico.RECIBO, Servico.STATUS, Servico.DISTRIBUICAO):
        return _without_chave(modelo, servico, ambiente, subject, uf, cnpj)
    if servico is Servico.INUTILIZACAO:
        found = _voiding(modelo, ambiente, subject)
    else:
        found = _about_chave(modelo, servico, ambiente, subject, cnpj)
    if isinstance(found, Fault):
        return found
    if uf and uf != found.uf:
        return _fault("uf", uf, f"O identificador é de {found.uf}.", "Tire a UF ou corrija uma das duas.")
    if cnpj and cnpj != found.cnpj:
        return _fault("cnpj", cnpj, "O identificador é de outro CNPJ.", "Tire o CNPJ ou corrija um dos dois.")
    return found


def of_text(text: str, ambiente: Ambiente) -> Foreign | Fault:
    """What a chave or an Id names, by its form: a note, an event or an inutilização."""
    event, voiding = _EVENT_ID.fullmatch(text), _VOIDING_ID.fullmatch(text)
    if event is not None:
        return read(modelo=event.group(1)[20:22], servico=Servico.EVENTO, ambiente=ambiente, subject=text)
    if voiding is not None:
        return read(modelo=voiding.group(3), servico=Servico.INUTILIZACAO, ambiente=ambiente, subject=text)
    return read(modelo=text[20:22], servico=Servico.AUTORIZACAO, ambiente=ambiente, subject=text)


def of_transmitter(cnpj: str) -> Fault | None:
    """What is wrong with the CNPJ of a certificate; none may be given."""
    if not cnpj or is_cnpj(cnpj):
        return None
    return _fault("transmitter", cnpj, "O CNPJ do certificado não confere.", "São 14 caracteres, sem máscara.")


def _about_chave(modelo: str, servico: Servico, ambiente: Ambiente, subject: str, cnpj: str) -> Foreign | Fault:
    """A note, an event of it, or a consulta, which somebody else than the emitter may make."""
    text = subject
    if servico is Servico.EVENTO:
        event = _EVENT_ID.fullmatch(subject)
        if event is None or len(event.group(2)) != _EVENT_SEQ.get(modelo, 2):
            remedy = f"É ID, tpEvento, a chave e nSeqEvento com {_EVENT_SEQ.get(modelo, 2)} dígitos."
            return _fault("subject", subject, "Não é o Id de um evento.", remedy)
        text = event.group(1)
    try:
        chave = Chave.parse(text)
    except ValueError:
        return _fault("subject", subject, "A chave não confere.", "Confira os 44 caracteres e o dígito.")
    uf = from_codigo(chave.cuf)
    if uf is None:
        return _fault("subject", subject, "A chave não é de UF nenhuma.", "Confira os dois primeiros dígitos.")
    if chave.mod != modelo:
        return _fault("subject", subject, f"A chave é do modelo {chave.mod}.", f"Corrija a chave ou o modelo {modelo}.")
    whose = cnpj if servico is Servico.CONSULTA and cnpj else chave.cnpj
    keys = {
        Servico.AUTORIZACAO: _number(chave, ambiente),
        Servico.EVENTO: f"{ambiente.value}|{servico}|{subject}",
        Servico.CONSULTA: f"consulta:{text}" if whose == chave.cnpj else f"consulta:{whose}:{text}",
    }
    serie = chave.serie if servico is Servico.AUTORIZACAO else None
    return Foreign(modelo, servico, ambiente, uf, whose, subject, keys[servico], serie)


def is_issued_after(send: Foreign, at: datetime) -> bool:
    """Whether what the subject names cannot have been sent by that instant: its note is of the month after the next.

    A refused note is mended within days, be it under the next month; an inutilização names only its year.
    """
    if send.servico is Servico.INUTILIZACAO:
        return int(send.subject[4:6]) > at.year % _CENTURY
    start = len("ID110111") if send.servico is Servico.EVENTO else 0
    aamm = send.subject[start + 2 : start + 6]
    return int(aamm[:2]) * 12 + int(aamm[2:]) > at.year % _CENTURY * 12 + at.month + 1


def _number(chave: Chave, ambiente: Ambiente) -> str:
    key = chave.natural_key(ambiente)
    return f"{key}|{chave.tpemis}" if chave.mod == NFCE else key


def _voiding(modelo: str, ambiente: Ambiente, subject: str) -> Foreign | Fault:
    found = _VOIDING_ID.fullmatch(subject)
    uf = from_codigo(found.group(1)) if found else None
    if found is None or uf is None or not is_cnpj(found.group(2)):
        remedy = "É ID, cUF, ano, CNPJ, modelo, série e os dois números: 43 caracteres."
        return _fault("subject", subject, "Não é o Id de uma inutilização.", remedy)
    if found.group(3) != modelo:
        return _fault("subject", subject, f"O Id é do modelo {found.group(3)}.", f"Corrija o Id ou o modelo {modelo}.")
    servico = Servico.INUTILIZACAO
    key = "|".join((str(ambiente.value), servico, *found.groups()[1:]))
    return Foreign(modelo, servico, ambiente, uf, found.group(2), subject, key)


def _without_chave(
    modelo: str, servico: Servico, ambiente: Ambiente, subject: str, uf: str, cnpj: str
) -> Foreign | Fault:
    if not uf or not cnpj:
        where = "cnpj" if uf else "uf"
        return _fault(where, "", "Faltam a UF e o CNPJ de quem pergunta.", "Informe os dois: o serviço não os conta.")
    if servico is Servico.RECIBO and _RECEIPT.fullmatch(subject) is None:
        return _fault("subject", subject, "Não é um recibo.", "São 15 dígitos.")
    if servico is Servico.STATUS and subject:
        return _fault("subject", subject, "O status não tem identificador.", "Deixe vazio.")
    if servico is Servico.DISTRIBUICAO and _NSU_OR_CHAVE.fullmatch(subject) is None:
        return _fault("subject", subject, "Não é NSU nem chave.", "Vazio para distNSU, 15 dígitos, ou a chave.")
    whose = {
        Servico.RECIBO: f"{uf}:{subject}",
        Servico.STATUS: uf,
        Servico.DISTRIBUICAO: "uma" if subject else "lote",
    }
    key = f"{servico}:{modelo}:{ambiente.value}:{cnpj}:{whose[servico]}"
    return Foreign(modelo, servico, ambiente, Uf(uf), cnpj, subject, key)


def _fault(where: str, value: str, sentence: str, remedy: str) -> Fault:
    return Fault(RULE, sentence, remedy, where, hide(value[:_SHOWN_CHARS]))


@dataclass(frozen=True, slots=True)
class Margins:
    """How far we stay from the official limits: sends of a number, consultas in an hour, minutes after a wait."""

    sends: int
    consultas: int
    minutes: int


def authorizer(send: Foreign, on: date) -> str:
    """Who answers: of the emitter's UF, its stand-in for a note of contingency, or the national one.

    Raises UnknownFactError.
    """
    if send.servico is Servico.DISTRIBUICAO:
        return _NATIONAL
    if send.modelo == NFE and _tpemis(send) in _STAND_IN:
        return svc(send.modelo, send.uf, on)
    return autorizador(send.modelo, send.uf, on)


def is_offline(send: Foreign) -> bool:
    """Whether it is a note that a till issued without the authorizer, or is about one."""
    return _tpemis(send) == _OFFLINE


def _tpemis(send: Foreign) -> str:
    event = _EVENT_ID.fullmatch(send.subject) if send.servico is Servico.EVENTO else None
    chave = event.group(1) if event else send.subject
    return Chave.parse(chave).tpemis if send.servico in _OF_A_NOTE else ""


def ceiling(send: Foreign, margins: Margins, on: date) -> int:
    """How many equal rejections nobody may pass: the limit of service and authorizer less our margin, at least one."""
    return max(1, _official("rejeicoes_iguais", send, on) - margins.sends)


def budget(send: Foreign, margins: Margins, on: date) -> Budget:
    """How often that may be asked."""
    match send.servico:
        case Servico.STATUS:
            return Budget(1, timedelta(seconds=_official("intervalo_status", send, on)))
        case Servico.DISTRIBUICAO if not send.subject:
            return Budget(1, timedelta(minutes=_official("distribuicao_espera", send, on) + margins.minutes))
        case Servico.DISTRIBUICAO:
            most = _official("distribuicao_hora", send, on)
        case Servico.RECIBO:
            most = _official("consultas_por_recibo_hora", send, on)
        case _:
            most = _official("consultas_por_chave_hora", send, on)
    return Budget(max(1, most - margins.consultas), timedelta(hours=1))


def budget_key(send: Foreign, on: date) -> str:
    """Under which name a call is spent. A status is one of the authorizer's, whichever UF or establishment asks."""
    if send.servico is not Servico.STATUS:
        return send.key
    return f"{send.servico}:{authorizer(send, on)} {send.modelo}:{send.ambiente.value}:{base(send.cnpj)}"


def block_minutes(send: Foreign, on: date) -> int:
    """How long a block lasts."""
    return _official("bloqueio", send, on)


def tolerated_blocks(send: Foreign, on: date) -> int:
    """From how many blocks on the UF may block for good."""
    return _official("bloqueios_permanente", send, on)


def _official(name: str, send: Foreign, on: date) -> int:
    """By the UF's own authorizer, which may be stricter than the one that stands in for it."""
    where: dict[str, Any] = {"modelo": send.modelo, "servico": SERVICES[send.modelo][send.servico]}
    return limit(name, autorizador=autorizador(send.modelo, send.uf, on), ambiente=send.ambiente, on=on, **where).valor


class Meaning(StrEnum):
    """What an answer, or its absence, is to the guard."""

    AUTHORISED = "authorised"
    ANSWERED = "answered"
    PENDING = "pending"
    REJECTED = "rejected"
    TRANSIENT = "transient"
    DUPLICATE = "duplicate"
    ISSUER = "issuer"
    UNRECOGNISED = "unrecognised"
    PAUSED = "paused"
    BLOCKED = "blocked"
    NOT_SENT = "not_sent"
    UNANSWERED = "unanswered"


SILENCES: Final = frozenset({Meaning.NOT_SENT, Meaning.UNANSWERED})
"""These have no code: nothing left, or nothing came back."""
TOLD: Final[Mapping[Meaning, Event]] = {
    Meaning.AUTHORISED: Event.AUTHORISED,
    Meaning.REJECTED: Event.REJECTED,
    Meaning.TRANSIENT: Event.REJECTED,
    Meaning.DUPLICATE: Event.REJECTED,
    Meaning.ISSUER: Event.REJECTED,
    Meaning.UNRECOGNISED: Event.REJECTED,
    Meaning.PAUSED: Event.ANSWERED,
    Meaning.BLOCKED: Event.UNKNOWN,
    Meaning.UNANSWERED: Event.UNKNOWN,
    Meaning.NOT_SENT: Event.NOT_SENT,
}
"""What the guard writes. PENDING is none: the reservation lives on. A block is charged like a rejection of any kind."""
HOLDS: Final = frozenset({Meaning.DUPLICATE, Meaning.UNRECOGNISED})
"""After these a person looks before anything of that key is sent again, however little it has spent."""

_REJECTION: Final = {
    **dict.fromkeys(
        (Classe.DATA, Classe.SCHEMA, Classe.SIGN, Classe.LATE, Classe.CONT, Classe.DENIED, Classe.NOT_FOUND),
        Meaning.REJECTED,
    ),
    **dict.fromkeys((Classe.CLOCK, Classe.LCR, Classe.UNCAT, Classe.IN_FLIGHT), Meaning.TRANSIENT),
    **dict.fromkeys((Classe.DUP_SAME_KEY, Classe.DUP_OTHER_KEY, Classe.DUP_STATE, Classe.EVENT_DUP), Meaning.DUPLICATE),
    **dict.fromkeys((Classe.ISSUER, Classe.CERT, Classe.CONFIG), Meaning.ISSUER),
    **dict.fromkeys((Classe.RECEIPT, Classe.PENDING), Meaning.PENDING),
}
_ANYWHERE: Final = {
    Classe.BLOCKED: Meaning.BLOCKED,
    Classe.PAUSED: Meaning.PAUSED,
    Classe.SVC_OFF: Meaning.PAUSED,
}
_DONE: Final = {
    Servico.AUTORIZACAO: frozenset({Classe.OK, Classe.OK_LATE}),
    Servico.EVENTO: frozenset({Classe.EVENT_OK, Classe.CANCELLED, Classe.SUBSTITUTED}),
    Servico.INUTILIZACAO: frozenset({Classe.VOIDED}),
}
"""The classes by which a service says yes; the same class from another service is not understood."""


def meaning(modelo: str, servico: Servico, cstat: str, classify: Classify = classe) -> Meaning | Fault:
    """What a code means as the answer of that service. A fault where the code is the lot's and not the document's."""
    kind = classify(modelo, cstat)
    if kind in _ANYWHERE:
        return _ANYWHERE[kind]
    if servico not in COUNTED:
        return Meaning.ISSUER if kind is Classe.CERT else Meaning.ANSWERED
    if kind is Classe.CONTAINER:
        return _fault(
            "cstat", cstat, "Esse código é do lote, não do documento.", "Informe o cStat de infProt ou de infEvento."
        )
    if kind in _DONE[servico]:
        return Meaning.AUTHORISED
    return _REJECTION.get(kind, Meaning.UNRECOGNISED) if kind else Meaning.UNRECOGNISED
