"""What a database says of itself: one value a key, set once."""

from sqlalchemy import Connection, select

from zelo.engine.schema.engine import meta
from zelo.engine.statement import insert_new


def keep_first(connection: Connection, key: str, value: str) -> str:
    """Set a key that was never set; what it holds, whoever came first."""
    insert_new(connection, meta, {"key": key, "value": value})
    kept: str = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar_one()
    return kept
