"""The append-only record of who did what."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from zelo.access.token import Chance
from zelo.engine.schema.access import audit
from zelo.fiscal.identity import CHANCE_BYTES, new_id


def record(
    connection: Connection,
    *,
    now: datetime,
    chance: Chance,
    actor: str,
    company_id: str | None,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write one line. `detail` must hold no secret and no CPF."""
    connection.execute(
        insert(audit).values(
            id=new_id(now, chance(CHANCE_BYTES)),
            at=now,
            actor=actor,
            company_id=company_id,
            action=action,
            object=subject,
            detail=detail,
        )
    )


def latest(connection: Connection, company_id: str, limit: int) -> Sequence[Row[Any]]:
    """The newest lines of a company."""
    return connection.execute(
        select(audit).where(audit.c.company_id == company_id).order_by(audit.c.id.desc()).limit(limit)
    ).fetchall()
