"""A billing file that is being taken in: how far it is, what was wrong so far, how long it will still take."""

from typing import Annotated, Any

from fastapi import APIRouter
from sqlalchemy import Connection, Row
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.isp import importing, order
from zelo.isp.billing.stage import Stage
from zelo.web.gate import Visit, guarded, guarded_form, well_formed
from zelo.web.pages import progress
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)


@router.get("/e/{company_id}/faturamento/{batch_id}/entrada")
def fragment(visit: Annotated[Visit, guarded(Action.VIEW)], batch_id: str) -> Response:
    """The part that changes while people look; once everything is in, the page of the file."""
    with visit.tools.engine.read() as connection:
        found = _find(connection, visit, batch_id)
        if found is not None:
            return page(visit, "importing_live.html", **_live(connection, visit, found))
    return RedirectResponse(_home(visit, batch_id), 303)


@router.post("/e/{company_id}/faturamento/{batch_id}/de-novo")
def try_again(visit: Annotated[Visit, guarded_form(Action.EMIT)], batch_id: str) -> Response:
    """Go on with a file that stopped, from where it stood."""
    with visit.tools.engine.begin() as connection:
        found = _find(connection, visit, batch_id)
        if found is not None and order.again(connection, visit.tools, importing.KIND, batch_id):
            visit.record(connection, "tentou de novo a entrada do arquivo", batch_id)
    return RedirectResponse(noticed(_home(visit, batch_id), "de-novo"), 303)


def show(connection: Connection, visit: Visit, row: Row[Any], found: Row[Any]) -> Response:
    """The whole page of a batch whose order is still open."""
    return page(visit, "importing.html", row=row, **_live(connection, visit, found))


def _find(connection: Connection, visit: Visit, batch_id: str) -> Row[Any] | None:
    found = importing.open_import(connection, batch_id) if well_formed(batch_id) else None
    return found if found is not None and found.company_id == visit.company_id else None


def _home(visit: Visit, batch_id: str) -> str:
    return f"/e/{visit.company_id}/faturamento/{batch_id}"


def _live(connection: Connection, visit: Visit, found: Row[Any]) -> dict[str, Any]:
    told = progress.told(connection, visit, found, tuple(Stage), found.resumed)
    return {**told, "path": _home(visit, found.id)}
