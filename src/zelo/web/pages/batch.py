"""What became of a file: its counts, and what was wrong with which line."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Connection, Row, select
from starlette.responses import Response

from zelo.access.may import Action
from zelo.engine.schema.isp import batch
from zelo.fiscal.fault import Fault
from zelo.isp import shell as isp
from zelo.prevalidate.core import Cause, summary
from zelo.web.gate import Visit, guarded, well_formed
from zelo.web.render import page

router = APIRouter(include_in_schema=False)
SHOWN_FAULTS: Final = 500


@router.get("/e/{company_id}/faturamento/{batch_id}")
def one_batch(visit: Annotated[Visit, guarded(Action.VIEW)], batch_id: str) -> Response:
    """What was wrong with a file that came before."""
    with visit.tools.engine.read() as connection:
        _find(connection, visit, batch_id)
        rows = isp.batch_faults(connection, batch_id)
    faults = [Fault(row.rule, row.sentence, row.remedy, row.place, row.value) for row in rows]
    shown = [
        {"line": row.line, "reference": row.reference, "fault": fault}
        for row, fault in zip(rows[:SHOWN_FAULTS], faults[:SHOWN_FAULTS], strict=True)
    ]
    return _batch_page(visit, batch_id, shown, len(faults), summary(faults))


def _find(connection: Connection, visit: Visit, batch_id: str) -> Row[Any]:
    """A file of the company of the path. Raises HTTPException 404 for any other."""
    query = select(batch).where(batch.c.id == batch_id, batch.c.company_id == visit.company_id)
    row = connection.execute(query).first() if well_formed(batch_id) else None
    if row is None:
        raise HTTPException(404)
    return row


def _batch_page(visit: Visit, batch_id: str, shown: list[dict[str, Any]], faults: int, causes: list[Cause]) -> Response:
    with visit.tools.engine.read() as connection:
        row = _find(connection, visit, batch_id)
        zone = visit.zone(connection)
    return page(visit, "billing_file.html", row=row, shown=shown, faults=faults, causes=causes, zone=zone)
