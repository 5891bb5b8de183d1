"""A month of billing comes in as two files: the form, the files that were sent and came in, and what a company says of
charges without boleto.
"""

from typing import Annotated, Final

from fastapi import APIRouter, HTTPException
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.fiscal.fault import Fault
from zelo.isp import reading, reception
from zelo.isp import shell as isp
from zelo.isp.billing import template
from zelo.isp.billing.charging import WITHOUT_BOLETO
from zelo.web import setup
from zelo.web.gate import Visit, guarded, guarded_form
from zelo.web.pages import sent
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]
Sender = Annotated[Visit, guarded_form(Action.EMIT)]

BILLING: Final = "faturas"
COMPOSICOES: Final = "composicoes"
MAPPING: Final = "mapeamento"
SHOWN_BATCHES: Final = 50
NO_FILE: Final = Fault("ARQUIVO-FALTA", "Falta o arquivo.", "Escolha o arquivo exportado do seu sistema.")


@router.get("/e/{company_id}/faturamento")
def billing(visit: Viewer) -> Response:
    """The form and the files that came before."""
    return _list(visit, {})


@router.post("/e/{company_id}/faturamento")
def take(visit: Sender) -> Response:
    """Keep both files for a day and have them read; nothing else comes of them yet."""
    name, lines = visit.file(BILLING)
    _, plans = visit.file(COMPOSICOES)
    missing = {field: NO_FILE for field, content in ((BILLING, lines), (COMPOSICOES, plans)) if not content}
    if missing:
        return _list(visit, missing, status=422)
    upload_id = reading.receive(
        visit.tools, company_id=visit.company_id, name=_plain(name), billing=lines, composicoes=plans,
        chosen=visit.fields.get(MAPPING, "")[: reception.NAME_CHARS], actor=visit.person.actor,
    )  # fmt: skip
    return sent.show_soon(visit, upload_id)


def _plain(name: str) -> str:
    """A file's name without what cannot be printed."""
    return "".join(letter for letter in name if letter.isprintable()) or "faturas.csv"


def _list(visit: Visit, missing: dict[str, Fault], status: int = 200) -> Response:
    with visit.tools.engine.read() as connection:
        rows = isp.batches(connection, visit.company_id, SHOWN_BATCHES)
        waiting = reception.waiting(connection, visit.company_id) if visit.can(Action.EMIT) else ()
        steps = setup.steps(connection, visit.company_id)
        mappings = reception.mappings(connection, visit.company_id)
        zone = visit.zone(connection)
    return page(
        visit, "billing.html", status=status, rows=rows, waiting=waiting, missing=missing, setup=steps, zone=zone,
        billing=BILLING, composicoes=COMPOSICOES, mapping=MAPPING, mappings=mappings,
        most=visit.tools.settings.upload_bytes,
    )  # fmt: skip


@router.get("/e/{company_id}/faturamento/modelo/{name}")
def model(visit: Viewer, name: str) -> Response:  # noqa: ARG001 whoever may look may have it
    """An example of a file in one of its forms."""
    made = template.FILES.get(name)
    if made is None:
        raise HTTPException(404)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made.write(), media_type=made.media_type, headers=headers)


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
