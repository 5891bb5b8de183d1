"""A draft comes in. Its identity is the emitter's establishment and the ERP's reference (users §1):

nothing known by that reference → a new document; the same content → nothing happens; other content → a revision under
the same number while that is safe, a new note after a cancelled one, else a refusal that says what to do.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

import zstandard
from sqlalchemy import Connection, Executable, Row, bindparam, delete, select

from zelo.engine.schema.flow import document, draft, history, item
from zelo.engine.statement import add_all, add_new
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
_LOCKED: Final = (
    select(document)
    .where(document.c.establishment_id == bindparam("establishment_id"), document.c.reference == bindparam("reference"))
    .with_for_update()
)
_BY_IDENTITIES: Final[Executable] = select(
    document.c.id,
    document.c.establishment_id,
    document.c.reference,
    document.c.draft_digest,
    document.c.state,
    document.c.go_at,
).where(
    document.c.establishment_id.in_(bindparam("establishments", expanding=True)),
    document.c.reference.in_(bindparam("references", expanding=True)),
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
    return submit_many(connection, tools, [arrival])[0]


def submit_many(connection: Connection, tools: Tools, arrivals: Sequence[Arrival]) -> list[Receipt]:
    """Take drafts in, each once however often it comes; a receipt for each, in their order.

    What is new is written together, what is there already and unchanged is not touched. Rows are taken in the order of
    their identity, so that two processes with the same file wait for each other and never in a circle.
    """
    receipts = {turn: bad for turn, arrival in enumerate(arrivals) if (bad := _bad_reference(arrival)) is not None}
    came = {turn: _pack(arrival) for turn, arrival in enumerate(arrivals) if turn not in receipts}
    first: dict[Identity, int] = {}
    for turn, one in came.items():
        first.setdefault(one.identity, turn)
    known = _known(connection, first)
    born = _new_ids(tools, {identity: came[first[identity]] for identity in first if identity not in known})
    written = _write_new(connection, {born[identity]: came[first[identity]] for identity in sorted(born)})
    for turn in sorted(came, key=lambda turn: (came[turn].identity, turn)):
        one = came[turn]
        is_first, there = first[one.identity] == turn, known.get(one.identity)
        if is_first and born.get(one.identity) in written:
            receipts[turn] = Receipt(Taken.NEW, born[one.identity])
        elif is_first and there is not None and one.changes_nothing(there):
            receipts[turn] = Receipt(Taken.SAME, there.id)
        else:
            receipts[turn] = _again(connection, tools, one)
    return [receipts[turn] for turn in range(len(arrivals))]


Identity = tuple[str, str]
"""Establishment and reference."""


@dataclass(frozen=True, slots=True)
class _Packed:
    """An arrival with its content as it is kept and compared."""

    arrival: Arrival
    content: bytes
    digest: str
    identity: Identity

    def changes_nothing(self, known: Row[Any]) -> bool:
        """Whether the document of that identity has this content, and needs no go from it."""
        return bool(known.draft_digest == self.digest) and not self.lets_go(known)

    def lets_go(self, known: Row[Any]) -> bool:
        """Whether this arrival is the go that a document waits for."""
        return self.arrival.go is Go.GIVEN and known.go_at is None and accepts(State(known.state), Event.LET_GO)


def _bad_reference(arrival: Arrival) -> Receipt | None:
    """The refusal of a reference that cannot identify a note."""
    reference = arrival.reference
    if reference and reference == reference.strip() and len(reference) <= REFERENCE_CHARS:
        return None
    sentence = f"A referência da nota precisa ter de 1 a {REFERENCE_CHARS} caracteres, sem espaço nas pontas."
    return Receipt(Taken.REFUSED, "", Fault(BAD_REFERENCE, sentence, "Informe a fatura do ERP.", value=reference))


def _pack(arrival: Arrival) -> _Packed:
    content = codec.dump(arrival.content)
    identity = (arrival.establishment.id, arrival.reference)
    return _Packed(arrival, content, hashlib.sha256(content).hexdigest(), identity)


def _known(connection: Connection, wanted: Iterable[Identity]) -> dict[Identity, Row[Any]]:
    """The documents of these identities as they stand, not locked."""
    emitters, references = {one for one, _ in wanted}, {one for _, one in wanted}
    rows = connection.execute(_BY_IDENTITIES, {"establishments": list(emitters), "references": list(references)})
    return {(row.establishment_id, row.reference): row for row in rows.fetchall()}


def _new_ids(tools: Tools, some: Mapping[Identity, _Packed]) -> dict[Identity, str]:
    """An id for each; they sort as the drafts came, also those of one millisecond."""
    ids = sorted(tools.new_id(one.arrival.now) for one in some.values())
    return dict(zip(some, ids, strict=True))


def _again(connection: Connection, tools: Tools, one: _Packed) -> Receipt:
    """A draft whose document is there, and may have to change: it stands still from here on."""
    establishment_id, reference = one.identity
    query, identity = _LOCKED, {"establishment_id": establishment_id, "reference": reference}
    known = connection.execute(query, identity).first()
    if known is None:  # while we waited for it, it made way to a successor under the same reference
        known = connection.execute(query, identity).one()
    arrival = one.arrival
    if one.lets_go(known) and known.draft_digest == one.digest:
        record.move(connection, known, Event.LET_GO, now=arrival.now, actor=arrival.actor, go_at=arrival.now)
    if known.draft_digest == one.digest:
        return Receipt(Taken.SAME, known.id)
    if State(known.state) is State.CANCELLED:
        other = _standing_before(connection, known)
        if other is not None:
            return Receipt(Taken.REFUSED, other.id, _refusal(known, State(other.state)))
        return _succeed(connection, tools, known, one)
    return _revise(connection, known, one)


def _standing_before(connection: Connection, known: Row[Any]) -> Row[Any] | None:
    """A note whose invoice went over to `known` and which stands, or may stand, at the authorizer all the same."""
    before = connection.execute(_PREDECESSOR, {"establishment_id": known.establishment_id, "id": known.id}).first()
    if before is None or State(before.state) not in (State.CANCELLED, State.UNUSED):
        return before
    return _standing_before(connection, before)


def _succeed(connection: Connection, tools: Tools, known: Row[Any], one: _Packed) -> Receipt:
    """The note was cancelled and the invoice comes with other content: a new note bills it, under a new number."""
    successor = tools.new_id(one.arrival.now)
    record.move(
        connection,
        known,
        Event.SUCCEEDED,
        now=one.arrival.now,
        actor=one.arrival.actor,
        detail="a fatura veio de novo, com outro conteúdo",
        reference=f"{known.reference} (nota {known.nnf}, série {known.serie}, cancelada)",
        successor_id=successor,
    )
    _write_new(connection, {successor: one})
    return Receipt(Taken.NEW, successor)


def _write_new(connection: Connection, some: Mapping[str, _Packed]) -> set[str]:
    """New documents by id, with their first line of history; the ids of those that no other process was faster with."""
    written = add_new(connection, document, [_document(one, document_id) for document_id, one in some.items()])
    born = {document_id: one.arrival for document_id, one in some.items() if document_id in written}
    lines = [
        {
            "document_id": document_id,
            "seq": 1,
            "at": arrival.now,
            "event": "received",
            "from_state": "",
            "to_state": State.DRAFT.value,
            "actor": arrival.actor,
            "detail": "",
        }
        for document_id, arrival in born.items()
    ]
    add_all(connection, history, lines)
    _keep_content(connection, {document_id: some[document_id] for document_id in born}, 1)
    return written


def _day(arrival: Arrival) -> date:
    """The day of arrival at the emitter."""
    return local_date(arrival.now, place.zone(Uf(arrival.establishment.uf)))


def _shown(arrival: Arrival, on: date) -> dict[str, Any]:
    """What lists show of the draft."""
    header = nfcom.header(arrival.content, on)
    return {
        "recipient": header.recipient,
        "period": header.period,
        "total": header.total,
        "billed": header.billed,
        "contract": header.contract,
    }


def _document(one: _Packed, document_id: str) -> dict[str, Any]:
    arrival, on = one.arrival, _day(one.arrival)
    establishment, now = arrival.establishment, arrival.now
    return {
        "id": document_id,
        "bucket": bucket_of(establishment.company_id),
        "company_id": establishment.company_id,
        "establishment_id": establishment.id,
        "ambiente": establishment.ambiente,
        "modelo": MODELO,
        "autorizador": authorizer.autorizador(MODELO, Uf(establishment.uf), on),
        "reference": arrival.reference,
        "batch_id": arrival.batch_id,
        "revision": 1,
        "draft_digest": one.digest,
        **_shown(arrival, on),
        "go_at": arrival.go_at(now),
        "state": State.DRAFT.value,
        "due_at": now,
        "version": 1,
        "serie": arrival.serie,
        "consultas": 0,
        "created_at": now,
        "updated_at": now,
    }


def _revise(connection: Connection, known: Row[Any], one: _Packed) -> Receipt:
    state, arrival = State(known.state), one.arrival
    if not accepts(state, Event.REVISED):
        return Receipt(Taken.REFUSED, known.id, _refusal(known, state))
    revision = known.revision + 1
    record.move(
        connection,
        known,
        Event.REVISED,
        now=arrival.now,
        actor=arrival.actor,
        detail=f"revisão {revision}: {arrival.why}" if arrival.why else f"revisão {revision}",
        revision=revision,
        draft_digest=one.digest,
        batch_id=arrival.batch_id or known.batch_id,
        go_at=arrival.go_at(known.go_at),
        faults=None,
        **_shown(arrival, _day(arrival)),
    )
    connection.execute(delete(item).where(item.c.document_id == known.id))
    _keep_content(connection, {known.id: one}, revision)
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


def _keep_content(connection: Connection, some: Mapping[str, _Packed], revision: int) -> None:
    """Each draft, and what it bills by CFOP and cClass, so that whole months are added up without opening a draft."""
    compress = zstandard.ZstdCompressor().compress
    drafts = [
        {
            "document_id": document_id,
            "revision": revision,
            "digest": one.digest,
            "content": compress(one.content),
            "created_at": one.arrival.now,
            "created_by": one.arrival.actor,
        }
        for document_id, one in some.items()
    ]
    items = [
        {"document_id": document_id, "cfop": cfop, "cclass": cclass, "det": part.items, "value": part.value}
        for document_id, one in some.items()
        for (cfop, cclass), part in nfcom.parts(one.arrival.content).items()
    ]
    add_all(connection, draft, drafts)
    add_all(connection, item, items)


def read_draft(connection: Connection, document_id: str, revision: int) -> NfcomDraft:
    """A draft as it was kept. Raises ValueError if it no longer fits the layout of this release."""
    packed = connection.execute(_CONTENT, {"document_id": document_id, "revision": revision}).scalar_one()
    content = codec.load(zstandard.decompress(packed, max_output_size=codec.MOST_BYTES))
    if isinstance(content, list):
        raise ValueError(f"draft {document_id}/{revision} does not load: {content[0]}")
    return content
