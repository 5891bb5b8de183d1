"""A month of billing comes in as two files; what is wrong is told by cause, line and column."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Connection, Row, select
from starlette.responses import Response

from zelo.access.may import Action
from zelo.engine.schema.isp import batch
from zelo.fiscal.fault import Fault
from zelo.flow.intake import Taken
from zelo.isp import shell as isp
from zelo.isp.shell import Imported
from zelo.prevalidate.core import Cause, summary
from zelo.web import setup
from zelo.web.gate import Visit, guarded, guarded_form, well_formed
from zelo.web.render import page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]

BILLING: Final = "faturas"
COMPOSICOES: Final = "composicoes"
SHOWN_BATCHES: Final = 50
SHOWN_FAULTS: Final = 500
NO_FILE: Final = Fault("ARQUIVO-FALTA", "Falta o arquivo.", "Escolha o arquivo CSV exportado do seu sistema.")

TAKEN_WORDS: Final = (
    (Taken.NEW, "novas"),
    (Taken.REVISED, "corrigidas"),
    (Taken.SAME, "já recebidas, iguais"),
    (Taken.REFUSED, "recusadas"),
)


@router.get("/e/{company_id}/faturamento")
def billing(visit: Viewer) -> Response:
    """The form and the files that came before."""
    return _list(visit, {})


@router.post("/e/{company_id}/faturamento")
def take(visit: Annotated[Visit, guarded_form(Action.EMIT)]) -> Response:
    """Take both files in. Good notes go on at once; the same file again changes nothing."""
    name, lines = visit.file(BILLING)
    _, plans = visit.file(COMPOSICOES)
    missing = {field: NO_FILE for field, content in ((BILLING, lines), (COMPOSICOES, plans)) if not content}
    if missing:
        return _list(visit, missing, status=422)
    result = isp.import_billing(
        visit.tools, company_id=visit.company_id, name=_plain(name), billing=lines, composicoes=plans,
        actor=visit.person.actor,
    )  # fmt: skip
    with visit.tools.engine.begin() as connection:
        visit.record(connection, "enviou o arquivo de faturamento", result.batch_id, notas=result.notes)
    return _result(visit, result)


def _plain(name: str) -> str:
    """A file's name without what cannot be printed."""
    return "".join(letter for letter in name if letter.isprintable()) or "faturas.csv"


def _result(visit: Visit, result: Imported) -> Response:
    shown = [
        {"line": found.line, "reference": found.reference, "fault": found.fault}
        for found in result.faults[:SHOWN_FAULTS]
    ]
    counts = [(words, result.taken[taken]) for taken, words in TAKEN_WORDS]
    causes = summary(found.fault for found in result.faults)
    return _batch_page(visit, result.batch_id, shown, len(result.faults), causes, counts)


@router.get("/e/{company_id}/faturamento/{batch_id}")
def one_batch(visit: Viewer, batch_id: str) -> Response:
    """What was wrong with a file that came before."""
    with visit.tools.engine.read() as connection:
        _find(connection, visit, batch_id)
        rows = isp.batch_faults(connection, batch_id)
    faults = [Fault(row.rule, row.sentence, row.remedy, row.place, row.value) for row in rows]
    shown = [
        {"line": row.line, "reference": row.reference, "fault": fault}
        for row, fault in zip(rows[:SHOWN_FAULTS], faults[:SHOWN_FAULTS], strict=True)
    ]
    return _batch_page(visit, batch_id, shown, len(faults), summary(faults), [])


def _find(connection: Connection, visit: Visit, batch_id: str) -> Row[Any]:
    """A file of the company of the path. Raises HTTPException 404 for any other."""
    query = select(batch).where(batch.c.id == batch_id, batch.c.company_id == visit.company_id)
    row = connection.execute(query).first() if well_formed(batch_id) else None
    if row is None:
        raise HTTPException(404)
    return row


def _batch_page(
    visit: Visit, batch_id: str, shown: list[dict[str, Any]], faults: int, causes: list[Cause], counts: list[Any]
) -> Response:
    with visit.tools.engine.read() as connection:
        row = _find(connection, visit, batch_id)
        zone = visit.zone(connection)
    return page(
        visit, "billing_file.html", row=row, shown=shown, faults=faults, causes=causes, counts=counts, zone=zone
    )


def _list(visit: Visit, missing: dict[str, Fault], status: int = 200) -> Response:
    with visit.tools.engine.read() as connection:
        rows = isp.batches(connection, visit.company_id, SHOWN_BATCHES)
        steps = setup.steps(connection, visit.company_id)
        zone = visit.zone(connection)
    return page(
        visit, "billing.html", status=status, rows=rows, missing=missing, setup=steps, zone=zone, billing=BILLING,
        composicoes=COMPOSICOES,
    )  # fmt: skip
