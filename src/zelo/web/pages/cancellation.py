"""The cancellation of one note that waits for a person: asked after, let go, or given up."""

from typing import Annotated

from fastapi import APIRouter, HTTPException
from sqlalchemy import Connection
from starlette.responses import Response

from zelo.access.may import Action
from zelo.flow.event import actions, request
from zelo.flow.tools import Tools
from zelo.web.forms import Field, fill
from zelo.web.gate import Visit, guarded_form
from zelo.web.pages.note import RELEASE, WITHDRAW, back, carry_out, find_note, must_be_sure
from zelo.web.present import without_cpf

router = APIRouter(include_in_schema=False)


@router.post("/e/{company_id}/notas/{note_id}/cancelamento/consultar")
def ask(visit: Annotated[Visit, guarded_form(Action.QUERY)], note_id: str) -> Response:
    """Ask the authorizer what became of a cancellation."""
    with visit.tools.engine.begin() as connection:
        find_note(connection, visit, note_id)
        asked = request.ask_again(connection, visit.tools, note_id, visit.person.actor)
        if not asked:
            raise HTTPException(409, "Só se consulta um cancelamento sem resposta ou parado.")
        visit.record(connection, "pediu consulta do cancelamento", note_id)
    return back(visit, note_id, "consulta")


@router.post("/e/{company_id}/notas/{note_id}/cancelamento/liberar")
def release(visit: Annotated[Visit, guarded_form(Action.RELEASE)], note_id: str) -> Response:
    """Let a held cancellation be sent some times more."""
    told = _filled(visit, RELEASE)
    sends, why = int(told["envios"]), without_cpf(told["motivo"])
    by_administrator = visit.can(Action.RELEASE_MAXIMUM)

    def do(connection: Connection, tools: Tools, document_id: str, actor: str) -> None:
        actions.release(
            connection, tools, document_id, sends=sends, actor=actor, why=why, administrator=by_administrator
        )

    carry_out(visit, note_id, do, "liberou o cancelamento", envios=sends, motivo=why)
    return back(visit, note_id, "cancelamento-liberado")


@router.post("/e/{company_id}/notas/{note_id}/cancelamento/retirar")
def withdraw(visit: Annotated[Visit, guarded_form(Action.CANCEL)], note_id: str) -> Response:
    """Give up a cancellation that was held or refused."""
    why = without_cpf(_filled(visit, WITHDRAW)["porque"])
    must_be_sure(visit)

    def do(connection: Connection, tools: Tools, document_id: str, actor: str) -> None:
        actions.withdraw(connection, tools, document_id, actor=actor, why=why)

    carry_out(visit, note_id, do, "retirou o cancelamento", motivo=why)
    return back(visit, note_id, "cancelamento-retirado")


def _filled(visit: Visit, fields: tuple[Field, ...]) -> dict[str, str]:
    """The texts of a form that is right. Raises HTTPException 422 with the first thing that is not."""
    form = fill(fields, visit.fields)
    if not form.good():
        raise HTTPException(422, "Falta um campo. Volte, diga o motivo e envie de novo.")
    return {field.name: form.text(field.name) for field in fields}
