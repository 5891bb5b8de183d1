"""Notes through the API: handed in, listed, shown, asked after, sent again."""

import json
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response

from zelo.access.may import Action
from zelo.fiscal.fault import Fault
from zelo.flow import record
from zelo.flow.event.request import Taken as EventTaken
from zelo.flow.intake import BAD_REFERENCE, Taken
from zelo.flow.lifecycle import State
from zelo.monitor import shell as monitor
from zelo.monitor.shell import Wanted
from zelo.web.api.shapes import (
    CancelIn,
    CancelOut,
    DocumentOut,
    Documents,
    Faults,
    History,
    NoteIn,
    ReceiptOut,
    ReleaseIn,
    document_out,
    history_out,
)
from zelo.web.forms import CONTROL, printable
from zelo.web.gate import Visit, keyed, well_formed
from zelo.web.pages.establishments import find_establishment
from zelo.web.pages.note import act, ask_to_cancel, find_note, let_go, xml_answer
from zelo.web.pages.paper import PDF, pdf_answer, zip_answer
from zelo.web.refusal import faulty
from zelo.web.submission import choose_serie, read_draft, take

CONFLICT: Final[dict[int | str, dict[str, Any]]] = {409: {"model": Faults, "description": "O estado não permite."}}
router = APIRouter(prefix="/api/v1/companies/{company_id}", tags=["Notas"])
Reader = Annotated[Visit, keyed(Action.VIEW)]

MOST_ROWS: Final = 200
USUAL_ROWS: Final = 50


@router.post("/establishments/{establishment_id}/nfcom", status_code=202, responses=CONFLICT, response_model=ReceiptOut)
def hand_in(
    visit: Annotated[Visit, keyed(Action.EMIT)], establishment_id: str, note: NoteIn
) -> ReceiptOut | JSONResponse:
    """Entrega uma nota. Ela é conferida, numerada, assinada e transmitida em seguida; acompanhe pelo id."""
    draft = read_draft(json.dumps(note.draft).encode())
    if isinstance(draft, list):
        return faulty(422, draft)
    if not printable(note.reference):
        return faulty(422, [CONTROL.at("reference")])
    with visit.tools.engine.begin() as connection:
        emitter = find_establishment(connection, visit, establishment_id)
        serie = choose_serie(connection, emitter, note.serie)
        if isinstance(serie, Fault):
            return faulty(422, [serie])
        receipt = take(connection, visit, emitter, reference=note.reference, serie=serie, draft=draft)
        row = record.find(connection, receipt.document_id)
    if receipt.fault is not None or row is None:
        fault = receipt.fault or Fault(BAD_REFERENCE, "", "")
        return faulty(422 if fault.rule == BAD_REFERENCE else 409, [fault])
    return ReceiptOut(id=row.id, state=row.state, taken=Taken(receipt.taken))


@router.get("/documents")
def list_documents(
    visit: Reader,
    state: Annotated[list[State] | None, Query(max_length=len(State), description="Um ou mais estados.")] = None,
    q: Annotated[str, Query(max_length=100, description="Número, chave, referência ou parte do nome.")] = "",
    reference: Annotated[str, Query(max_length=60, description="A referência exata.")] = "",
    period: Annotated[str, Query(pattern=r"^(20[0-9]{4})?$", description="Competência: AAAAMM.")] = "",
    establishment_id: Annotated[str, Query(max_length=26)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = USUAL_ROWS,
    cursor: Annotated[str, Query(max_length=26, description="O cursor da página anterior.")] = "",
) -> Documents:
    """Lista as notas da empresa, da mais nova para a mais antiga."""
    asked = (q, reference, establishment_id, cursor)
    if not all(map(printable, asked)) or not all(not one or well_formed(one) for one in (establishment_id, cursor)):
        return Documents(documents=[], cursor=None)
    wanted = Wanted(
        states=tuple(state or ()), text=q.strip(), reference=reference, period=period, establishment_id=establishment_id
    )
    with visit.tools.engine.read() as connection:
        rows = monitor.documents(connection, visit.company_id, wanted, limit=limit + 1, before=cursor or None)
    following = rows[limit - 1].id if len(rows) > limit else None
    return Documents(documents=[document_out(row, visit) for row in rows[:limit]], cursor=following)


@router.get("/documents/{document_id}")
def show_document(visit: Reader, document_id: str) -> DocumentOut:
    """Mostra onde uma nota está e o que há de errado com ela."""
    with visit.tools.engine.read() as connection:
        return document_out(find_note(connection, visit, document_id), visit)


@router.get("/documents/{document_id}/history")
def show_history(visit: Reader, document_id: str) -> History:
    """Conta o que aconteceu com uma nota."""
    with visit.tools.engine.read() as connection:
        find_note(connection, visit, document_id)
        return History(history=[history_out(row, visit) for row in record.past(connection, document_id)])


_XML: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {"application/xml": {"schema": {"type": "string"}}},
        "description": "nfcomProc, ou NFCom assinada.",
    }
}


