"""A file that was sent is read by an order (order.py), as it is later taken in: who sends it has an answer at once, and
sees how far the reading is.

A reading leaves nothing behind before its end, so that another process begins anew. Once it is over it is gone, and
what was understood stands beside the file until somebody confirms it.
"""

from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select, update

from zelo.engine.schema.isp import reading, upload
from zelo.engine.statement import add
from zelo.flow.tools import Tools
from zelo.isp import order, reception, shell
from zelo.isp.billing.understood import outline
from zelo.isp.order import Held, Kind, LostError


def receive(
    tools: Tools, *, company_id: str, name: str, billing: bytes, composicoes: bytes, chosen: str, actor: str
) -> str:
    """Keep both files for a day and have them read; the id by which they are confirmed. Those of yesterday are let
    go.
    """
    with tools.engine.begin() as connection:
        reception.forget_old(connection, company_id, tools.clock())
        upload_id = reception.keep(
            connection, tools, company_id=company_id, name=name, billing=billing, composicoes=composicoes,
            chosen=chosen, actor=actor,
        )  # fmt: skip
        _ask(connection, tools, company_id, upload_id)
    return upload_id


def read_again(connection: Connection, tools: Tools, company_id: str, upload_id: str, chosen: str) -> None:
    """Have a file that waits understood by another mapping; what it was understood as before counts no more."""
    connection.execute(delete(reading).where(reading.c.upload_id == upload_id))
    changed = {"mapping": chosen, "understood": {}}
    connection.execute(update(upload).where(upload.c.id == upload_id).values(**changed))
    _ask(connection, tools, company_id, upload_id)


def _ask(connection: Connection, tools: Tools, company_id: str, upload_id: str) -> None:
    now = tools.clock()
    mine = {"id": tools.new_id(now), "company_id": company_id, "upload_id": upload_id}
    add(connection, reading, mine | order.new(now))
    tools.engine.wake(connection)


def find(connection: Connection, company_id: str, upload_id: str) -> Row[Any] | None:
    """The reading of a file of the company, as long as it is not over."""
    query = select(reading).where(reading.c.upload_id == upload_id, reading.c.company_id == company_id)
    return connection.execute(query).first()


def carry_out(held: Held) -> None:
    """Read a file and keep what it is understood as. Raises LostError, StoppedError."""
    tools, row = held.tools, held.row
    with tools.engine.read() as connection:
        sent = reception.find(connection, row.company_id, row.upload_id)
        files = reception.contents(connection, row.upload_id, tools.settings.upload_bytes)
        if sent is None or files is None:
            raise LostError
        columns = reception.columns_of(connection, row.company_id, sent.mapping)
        terms = shell.terms_of(connection, row.company_id, columns, tools.clock())
    understood = outline(shell.understand(terms, *files, held.tell))
    with tools.engine.begin() as connection:
        held.write(connection, due_at=None)
        connection.execute(update(upload).where(upload.c.id == row.upload_id).values(understood=understood))
        connection.execute(delete(reading).where(reading.c.id == row.id))


KIND: Final = Kind(reading, carry_out)
