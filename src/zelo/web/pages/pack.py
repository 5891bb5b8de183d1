"""The month's pack for the accountant: sent while it is written, and told to the audit."""

from typing import Annotated, Final

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from zelo.access.may import Action
from zelo.access.shell import companies
from zelo.isp.month.shell import pack
from zelo.web.download import zip_answer
from zelo.web.gate import Visit, guarded, well_formed
from zelo.web.pages.month import month_of

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]

EMITTER: Final = "estabelecimento"
PAPERS: Final = "danfe"


@router.get("/e/{company_id}/mes/{month}/pacote")
def month_pack(visit: Viewer, month: str) -> Response:
    """The zip of a month, or of one establishment's part of it; with each DANFE-COM where that is asked for."""
    asked = visit.request.query_params
    emitter_id, papers = asked.get(EMITTER, ""), asked.get(PAPERS) == "sim"
    which = month_of(month)
    with visit.tools.engine.begin() as connection:
        emitter = companies.find_establishment(connection, emitter_id) if well_formed(emitter_id) else None
        if emitter_id and (emitter is None or emitter.company_id != visit.company_id):
            raise HTTPException(404)
        wanted = pack.Wanted(company_id=visit.company_id, month=which, emitter=emitter, papers=papers)
        visit.record(connection, pack.TOLD, visit.company_id, **wanted.told())
    tools, by, now = visit.tools, visit.person.name, visit.now
    return zip_answer(wanted.name, lambda out: pack.write(tools, wanted, out, by=by, now=now))
