"""A request as far as it can be read without judging it: service, envelope, message, and whose note it is about."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from lxml import etree

from zelo.sim import answer, message, soap
from zelo.sim import chave as chaves
from zelo.sim import note as notes
from zelo.sim.answer import Outcome
from zelo.sim.authority import AUTHORITIES, official
from zelo.sim.journal import CONSULTA, EVENTO, RECEPCAO, STATUS
from zelo.sim.verdict import Verdict, verdict

MOST_WIRE_BYTES: Final = 2_097_152
"""The largest body that is read at all; the message in it is bounded by the official row."""

_NOT_FOUND, _TOO_LARGE = 404, 413


@dataclass(frozen=True, slots=True)
class Service:
    """A web service: the schema of its question, how it answers, whether the question comes packed."""

    name: str
    schema: str
    write: Callable[[Outcome, str, datetime], str]
    compressed: bool = False


SERVICES: Final = {
    service.name: service
    for service in (
        Service(RECEPCAO, "nfcom_v1.00.xsd", answer.recepcao, compressed=True),
        Service(CONSULTA, "consSitNFCom_v1.00.xsd", answer.consulta),
        Service(STATUS, "consStatServNFCom_v1.00.xsd", answer.status),
        Service(EVENTO, "eventoNFCom_v1.00.xsd", answer.evento),
    )
}


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked. `problem` is the verdict of the message itself; `root` and `asked` are None if it is unreadable.

    `root` is the tree for schema and signature, `asked` the same as groups; `event` is the Id where it is one.
    """

    service: Service
    soap: str
    document: bytes
    root: etree._Element | None = None
    asked: notes.Group | None = None
    problem: Verdict | None = None
    note: notes.Note | None = None
    chave: str = ""
    natural_key: str = ""
    event: str = ""

    @property
    def emitter(self) -> str:
        """CNPJ of the note's emitter, "" where the request is about none."""
        stated = notes.text(self.note.emit, "CNPJ") if self.note else ""
        return stated or (chaves.take_apart(self.chave).cnpj if self.chave else "")

    @property
    def sha256(self) -> str:
        """Of the document, or of the question."""
        return hashlib.sha256(self.document).hexdigest()

    @property
    def key(self) -> str:
        """What tells one sender's matter from another: the chave, else the document itself."""
        return self.chave or self.sha256


def read(autorizador: str, servico: str, body: bytes, on: date) -> Call | soap.NotSoap:
    """The call in a request, its message no larger than the official row of that day allows."""
    service = SERVICES.get(servico)
    if service is None or autorizador not in AUTHORITIES:
        return soap.NotSoap(f"Não há serviço {servico} no autorizador {autorizador}.", status=_NOT_FOUND)
    if len(body) > MOST_WIRE_BYTES:
        return soap.NotSoap(f"O pedido passa de {MOST_WIRE_BYTES} bytes.", status=_TOO_LARGE)
    envelope = soap.unwrap(body, servico)
    if isinstance(envelope, soap.NotSoap):
        return envelope
    most_bytes = official("tamanho_mensagem", autorizador, on)
    if service.compressed:
        return _packed(service, envelope, most_bytes)
    return _plain(service, envelope, most_bytes)


def _packed(service: Service, envelope: soap.Envelope, most_bytes: int) -> Call:
    packed = envelope.wrapper.text or ""
    if len(envelope.wrapper):
        return Call(service, envelope.soap, etree.tostring(envelope.wrapper), problem=verdict("244"))
    document = message.unpack(packed, most_bytes)
    if isinstance(document, Verdict):
        return Call(service, envelope.soap, packed.encode(), problem=document)
    root = message.parse(document)
    if isinstance(root, Verdict):
        return Call(service, envelope.soap, document, problem=root)
    read_note = notes.read(root)
    return Call(
        service,
        envelope.soap,
        document,
        root,
        read_note.root if read_note else notes.grouped(root),
        message.check_bytes(document) or message.check_tree(root),
        read_note,
        read_note.chave if read_note else "",
        read_note.natural_key if read_note else "",
    )


def _plain(service: Service, envelope: soap.Envelope, most_bytes: int) -> Call:
    question = next(envelope.wrapper.iterchildren(etree.Element), None)
    if question is None:
        return Call(service, envelope.soap, etree.tostring(envelope.wrapper), problem=verdict("243"))
    document = etree.tostring(question, with_tail=False)
    if len(document) > most_bytes:
        return Call(service, envelope.soap, document, problem=verdict("214"))
    alone = etree.fromstring(document)
    strange = message.check_tree(alone, inherited=envelope.wrapper.nsmap)
    # What the envelope declares is no part of the message: a signature inside was made without it.
    etree.cleanup_namespaces(alone)
    document = etree.tostring(alone)
    asked = notes.grouped(alone)
    event = notes.group(asked, "infEvento")
    chave = notes.text(asked if event is None else event, "chNFCom")
    known = chaves.SHAPE.fullmatch(chave) is not None
    return Call(
        service,
        envelope.soap,
        document,
        alone,
        asked,
        strange,
        event="" if event is None else event.attributes.get("Id", ""),
        chave=chave if known else "",
        natural_key=chaves.natural_key(chaves.take_apart(chave)) if known else "",
    )
