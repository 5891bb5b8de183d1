"""Off-line contingency (tpEmis 2) of an emitter: begun and ended by a person, with when and why, which each note bears.

What never left keeps its number and cNF and gets another chave. A number that was ever sent is never used off-line: a
note that waits for an answer gives its invoice to a successor with a new number, and is asked after later; if it was
authorised meanwhile, the invoice has two notes and whoever began the contingency must have one cancelled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, literal, select, update

from zelo.access.shell.companies import find_establishment
from zelo.engine.schema.flow import contingency, document, draft, history, item
from zelo.engine.statement import insert_new
from zelo.facts import authorizer, place
from zelo.facts.contingency import is_holiday, permission
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import local_date
from zelo.fiscal.uf import Uf, from_codigo
from zelo.flow import record
from zelo.flow.lifecycle import Event, State
from zelo.flow.tools import Tools
from zelo.guard import halt
from zelo.guard import shell as guard
from zelo.models.nfcom.deadline import transmit_until
from zelo.models.nfcom.document import MODELO

LEAST_REASON_CHARS: Final = 15
MOST_REASON_CHARS: Final = 256
"""Of `xJust` of the note (XSD)."""
FIRST_NOTE: Final = timedelta(seconds=1)
"""dhCont must lie before dhEmi (G06, cStat 417), and a tag has no fractions of a second."""

NOT_DOWN: Final = Fault(
    "CONT-NO-AR",
    "A SEFAZ deste estabelecimento está respondendo: não há motivo para contingência.",
    "Emita normalmente. A contingência é oferecida quando a SEFAZ para ou não responde.",
)
FORBIDDEN: Final = Fault("CONT-UF", "A UF não permite a contingência off-line.", "Espere a SEFAZ voltar.")
ALREADY: Final = Fault("CONT-LIGADA", "A contingência deste estabelecimento já está ligada.", "Nada a fazer.")
HALTED: Final = Fault(
    "CONT-PARADA",
    "O estabelecimento está parado por outro motivo, que a contingência não resolve.",
    "Resolva a parada na página Situação.",
)
BAD_REASON: Final = Fault(
    "CONT-XJUST",
    f"O motivo precisa ter de {LEAST_REASON_CHARS} a {MOST_REASON_CHARS} caracteres.",
    "Diga por que as notas saem em contingência: o motivo vai em cada uma.",
    cstat="215",
)


_OPEN: Final = select(contingency).where(
    contingency.c.establishment_id == bindparam("establishment"), contingency.c.ended_at.is_(None)
)


def open_of(connection: Connection, establishment_id: str) -> Row[Any] | None:
    """The contingency that an emitter is in, None where it is in none."""
    return connection.execute(_OPEN, {"establishment": establishment_id}).first()


def find(connection: Connection, contingency_id: str) -> Row[Any]:
    """A contingency by id. Raises NoResultFound."""
    return connection.execute(select(contingency).where(contingency.c.id == contingency_id)).one()


def against(connection: Connection, establishment: Row[Any], now: datetime) -> Fault | None:
    """Why an emitter may not enter contingency now, None where it may."""
    uf = Uf(establishment.uf)
    on = local_date(now, place.zone(uf))
    own = halt.of_establishment(establishment.id)
    if open_of(connection, establishment.id) is not None:
        return ALREADY
    if not permission(MODELO, uf, on).permitida:
        return FORBIDDEN
    if guard.halts(connection, now, [own]):
        return HALTED
    return None if is_down(connection, establishment, now) else NOT_DOWN


def is_down(connection: Connection, establishment: Row[Any], now: datetime) -> bool:
    """Whether the authorizer of an emitter is paused or does not answer."""
    uf = Uf(establishment.uf)
    name = authorizer.autorizador(MODELO, uf, local_date(now, place.zone(uf)))
    scope = halt.of_authorizer(name, Ambiente(establishment.ambiente))
    return any(row.reason == halt.AUTHORIZER for row in guard.halts(connection, now, [scope]))


@dataclass(frozen=True, slots=True)
class Turned:
    """How many notes keep their number, and how many invoices get another because theirs was sent."""

    kept: int = 0
    renumbered: int = 0


def start(connection: Connection, tools: Tools, establishment_id: str, *, reason: str, actor: str) -> Turned | Fault:
    """Enter contingency and turn what waits to be sent; or why not."""
    now = tools.clock()
    establishment = find_establishment(connection, establishment_id)
    if establishment is None:
        raise LookupError(establishment_id)
    refused = against(connection, establishment, now)
    if not LEAST_REASON_CHARS <= len(reason) <= MOST_REASON_CHARS:
        refused = BAD_REASON
    if refused is not None:
        return refused
    row = {"id": tools.new_id(now), "establishment_id": establishment_id, "since": now, "reason": reason}
    if not insert_new(connection, contingency, row | {"started_by": actor}):
        return ALREADY
    turned = turn(connection, tools, establishment_id, now, actor)
    tools.engine.wake(connection)
    return turned


def end(connection: Connection, establishment_id: str, *, now: datetime, actor: str) -> bool:
    """Leave contingency; whether the emitter was in one. What was issued in it keeps its way of emission."""
    closing = (
        update(contingency)
        .where(contingency.c.establishment_id == establishment_id, contingency.c.ended_at.is_(None))
        .values(ended_at=now, ended_by=actor)
    )
    return connection.execute(closing).rowcount == 1


def sweep(connection: Connection, tools: Tools, now: datetime) -> None:
    """Turn what came to wait since: a send that never left, an answer that never came."""
    query = select(contingency.c.establishment_id).where(contingency.c.ended_at.is_(None))
    for establishment_id in connection.execute(query).scalars().all():
        turn(connection, tools, establishment_id, now, record.SYSTEM)


def turn(connection: Connection, tools: Tools, establishment_id: str, now: datetime, actor: str) -> Turned:
    """Every normal note of the emitter that waits for the authorizer becomes one in contingency."""
    kept = renumbered = 0
    for row in _waiting(connection, establishment_id):
        if State(row.state) is State.UNKNOWN:
            _succeed(connection, tools, row, now, actor)
            renumbered += 1
        elif row.sent_at is None:
            record.move(connection, row, Event.TURNED_OFFLINE, now=now, actor=actor, detail="mantém o número")
            kept += 1
        else:
            gone = {"nnf": None, "cnf": None, "chave": None, "digest": None, "sent_at": None}
            detail = f"deixou o número {row.nnf}, que já foi enviado"
            record.move(connection, row, Event.TURNED_OFFLINE, now=now, actor=actor, detail=detail, **gone)
            renumbered += 1
    return Turned(kept, renumbered)


def _waiting(connection: Connection, establishment_id: str) -> Sequence[Row[Any]]:
    states = [state.value for state in (State.SIGNED, State.PAUSED, State.UNKNOWN)]
    query = (
        select(document)
        .where(
            document.c.establishment_id == establishment_id,
            document.c.state.in_(states),
            document.c.contingency_id.is_(None),
            document.c.successor_id.is_(None),
        )
        .order_by(document.c.nnf)
        .with_for_update()
    )
    return connection.execute(query).fetchall()


def _succeed(connection: Connection, tools: Tools, row: Row[Any], now: datetime, actor: str) -> None:
    """A note whose outcome is unknown hands its invoice on, and stays to be asked after."""
    made = tools.new_id(now)
    left = f"{row.reference} (nota {row.nnf}, série {row.serie}, sem resposta)"
    record.move(
        connection,
        row,
        Event.TURNED_OFFLINE,
        now=now,
        due_at=row.due_at or now,
        actor=actor,
        detail="a fatura sai em contingência com outro número",
        reference=left,
        successor_id=made,
    )
    values = {column.name: getattr(row, column.name) for column in document.c} | {
        **dict.fromkeys(_FORGOTTEN),
        "id": made,
        "revision": 1,
        "state": State.DRAFT.value,
        "due_at": now,
        "version": 1,
        "consultas": 0,
        "created_at": now,
        "updated_at": now,
    }
    connection.execute(insert(document).values(**values))
    first = {"seq": 1, "event": "received", "from_state": "", "to_state": State.DRAFT.value}
    detail = f"no lugar da nota {row.nnf}, que está sem resposta"
    connection.execute(insert(history).values(document_id=made, at=now, actor=actor, detail=detail, **first))
    kept = connection.execute(
        select(draft).where(draft.c.document_id == row.id, draft.c.revision == row.revision)
    ).one()
    _copy_items(connection, row.id, made)
    copied = {"digest": kept.digest, "content": kept.content, "created_at": now, "created_by": actor}
    connection.execute(insert(draft).values(document_id=made, revision=1, **copied))


def _copy_items(connection: Connection, document_id: str, made: str) -> None:
    columns = [column for column in item.c if column is not item.c.document_id]
    parts = select(literal(made), *columns).where(item.c.document_id == document_id)
    connection.execute(insert(item).from_select(["document_id", *(column.name for column in columns)], parts))


_FORGOTTEN: Final = (
    "nnf", "cnf", "chave", "digest", "emitted_at", "sent_at", "cstat", "motivo", "nprot", "situacao", "authorised_at",
    "faults",
)  # fmt: skip
"""Columns that the successor of a note begins without."""


def deadline(row: Row[Any]) -> datetime | None:
    """Until when a note issued in contingency must be transmitted; None for a note that was not."""
    if row.contingency_id is None or row.emitted_at is None or row.chave is None:
        return None
    uf = from_codigo(row.chave[:2])
    return None if uf is None else transmit_until(row.emitted_at, place.zone(uf), is_holiday)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Notes issued in contingency that are not authorised yet: how many, and the issue of the oldest."""

    notes: int
    oldest: Row[Any] | None


