"""REQUESTED → SIGNED or INVALID: judged again, written as canonical XML, signed and kept in one transaction."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.access.shell.companies import find_establishment
from zelo.facts import place
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import to_tag
from zelo.fiscal.uf import Uf
from zelo.flow import cancelled, record
from zelo.flow.emitter import Emitter, Keyring
from zelo.flow.event import record as events
from zelo.flow.event.lifecycle import Happening
from zelo.flow.event.request import judge, told
from zelo.flow.lifecycle import State as DocumentState
from zelo.flow.tools import Tools
from zelo.models.canonical.writer import write
from zelo.models.nfcom import event as model
from zelo.models.nfcom.document import NAMESPACE, VERSAO
from zelo.models.nfcom.event import DetEvento, EvCancNFCom, InfEvento
from zelo.sign.xmldsig import Signed, sign_document

OVERTAKEN: Final = "a nota já não estava autorizada"


def prepare(connection: Connection, tools: Tools, keyring: Keyring, row: Row[Any], now: datetime) -> None:
    """Judge, sign and keep one event, or say what is wrong with it.

    While the note itself is asked after, as all are after a restore, its event waits: the note may have ended.
    """
    note = record.find(connection, row.document_id)
    if note is None:
        raise LookupError(row.document_id)
    if DocumentState(note.state) is DocumentState.CANCELLED:
        events.move(connection, row, Happening.OVERTAKEN, now=now, detail=OVERTAKEN)
        return
    if DocumentState(note.state) is DocumentState.AUTHORISED and note.due_at is not None:
        events.postpone(connection, row, now + timedelta(seconds=tools.settings.retry_seconds))
        return
    faults = judge(connection, note, row.reason, now)
    emitter = _emitter(connection, keyring, note, now)
    if isinstance(emitter, list):
        faults += emitter
    signed = faults if faults or isinstance(emitter, list) else _sign(row, note, emitter, now)
    if isinstance(signed, list):
        summary = "; ".join(sorted({fault.rule for fault in signed}))
        events.move(connection, row, Happening.FOUND_FAULTY, now=now, detail=summary, faults=told(signed))
        return
    cancelled.keep(connection, tools, row, model.ROOT, signed.xml, now)
    kept: dict[str, Any] = {"sha256": hashlib.sha256(signed.xml).hexdigest(), "digest": signed.digest}
    events.move(connection, row, Happening.SIGNED, now=now, faults=None, cstat=None, motivo=None, **kept)


def _emitter(connection: Connection, keyring: Keyring, note: Row[Any], now: datetime) -> Emitter | list[Fault]:
    establishment = find_establishment(connection, note.establishment_id)
    if establishment is None:
        raise LookupError(note.establishment_id)
    return keyring.emitter(connection, establishment, now)


def _sign(row: Row[Any], note: Row[Any], emitter: Emitter, now: datetime) -> Signed | list[Fault]:
    """The event in its bytes. Its instant is never before the authorisation, whatever our clock says (634, 637)."""
    zone = place.zone(Uf(emitter.emit.enderEmit.UF))
    inside = InfEvento(
        Id=events.id_of(row),
        cOrgao=row.chave[:2],
        tpAmb=row.ambiente,
        CNPJ=emitter.emit.CNPJ,
        chNFCom=row.chave,
        dhEvento=to_tag(max(now, note.authorised_at), zone),
        tpEvento=row.tipo,
        nSeqEvento=row.seq,
        detEvento=DetEvento(evCancNFCom=EvCancNFCom(nProt=note.nprot, xJust=row.reason)),
    )
    element, faults = write(model.event_layout().find(model.SIGNED), inside)
    if faults:
        return faults
    return sign_document(
        root=model.ROOT,
        namespace=NAMESPACE,
        element=element,
        reference=events.id_of(row),
        certificate=emitter.signer,
        versao=VERSAO,
    )
