"""Files that were sent and wait for somebody to confirm what was understood; what an ERP calls our columns; and what a
company says of charges without boleto.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import zstandard
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, insert, or_, select

from zelo.engine.schema.isp import charge, importing, mapping, reading, upload
from zelo.fiscal.fault import Fault
from zelo.flow.tools import Tools
from zelo.isp import shell
from zelo.isp.billing.charging import WITHOUT_BOLETO, check_code
from zelo.isp.billing.columns import BILLING

KEPT_HOURS: Final = 24
MOST_WAITING: Final = 20
"""Files of a company that wait to be confirmed; the oldest makes way."""
NAME_CHARS: Final = 60
FILE_NAME_CHARS: Final = 200
MOST_MAPPINGS: Final = 50
_COLUMNS: Final = frozenset(column.name for column in BILLING)
_KNOWN: Final = [column for column in upload.c if column.name not in ("billing", "composicoes")]
_UNCONFIRMED: Final = upload.c.id.not_in(select(importing.c.upload_id))


def keep(
    connection: Connection,
    tools: Tools,
    *,
    company_id: str,
    name: str,
    billing: bytes,
    composicoes: bytes,
    chosen: str,
    actor: str,
) -> str:
    """Keep both files, not read yet; the id by which they are confirmed."""
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
            understood={},
            created_by=actor,
            created_at=now,
        )
    )
    return upload_id


def forget_old(connection: Connection, company_id: str, now: datetime) -> None:
    """Files that nobody confirmed: those of yesterday, and of this company those that are too many."""
    of_company = select(upload.c.id).where(upload.c.company_id == company_id, _UNCONFIRMED)
    newest = of_company.order_by(upload.c.id.desc()).limit(MOST_WAITING - 1)
    too_many = (upload.c.company_id == company_id) & upload.c.id.not_in(newest)
    of_yesterday = upload.c.created_at < now - timedelta(hours=KEPT_HOURS)
    _forget(connection, and_(_UNCONFIRMED, or_(of_yesterday, too_many)))


def find(connection: Connection, company_id: str, upload_id: str) -> Row[Any] | None:
    """A file of the company that waits, without its bytes. `mapping` is the name of the one it is read by, or "";
    `understood` is empty as long as it has not been read.
    """
    query = select(*_KNOWN).where(upload.c.id == upload_id, upload.c.company_id == company_id)
    return connection.execute(query).first()


def waiting(connection: Connection, company_id: str) -> Sequence[Row[Any]]:
    """The files of a company that nobody has confirmed yet, newest first, as `find` gives them; `stopped_at` tells of
    one whose reading stopped.
    """
    query: Select[Any] = select(*_KNOWN, reading.c.stopped_at).outerjoin(reading, reading.c.upload_id == upload.c.id)
    query = query.where(upload.c.company_id == company_id, _UNCONFIRMED).order_by(upload.c.id.desc())
    return connection.execute(query.limit(MOST_WAITING)).fetchall()


def is_read(connection: Connection, upload_id: str) -> bool:
    """Whether a file is still being read."""
    return connection.execute(select(reading.c.id).where(reading.c.upload_id == upload_id)).first() is not None


def contents(connection: Connection, upload_id: str, most_bytes: int) -> tuple[bytes, bytes] | None:
    """Both files as they came; None where they were let go."""
    row = connection.execute(select(upload.c.billing, upload.c.composicoes).where(upload.c.id == upload_id)).first()
    if row is None:
        return None
    billing, composicoes = (zstandard.decompress(packed, max_output_size=most_bytes) for packed in row)
    return billing, composicoes


def let_go(connection: Connection, upload_id: str) -> None:
    """Forget a file of which everything has been taken in."""
    _forget(connection, upload.c.id == upload_id)


def _forget(connection: Connection, which: ColumnElement[bool]) -> None:
    """Files, and the reading of them."""
    ids = connection.execute(select(upload.c.id).where(which)).scalars().all()
    connection.execute(delete(reading).where(reading.c.upload_id.in_(ids)))
    connection.execute(delete(upload).where(upload.c.id.in_(ids)))


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
