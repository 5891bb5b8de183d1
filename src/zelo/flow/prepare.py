"""DRAFT → SIGNED or INVALID; CHECKED where nobody has let the note go yet. Number, signature and archive in one
transaction, so that no number is ever lost or used twice; a document that turns out faulty gives its number back before
anybody has seen it. In contingency the note is issued here, and its number is new where the old one was ever sent.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.archive import shell as archive
from zelo.assemble import nfcom as assembling
from zelo.assemble import shell as numbers
from zelo.assemble.nfcom import Numbering
from zelo.facts import place
from zelo.facts.table import UnknownFactError
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import local_date
from zelo.fiscal.uf import Uf
from zelo.flow import contingency, nfcom, record
from zelo.flow.emitter import Emitter, Keyring, establishment_of
from zelo.flow.intake import read_draft
from zelo.flow.lifecycle import Event
from zelo.flow.nfcom import Offline, SignedNote
from zelo.flow.tools import Tools
from zelo.models.canonical.package import SchemaPackage, in_force
from zelo.models.nfcom.document import MODELO, ROOT
from zelo.models.nfcom.draft import NfcomDraft
from zelo.settings.version import VERSION

PROGRAM: Final = f"zelo {VERSION}"
CNF_DIGITS: Final = 7
NORMAL: Final = "0"
"""finNFCom of the only notes that may be issued in contingency (G08, cStat 419)."""
_CNF_BYTES: Final = 8
TRIAL_NUMBER: Final = 1
TRIAL_CNF: Final = "0000000"
"""What a note that is only checked is assembled with."""

NO_SERIE: Final = "SERIE"
NO_PACKAGE: Final = "SCHEMA"
LOCKED: Final = Fault(
    "PRODUCAO-TRAVADA",
    "A produção está travada neste estabelecimento.",
    "Esta versão só emite em homologação: a chave de produção vem com o cancelamento e a prévia.",
)


def prepare(connection: Connection, tools: Tools, keyring: Keyring, row: Row[Any], now: datetime) -> None:
    """Check, number, sign and keep one draft, or say what is wrong with it. Without a go it is only checked."""
    if row.go_at is None:
        check(connection, tools, keyring, row, now)
        return
    made = _make(connection, tools, keyring, row, now)
    if isinstance(made, list):
        _refuse(connection, row, made, now)
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


def check(connection: Connection, tools: Tools, keyring: Keyring, row: Row[Any], now: datetime) -> None:
    """Whether the note could be made now, down to the facets of the layout; no number is taken and nothing kept."""
    found = _ready(connection, tools, keyring, row, now)
    faults = found if isinstance(found, list) else _try(tools, row, found, now)
    if faults:
        _refuse(connection, row, faults, now)
    else:
        record.move(connection, row, Event.FOUND_GOOD, now=now, faults=None)


def _refuse(connection: Connection, row: Row[Any], faults: list[Fault], now: datetime) -> None:
    told = [asdict(fault) for fault in faults]
    record.move(connection, row, Event.FOUND_FAULTY, now=now, detail=_summary(faults), faults=told)


def _ready(
    connection: Connection, tools: Tools, keyring: Keyring, row: Row[Any], now: datetime
) -> tuple[Emitter, NfcomDraft] | list[Fault]:
    """The emitter and the draft, where every rule that can be known before sending is kept."""
    establishment = establishment_of(connection, row)
    if tools.ambiente is Ambiente.PRODUCAO and establishment.production_unlocked_at is None:
        return [LOCKED]
    emitter = keyring.emitter(connection, establishment, now)
    if isinstance(emitter, list):
        return emitter
    draft = read_draft(connection, row.id, row.revision)
    return nfcom.judge(draft, emitter.emit, tools.ambiente, now) or (emitter, draft)


def _try(tools: Tools, row: Row[Any], ready: tuple[Emitter, NfcomDraft], now: datetime) -> list[Fault]:
    """What the layout refuses, with a number that nobody gets."""
    emitter, draft = ready
    package = _package(tools, emitter.row, now)
    if isinstance(package, Fault):
        return [package]
    numbering = Numbering(
        ambiente=tools.ambiente, serie=row.serie, nnf=TRIAL_NUMBER, cnf=TRIAL_CNF, emitted_at=now, program=PROGRAM
    )
    made = assembling.assemble(package.layout, draft, emitter.emit, numbering)
    return made if isinstance(made, list) else []


def _package(tools: Tools, establishment: Row[Any], now: datetime) -> SchemaPackage | Fault:
    """The official schemas of the emitter's day."""
    day = local_date(now, place.zone(Uf(establishment.uf)))
    try:
        return in_force(tools.packages, MODELO, tools.ambiente, day)
    except UnknownFactError:
        return Fault(NO_PACKAGE, f"Nenhum schema da NFCom vale em {day:%d/%m/%Y}.", "Instale o pacote oficial.")


def _make(
    connection: Connection, tools: Tools, keyring: Keyring, row: Row[Any], now: datetime
) -> tuple[SignedNote, Numbering, str | None] | list[Fault]:
    ready = _ready(connection, tools, keyring, row, now)
    if isinstance(ready, list):
        return ready
    emitter, draft = ready
    package = _package(tools, emitter.row, now)
    if isinstance(package, Fault):
        return [package]
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
    offline = Offline(entered.since, entered.reason) if entered else None
    note = nfcom.compose(draft, emitter.emit, numbering, package, emitter.signer, offline)
    if isinstance(note, list):
        if nnf != kept:
            numbers.give_back(connection, row.establishment_id, MODELO, row.serie, nnf)
        return note
    return note, numbering, entered.id if entered else None


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
