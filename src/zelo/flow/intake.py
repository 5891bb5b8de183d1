"""A draft comes in. Its identity is the emitter's establishment and the ERP's reference (users §1):

nothing known by that reference → a new document; the same content → nothing happens; other content → a revision under
the same number while that is safe, a new note after a cancelled one, else a refusal that says what to do.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import zstandard
from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from zelo.engine.schema.flow import document, draft, history, item
from zelo.engine.statement import add, insert_new
from zelo.facts import authorizer, place
from zelo.fiscal.fault import Fault
from zelo.fiscal.identity import bucket_of
from zelo.fiscal.instant import local_date
from zelo.fiscal.uf import Uf
from zelo.flow import nfcom, record
from zelo.flow.lifecycle import Event, State, accepts
from zelo.flow.tools import Tools
from zelo.models.nfcom import codec
from zelo.models.nfcom.document import MODELO
from zelo.models.nfcom.draft import NfcomDraft

REFERENCE_CHARS: Final = 60
BAD_REFERENCE: Final = "REFERENCIA"
ALREADY_AUTHORISED: Final = "REFERENCIA-AUTORIZADA"
UNRESOLVED: Final = "REFERENCIA-SEM-RESPOSTA"
IN_CONFLICT: Final = "REFERENCIA-CONFLITO"
_BY_IDENTITY: Final = (
    select(document)
    .where(document.c.establishment_id == bindparam("establishment_id"), document.c.reference == bindparam("reference"))
    .with_for_update()
)
_PREDECESSOR: Final = select(document).where(
    document.c.establishment_id == bindparam("establishment_id"), document.c.successor_id == bindparam("id")
)
_CONTENT: Final = select(draft.c.content).where(
    draft.c.document_id == bindparam("document_id"), draft.c.revision == bindparam("revision")
)


class Taken(StrEnum):
    """What became of a draft that came in."""

    NEW = "nova"
    SAME = "igual"
    REVISED = "corrigida"
    REFUSED = "recusada"


class Go(StrEnum):
    """Whether a note may get its number and leave, as far as whoever hands it over can say."""

    GIVEN = "given"
    AWAITED = "awaited"
    KEPT = "kept"
    """A correction changes nothing about the go of what it corrects; a new note may leave."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The document a draft belongs to, and why it was refused if it was."""

    taken: Taken
    document_id: str
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A draft with what identifies it: the emitter (its row), the ERP's reference, the série for a new number."""

    establishment: Row[Any]
    reference: str
    content: NfcomDraft
    serie: int
    actor: str
    now: datetime
    batch_id: str | None = None
    go: Go = Go.KEPT
    why: str = ""

    def go_at(self, before: datetime | None) -> datetime | None:
        """Since when the note may leave, where `before` is what held until now."""
        return {Go.GIVEN: self.now, Go.AWAITED: None, Go.KEPT: before}[self.go]


def submit(connection: Connection, tools: Tools, arrival: Arrival) -> Receipt:
    """Take a draft in, once however often it comes."""
    reference = arrival.reference
    if not reference.strip() or reference != reference.strip() or len(reference) > REFERENCE_CHARS:
        sentence = f"A referência da nota precisa ter de 1 a {REFERENCE_CHARS} caracteres, sem espaço nas pontas."
        return Receipt(Taken.REFUSED, "", Fault(BAD_REFERENCE, sentence, "Informe a fatura do ERP.", value=reference))
    packed = codec.dump(arrival.content)
    identity = {"establishment_id": arrival.establishment.id, "reference": reference}
    known = connection.execute(_BY_IDENTITY, identity).first()
    if known is None:
        document_id = tools.new_id(arrival.now)
        if _new(connection, arrival, packed, document_id):
            return Receipt(Taken.NEW, document_id)
        known = connection.execute(_BY_IDENTITY, identity).one()
    if known.draft_digest == _digest(packed):
        if arrival.go is Go.GIVEN and known.go_at is None and accepts(State(known.state), Event.LET_GO):
            record.move(connection, known, Event.LET_GO, now=arrival.now, actor=arrival.actor, go_at=arrival.now)
        return Receipt(Taken.SAME, known.id)
    if State(known.state) is State.CANCELLED:
        other = _standing_before(connection, known)
        if other is not None:
            return Receipt(Taken.REFUSED, other.id, _refusal(known, State(other.state)))
        return _succeed(connection, tools, known, arrival, packed)
    return _revise(connection, known, arrival, packed)


def _standing_before(connection: Connection, known: Row[Any]) -> Row[Any] | None:
    """A note whose invoice went over to `known` and which stands, or may stand, at the authorizer all the same."""
    before = connection.execute(_PREDECESSOR, {"establishment_id": known.establishment_id, "id": known.id}).first()
    if before is None or State(before.state) not in (State.CANCELLED, State.UNUSED):
        return before
    return _standing_before(connection, before)


def _succeed(connection: Connection, tools: Tools, known: Row[Any], arrival: Arrival, packed: bytes) -> Receipt:
    """The note was cancelled and the invoice comes with other content: a new note bills it, under a new number."""
    successor = tools.new_id(arrival.now)
    record.move(
        connection,
        known,
        Event.SUCCEEDED,
        now=arrival.now,
        actor=arrival.actor,
        detail="a fatura veio de novo, com outro conteúdo",
        reference=f"{known.reference} (nota {known.nnf}, série {known.serie}, cancelada)",
        successor_id=successor,
    )
    _new(connection, arrival, packed, successor)
    return Receipt(Taken.NEW, successor)


