"""Jobs that run every so often, once for all processes together."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from zelo.engine.schema.engine import periodic
from zelo.engine.statement import insert_new


def due(connection: Connection, name: str, every: timedelta, now: datetime) -> bool:
    """Whether the caller shall run job `name` now; if so, nobody else will before `every` has passed.

    A clock that stepped back does not stop a job for longer than one period.
    """
    if insert_new(connection, periodic, {"name": name, "next_at": now + every}):
        return True
    taken = connection.execute(
        update(periodic)
        .where(periodic.c.name == name, (periodic.c.next_at <= now) | (periodic.c.next_at > now + every))
        .values(next_at=now + every)
    )
    return taken.rowcount == 1
