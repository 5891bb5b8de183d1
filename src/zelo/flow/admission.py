"""Whether a note or an event may go now: the guard's word as the instant to look again, or as the sentence of why it is
held. What becomes of the row is its own room's.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.flow import limits
from zelo.flow.tools import Tools
from zelo.guard import shell as guard
from zelo.guard.core import Answer, Stop
from zelo.models.nfcom.services import Service

HELD_AT: Final = {
    Stop.SAFETY: "Parada no limite de segurança",
    Stop.MAXIMUM: "Parada no limite máximo",
    Stop.CEILING: "Parada no limite da SEFAZ",
}


def ask(
    connection: Connection,
    tools: Tools,
    row: Row[Any],
    *,
    key: str,
    uf: str,
    service: Service,
    attempt_id: str,
    now: datetime,
) -> datetime | str | None:
    """None when it may go, and is charged for it. `key`: under what the guard counts it, `attempt_id`: for what."""
    verdict = guard.admit(
        connection,
        natural_key=key,
        chave=row.chave,
        token=attempt_id,
        now=now,
        policy=limits.policy(connection, tools, row, uf, now, service),
    )
    if verdict.answer is Answer.BUSY:
        return now + timedelta(seconds=tools.settings.retry_seconds)
    if verdict.until is not None:
        return verdict.until
    return None if verdict.stop is None else f"{HELD_AT[verdict.stop]}: {verdict.spent} de {verdict.most}"