@router.get("/documents/{document_id}/xml", responses=_XML, response_class=Response)
def show_xml(visit: Reader, document_id: str) -> Response:
    """Entrega o XML: o nfcomProc da nota autorizada, ou a NFCom assinada."""
    return xml_answer(visit, document_id)


_PDF: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}, "description": "O DANFE-COM."}
}
_ZIP: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        "description": "Um PDF por nota.",
    }
}


@router.get("/documents/{document_id}/pdf", responses=CONFLICT | _PDF, response_class=Response)
def show_pdf(visit: Reader, document_id: str) -> Response:
    """Entrega o DANFE-COM da nota autorizada, ou emitida em contingência."""
    return pdf_answer(visit, document_id)


@router.get("/danfecom.zip", responses=_ZIP, response_class=Response)
def show_zip(
    visit: Reader,
    period: Annotated[str, Query(pattern=r"^(20[0-9]{4})?$", description="Competência: AAAAMM.")] = "",
    establishment_id: Annotated[str, Query(max_length=26)] = "",
) -> Response:
    """Entrega o DANFE-COM de cada nota autorizada, um PDF por nota, enquanto são impressos."""
    return zip_answer(visit, Wanted(period=period, establishment_id=establishment_id))


@router.post("/documents/{document_id}/query", status_code=202, responses=CONFLICT)
def ask(visit: Annotated[Visit, keyed(Action.QUERY)], document_id: str) -> DocumentOut:
    """Pede uma consulta à SEFAZ, assim que o limite de consultas da chave permitir."""
    return document_out(act(visit, document_id, "ask"), visit)


@router.post("/documents/{document_id}/cancel", status_code=202, responses=CONFLICT, response_model=CancelOut)
def cancel(
    visit: Annotated[Visit, keyed(Action.CANCEL)], document_id: str, given: CancelIn
) -> CancelOut | JSONResponse:
    """Pede o cancelamento de uma nota autorizada. O que a SEFAZ recusaria é dito aqui, e nada é enviado."""
    if not printable(given.reason):
        return faulty(422, [CONTROL.at("reason")])
    receipt = ask_to_cancel(visit, document_id, given.reason)
    if receipt.taken is EventTaken.REFUSED:
        return faulty(409, list(receipt.faults))
    return CancelOut(event_id=receipt.event_id, taken=receipt.taken)


@router.post("/documents/{document_id}/release", status_code=202, responses=CONFLICT)
def release(visit: Annotated[Visit, keyed(Action.RELEASE)], document_id: str, given: ReleaseIn) -> DocumentOut:
    """Libera mais envios de uma nota parada por segurança. No limite máximo, só uma chave de administrador."""
    return document_out(let_go(visit, document_id, sends=given.sends, why=given.why), visit)


@router.post("/documents/{document_id}/resend", status_code=202, responses=CONFLICT)
def send_again(visit: Annotated[Visit, keyed(Action.EMIT)], document_id: str) -> DocumentOut:
    """Reenvia uma nota recusada, igual: o que estava errado estava fora dela."""
    return document_out(act(visit, document_id, "send"), visit)
