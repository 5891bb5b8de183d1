"""A person asks that notes be cancelled. The identity of the request is the note: asked twice, it is one.

What can be known is judged at once and told; what is asked for is written down and signed by a worker, which judges
again, for the hours pass.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from zelo.access.shell.companies import find_establishment
from zelo.engine.schema.flow import event, event_history
from zelo.engine.schema.monitor import health
from zelo.engine.statement import insert_new
from zelo.facts import authorizer
from zelo.facts.limit import limit
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.fiscal.situacao import Situacao
from zelo.flow import record
from zelo.flow.event import clock
from zelo.flow.event import record as events
from zelo.flow.event.lifecycle import Happening, State, accepts
from zelo.flow.intake import read_draft
from zelo.flow.lifecycle import State as DocumentState
from zelo.flow.tools import Tools
from zelo.models.nfcom.event import CANCELAMENTO, ONLY_SEQ
from zelo.models.nfcom.rules.cancel import CANCEL_RULES, Cancellation
from zelo.prevalidate import core as prevalidate

IN_HAND: Final = Fault(
    "CANC-EM-CURSO",
    "O cancelamento desta nota já foi pedido e ainda não terminou.",
    "Acompanhe na página da nota: pedir de novo não apressa.",
)
_ENDED: Final = {DocumentState.CANCELLED: Situacao.CANCELADA.value}


class Taken(StrEnum):
    """What became of a request."""

    NEW = "pedido"
    AGAIN = "pedido de novo"
    REFUSED = "recusado"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The event of a request, and why it was refused if it was."""

    taken: Taken
    event_id: str = ""
    faults: Sequence[Fault] = ()


def cancel(
    connection: Connection, tools: Tools, document_id: str, *, reason: str, actor: str, batch_id: str | None = None
) -> Receipt:
    """Ask for the cancellation of one note, once however often it is asked for.

    One of many (`batch_id`) is judged by the worker alone, which tells what is wrong with it beside the others.
    """
    now = tools.clock()
    row = record.locked(connection, document_id)
    faults = judge(connection, row, reason, now) if batch_id is None or row.chave is None else []
    if faults:
        return Receipt(Taken.REFUSED, faults=faults)
    made = tools.new_id(now)
    if _new(connection, row, made, reason, actor, batch_id, now):
        tools.engine.wake(connection)
        return Receipt(Taken.NEW, made)
    known = connection.execute(
        select(event)
        .where(event.c.chave == row.chave, event.c.tipo == CANCELAMENTO, event.c.seq == ONLY_SEQ)
        .with_for_update()
    ).one()
    if not accepts(State(known.state), Happening.REQUESTED_AGAIN):
        return Receipt(Taken.REFUSED, known.id, [IN_HAND])
    again: dict[str, Any] = {"reason": reason, "batch_id": batch_id, "faults": None, "sha256": None, "digest": None}
    events.move(connection, known, Happening.REQUESTED_AGAIN, now=now, actor=actor, detail=reason, **again)
    tools.engine.wake(connection)
    return Receipt(Taken.AGAIN, known.id)


def _new(
    connection: Connection, row: Row[Any], made: str, reason: str, actor: str, batch_id: str | None, now: datetime
) -> bool:
    """A new event; False where the note has one already."""
    values = {
        **{name: getattr(row, name) for name in _OF_THE_NOTE},
        "id": made,
        "document_id": row.id,
        "tipo": CANCELAMENTO,
        "seq": ONLY_SEQ,
        "reason": reason,
        "batch_id": batch_id,
        "state": State.REQUESTED.value,
        "due_at": now,
        "version": 1,
        "consultas": 0,
        "created_at": now,
        "updated_at": now,
    }
    if not insert_new(connection, event, values):
        return False
    first = {"event": "requested", "from_state": "", "to_state": State.REQUESTED.value}
    connection.execute(insert(event_history).values(event_id=made, seq=1, at=now, actor=actor, detail=reason, **first))
    return True


_OF_THE_NOTE: Final = ("bucket", "company_id", "establishment_id", "ambiente", "modelo", "autorizador", "chave")


def judge(connection: Connection, row: Row[Any], reason: str, now: datetime) -> list[Fault]:
    """Every reason for which the authorizer, or the company's own rule, would refuse to cancel this document."""
    emitter = find_establishment(connection, row.establishment_id)
    if emitter is None:
        raise LookupError(row.establishment_id)
    state = DocumentState(row.state)
    standing = row.situacao if state is DocumentState.AUTHORISED else _ENDED.get(state)
    known = clock.deadline(row, clock.own_days(connection, row.company_id))
    on = now.date()
    tolerance = limit(
        "tolerancia_relogio", autorizador=row.autorizador, modelo=row.modelo, ambiente=Ambiente(row.ambiente), on=on
    )
    case = Cancellation(
        reason=reason,
        chave=row.chave or "",
        cnpj=emitter.cnpj,
        situacao=standing,
        nprot=row.nprot,
        fin=_purpose(connection, row),
        served=authorizer.ufs_of(row.modelo, row.autorizador, on),
        authorised_at=row.authorised_at,
        until=known.official if known else None,
        own_until=known.own if known else None,
        now=now,
        drift=_drift(connection, row),
        tolerance=timedelta(minutes=tolerance.valor),
    )
    rules = CANCEL_RULES if standing else CANCEL_RULES[:1]
    return prevalidate.run(rules, case)


def _purpose(connection: Connection, row: Row[Any]) -> str:
    """finNFCom; "" where an older release wrote the draft in a way that this one cannot read."""
    try:
        return read_draft(connection, row.id, row.revision).finNFCom
    except ValueError:
        return ""


def _drift(connection: Connection, row: Row[Any]) -> timedelta:
    """How far our clock is ahead of the authorizer's, as it was last measured."""
    query = select(health.c.drift_millis).where(
        health.c.autorizador == row.autorizador, health.c.ambiente == row.ambiente
    )
    theirs = connection.execute(query).scalar() or 0
    return timedelta(milliseconds=-theirs)


def ask_again(connection: Connection, tools: Tools, document_id: str, actor: str) -> bool:
    """Ask after the event of a note as soon as the budget of the chave allows; whether there was one to ask after."""
    record.locked(connection, document_id)
    for row in events.of_document(connection, document_id):
        if accepts(State(row.state), Happening.ASKED_AGAIN):
            events.move(connection, row, Happening.ASKED_AGAIN, now=tools.clock(), actor=actor)
            tools.engine.wake(connection)
            return True
    return False


def told(faults: Sequence[Fault]) -> list[dict[str, str]]:
    """Faults as a row keeps them."""
    return [asdict(fault) for fault in faults]
