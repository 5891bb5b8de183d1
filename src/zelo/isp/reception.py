"""Files that were sent and wait for somebody to confirm what was understood; what an ERP calls our columns; and what a
company says of charges without boleto.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import zstandard
from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from zelo.engine.schema.isp import charge, importing, mapping, upload
from zelo.fiscal.fault import Fault
from zelo.flow.tools import Tools
from zelo.isp import shell
from zelo.isp.billing.charging import WITHOUT_BOLETO, check_code
from zelo.isp.billing.columns import BILLING
from zelo.isp.billing.understood import outline

KEPT_HOURS: Final = 24
MOST_WAITING: Final = 20
"""Files of a company that wait to be confirmed; the oldest makes way."""
NAME_CHARS: Final = 60
FILE_NAME_CHARS: Final = 200
MOST_MAPPINGS: Final = 50
_COLUMNS: Final = frozenset(column.name for column in BILLING)


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that waits, and what it is understood as. `mapping` is the name of the one it was read by, or ""."""

    id: str
    name: str
    mapping: str
    billing: bytes
    composicoes: bytes
    understood: Mapping[str, Any]


def receive(
    tools: Tools, *, company_id: str, name: str, billing: bytes, composicoes: bytes, chosen: str, actor: str
) -> str:
    """Read both files and keep them for a day; the id by which they are confirmed. Files of yesterday are let go."""
    now = tools.clock()
    understood = _outline(tools, company_id, billing, composicoes, chosen, now)
    with tools.engine.begin() as connection:
        _forget_old(connection, company_id, now)
        return keep(
            connection, tools, company_id=company_id, name=name, billing=billing, composicoes=composicoes,
            chosen=chosen, understood=understood, actor=actor,
        )  # fmt: skip


def keep(
    connection: Connection,
    tools: Tools,
    *,
    company_id: str,
    name: str,
    billing: bytes,
    composicoes: bytes,
    chosen: str,
    understood: Mapping[str, Any],
    actor: str,
) -> str:
    """Keep both files; the id by which they are confirmed."""
    now = tools.clock()
    upload_id = tools.new_id(now)
    connection.execute(
        insert(upload).values(
            id=upload_id,
            company_id=company_id,
            name=name[:FILE_NAME_CHARS],
            mapping=chosen,
            billing=zstandard.compress(billing),
            composicoes=zstandard.compress(composicoes),
            understood=understood,
            created_by=actor,
            created_at=now,
        )
    )
    return upload_id


def _forget_old(connection: Connection, company_id: str, now: datetime) -> None:
    """Files that nobody confirmed: those of yesterday, and of this company those that are too many."""
    unconfirmed = upload.c.id.not_in(select(importing.c.upload_id))
    of_company = select(upload.c.id).where(upload.c.company_id == company_id, unconfirmed)
    newest = of_company.order_by(upload.c.id.desc()).limit(MOST_WAITING - 1)
    too_many = (upload.c.company_id == company_id) & upload.c.id.not_in(newest)
    of_yesterday = upload.c.created_at < now - timedelta(hours=KEPT_HOURS)
    connection.execute(delete(upload).where(unconfirmed, or_(of_yesterday, too_many)))


def find(connection: Connection, company_id: str, upload_id: str, most_bytes: int) -> Sent | None:
    """A file of the company that waits."""
    query = select(upload).where(upload.c.id == upload_id, upload.c.company_id == company_id)
    row = connection.execute(query).first()
    if row is None:
        return None
    billing, composicoes = (
        zstandard.decompress(packed, max_output_size=most_bytes) for packed in (row.billing, row.composicoes)
    )
    return Sent(row.id, row.name, row.mapping, billing, composicoes, row.understood)


def read_again(tools: Tools, company_id: str, sent: Sent, chosen: str) -> None:
    """Understand a file that waits by another mapping."""
    understood = _outline(tools, company_id, sent.billing, sent.composicoes, chosen, tools.clock())
    with tools.engine.begin() as connection:
        connection.execute(update(upload).where(upload.c.id == sent.id).values(mapping=chosen, understood=understood))


def let_go(connection: Connection, upload_id: str) -> None:
    """Forget a file of which everything has been taken in."""
    connection.execute(delete(upload).where(upload.c.id == upload_id))


def _outline(
    tools: Tools, company_id: str, billing: bytes, composicoes: bytes, chosen: str, now: datetime
) -> dict[str, Any]:
    with tools.engine.read() as connection:
        terms = shell.terms_of(connection, company_id, columns_of(connection, company_id, chosen), now)
    return outline(shell.understand(terms, billing, composicoes))


def mappings(connection: Connection, company_id: str) -> Sequence[str]:
    """Names of the saved mappings."""
    query = select(mapping.c.name).where(mapping.c.company_id == company_id).order_by(mapping.c.name)
    return connection.execute(query.limit(MOST_MAPPINGS)).scalars().all()


def columns_of(connection: Connection, company_id: str, name: str) -> dict[str, str]:
    """Our column by squeezed title, as the mapping of that name says; nothing for one that is not there."""
    if not name:
        return {}
    query = select(mapping.c.columns).where(mapping.c.company_id == company_id, mapping.c.name == name)
    found = connection.execute(query).scalar_one_or_none() or {}
    return {title: column for title, column in found.items() if not column or column in _COLUMNS}


def save_mapping(
    connection: Connection, company_id: str, name: str, columns: Mapping[str, str], *, actor: str, now: datetime
) -> Fault | None:
    """Keep a mapping under its name, in place of the one before; or say why not."""
    plain = name.strip()
    if not plain or len(plain) > NAME_CHARS or not plain.isprintable():
        return Fault("MAPEAMENTO-NOME", f"O nome vai de 1 a {NAME_CHARS} letras.", "Use o nome do seu sistema.", "nome")
    there = mappings(connection, company_id)
    if plain not in there and len(there) >= MOST_MAPPINGS:
        return Fault("MAPEAMENTO-DEMAIS", f"Já há {MOST_MAPPINGS} mapeamentos.", "Grave por cima de um deles.", "nome")
    known = {title: column for title, column in columns.items() if title and (not column or column in _COLUMNS)}
    by_name = (mapping.c.company_id == company_id, mapping.c.name == plain)
    connection.execute(delete(mapping).where(*by_name))
    connection.execute(
        insert(mapping).values(company_id=company_id, name=plain, columns=known, updated_by=actor, updated_at=now)
    )
    return None


def charges(connection: Connection, company_id: str) -> Sequence[Row[Any]]:
    """What the company says of each form, who said it and when."""
    return connection.execute(select(charge).where(charge.c.company_id == company_id)).fetchall()


def say_charges(
    connection: Connection, company_id: str, codes: Mapping[str, str], *, actor: str, now: datetime
) -> dict[str, Fault]:
    """Keep what stands in codBarras for each form without boleto ("" takes it back); or the fault of each form."""
    bare = {form: "".join(codes.get(form, "").split()) for form in WITHOUT_BOLETO}
    faults = {form: fault for form, code in bare.items() if (fault := check_code(code)) is not None}
    if faults:
        return faults
    before = shell.charge_codes(connection, company_id)
    for form, code in bare.items():
        if code == before.get(form, ""):
            continue
        connection.execute(delete(charge).where(charge.c.company_id == company_id, charge.c.form == form))
        if code:
            connection.execute(
                insert(charge).values(company_id=company_id, form=form, code=code, updated_by=actor, updated_at=now)
            )
    return {}
