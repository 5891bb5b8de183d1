"""The month's pack: a zip for the accountant, written as it goes, of which only names and digests stay in memory.

One look at the database says what belongs to the month: its tables, its figures and which archived rows. These never
change, so that they are read and written afterwards, some at a time, and a slow download holds no transaction.
"""

import hashlib
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import RawIOBase
from itertools import groupby
from typing import Any, BinaryIO, Final

from sqlalchemy import Connection, Row, and_, select

from zelo.access.shell import companies
from zelo.archive import shell as archive
from zelo.assemble.shell import series
from zelo.engine.schema.access import establishment
from zelo.engine.schema.archive import xml
from zelo.engine.schema.flow import document
from zelo.facts import place
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import show
from zelo.fiscal.situacao import Situacao
from zelo.fiscal.uf import Uf
from zelo.flow import paper
from zelo.flow.tools import Tools
from zelo.isp.month import balance as sums
from zelo.isp.month import index, sheet, summary
from zelo.isp.month.calendar import Month
from zelo.isp.month.scope import Scope
from zelo.isp.month.shell import numbers, standing
from zelo.isp.month.summary import Figures, Made, Missing
from zelo.models.nfcom.document import MODELO
from zelo.models.nfcom.event import PROC as EVENT_PROC
from zelo.models.nfcom.proc import PROC
from zelo.printing import shell as printing
from zelo.printing.book import Sheaf, danfe

TOLD: Final = "baixou o pacote do mês"
"""As the audit has it."""
AT_A_TIME: Final = 50
"""Archived documents in memory at a time."""
XML: Final = "xml"
PAPER: Final = "danfe"
INDEX_CSV: Final = "indice.csv"
INDEX_XLSX: Final = "indice.xlsx"
NUMBERS_CSV: Final = "numeracao.csv"
SUMMARY: Final = "resumo.txt"
LEFT_OUT: Final = "faltando.txt"
MANIFEST: Final = "manifesto.sha256"
DAMAGED: Final = "a cópia guardada está danificada; recupere-a de um backup ou baixe-a no portal da SEFAZ."
LOST: Final = "a nota consta como autorizada e não há cópia guardada; recupere-a de um backup ou do portal da SEFAZ."
ELSEWHERE: Final = "a nota foi cancelada fora do zelo; peça o evento a quem a cancelou ou ao portal da SEFAZ."
_BUFFER_BYTES: Final = 65_536
_FIRST_DAY: Final = (1980, 1, 1, 0, 0, 0)
"""Of every file in the zip: the same state gives the same bytes."""
_PACKED: Final = (".pdf", ".xlsx")
"""What is compressed already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The pack of a company's month, or of one establishment's part of it; `papers` with the PDF of each note."""

    company_id: str
    month: Month
    emitter: Row[Any] | None = None
    papers: bool = False

    @property
    def name(self) -> str:
        """Its file name."""
        return f"pacote-{self.month.slug}{f'-{self.emitter.cnpj}' if self.emitter else ''}.zip"

    @property
    def scope(self) -> Scope:
        """Its notes."""
        emitter_id = self.emitter.id if self.emitter else ""
        return Scope(company_id=self.company_id, period=self.month.period, establishment_id=emitter_id)

    def told(self) -> dict[str, str | bool]:
        """What the audit is told of it."""
        part = self.emitter.cnpj if self.emitter else "todos"
        return {"mes": self.month.slug, "estabelecimento": part, "danfe": self.papers}


@dataclass(frozen=True, slots=True)
class Step:
    """How many archived files of how many were dealt with, and how many are missing so far."""

    done: int
    total: int
    missing: int


