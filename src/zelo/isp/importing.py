"""The taking in of a billing file is an order (order.py), confirmed once.

It keeps the terms by which the file is read, so that reading it again gives the same notes in the same places. A chunk
of notes and how far the order has come are one transaction, so that another process goes on behind the last chunk.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, delete, func, select

from zelo.access.shell.companies import establishments
from zelo.engine.schema.isp import batch, fault, importing, upload
from zelo.engine.schema.isp import note as note_table
from zelo.engine.statement import add, add_all, change
from zelo.fiscal.fault import Fault
from zelo.flow.intake import Arrival, Go, Receipt, Taken, submit_many
from zelo.flow.tools import Tools
from zelo.isp import order, reception, shell
from zelo.isp.billing.notes import BilledNote, Billing
from zelo.isp.billing.sheet import LineFault
from zelo.isp.billing.stage import Stage, Tell, told_to_nobody
from zelo.isp.billing.terms import Terms, unpacked
from zelo.isp.billing.understood import outline
from zelo.isp.order import Held, Kind

CHUNK_NOTES: Final = 500
KEPT_FAULTS: Final = 5_000
NO_SERIE: Final = Fault(
    "SERIE", "A série não está cadastrada, ou há mais de uma.", "Cadastre a série, ou informe a coluna serie.", "serie"
)


class Confirmed(NamedTuple):
    """The batch that a file becomes, and whether it was this very confirmation that made it one."""

    batch_id: str
    first: bool


@dataclass(slots=True)
class Imported:
    """What became of a file: how many notes were taken how, what was wrong with which line, and the file as it was
    understood (billing/understood.py). Which documents its notes are stands in the database (`shell.of_batch`).
    """

    batch_id: str
    lines: int
    taken: dict[Taken, int] = field(default_factory=lambda: dict.fromkeys(Taken, 0))
    faults: list[LineFault] = field(default_factory=list)
    understood: Mapping[str, Any] = field(default_factory=dict)

    @property
    def notes(self) -> int:
        """Notes that the file amounts to."""
        return sum(self.taken.values())


def confirm(
    connection: Connection,
    tools: Tools,
    *,
    company_id: str,
    upload_id: str,
    columns: Mapping[str, str],
    go: Go,
    actor: str,
    due_at: datetime,
) -> Confirmed | None:
    """Write down that a file that waits is to be taken in, once however often it is said; None where there is none, or
    where it is still being read.
    """
    mine = (upload.c.id == upload_id, upload.c.company_id == company_id)
    sent = connection.execute(select(upload.c.name, upload.c.understood).where(*mine).with_for_update()).first()
    known = batch_of(connection, company_id, upload_id)
    if known is not None:
        return Confirmed(known, first=False)
    if sent is None or reception.is_read(connection, upload_id):
        return None
    now = tools.clock()
    batch_id = tools.new_id(now)
    terms = shell.terms_of(connection, company_id, dict(columns), now)
    understood = sent.understood
    counts = {name: understood.get(name, 0) for name in ("lines", "notes", "faults")}
    add(connection, batch, {
        "id": batch_id, "company_id": company_id, "name": sent.name, "sha256": "", **counts, "created_by": actor,
        "created_at": now,
    })  # fmt: skip
    add(connection, importing, {
        "id": batch_id, "company_id": company_id, "upload_id": upload_id, "terms": terms.packed(), "go": go.value,
        "stored": 0, "resumed": 0, **order.new(due_at),
    })  # fmt: skip
    tools.engine.wake(connection)
    return Confirmed(batch_id, first=True)


def batch_of(connection: Connection, company_id: str, upload_id: str) -> str | None:
    """The batch that a confirmed file became."""
    query = select(importing.c.id).where(importing.c.upload_id == upload_id, importing.c.company_id == company_id)
    found: str | None = connection.execute(query).scalar()
    return found


def open_import(connection: Connection, batch_id: str) -> Row[Any] | None:
    """The order of a batch that is still being taken in, or that stopped."""
    query = select(importing).where(importing.c.id == batch_id, order.is_open(importing))
    return connection.execute(query).first()


def import_billing(
    tools: Tools,
    *,
    company_id: str,
    name: str,
    billing: bytes,
    composicoes: bytes,
    actor: str,
    mapping: Mapping[str, str] | None = None,
    go: Go = Go.GIVEN,
    tell: Tell = told_to_nobody,
) -> Imported:
    """Take a file in here and now, confirmed by who called. Should this process die, a worker goes on with it.

    `mapping` says which of our columns a title of the file is (billing/header.py). `go`: given, the notes are sent as
    soon as they are checked; awaited, a person looks first. Raises LostError.
    """
    until = tools.clock() + order.LEASE
    with tools.engine.begin() as connection:
        upload_id = reception.keep(
            connection, tools, company_id=company_id, name=name, billing=billing, composicoes=composicoes, chosen="",
            actor=actor,
        )  # fmt: skip
        confirmed = confirm(
            connection, tools, company_id=company_id, upload_id=upload_id, columns=mapping or {}, go=go, actor=actor,
            due_at=until,
        )  # fmt: skip
        assert confirmed is not None
        row = connection.execute(select(importing).where(importing.c.id == confirmed.batch_id)).one()
    held = order.hold(tools, importing, row, lambda: False)
    with order.alive(held):
        return carry_out(held, tell)


def carry_out(held: Held, tell: Tell = told_to_nobody) -> Imported:
    """Take the rest of a file in. Raises LostError, StoppedError."""
    tools, row = held.tools, held.row
    with tools.engine.read() as connection:
        into = connection.execute(select(batch).where(batch.c.id == row.id)).one()
        files = reception.contents(connection, row.upload_id, tools.settings.upload_bytes)
        emitters = {one.id: one for one in establishments(connection, row.company_id)}
    assert files is not None  # kept until the order is carried out

    def tell_both(stage: Stage, done: int, whole: int, faults: int) -> None:
        held.tell(stage, done, whole, faults)
        tell(stage, done, whole, faults)

    terms = unpacked(row.terms)
    read = shell.understand(terms, *files, tell_both)
    digest = hashlib.sha256(files[0]).hexdigest()
    del files
    faults, whole = [*read.faults], len(read.notes)
    with tools.engine.begin() as connection:
        storing = {"stage": Stage.STORING.value, "done": row.stored, "resumed": row.stored, "whole": whole}
        held.write(connection, **storing, faults=len(faults))
        counts = {"lines": read.lines, "notes": whole, "faults": len(faults)}
        change(connection, batch, {"id": row.id}, {"sha256": digest, **counts})
        if not row.stored:
            connection.execute(delete(fault).where(fault.c.batch_id == row.id))
            _keep_faults(connection, row.id, 0, read.faults)
    for start in range(row.stored, whole, CHUNK_NOTES):
        held.go_on()
        chunk = read.notes[start : start + CHUNK_NOTES]
        arrivals = [_arrival(terms, emitters, note, into, Go(row.go), tools.clock()) for note in chunk]
        with tools.engine.begin() as connection:
            done = start + len(chunk)
            held.got_further(connection, stage=Stage.STORING.value, done=done, whole=whole, stored=done)
            faults += _store(connection, tools, row.id, start, chunk, arrivals)
        tell(Stage.STORING, done, whole, len(faults))
    with tools.engine.begin() as connection:
        held.write(connection, due_at=None)
        reception.let_go(connection, row.upload_id)
        return _imported(connection, row.id, read, faults)


def _arrival(
    terms: Terms, emitters: Mapping[str, Row[Any]], note: BilledNote, into: Row[Any], go: Go, now: datetime
) -> Arrival | None:
    """A note as the conductor takes it; None where its série is not known."""
    emitter = terms.emitters[note.cnpj]
    serie = emitter.serie(note.serie)
    if serie is None:
        return None
    return Arrival(
        establishment=emitters[emitter.establishment_id],
        reference=note.reference,
        content=note.draft,
        serie=serie,
        actor=into.created_by,
        now=now,
        batch_id=into.id,
        go=go,
    )


def _store(
    connection: Connection,
    tools: Tools,
    batch_id: str,
    start: int,
    chunk: Sequence[BilledNote],
    arrivals: Sequence[Arrival | None],
) -> list[LineFault]:
    """Hand a chunk to the conductor, and keep which document each note of it is, what the ERP says that it comes to,
    and what was refused.
    """
    receipts = iter(submit_many(connection, tools, [one for one in arrivals if one is not None]))
    taken = [Receipt(Taken.REFUSED, "", NO_SERIE) if one is None else next(receipts) for one in arrivals]
    rows = [
        {
            "batch_id": batch_id,
            "seq": seq,
            "document_id": receipt.document_id,
            "taken": receipt.taken.value,
            "erp_total": note.erp_total,
        }
        for seq, (note, receipt) in enumerate(zip(chunk, taken, strict=True), start=start + 1)
    ]
    add_all(connection, note_table, rows)
    refused = [
        LineFault(note.line, receipt.fault, note.reference)
        for note, receipt in zip(chunk, taken, strict=True)
        if receipt.fault is not None
    ]
    if refused:
        kept = connection.execute(select(func.count()).where(fault.c.batch_id == batch_id)).scalar_one()
        _keep_faults(connection, batch_id, kept, refused)
    tools.engine.wake(connection)
    return refused


def _keep_faults(connection: Connection, batch_id: str, kept: int, found: Sequence[LineFault]) -> None:
    """Keep what was wrong, as far as a person can read."""
    rows = [
        {
            "batch_id": batch_id,
            "seq": seq,
            "line": one.line,
            "reference": one.reference,
            "place": one.fault.where,
            "rule": one.fault.rule,
            "sentence": one.fault.sentence,
            "remedy": one.fault.remedy,
            "value": one.fault.value,
        }
        for seq, one in enumerate(found[: KEPT_FAULTS - kept], start=kept + 1)
    ]
    add_all(connection, fault, rows)


def _imported(connection: Connection, batch_id: str, read: Billing, faults: list[LineFault]) -> Imported:
    query = select(note_table.c.taken, func.count().label("notes")).where(note_table.c.batch_id == batch_id)
    result = Imported(batch_id, read.lines, faults=faults, understood=outline(read))
    for row in connection.execute(query.group_by(note_table.c.taken)):
        result.taken[Taken(row.taken)] = row.notes
    return result


KIND: Final = Kind(importing, carry_out)
