"""A billing file that is being taken in: how far it is, what was wrong so far, how long it will still take."""

from datetime import timedelta
from math import ceil
from typing import Annotated, Any, Final

from fastapi import APIRouter
from sqlalchemy import Connection, Row
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.isp import importing
from zelo.isp.billing.stage import Progress, Stage
from zelo.web.gate import Visit, guarded, well_formed
from zelo.web.pages.situation import silent_workers
from zelo.web.render import page

router = APIRouter(include_in_schema=False)

STEPS: Final = (
    (Stage.READING, "Ler as linhas", "linha lida", "linhas lidas"),
    (Stage.JUDGING, "Conferir as faturas", "fatura conferida", "faturas conferidas"),
    (Stage.STORING, "Guardar as notas", "nota guardada", "notas guardadas"),
)
TOLD_SECONDS: Final = 5
"""What is left is told in steps of so many seconds: nobody knows it better."""


@router.get("/e/{company_id}/faturamento/{batch_id}/entrada")
def fragment(visit: Annotated[Visit, guarded(Action.VIEW)], batch_id: str) -> Response:
    """The part that changes while people look; once everything is in, the page of the file."""
    with visit.tools.engine.read() as connection:
        order = importing.open_import(connection, batch_id) if well_formed(batch_id) else None
        if order is not None and order.company_id == visit.company_id:
            return page(visit, "importing_live.html", **_live(connection, visit, order))
    return RedirectResponse(f"/e/{visit.company_id}/faturamento/{batch_id}", 303)


def show(connection: Connection, visit: Visit, row: Row[Any], order: Row[Any]) -> Response:
    """The whole page of a batch whose order is still open."""
    return page(visit, "importing.html", row=row, **_live(connection, visit, order))


def _live(connection: Connection, visit: Visit, order: Row[Any]) -> dict[str, Any]:
    progress = Progress(Stage(order.stage), order.done, order.whole, order.resumed)
    left = progress.left(visit.now - order.began_at) if order.began_at else None
    return {
        "order": order,
        "steps": STEPS,
        "here": [stage for stage, *_ in STEPS].index(progress.stage),
        "permille": progress.permille,
        "left": timedelta(seconds=TOLD_SECONDS * ceil(left.total_seconds() / TOLD_SECONDS)) if left else None,
        "silent": order.due_at <= visit.now and silent_workers(connection, visit.now),
        "zone": visit.zone(connection),
    }