@dataclass(frozen=True, slots=True)
class _Kept:
    """A row of the archive, under which name it leaves, and how its note stands at the authorizer."""

    row_id: str
    chave: str
    name: str
    situacao: str | None

    @property
    def printed(self) -> bool:
        """Whether it has a DANFE-COM."""
        return self.name.endswith(_file(self.chave, PROC))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one look at the database found."""

    kept: Sequence[_Kept]
    missing: Sequence[Missing]
    figures: Figures
    logo: bytes | None
    company: str
    zone_uf: str


def write(tools: Tools, wanted: Wanted, out: BinaryIO | RawIOBase, *, by: str, now: datetime) -> Iterator[Step]:
    """Write the pack to `out`, which need not seek; consume it to the end. What is damaged is told, not fatal."""
    with ExitStack() as stack:
        tables = {name: stack.enter_context(tempfile.TemporaryFile()) for name in (INDEX_CSV, INDEX_XLSX, NUMBERS_CSV)}
        with tools.engine.read() as connection:
            seen = _look(connection, wanted, tables)
        zipped = _Zip(stack.enter_context(zipfile.ZipFile(out, "w")), stack.enter_context(tempfile.TemporaryFile()))
        missing = list(seen.missing)
        done = 0
        yield Step(done, len(seen.kept), len(missing))
        for first in range(0, len(seen.kept), AT_A_TIME):
            some = seen.kept[first : first + AT_A_TIME]
            with tools.engine.read() as connection:
                contents = archive.read_each(connection, [one.row_id for one in some])
            for one in some:
                missing += _add(zipped, one, contents.get(one.row_id), seen.logo, papers=wanted.papers)
                done += 1
                yield Step(done, len(seen.kept), len(missing))
        for name, file in tables.items():
            file.seek(0)
            zipped.add_file(name, file)
        if missing:
            zipped.add(LEFT_OUT, summary.missing_text(missing).encode())
        part = _named(wanted.emitter) if wanted.emitter else "todos"
        at = show(now, place.zone(Uf(seen.zone_uf)))
        made = Made(seen.company, wanted.month.name, part, tools.ambiente.rotulo, at, by)
        zipped.add(SUMMARY, summary.text(made, seen.figures, zipped.folders, missing).encode())
        zipped.end()
    yield Step(done, len(seen.kept), len(missing))


def _named(emitter: Row[Any]) -> str:
    return f"{emitter.cnpj} {emitter.uf}"


def _file(chave: str, kind: str, nth: int = 1) -> str:
    return f"{chave}-{kind}{f'-{nth}' if nth > 1 else ''}.xml"


def _look(connection: Connection, wanted: Wanted, tables: dict[str, Any]) -> _Seen:
    """Everything that may move, from one snapshot."""
    company = companies.find_company(connection, wanted.company_id)
    emitters = companies.establishments(connection, wanted.company_id)
    mine = [row for row in emitters if wanted.emitter is None or row.id == wanted.emitter.id]
    gaps = [
        (row, serie.serie, numbers.gaps_of(connection, serie, most=None))
        for row in mine
        for serie in series(connection, row.id)
        if serie.modelo == MODELO
    ]
    spots = standing.spots(connection, wanted.scope)
    apart = sums.by_establishment(spots)
    kept, missing = _files(connection, wanted.scope)
    for chunk in sheet.csv_chunks(index.NOTES, _cells(connection, wanted.scope)):
        tables[INDEX_CSV].write(chunk)
    first_day = datetime(wanted.month.year, wanted.month.month, 1, tzinfo=UTC)
    sheet.write_xlsx(tables[INDEX_XLSX], index.NOTES, _cells(connection, wanted.scope), first_day)
    cells = (index.gap_cells(row, serie, gap) for row, serie, found in gaps for gap in found)
    for chunk in sheet.csv_chunks(index.NUMBERS, cells):
        tables[NUMBERS_CSV].write(chunk)
    figures = Figures(
        sums.balance(spots),
        [(_named(row), apart[row.id]) for row in mine if row.id in apart],
        [(f"{_named(row)} série {serie}", found) for row, serie, found in gaps],
    )
    logo = printing.logo(connection, wanted.company_id) if wanted.papers else None
    zone_uf = mine[0].uf if mine else Uf.DF.value
    name = company.name if company else ""
    return _Seen(kept, missing, figures, logo.content if logo else None, name, zone_uf)


def _cells(connection: Connection, scope: Scope) -> Iterator[Sequence[sheet.Cell]]:
    return (index.note_cells(row, standing.tile_of(row)) for row in standing.every(connection, scope))


def _files(connection: Connection, scope: Scope) -> tuple[list[_Kept], list[Missing]]:
    """Which rows of the archive belong to the month: of each ended note its nfcomProc and its events, all of them."""
    mine = (xml.c.chave == document.c.chave, xml.c.company_id == document.c.company_id)
    ended = document.c.state.in_([state.value for state in paper.ENDED])
    source = document.join(establishment, establishment.c.id == document.c.establishment_id).outerjoin(
        xml, and_(*mine, xml.c.kind.in_((PROC, EVENT_PROC)))
    )
    query = (
        select(document.c.chave, document.c.situacao, xml.c.id, xml.c.kind)
        .select_from(source)
        .where(*scope.conditions, ended)
        .order_by(*standing.BY_NUMBER, xml.c.id)
        .execution_options(yield_per=standing.WHOLE_ROWS)
    )
    kept: list[_Kept] = []
    missing: list[Missing] = []
    for (chave, situacao), rows in groupby(connection.execute(query), lambda row: (row.chave, row.situacao)):
        found = [(row.kind, row.id) for row in rows]
        proc = [row_id for kind, row_id in found if kind == PROC][-1:]
        events = [row_id for kind, row_id in found if kind == EVENT_PROC]
        named = [(row_id, _file(chave, PROC)) for row_id in proc]
        named += [(row_id, _file(chave, EVENT_PROC, nth)) for nth, row_id in enumerate(events, start=1)]
        kept += [_Kept(row_id, chave, f"{XML}/{name}", situacao) for row_id, name in named]
        if not proc:
            missing.append(Missing(f"{XML}/{_file(chave, PROC)}", LOST))
        if situacao == Situacao.CANCELADA.value and not events:
            missing.append(Missing(f"{XML}/{_file(chave, EVENT_PROC)}", ELSEWHERE))
    return kept, missing


def _add(
    zipped: "_Zip", one: _Kept, content: bytes | Exception | None, logo: bytes | None, *, papers: bool
) -> Iterator[Missing]:
    """One document and its paper into the zip; what is missing of them."""
    name = f"{PAPER}/{paper.name(one.chave)}"
    if not isinstance(content, bytes):
        yield Missing(one.name, DAMAGED)
        if papers and one.printed:
            yield Missing(name, DAMAGED)
        return
    zipped.add(one.name, content)
    if papers and one.printed:
        printed = danfe(Sheaf(content, Situacao(one.situacao) if one.situacao else None, logo))
        if isinstance(printed, Fault):
            yield Missing(name, f"{printed.sentence} {printed.remedy}")
        else:
            zipped.add(name, printed)


@dataclass(slots=True)
class _Zip:
    """A zip that counts what it holds and ends with the digest of each file, as `sha256sum -c` reads it."""

    archive: zipfile.ZipFile
    manifest: Any
    folders: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, content: bytes) -> None:
        """A file."""
        self.archive.writestr(_entry(name, len(content)), content)
        self._list(name, hashlib.sha256(content).hexdigest())

    def add_file(self, name: str, file: Any) -> None:
        """A file from the disk."""
        self._copy(name, file)
        file.seek(0)
        self._list(name, hashlib.file_digest(file, "sha256").hexdigest())

    def end(self) -> None:
        """The manifest itself."""
        self._copy(MANIFEST, self.manifest)

    def _copy(self, name: str, file: Any) -> None:
        size = file.seek(0, 2)
        file.seek(0)
        with self.archive.open(_entry(name, size), "w") as entry:
            while chunk := file.read(_BUFFER_BYTES):
                entry.write(chunk)

    def _list(self, name: str, digest: str) -> None:
        self.manifest.write(f"{digest}  {name}\n".encode())
        self.folders[name.partition("/")[0]] += 1


def _entry(name: str, size_bytes: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIRST_DAY)
    entry.file_size = size_bytes
    entry.compress_type = zipfile.ZIP_STORED if name.endswith(_PACKED) else zipfile.ZIP_DEFLATED
    return entry
