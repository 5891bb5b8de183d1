"""What follows for a note when the authorizer says that it is cancelled: the file of the event is kept."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from zelo.archive import shell as archive
from zelo.fiscal.retorno import Evento
from zelo.fiscal.situacao import Situacao
from zelo.flow.tools import Tools
from zelo.models.nfcom.event import CANCELAMENTO, PROC


def keep(connection: Connection, tools: Tools, row: Row[Any], kind: str, content: bytes, now: datetime) -> None:
    """Archive a file of an event beside those of its note."""
    archive.keep(
        connection,
        row_id=tools.new_id(now),
        now=now,
        company_id=row.company_id,
        establishment_id=row.establishment_id,
        modelo=row.modelo,
        chave=row.chave,
        kind=kind,
        content=content,
    )


def keep_found(
    connection: Connection, tools: Tools, row: Row[Any], eventos: tuple[Evento, ...], now: datetime
) -> dict[str, Any]:
    """Keep the cancellation that a consulta brought, whoever made it; the columns of the document that say so.

    Where our own event is on its way the file with our very bytes is kept by whoever follows that event.
    """
    found = next((one for one in eventos if one.tipo == CANCELAMENTO and one.proc), None)
    if found is not None and archive.read(connection, row.chave, PROC) is None:
        keep(connection, tools, row, PROC, found.proc, now)
    return {"situacao": Situacao.CANCELADA.value}
