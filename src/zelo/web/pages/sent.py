"""A billing file that was sent and waits: how far its reading is, then what was understood of it; a person confirms, or
says which column is which and saves that for the ERP.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter
from sqlalchemy import Connection, Row
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.fiscal.fault import Fault
from zelo.flow.intake import Go
from zelo.isp import importing, order, reading, reception
from zelo.isp.billing.cell import squeezed
from zelo.isp.billing.columns import BILLING as COLUMNS
from zelo.isp.billing.stage import READ
from zelo.isp.month.shell import policy
from zelo.web.gate import Visit, guarded, guarded_form, well_formed
from zelo.web.pages import progress
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.EMIT)]
Sender = Annotated[Visit, guarded_form(Action.EMIT)]

MAPPING_NAME: Final = "nome"
COLUMN: Final = "coluna-"
LOOK_SECONDS: Final = 0.05
MOST_LOOKS: Final = 30
"""So often we look whether a file has been read before its page is shown: a small one is never seen being read."""


def show_soon(visit: Visit, upload_id: str, notice: str = "") -> Response:
    """To the page of a file whose reading was just asked for, after the short while that a small one takes."""
    for _ in range(MOST_LOOKS):
        with visit.tools.engine.read() as connection:
            found = reading.find(connection, visit.company_id, upload_id)
        if found is None:
            break
        visit.tools.sleep(LOOK_SECONDS)
    path = _path(visit, upload_id)
    return RedirectResponse(noticed(path, notice) if notice else path, 303)


@router.get("/e/{company_id}/faturamento/envio/{upload_id}")
def sent(visit: Viewer, upload_id: str) -> Response:
    """What was understood of a file that waits; while it is being read, how far it is."""
    with visit.tools.engine.read() as connection:
        row = _find(connection, visit, upload_id)
        if row is None:
            return _elsewhere(connection, visit, upload_id)
        found = reading.find(connection, visit.company_id, upload_id)
        if found is not None:
            return page(visit, "reading.html", row=row, **_live(connection, visit, found))
    return _understood(visit, row)


@router.get("/e/{company_id}/faturamento/envio/{upload_id}/leitura")
def fragment(visit: Viewer, upload_id: str) -> Response:
    """The part that changes while people look; once the file is read, its page."""
    with visit.tools.engine.read() as connection:
        found = reading.find(connection, visit.company_id, upload_id) if well_formed(upload_id) else None
        if found is not None:
            return page(visit, "reading_live.html", **_live(connection, visit, found))
    return RedirectResponse(_path(visit, upload_id), 303)


@router.post("/e/{company_id}/faturamento/envio/{upload_id}")
def confirm(visit: Sender, upload_id: str) -> Response:
    """Write down that what was understood is to be taken in; the workers do it. The same file again changes nothing,
    and nothing is sent before a person said so, except where the company wants no look.
    """
    with visit.tools.engine.begin() as connection:
        row = _find(connection, visit, upload_id)
        if row is None:
            return _elsewhere(connection, visit, upload_id)
        columns = reception.columns_of(connection, visit.company_id, row.mapping)
        looks = policy.policy_of(connection, visit.company_id).looks
        confirmed = importing.confirm(
            connection, visit.tools, company_id=visit.company_id, upload_id=upload_id, columns=columns,
            go=Go.AWAITED if looks else Go.GIVEN, actor=visit.person.actor, due_at=visit.now,
        )  # fmt: skip
        if confirmed is None:
            return _elsewhere(connection, visit, upload_id)
        if confirmed.first:
            notes = row.understood["notes"]
            visit.record(connection, "enviou o arquivo de faturamento", confirmed.batch_id, notas=notes)
    return RedirectResponse(f"/e/{visit.company_id}/faturamento/{confirmed.batch_id}", 303)


@router.post("/e/{company_id}/faturamento/envio/{upload_id}/colunas")
def map_columns(visit: Sender, upload_id: str) -> Response:
    """Save which column is which under a name, and have the file read again by it."""
    name = visit.fields.get(MAPPING_NAME, "").strip()
    with visit.tools.engine.begin() as connection:
        row = _find(connection, visit, upload_id)
        if row is None or not row.understood:
            return _elsewhere(connection, visit, upload_id)
        columns = {
            squeezed(str(column["title"])): visit.fields[f"{COLUMN}{place}"]
            for place, column in enumerate(row.understood["columns"])
            if f"{COLUMN}{place}" in visit.fields
        }
        fault = reception.save_mapping(
            connection, visit.company_id, name, columns, actor=visit.person.actor, now=visit.now
        )
        if fault is None:
            visit.record(connection, "gravou o mapeamento de colunas", name)
            reading.read_again(connection, visit.tools, visit.company_id, upload_id, name)
    if fault is not None:
        return _understood(visit, row, fault)
    return show_soon(visit, upload_id, "mapeamento")


@router.post("/e/{company_id}/faturamento/envio/{upload_id}/de-novo")
def try_again(visit: Sender, upload_id: str) -> Response:
    """Read a file once more whose reading stopped."""
    with visit.tools.engine.begin() as connection:
        found = reading.find(connection, visit.company_id, upload_id) if well_formed(upload_id) else None
        if found is None:
            return _elsewhere(connection, visit, upload_id)
        if order.again(connection, visit.tools, reading.KIND, found.id):
            visit.record(connection, "tentou de novo a leitura do arquivo", upload_id)
    return show_soon(visit, upload_id, "de-novo")


def _path(visit: Visit, upload_id: str) -> str:
    return f"/e/{visit.company_id}/faturamento/envio/{upload_id}"


def _find(connection: Connection, visit: Visit, upload_id: str) -> Row[Any] | None:
    """A file of the company of the path that waits; None for one that was confirmed, is of yesterday or never was."""
    if not well_formed(upload_id) or importing.batch_of(connection, visit.company_id, upload_id):
        return None
    return reception.find(connection, visit.company_id, upload_id)


def _elsewhere(connection: Connection, visit: Visit, upload_id: str) -> Response:
    """To what became of a file: what was confirmed, or its own page where it is being read; to the form where there is
    no such file.
    """
    home = f"/e/{visit.company_id}/faturamento"
    known = importing.batch_of(connection, visit.company_id, upload_id) if well_formed(upload_id) else None
    if known is not None:
        return RedirectResponse(noticed(f"{home}/{known}", "confirmado"), 303)
    if _find(connection, visit, upload_id) is not None:
        return RedirectResponse(_path(visit, upload_id), 303)
    return RedirectResponse(noticed(home, "envio"), 303)


def _live(connection: Connection, visit: Visit, found: Row[Any]) -> dict[str, Any]:
    told = progress.told(connection, visit, found, READ)
    return {**told, "path": _path(visit, found.upload_id)}


def _understood(visit: Visit, row: Row[Any], fault: Fault | None = None) -> Response:
    known = [column.name for column in COLUMNS]
    shown = [name for name in known if any(name in line["values"] for line in row.understood["sample"])]
    return page(
        visit, "billing_understood.html", status=422 if fault else 200, sent=row, read=row.understood, fault=fault,
        known=known, shown=shown, column=COLUMN, mapping_name=MAPPING_NAME,
    )  # fmt: skip
