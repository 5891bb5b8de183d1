"""How things stand: may one transmit, how the authorizers answer, what is halted and who may lift it, who works."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Connection, Row
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.flow import actions, contingency, halts, pace, record
from zelo.guard import halt
from zelo.monitor import shell as monitor
from zelo.web.forms import Field, Filled, blank, fill
from zelo.web.gate import Visit, guarded, guarded_form
from zelo.web.present import without_cpf
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]

WORKER_SILENT: Final = timedelta(seconds=60)
"""A worker tells of itself every two seconds; one that has been silent for so long is taken for gone."""
REASON: Final = Field(
    name="motivo", label="Por que pode voltar", kind="area", chars=500, width=6,
    hint="Fica na auditoria: o que foi corrigido ou conferido.",
)  # fmt: skip
SCOPE: Final = Field(name="escopo", label="Parada", chars=120)
NOT_HERE: Final = "Esta parada não se libera aqui, ou já acabou."
_LIFTED_BY_PEOPLE: Final = frozenset({halt.ISSUER, halt.CONFLICT, halt.QUARANTINE, halt.PERMANENT})
"""The other reasons end by themselves: an authorizer answers again, an hour passes."""


def silent_workers(connection: Connection, now: datetime) -> bool:
    """Whether nobody is taking documents along."""
    rows = monitor.workers(connection)
    return not rows or now - rows[0].seen_at > WORKER_SILENT


@router.get("/e/{company_id}/situacao")
def situation(visit: Viewer) -> Response:
    """The whole page."""
    return page(visit, "situation.html", **_context(visit, blank((REASON,))))


@router.get("/e/{company_id}/situacao/fragmento")
def fragment(visit: Viewer) -> Response:
    """The part of it that changes while people look."""
    return page(visit, "situation_live.html", **_context(visit, blank((REASON,))))


@router.post("/e/{company_id}/situacao/liberar")
def lift(visit: Annotated[Visit, guarded_form(Action.RESOLVE)]) -> Response:
    """Lift a halt of this company that waits for a person; the reason goes into the audit."""
    form = fill((SCOPE, REASON), visit.fields)
    if not form.good():
        return page(visit, "situation.html", status=422, **_context(visit, form))
    scope = form.text("escopo")
    with visit.tools.engine.begin() as connection:
        known = halts.standing(connection, halts.houses(connection, visit.company_id, visit.now), visit.now)
        mine = [row for row in known if row.scope == scope and _liftable(row, visit)]
        if not mine or not actions.lift(connection, visit.tools, scope):
            raise HTTPException(409, NOT_HERE)
        visit.record(connection, f"liberou: {mine[0].reason}", scope, motivo=without_cpf(form.text("motivo")))
    return RedirectResponse(noticed(f"/e/{visit.company_id}/situacao", "liberada"), 303)


def _context(visit: Visit, form: Filled) -> dict[str, Any]:
    with visit.tools.engine.read() as connection:
        houses = halts.houses(connection, visit.company_id, visit.now)
        stopped = halts.standing(connection, houses, visit.now)
        told = [halts.detail(connection, row, visit.company_id) for row in stopped]
        notes = {row.scope: _note(connection, row.document_id, visit) for row in stopped}
        healths = {(row.autorizador, row.ambiente): row for row in monitor.healths(connection)}
        workers = monitor.workers(connection)
        duties = contingency.doubled(connection, visit.company_id)
        zone = visit.zone(connection)
    senders = visit.tools.settings.worker_senders
    used = sorted({house.autorizador for house in houses})
    return {
        "houses": [(house, halts.against(stopped, house)) for house in houses],
        "halts": [
            (row, detail, halts.serie_of(row), _liftable(row, visit)) for row, detail in zip(stopped, told, strict=True)
        ],
        "notes": notes,
        "duties": duties,
        "answer": halts.answer,
        "authorizers": [(name, healths.get((name, visit.tools.ambiente.value))) for name in used],
        "paused": {halt.parts(row.scope)[1]: row for row in stopped if row.reason == halt.AUTHORIZER},
        "paces": {
            name: (pace.allowed(row.recent or (), senders, visit.now), senders) for (name, _), row in healths.items()
        },
        "workers": [(row, visit.now - row.seen_at <= WORKER_SILENT) for row in workers],
        "zone": zone,
        "reason": REASON,
        "form": form,
    }


def _note(connection: Connection, document_id: str | None, visit: Visit) -> Row[Any] | None:
    """The note because of which a halt began, where it is of this company."""
    row = record.find(connection, document_id) if document_id else None
    return row if row is not None and row.company_id == visit.company_id else None


def _liftable(row: Row[Any], visit: Visit) -> bool:
    """Whether this person may lift it here."""
    return row.reason in _LIFTED_BY_PEOPLE and visit.can(Action.RESOLVE)
