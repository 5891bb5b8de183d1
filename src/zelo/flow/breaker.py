"""The breaker of an establishment: what opens it, and how it closes again by one note at a time.

The authorizer's breaker is `call.note_answer` and `probe`; this one opens at the first refusal of the emitter, and at
the second refusal of a signature in a row (the first may be a damaged note, the second is our defect). Once a person
has lifted the halt, a single note tries; the others follow when it was answered otherwise. A trial ends with its lease.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from zelo.engine.schema.flow import document
from zelo.facts.cstat import Classe
from zelo.facts.place import today
from zelo.fiscal.fault import Fault
from zelo.flow.lifecycle import Event, State
from zelo.flow.verdict import Verdict
from zelo.guard import halt
from zelo.guard import shell as guard

SIGNATURES: Final = 2
"""Refused signatures in a row that stop the emitter."""
_ANSWERED: Final = frozenset({Event.AUTHORISED, Event.REJECTED, Event.DUPLICATE, Event.FOUND_ANOTHER})


def hear(connection: Connection, row: Row[Any], verdict: Verdict, now: datetime) -> None:
    """What an answer to an emission means for the whole establishment."""
    scope = halt.of_establishment(row.establishment_id)
    fault = Fault(verdict.cstat, verdict.motivo, "", cstat=verdict.cstat)
    if verdict.event is Event.ISSUER_REFUSED:
        open_(connection, row.establishment_id, row.id, fault, now)
    elif verdict.event is Event.REJECTED and _is_signature(connection, row, verdict, now):
        if guard.count_failure(connection, halt.signatures_of(scope)) >= SIGNATURES:
            open_(connection, row.establishment_id, row.id, fault, now)
    elif verdict.event in _ANSWERED:
        guard.forget_failures(connection, halt.signatures_of(scope), halt.trial_of(scope))


def _is_signature(connection: Connection, row: Row[Any], verdict: Verdict, now: datetime) -> bool:
    return guard.classify(connection, today(now))(row.modelo, verdict.cstat) is Classe.SIGN


def open_(connection: Connection, establishment_id: str, document_id: str, fault: Fault, now: datetime) -> None:
    """Nothing of the emitter goes until a person has mended what was refused; `document_id` is what showed it."""
    guard.stop(
        connection,
        scope=halt.of_establishment(establishment_id),
        reason=halt.ISSUER,
        now=now,
        until=None,
        cstat=fault.cstat,
        detail=f"{fault.sentence} {fault.remedy}",
        document_id=document_id,
    )


def half_open(connection: Connection, establishment_id: str) -> None:
    """A person has lifted the halt: from here one note at a time, until one is answered."""
    scope = halt.of_establishment(establishment_id)
    guard.forget_failures(connection, halt.signatures_of(scope))
    if not guard.failures(connection, halt.trial_of(scope)):
        guard.count_failure(connection, halt.trial_of(scope))


def must_wait(connection: Connection, row: Row[Any]) -> bool:
    """Whether the establishment is on trial and another of its notes is the one that tries."""
    if not guard.failures(connection, halt.trial_of(halt.of_establishment(row.establishment_id))):
        return False
    flying = select(document.c.id).where(
        document.c.establishment_id == row.establishment_id, document.c.state == State.RESERVED.value
    )
    return connection.execute(flying.limit(1)).first() is not None
