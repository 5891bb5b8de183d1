"""Takes a billing file in: what it amounts to goes to the conductor, what is wrong is kept with the batch."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, insert, select

from zelo.access.shell.companies import establishments
from zelo.assemble.shell import series
from zelo.engine.schema.flow import document
from zelo.engine.schema.isp import batch, charge, fault
from zelo.engine.schema.isp import note as note_table
from zelo.engine.statement import add_all
from zelo.facts import place
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import local_date
from zelo.fiscal.uf import Uf
from zelo.flow.intake import Arrival, Go, Receipt, Taken, submit_many
from zelo.flow.tools import Tools
from zelo.isp.billing.fatura import Issuer
from zelo.isp.billing.notes import BilledNote, Billing, read_billing
from zelo.isp.billing.sheet import LineFault
from zelo.isp.billing.understood import outline
from zelo.models.nfcom.document import MODELO

CHUNK_NOTES: Final = 500
KEPT_FAULTS: Final = 5_000
NAME_CHARS: Final = 200
NO_SERIE: Final = Fault(
    "SERIE", "A série não está cadastrada, ou há mais de uma.", "Cadastre a série, ou informe a coluna serie.", "serie"
)


@dataclass(slots=True)
class Imported:
    """What became of a file: how many notes were taken how, what was wrong with which line, and the file as it was
    understood (billing/understood.py). Which documents its notes are stands in the database (`of_batch`).
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
    progress: Callable[[int, int], None] = lambda _done, _whole: None,
) -> Imported:
    """Read both files and submit every good note, many in a transaction; the same file again changes nothing.

    `mapping` says which of our columns a title of the file is (billing/header.py). `go`: given, they are sent as soon
    as they are checked; awaited, a person looks first.
    """
    now = tools.clock()
    with tools.engine.read() as connection:
        issuers = _issuers(connection, company_id)
        read = understand(connection, company_id, billing, composicoes, mapping=mapping, now=now)
    result = Imported(tools.new_id(now), read.lines, faults=list(read.faults), understood=outline(read))
    with tools.engine.begin() as connection:
        connection.execute(
            insert(batch).values(
                id=result.batch_id,
                company_id=company_id,
                name=name[:NAME_CHARS],
                sha256=hashlib.sha256(billing).hexdigest(),
                lines=read.lines,
                notes=len(read.notes),
                faults=len(read.faults),
                created_by=actor,
                created_at=now,
            )
        )
    for start in range(0, len(read.notes), CHUNK_NOTES):
        chunk = read.notes[start : start + CHUNK_NOTES]
        with tools.engine.begin() as connection:
            by = {"actor": actor, "batch_id": result.batch_id}
            arrivals = [_arrival(issuers[note.cnpj], note, **by, go=go, now=tools.clock()) for note in chunk]
            taken = [*zip(chunk, _submit(connection, tools, arrivals), strict=True)]
            _keep_notes(connection, result, taken)
            for note, receipt in taken:
                _count(result, note, receipt)
            tools.engine.wake(connection)
        progress(start + len(chunk), len(read.notes))
    _keep_faults(tools, result)
    return result


def understand(
    connection: Connection,
    company_id: str,
    billing: bytes,
    composicoes: bytes,
    *,
    mapping: Mapping[str, str] | None,
    now: datetime,
) -> Billing:
    """What both files amount to for the company, by its emitters and what it says of charges without boleto."""
    issuers = _issuers(connection, company_id)
    at_home = {cnpj: Issuer(one.row.municipio, _day(one.row, now)) for cnpj, one in issuers.items()}
    codes = charge_codes(connection, company_id)
    return read_billing(billing, composicoes, at_home, mapping=mapping, codes=codes)


def of_batch(batch_id: str) -> ColumnElement[bool]:
    """Holds for the documents that the notes of a file are, those that were there before it too."""
    return document.c.id.in_(select(note_table.c.document_id).where(note_table.c.batch_id == batch_id))


def charge_codes(connection: Connection, company_id: str) -> dict[str, str]:
    """The digits that the company has said for codBarras, by form of charge."""
    query = select(charge.c.form, charge.c.code).where(charge.c.company_id == company_id)
    return {row.form: row.code for row in connection.execute(query)}


@dataclass(frozen=True, slots=True)
class _Issuer:
    row: Row[Any]
    series: Sequence[int]


def _issuers(connection: Connection, company_id: str) -> dict[str, _Issuer]:
    """The emitters of the company by CNPJ, with their séries of NFCom."""
    return {
        row.cnpj: _Issuer(row, [s.serie for s in series(connection, row.id) if s.modelo == MODELO])
        for row in establishments(connection, company_id)
        if row.disabled_at is None
    }


def _day(emitter: Row[Any], now: datetime) -> date:
    """The day at an emitter."""
    return local_date(now, place.zone(Uf(emitter.uf)))


def _arrival(issuer: _Issuer, note: BilledNote, *, actor: str, batch_id: str, go: Go, now: datetime) -> Arrival | None:
    """A note as the conductor takes it; None where its série is not known."""
    serie = note.serie if note.serie is not None else (issuer.series[0] if len(issuer.series) == 1 else None)
    if serie is None or serie not in issuer.series:
        return None
    return Arrival(
        establishment=issuer.row,
        reference=note.reference,
        content=note.draft,
        serie=serie,
        actor=actor,
        now=now,
        batch_id=batch_id,
        go=go,
    )


def _submit(connection: Connection, tools: Tools, arrivals: Sequence[Arrival | None]) -> list[Receipt]:
    receipts = iter(submit_many(connection, tools, [one for one in arrivals if one is not None]))
    return [Receipt(Taken.REFUSED, "", NO_SERIE) if one is None else next(receipts) for one in arrivals]


def _keep_notes(connection: Connection, result: Imported, taken: Sequence[tuple[BilledNote, Receipt]]) -> None:
    """Which document each note of the file is, and what the ERP says that it comes to."""
    rows = [
        {
            "batch_id": result.batch_id,
            "seq": seq,
            "document_id": receipt.document_id,
            "taken": receipt.taken.value,
            "erp_total": note.erp_total,
        }
        for seq, (note, receipt) in enumerate(taken, start=result.notes + 1)
    ]
    add_all(connection, note_table, rows)


def _count(result: Imported, note: BilledNote, receipt: Receipt) -> None:
    result.taken[receipt.taken] += 1
    if receipt.fault is not None:
        result.faults.append(LineFault(note.line, receipt.fault, note.reference))


def _keep_faults(tools: Tools, result: Imported) -> None:
    """Keep what was wrong, as far as a person can read."""
    rows = [
        {
            "batch_id": result.batch_id,
            "seq": seq,
            "line": found.line,
            "reference": found.reference,
            "place": found.fault.where,
            "rule": found.fault.rule,
            "sentence": found.fault.sentence,
            "remedy": found.fault.remedy,
            "value": found.fault.value,
        }
        for seq, found in enumerate(result.faults[:KEPT_FAULTS], start=1)
    ]
    with tools.engine.begin() as connection:
        add_all(connection, fault, rows)


def batches(connection: Connection, company_id: str, limit: int) -> Sequence[Row[Any]]:
    """The newest files of a company."""
    query = select(batch).where(batch.c.company_id == company_id).order_by(batch.c.id.desc()).limit(limit)
    return connection.execute(query).fetchall()


def batch_faults(connection: Connection, batch_id: str) -> Sequence[Row[Any]]:
    """What was wrong with the lines of a file."""
    return connection.execute(select(fault).where(fault.c.batch_id == batch_id).order_by(fault.c.seq)).fetchall()
