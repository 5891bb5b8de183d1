"""Keeps the logos of companies."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from zelo.engine.schema.printing import logo as table
from zelo.engine.statement import put
from zelo.printing.logo import Logo


def keep_logo(connection: Connection, *, company_id: str, now: datetime, logo: Logo) -> None:
    """From now on this one."""
    values = {"content": logo.content, "width": logo.width, "height": logo.height, "updated_at": now}
    put(connection, table, {"company_id": company_id}, values)


def remove_logo(connection: Connection, company_id: str) -> None:
    """From now on none."""
    connection.execute(delete(table).where(table.c.company_id == company_id))


def logo(connection: Connection, company_id: str) -> Logo | None:
    """The one in use."""
    row = connection.execute(select(table).where(table.c.company_id == company_id)).first()
    return Logo(row.content, row.width, row.height) if row else None
