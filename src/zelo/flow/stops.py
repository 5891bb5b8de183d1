"""Which documents may not move because of a halt: turned into conditions of the claim, so that none is even touched."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, false, func, not_, or_, select, true

from zelo.engine.schema.access import certificate, establishment
from zelo.engine.schema.flow import document, event
from zelo.flow.event.lifecycle import State as EventState
from zelo.flow.lifecycle import State
from zelo.guard import halt

_SENDING: Final = (State.SIGNED, State.PAUSED, State.BLOCKED)
_ASKING: Final = (State.UNKNOWN, State.AUTHORISED)
_EVENT_SENDING: Final = (EventState.SIGNED, EventState.PAUSED, EventState.BLOCKED)
_EVENT_ASKING: Final = (EventState.UNKNOWN,)
STOPS: Final[dict[str, tuple[State, ...]]] = {
    halt.ISSUER: _SENDING,
    halt.CONFLICT: (State.DRAFT, *_SENDING),
    halt.AUTHORIZER: (*_SENDING, *_ASKING),
    halt.CONSUMPTION: (*_SENDING, *_ASKING),
    halt.PERMANENT: (*_SENDING, *_ASKING),
    halt.QUARANTINE: (State.DRAFT, *_SENDING),
}
"""What each reason keeps from moving. A quarantined emitter may still ask: asking is how it gets out."""
EVENT_STOPS: Final[dict[str, tuple[EventState, ...]]] = {
    halt.ISSUER: _EVENT_SENDING,
    halt.CONFLICT: (),
    halt.AUTHORIZER: (*_EVENT_SENDING, *_EVENT_ASKING),
    halt.CONSUMPTION: (*_EVENT_SENDING, *_EVENT_ASKING),
    halt.PERMANENT: (*_EVENT_SENDING, *_EVENT_ASKING),
    halt.QUARANTINE: (EventState.REQUESTED, *_EVENT_SENDING),
}
"""The same for events."""


def conditions(connection: Connection, halts: Sequence[Row[Any]], table: Table = document) -> list[ColumnElement[bool]]:
    """Conditions that leave out every document, or event, that one of these halts concerns.

    A draft that nobody has let go yet is only checked, which nothing stops.
    """
    may_go = document.c.go_at.is_not(None) if table is document else true()
    found: list[ColumnElement[bool]] = []
    for row in halts:
        scope = halt.parts(row.scope)
        if table is event and scope[0] == "serie":
            continue
        whom = _whom(connection, scope, table)
        names = STOPS[row.reason] if table is document else EVENT_STOPS[row.reason]
        found.append(not_(and_(table.c.state.in_([state.value for state in names]), may_go, whom)))
    return found


def _whom(connection: Connection, scope: tuple[str, ...], table: Table) -> ColumnElement[bool]:
    match scope:
        case ("estabelecimento", establishment_id):
            return table.c.establishment_id == establishment_id
        case ("serie", establishment_id, serie):
            return and_(table.c.establishment_id == establishment_id, table.c.serie == int(serie))
        case ("autorizador", autorizador, _):
            return table.c.autorizador == autorizador
        case ("transmissor", autorizador, _, cnpj):
            through = establishments_through(connection, cnpj)
            return and_(table.c.autorizador == autorizador, table.c.establishment_id.in_(through))
        case ("outros", _):
            return false()
        case _:
            raise ValueError(f"unknown scope {scope}")


def establishments_through(connection: Connection, cnpj: str) -> list[str]:
    """Establishments whose messages are sent with a certificate of that CNPJ, or who have it themselves.

    SEFAZ may punish the certificate (with the address) or the emitter; we halt both.
    """
    transmitter = func.coalesce(establishment.c.transmitter_id, establishment.c.certificate_id)
    used = establishment.outerjoin(certificate, certificate.c.id == transmitter)
    concerned = or_(certificate.c.cnpj == cnpj, establishment.c.cnpj == cnpj)
    return list(connection.execute(select(establishment.c.id).select_from(used).where(concerned)).scalars())