def waiting(connection: Connection, establishment_id: str) -> Waiting:
    """What must still be transmitted."""
    still = [
        document.c.establishment_id == establishment_id,
        document.c.contingency_id.is_not(None),
        document.c.state.not_in([State.AUTHORISED.value, State.CANCELLED.value, State.DRAFT.value]),
    ]
    count = connection.execute(select(func.count()).select_from(document).where(*still)).scalar_one()
    oldest = connection.execute(select(document).where(*still).order_by(document.c.emitted_at).limit(1)).first()
    return Waiting(count, oldest)


def doubled(connection: Connection, company_id: str) -> Sequence[Row[Any]]:
    """Notes that turned out authorised though their invoice has a successor: one of the two must be cancelled.

    Each with `successor` (its number) and `owner`: who began the contingency, whose duty it is.
    """
    after = document.alias()
    query = (
        select(
            document,
            after.c.nnf.label("successor"),
            after.c.state.label("successor_state"),
            contingency.c.started_by.label("owner"),
        )
        .join(after, after.c.id == document.c.successor_id)
        .outerjoin(contingency, contingency.c.id == after.c.contingency_id)
        .where(
            document.c.company_id == company_id,
            document.c.state == State.AUTHORISED.value,
            after.c.state != State.CANCELLED.value,
        )
        .order_by(document.c.id)
    )
    return connection.execute(query).fetchall()
