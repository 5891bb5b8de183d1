"""One way in for a note, whoever hands it over: a form, a pasted JSON, a correction or the API."""

from typing import Any, Final

from sqlalchemy import Connection, Row

from zelo.assemble import nfcom as assembling
from zelo.assemble import shell as numbers
from zelo.assemble.nfcom import Numbering
from zelo.facts import place
from zelo.facts.table import UnknownFactError
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import local_date
from zelo.fiscal.uf import Uf
from zelo.flow import nfcom
from zelo.flow.emitter import emit_of
from zelo.flow.intake import Arrival, Receipt, Taken, submit
from zelo.models.canonical.package import in_force
from zelo.models.nfcom import codec
from zelo.models.nfcom.document import MODELO
from zelo.models.nfcom.draft import NfcomDraft
from zelo.web.gate import Visit

NO_SERIE: Final = Fault(
    "SERIE", "A série não está cadastrada neste estabelecimento.", "Cadastre a série, ou informe outra.", "serie"
)
WHICH_SERIE: Final = Fault(
    "SERIE", "O estabelecimento tem mais de uma série, ou nenhuma.", "Informe a série, ou cadastre-a.", "serie"
)
CONTROL: Final = Fault(
    codec.BAD_FIELD, "Há um texto com caractere de controle.", "Retire o caractere no sistema de origem."
)
DISABLED: Final = Fault("EMITENTE", "O estabelecimento está desativado.", "Use outro estabelecimento.", "emitente")
_CONTROL_MARK: Final = b"\\u00"
"""How canonical JSON writes what cannot be printed; some databases refuse it."""
_PREVIEW_NUMBER: Final = 1
_PREVIEW_CNF: Final = "0000000"


def read_draft(content: bytes) -> NfcomDraft | list[Fault]:
    """The draft of a JSON text, or what is wrong with it."""
    draft = codec.load(content)
    if isinstance(draft, list):
        return draft
    return [CONTROL] if _CONTROL_MARK in codec.dump(draft) else draft


def preview(visit: Visit, establishment: Row[Any], serie: int, draft: NfcomDraft) -> list[Fault]:
    """What a note would be refused for if it were prepared now: every rule, then the layout. Nothing is kept."""
    emit, tools = emit_of(establishment), visit.tools
    faults = nfcom.judge(draft, emit, tools.ambiente, visit.now)
    if faults:
        return faults
    day = local_date(visit.now, place.zone(Uf(establishment.uf)))
    try:
        package = in_force(tools.packages, MODELO, tools.ambiente, day)
    except UnknownFactError:
        return []
    numbering = Numbering(
        ambiente=tools.ambiente,
        serie=serie,
        nnf=_PREVIEW_NUMBER,
        cnf=_PREVIEW_CNF,
        emitted_at=visit.now,
        program="zelo",
    )
    assembled = assembling.assemble(package.layout, draft, emit, numbering)
    return assembled if isinstance(assembled, list) else []


def series_of(connection: Connection, establishment_id: str) -> list[int]:
    """The séries of NFCom of an establishment."""
    return [row.serie for row in numbers.series(connection, establishment_id) if row.modelo == MODELO]


def choose_serie(connection: Connection, establishment: Row[Any], serie: int | None) -> int | Fault:
    """The série asked for, or the only one there is."""
    if establishment.disabled_at is not None:
        return DISABLED
    known = series_of(connection, establishment.id)
    if serie is None:
        return known[0] if len(known) == 1 else WHICH_SERIE
    return serie if serie in known else NO_SERIE


def take(
    connection: Connection, visit: Visit, establishment: Row[Any], *, reference: str, serie: int, draft: NfcomDraft
) -> Receipt:
    """Hand a draft to the conductor and tell the audit what became of it."""
    arrival = Arrival(
        establishment=establishment, reference=reference, content=draft, serie=serie, actor=visit.person.actor,
        now=visit.now,
    )  # fmt: skip
    receipt = submit(connection, visit.tools, arrival)
    if receipt.taken in (Taken.NEW, Taken.REVISED):
        visit.record(connection, f"enviou a nota ({receipt.taken.value})", receipt.document_id)
        visit.tools.engine.wake(connection)
    return receipt
