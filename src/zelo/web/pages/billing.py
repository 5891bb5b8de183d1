"""A month of billing comes in as two files. What was understood of them is shown before anything comes of it; a person
confirms, or says which column is which and saves that for the ERP.
"""

from typing import Annotated, Final

from fastapi import APIRouter, HTTPException
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.fiscal.fault import Fault
from zelo.flow.intake import Go
from zelo.isp import importing, reception
from zelo.isp import shell as isp
from zelo.isp.billing import template
from zelo.isp.billing.cell import squeezed
from zelo.isp.billing.charging import WITHOUT_BOLETO
from zelo.isp.billing.columns import BILLING as COLUMNS
from zelo.isp.month.shell import policy
from zelo.isp.reception import Sent
from zelo.web import setup
from zelo.web.gate import Visit, guarded, guarded_form, well_formed
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]
Sender = Annotated[Visit, guarded_form(Action.EMIT)]

BILLING: Final = "faturas"
COMPOSICOES: Final = "composicoes"
MAPPING: Final = "mapeamento"
MAPPING_NAME: Final = "nome"
COLUMN: Final = "coluna-"
SHOWN_BATCHES: Final = 50
NO_FILE: Final = Fault("ARQUIVO-FALTA", "Falta o arquivo.", "Escolha o arquivo exportado do seu sistema.")


@router.get("/e/{company_id}/faturamento")
def billing(visit: Viewer) -> Response:
    """The form and the files that came before."""
    return _list(visit, {})


@router.post("/e/{company_id}/faturamento")
def take(visit: Sender) -> Response:
    """Keep both files for a day and show what was understood; nothing else comes of them yet."""
    name, lines = visit.file(BILLING)
    _, plans = visit.file(COMPOSICOES)
    missing = {field: NO_FILE for field, content in ((BILLING, lines), (COMPOSICOES, plans)) if not content}
    if missing:
        return _list(visit, missing, status=422)
    upload_id = reception.receive(
        visit.tools, company_id=visit.company_id, name=_plain(name), billing=lines, composicoes=plans,
        chosen=visit.fields.get(MAPPING, "")[: reception.NAME_CHARS], actor=visit.person.actor,
    )  # fmt: skip
    return RedirectResponse(f"/e/{visit.company_id}/faturamento/envio/{upload_id}", 303)


def _plain(name: str) -> str:
    """A file's name without what cannot be printed."""
    return "".join(letter for letter in name if letter.isprintable()) or "faturas.csv"


def _list(visit: Visit, missing: dict[str, Fault], status: int = 200) -> Response:
    with visit.tools.engine.read() as connection:
        rows = isp.batches(connection, visit.company_id, SHOWN_BATCHES)
        steps = setup.steps(connection, visit.company_id)
        mappings = reception.mappings(connection, visit.company_id)
        zone = visit.zone(connection)
    return page(
        visit, "billing.html", status=status, rows=rows, missing=missing, setup=steps, zone=zone, billing=BILLING,
        composicoes=COMPOSICOES, mapping=MAPPING, mappings=mappings, most=visit.tools.settings.upload_bytes,
    )  # fmt: skip


@router.get("/e/{company_id}/faturamento/modelo/{name}")
def model(visit: Viewer, name: str) -> Response:  # noqa: ARG001 whoever may look may have it
    """An example of a file in one of its forms."""
    made = template.FILES.get(name)
    if made is None:
        raise HTTPException(404)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made.write(), media_type=made.media_type, headers=headers)


@router.get("/e/{company_id}/faturamento/envio/{upload_id}")
def understood(visit: Annotated[Visit, guarded(Action.EMIT)], upload_id: str) -> Response:
    """What was understood of a file that waits."""
    sent = _find(visit, upload_id)
    return _understood(visit, sent) if sent else _gone(visit, upload_id)


@router.post("/e/{company_id}/faturamento/envio/{upload_id}")
def confirm(visit: Sender, upload_id: str) -> Response:
    """Write down that what was understood is to be taken in; the workers do it. The same file again changes nothing,
    and nothing is sent before a person said so, except where the company wants no look.
    """
    sent = _find(visit, upload_id)
    if sent is None:
        return _gone(visit, upload_id)
    with visit.tools.engine.begin() as connection:
        columns = reception.columns_of(connection, visit.company_id, sent.mapping)
        looks = policy.policy_of(connection, visit.company_id).looks
        confirmed = importing.confirm(
            connection, visit.tools, company_id=visit.company_id, upload_id=upload_id, columns=columns,
            go=Go.AWAITED if looks else Go.GIVEN, actor=visit.person.actor, due_at=visit.now,
        )  # fmt: skip
        if confirmed is not None and confirmed.first:
            notes = sent.understood["notes"]
            visit.record(connection, "enviou o arquivo de faturamento", confirmed.batch_id, notas=notes)
    if confirmed is None:
        return _gone(visit, upload_id)
    return RedirectResponse(f"/e/{visit.company_id}/faturamento/{confirmed.batch_id}", 303)


