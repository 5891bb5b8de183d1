"""What another program is about to send by itself, and what an answer to it means to the guard. Pure.

The program names its message: model, service, and the chave, Id or receipt that the service is about. From that comes
the key under which the guard counts, the same as for notes of our own: SEFAZ does not ask which program sent.

    autorizacao    number of a série, whatever AAMM or cNF; for 65 each tpEmis by itself (MOC 7.0, 2B08-10)
    evento         Id of the event (tpEvento, chave, nSeqEvento)
    inutilizacao   Id of the request
    consulta       chave, so many in an hour
    recibo         receipt, so many in an hour
    status         emitter, one each so many seconds
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from zelo.facts.authorizer import autorizador
from zelo.facts.cstat import Classe, Classify, classe
from zelo.facts.limit import limit
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.chave import Chave
from zelo.fiscal.cnpj import hide, is_cnpj
from zelo.fiscal.fault import Fault
from zelo.fiscal.uf import Uf, from_codigo
from zelo.guard import halt
from zelo.guard.core import Event
from zelo.guard.window import Budget
from zelo.guard.xmotivo import MOST_CHARS, culprit

RULE: Final = "GUARDA"
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


COUNTED: Final = frozenset({Servico.AUTORIZACAO, Servico.EVENTO, Servico.INUTILIZACAO})
"""Equal rejections are counted here, for ever; the other services have budgets per time."""
_NFE: Final = {
    Servico.AUTORIZACAO: "NFeAutorizacao",
    Servico.EVENTO: "NFeRecepcaoEvento",
    Servico.INUTILIZACAO: "NFeInutilizacao",
    Servico.CONSULTA: "NFeConsultaProtocolo",
    Servico.RECIBO: "NFeRetAutorizacao",
    Servico.STATUS: "NFeStatusServico",
}
SERVICES: Final[Mapping[str, Mapping[Servico, str]]] = {
    "55": _NFE,
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
_VOIDING_ID: Final = re.compile(r"ID([0-9]{2})[0-9]{2}([A-Z0-9]{12}[0-9]{2})([0-9]{2})[0-9]{21}")
_RECEIPT: Final = re.compile(r"[0-9]{15}")
_BLAMED_ID: Final = re.compile(r"(?<![0-9A-Z])(ID[0-9A-Z]{41,53})(?![0-9A-Z])")
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
    if servico in (Servico.RECIBO, Servico.STATUS):
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
    return Foreign(modelo, servico, ambiente, uf, found.group(2), subject, f"{ambiente.value}|{servico}|{subject}")


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
    about = f"{uf}:{subject}" if subject else uf
    key = f"{servico}:{modelo}:{ambiente.value}:{cnpj}:{about}"
    return Foreign(modelo, servico, ambiente, Uf(uf), cnpj, subject, key)


def _fault(where: str, value: str, sentence: str, remedy: str) -> Fault:
    return Fault(RULE, sentence, remedy, where, hide(value[:_SHOWN_CHARS]))


@dataclass(frozen=True, slots=True)
class Margins:
    """How far we stay from the official limits: sends of a number, consultas in an hour."""

    sends: int
    consultas: int


def authorizer(send: Foreign, on: date) -> str:
    """Who answers the emitter's UF. Raises UnknownFactError."""
    return autorizador(send.modelo, send.uf, on)


def ceiling(send: Foreign, margins: Margins, on: date) -> int:
    """How many equal rejections nobody may pass: the limit of service and authorizer less our margin, at least one."""
    return max(1, _official("rejeicoes_iguais", send, on) - margins.sends)


def budget(send: Foreign, margins: Margins, on: date) -> Budget:
    """How often that may be asked."""
    match send.servico:
        case Servico.STATUS:
            return Budget(1, timedelta(seconds=_official("intervalo_status", send, on)))
        case Servico.RECIBO:
            most = _official("consultas_por_recibo_hora", send, on)
        case _:
            most = _official("consultas_por_chave_hora", send, on)
    return Budget(max(1, most - margins.consultas), timedelta(hours=1))


def block_minutes(send: Foreign, on: date) -> int:
    """How long a block lasts."""
    return _official("bloqueio", send, on)


def _official(name: str, send: Foreign, on: date) -> int:
    where: dict[str, Any] = {"modelo": send.modelo, "servico": SERVICES[send.modelo][send.servico]}
    return limit(name, autorizador=authorizer(send, on), ambiente=send.ambiente, on=on, **where).valor


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


@dataclass(frozen=True, slots=True)
class Blamed:
    """Whom a 656/678 names: the chave or Id, and how many rejections the authorizer counted; None where unsaid."""

    subject: str | None
    count: int | None


def blamed(motivo: str) -> Blamed:
    """Read the text. Letters in the CNPJ are known; an event or inutilização is named by its Id."""
    found = culprit(motivo)
    named = _BLAMED_ID.search(motivo[:MOST_CHARS])
    return Blamed(found.chave or (named.group(1) if named else None), found.count)


def emitter_scope(send: Foreign, autorizador: str) -> str:
    """Halt of the emitter. For NFCom the one that stops our own worker too; 55 and 65 have web services apart."""
    where = autorizador if send.modelo == NFCOM else f"{autorizador} {send.modelo}"
    return halt.of_transmitter(where, send.ambiente, send.cnpj)


def certificate_scope(send: Foreign, autorizador: str, company_id: str, transmitter: str) -> str:
    """Halt of another's certificate, as far as that company uses it: nobody stops others by naming theirs."""
    return halt.of_transmitter(f"{autorizador} {send.modelo} {company_id}", send.ambiente, transmitter)
