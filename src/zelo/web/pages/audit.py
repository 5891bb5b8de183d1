"""Who did what in a company, newest first. Nothing of it is ever changed or deleted."""

from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response

from zelo.access.may import Action
from zelo.access.shell import audit
from zelo.web.gate import Visit, guarded
from zelo.web.render import page

router = APIRouter(include_in_schema=False)

SHOWN_LINES: Final = 300


@router.get("/e/{company_id}/auditoria")
def lines(visit: Annotated[Visit, guarded(Action.VIEW_AUDIT)]) -> Response:
    """The newest lines."""
    with visit.tools.engine.read() as connection:
        rows = audit.latest(connection, visit.company_id, SHOWN_LINES)
        zone = visit.zone(connection)
    return page(visit, "audit.html", rows=rows, zone=zone, most=SHOWN_LINES)
