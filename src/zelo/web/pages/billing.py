"""A month of billing comes in as two files; what they come to is the page of the file (batch)."""

from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.fiscal.fault import Fault
from zelo.flow.intake import Go
from zelo.isp import shell as isp
from zelo.isp.month.shell import policy
from zelo.web import setup
from zelo.web.gate import Visit, guarded, guarded_form
from zelo.web.render import page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]

BILLING: Final = "faturas"
COMPOSICOES: Final = "composicoes"
SHOWN_BATCHES: Final = 50
NO_FILE: Final = Fault("ARQUIVO-FALTA", "Falta o arquivo.", "Escolha o arquivo CSV exportado do seu sistema.")


@router.get("/e/{company_id}/faturamento")
def billing(visit: Viewer) -> Response:
    """The form and the files that came before."""
    return _list(visit, {})


@router.post("/e/{company_id}/faturamento")
def take(visit: Annotated[Visit, guarded_form(Action.EMIT)]) -> Response:
    """Take both files in and show what they come to; the same file again changes nothing. Nothing is sent before a
    person said so, except where the company wants no look.
    """
    name, lines = visit.file(BILLING)
    _, plans = visit.file(COMPOSICOES)
    missing = {field: NO_FILE for field, content in ((BILLING, lines), (COMPOSICOES, plans)) if not content}
    if missing:
        return _list(visit, missing, status=422)
    with visit.tools.engine.read() as connection:
        looks = policy.policy_of(connection, visit.company_id).looks
    result = isp.import_billing(
        visit.tools, company_id=visit.company_id, name=_plain(name), billing=lines, composicoes=plans,
        actor=visit.person.actor, go=Go.AWAITED if looks else Go.GIVEN,
    )  # fmt: skip
    with visit.tools.engine.begin() as connection:
        visit.record(connection, "enviou o arquivo de faturamento", result.batch_id, notas=result.notes)
    return RedirectResponse(f"/e/{visit.company_id}/faturamento/{result.batch_id}", 303)


def _plain(name: str) -> str:
    """A file's name without what cannot be printed."""
    return "".join(letter for letter in name if letter.isprintable()) or "faturas.csv"


def _list(visit: Visit, missing: dict[str, Fault], status: int = 200) -> Response:
    with visit.tools.engine.read() as connection:
        rows = isp.batches(connection, visit.company_id, SHOWN_BATCHES)
        steps = setup.steps(connection, visit.company_id)
        zone = visit.zone(connection)
    return page(
        visit, "billing.html", status=status, rows=rows, missing=missing, setup=steps, zone=zone, billing=BILLING,
        composicoes=COMPOSICOES,
    )  # fmt: skip