@router.post("/e/{company_id}/faturamento/envio/{upload_id}/colunas")
def map_columns(visit: Sender, upload_id: str) -> Response:
    """Save which column is which under a name, and read the file again by it."""
    sent = _find(visit, upload_id)
    if sent is None:
        return _gone(visit, upload_id)
    name = visit.fields.get(MAPPING_NAME, "").strip()
    columns = {
        squeezed(str(column["title"])): visit.fields[f"{COLUMN}{place}"]
        for place, column in enumerate(sent.understood["columns"])
        if f"{COLUMN}{place}" in visit.fields
    }
    with visit.tools.engine.begin() as connection:
        fault = reception.save_mapping(
            connection, visit.company_id, name, columns, actor=visit.person.actor, now=visit.now
        )
        if fault is None:
            visit.record(connection, "gravou o mapeamento de colunas", name)
    if fault is not None:
        return _understood(visit, sent, fault)
    reception.read_again(visit.tools, visit.company_id, sent, name)
    return RedirectResponse(noticed(f"/e/{visit.company_id}/faturamento/envio/{upload_id}", "mapeamento"), 303)


def _find(visit: Visit, upload_id: str) -> Sent | None:
    """A file of the company of the path that waits; None for one that was taken in, is of yesterday or never was."""
    with visit.tools.engine.read() as connection:
        most = visit.tools.settings.upload_bytes
        if not well_formed(upload_id) or importing.batch_of(connection, visit.company_id, upload_id):
            return None
        return reception.find(connection, visit.company_id, upload_id, most)


def _gone(visit: Visit, upload_id: str) -> Response:
    """To what became of a file that was confirmed; to the form where there is no such file."""
    home = f"/e/{visit.company_id}/faturamento"
    with visit.tools.engine.read() as connection:
        known = importing.batch_of(connection, visit.company_id, upload_id) if well_formed(upload_id) else None
    return RedirectResponse(noticed(f"{home}/{known}", "confirmado") if known else noticed(home, "envio"), 303)


def _understood(visit: Visit, sent: Sent, fault: Fault | None = None) -> Response:
    known = [column.name for column in COLUMNS]
    shown = [name for name in known if any(name in line["values"] for line in sent.understood["sample"])]
    return page(
        visit, "billing_understood.html", status=422 if fault else 200, sent=sent, read=sent.understood, fault=fault,
        known=known, shown=shown, column=COLUMN, mapping_name=MAPPING_NAME,
    )  # fmt: skip


@router.get("/e/{company_id}/cobranca")
def charges(visit: Viewer) -> Response:
    """What stands in codBarras where a form of charge has no boleto."""
    return _charges(visit, {}, {})


@router.post("/e/{company_id}/cobranca")
def say_charges(visit: Annotated[Visit, guarded_form(Action.MANAGE_ESTABLISHMENTS)]) -> Response:
    """Keep what the company says."""
    typed = {form: visit.fields.get(form, "") for form in WITHOUT_BOLETO}
    with visit.tools.engine.begin() as connection:
        faults = reception.say_charges(connection, visit.company_id, typed, actor=visit.person.actor, now=visit.now)
        if not faults:
            visit.record(connection, "mudou as formas de cobrança", visit.company_id, **typed)
    if faults:
        return _charges(visit, typed, faults, status=422)
    return RedirectResponse(noticed(f"/e/{visit.company_id}/cobranca", "cobranca"), 303)


def _charges(visit: Visit, typed: dict[str, str], faults: dict[str, Fault], status: int = 200) -> Response:
    with visit.tools.engine.read() as connection:
        rows = {row.form: row for row in reception.charges(connection, visit.company_id)}
        zone = visit.zone(connection)
    return page(
        visit, "charges.html", status=status, forms=WITHOUT_BOLETO, rows=rows, typed=typed, faults=faults, zone=zone
    )
