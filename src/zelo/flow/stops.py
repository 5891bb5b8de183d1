"""Which documents may not move because of a halt: turned into conditions of the claim, so that none is even touched."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, func, not_, or_, select

from zelo.engine.schema.access import certificate, establishment
from zelo.engine.schema.flow import document
from zelo.flow.lifecycle import State
from zelo.guard import halt

_SENDING: Final = (State.SIGNED, State.PAUSED, State.BLOCKED)
_ASKING: Final = (State.UNKNOWN,)
STOPS: Final[dict[str, tuple[State, ...]]] = {
    halt.ISSUER: _SENDING,
    halt.CONFLICT: (State.DRAFT, *_SENDING),
    halt.AUTHORIZER: (*_SENDING, *_ASKING),
    halt.CONSUMPTION: (*_SENDING, *_ASKING),
    halt.PERMANENT: (*_SENDING, *_ASKING),
    halt.QUARANTINE: (State.DRAFT, *_SENDING),
}
"""What each reason keeps from moving. A quarantined emitter may still ask: asking is how it gets out."""


def conditions(connection: Connection, halts: Sequence[Row[Any]]) -> list[ColumnElement[bool]]:
    """Conditions that leave out every document that one of these halts concerns; a draft that nobody has let go yet is
    only checked, which nothing stops.
    """
    found: list[ColumnElement[bool]] = []
    for row in halts:
        whom = _whom(connection, halt.parts(row.scope))
        states = [state.value for state in STOPS[row.reason]]
        found.append(not_(and_(document.c.state.in_(states), document.c.go_at.is_not(None), whom)))
    return found


def _whom(connection: Connection, scope: tuple[str, ...]) -> ColumnElement[bool]:
    match scope:
        case ("estabelecimento", establishment_id):
            return document.c.establishment_id == establishment_id
        case ("serie", establishment_id, serie):
            return and_(document.c.establishment_id == establishment_id, document.c.serie == int(serie))
        case ("autorizador", autorizador, _):
            return document.c.autorizador == autorizador
        case ("transmissor", autorizador, _, cnpj):
            through = _establishments_through(connection, cnpj)
            return and_(document.c.autorizador == autorizador, document.c.establishment_id.in_(through))
        case _:
            raise ValueError(f"unknown scope {scope}")


def _establishments_through(connection: Connection, cnpj: str) -> list[str]:
    """Establishments whose messages are sent with a certificate of that CNPJ, or who have it themselves.

    SEFAZ may punish the certificate (with the address) or the emitter; we halt both.
    """
    transmitter = func.coalesce(establishment.c.transmitter_id, establishment.c.certificate_id)
    used = establishment.outerjoin(certificate, certificate.c.id == transmitter)
    concerned = or_(certificate.c.cnpj == cnpj, establishment.c.cnpj == cnpj)
    return list(connection.execute(select(establishment.c.id).select_from(used).where(concerned)).scalars())
