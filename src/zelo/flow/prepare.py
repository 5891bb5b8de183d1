"""DRAFT → SIGNED or INVALID. Number, signature and archive in one transaction, so that no number is ever lost or used
twice; a document that turns out faulty gives its number back before anybody has seen it.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.archive import shell as archive
from zelo.assemble import shell as numbers
from zelo.assemble.nfcom import Numbering
from zelo.facts import place
from zelo.facts.table import UnknownFactError
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import local_date
from zelo.fiscal.uf import Uf
from zelo.flow import contingency, nfcom, record
from zelo.flow.emitter import Keyring, establishment_of
from zelo.flow.intake import read_draft
from zelo.flow.lifecycle import Event
from zelo.flow.nfcom import Offline, SignedNote
from zelo.flow.tools import Tools
from zelo.models.canonical.package import in_force
from zelo.models.nfcom.document import MODELO, ROOT
from zelo.settings.version import VERSION

PROGRAM: Final = f"zelo {VERSION}"
CNF_DIGITS: Final = 7
NORMAL: Final = "0"
"""finNFCom of the only notes that may be issued in contingency (G08, cStat 419)."""
_CNF_BYTES: Final = 8

NO_SERIE: Final = "SERIE"
NO_PACKAGE: Final = "SCHEMA"
LOCKED: Final = Fault(
    "PRODUCAO-TRAVADA",
    "A produção está travada neste estabelecimento.",
    "Esta versão só emite em homologação: a chave de produção vem com o cancelamento e a prévia.",
)


def prepare(connection: Connection, tools: Tools, keyring: Keyring, row: Row[Any], now: datetime) -> None:
    """Check, number, sign and keep one draft, or say what is wrong with it."""
    savepoint = connection.begin_nested()
    made = _make(connection, tools, keyring, row, now)
    if isinstance(made, list):
        savepoint.rollback()
        record.move(
            connection, row, Event.FOUND_FAULTY, now=now, detail=_summary(made), faults=[asdict(f) for f in made]
        )
        return
    note, numbering, contingency_id = made
    archive.keep(
        connection,
        row_id=tools.new_id(now),
        now=now,
        company_id=row.company_id,
        establishment_id=row.establishment_id,
        modelo=MODELO,
        chave=note.chave,
        kind=ROOT,
        content=note.xml,
    )
    record.move(
        connection,
        row,
        Event.SIGNED,
        now=now,
        detail=f"número {numbering.nnf}, {note.package}",
        nnf=numbering.nnf,
        cnf=numbering.cnf,
        chave=note.chave,
        digest=note.digest,
        total=note.total,
        emitted_at=numbering.emitted_at,
        contingency_id=contingency_id,
        sent_at=row.sent_at if numbering.nnf == row.nnf else None,
        faults=None,
        cstat=None,
        motivo=None,
    )
    savepoint.commit()


def _make(
    connection: Connection, tools: Tools, keyring: Keyring, row: Row[Any], now: datetime
) -> tuple[SignedNote, Numbering, str | None] | list[Fault]:
    establishment = establishment_of(connection, row)
    if tools.ambiente is Ambiente.PRODUCAO and establishment.production_unlocked_at is None:
        return [LOCKED]
    emitter = keyring.emitter(connection, establishment, now)
    draft = read_draft(connection, row.id, row.revision)
    faults = emitter if isinstance(emitter, list) else nfcom.judge(draft, emitter.emit, tools.ambiente, now)
    if isinstance(emitter, list) or faults:
        return faults
    entered = _entered(connection, row, draft.finNFCom)
    # A number that was sent as a normal note may be at the authority: off-line it is never used again.
    kept = row.nnf if entered is None or row.contingency_id or row.sent_at is None else None
    try:
        nnf = kept or numbers.take_number(connection, row.establishment_id, MODELO, row.serie)
    except numbers.SeriesError as error:
        return [Fault(NO_SERIE, str(error), "Cadastre a série, com a última nota do sistema anterior.")]
    numbering = Numbering(
        ambiente=tools.ambiente,
        serie=row.serie,
        nnf=nnf,
        cnf=(row.cnf if kept else None) or draw_cnf(tools),
        emitted_at=_issued(row, entered, now),
        program=PROGRAM,
    )
    day = local_date(now, place.zone(Uf(establishment.uf)))
    try:
        package = in_force(tools.packages, MODELO, tools.ambiente, day)
    except UnknownFactError:
        return [Fault(NO_PACKAGE, f"Nenhum schema da NFCom vale em {day:%d/%m/%Y}.", "Instale o pacote oficial.")]
    offline = Offline(entered.since, entered.reason) if entered else None
    note = nfcom.compose(draft, emitter.emit, numbering, package, emitter.signer, offline)
    return note if isinstance(note, list) else (note, numbering, entered.id if entered else None)


def _entered(connection: Connection, row: Row[Any], purpose: str) -> Row[Any] | None:
    """The contingency that a note is issued in: the one it was issued in before, else the emitter's present one."""
    if row.contingency_id is not None:
        return contingency.find(connection, row.contingency_id)
    return contingency.open_of(connection, row.establishment_id) if purpose == NORMAL else None


def _issued(row: Row[Any], entered: Row[Any] | None, now: datetime) -> datetime:
    """The instant of issue: a note already handed out off-line keeps its own, and none lies before the contingency."""
    if entered is None:
        return now
    if row.contingency_id is not None and row.emitted_at is not None:
        issued: datetime = row.emitted_at
        return issued
    first: datetime = entered.since + contingency.FIRST_NOTE
    return max(now, first)


def draw_cnf(tools: Tools) -> str:
    """The random code of a chave: it must not be guessed (MOC NFCom, tag cNF)."""
    return f"{int.from_bytes(tools.chance(_CNF_BYTES), 'big') % 10**CNF_DIGITS:0{CNF_DIGITS}d}"


def _summary(faults: list[Fault]) -> str:
    return "; ".join(sorted({fault.rule for fault in faults}))[:500]