def _digest(packed: bytes) -> str:
    return hashlib.sha256(packed).hexdigest()


def _new(connection: Connection, arrival: Arrival, packed: bytes, document_id: str) -> bool:
    """A new document; False when another process has just taken the same reference in."""
    establishment, now = arrival.establishment, arrival.now
    uf = Uf(establishment.uf)
    shown = nfcom.header(arrival.content, now)
    values = {
        "id": document_id,
        "bucket": bucket_of(establishment.company_id),
        "company_id": establishment.company_id,
        "establishment_id": establishment.id,
        "ambiente": establishment.ambiente,
        "modelo": MODELO,
        "autorizador": authorizer.autorizador(MODELO, uf, local_date(now, place.zone(uf))),
        "reference": arrival.reference,
        "batch_id": arrival.batch_id,
        "revision": 1,
        "draft_digest": _digest(packed),
        "recipient": shown.recipient,
        "period": shown.period,
        "total": shown.total,
        "billed": shown.billed,
        "contract": shown.contract,
        "go_at": arrival.go_at(now),
        "state": State.DRAFT.value,
        "due_at": now,
        "version": 1,
        "serie": arrival.serie,
        "consultas": 0,
        "created_at": now,
        "updated_at": now,
    }
    if not insert_new(connection, document, values):
        return False
    line = {
        "document_id": document_id,
        "seq": 1,
        "at": now,
        "event": "received",
        "from_state": "",
        "to_state": State.DRAFT.value,
        "actor": arrival.actor,
        "detail": "",
    }
    add(connection, history, line)
    _keep_draft(connection, document_id, 1, packed, arrival)
    _keep_items(connection, document_id, arrival.content)
    return True


def _revise(connection: Connection, known: Row[Any], arrival: Arrival, packed: bytes) -> Receipt:
    state = State(known.state)
    if not accepts(state, Event.REVISED):
        return Receipt(Taken.REFUSED, known.id, _refusal(known, state))
    shown = nfcom.header(arrival.content, arrival.now)
    revision = known.revision + 1
    record.move(
        connection,
        known,
        Event.REVISED,
        now=arrival.now,
        actor=arrival.actor,
        detail=f"revisão {revision}: {arrival.why}" if arrival.why else f"revisão {revision}",
        revision=revision,
        draft_digest=_digest(packed),
        batch_id=arrival.batch_id or known.batch_id,
        recipient=shown.recipient,
        period=shown.period,
        total=shown.total,
        billed=shown.billed,
        contract=shown.contract,
        go_at=arrival.go_at(known.go_at),
        faults=None,
    )
    _keep_draft(connection, known.id, revision, packed, arrival)
    connection.execute(delete(item).where(item.c.document_id == known.id))
    _keep_items(connection, known.id, arrival.content)
    return Receipt(Taken.REVISED, known.id)


_REFUSALS: Final = {
    State.AUTHORISED: (
        ALREADY_AUTHORISED,
        "Esta fatura já tem nota autorizada, com outro conteúdo.",
        "Cancele a nota autorizada (ou substitua-a) antes de emitir outra para a mesma fatura.",
    ),
    State.CONFLICT: (
        IN_CONFLICT,
        "O número da nota desta fatura pertence a outro documento na SEFAZ.",
        "Resolva o conflito de numeração na página da nota e envie a correção depois.",
    ),
}
_UNRESOLVED: Final = (
    UNRESOLVED,
    "A nota desta fatura espera uma resposta da SEFAZ: ainda não se sabe se foi autorizada.",
    "Não reenvie: aguarde a consulta e envie a correção depois.",
)


def _refusal(known: Row[Any], state: State) -> Fault:
    rule, sentence, remedy = _REFUSALS.get(state, _UNRESOLVED)
    return Fault(rule, sentence, remedy, value=known.reference)


def _keep_draft(connection: Connection, document_id: str, revision: int, packed: bytes, arrival: Arrival) -> None:
    values = {
        "document_id": document_id,
        "revision": revision,
        "digest": _digest(packed),
        "content": zstandard.compress(packed),
        "created_at": arrival.now,
        "created_by": arrival.actor,
    }
    add(connection, draft, values)


def _keep_items(connection: Connection, document_id: str, content: NfcomDraft) -> None:
    """What the note bills by CFOP and cClass, so that whole months are added up without opening a draft."""
    rows = [
        {"document_id": document_id, "cfop": cfop, "cclass": cclass, "det": part.items, "value": part.value}
        for (cfop, cclass), part in nfcom.parts(content).items()
    ]
    connection.execute(insert(item), rows)


def read_draft(connection: Connection, document_id: str, revision: int) -> NfcomDraft:
    """A draft as it was kept. Raises ValueError if it no longer fits the layout of this release."""
    packed = connection.execute(_CONTENT, {"document_id": document_id, "revision": revision}).scalar_one()
    content = codec.load(zstandard.decompress(packed, max_output_size=codec.MOST_BYTES))
    if isinstance(content, list):
        raise ValueError(f"draft {document_id}/{revision} does not load: {content[0]}")
    return content
