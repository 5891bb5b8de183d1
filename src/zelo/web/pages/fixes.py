"""Certain corrections of a file or of a month: each field before and after, and one button that makes them all."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.isp.month import calendar
from zelo.isp.month.fix import FIXES
from zelo.isp.month.scope import Scope
from zelo.isp.month.shell import correct
from zelo.isp.month.shell.standing import faulty
from zelo.web.gate import Visit, guarded, guarded_form
from zelo.web.pages.batch import find_batch
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Looker = Annotated[Visit, guarded(Action.EMIT)]
Corrector = Annotated[Visit, guarded_form(Action.EMIT)]

SHOWN_NOTES: Final = 100


@dataclass(frozen=True, slots=True)
class Where:
    """The notes that are corrected, where one comes from and goes back to, and what that page is called."""

    scope: Scope
    back: str
    name: str


@router.get("/e/{company_id}/faturamento/{batch_id}/corrigir/{rule}")
def of_batch(visit: Looker, batch_id: str, rule: str) -> Response:
    """Before and after, of the notes of a file."""
    return _shown(visit, _batch(visit, batch_id), rule)


@router.post("/e/{company_id}/faturamento/{batch_id}/corrigir/{rule}")
def correct_batch(visit: Corrector, batch_id: str, rule: str) -> Response:
    """Make them."""
    return _made(visit, _batch(visit, batch_id), rule)


@router.get("/e/{company_id}/mes/{month}/corrigir/{rule}")
def of_month(visit: Looker, month: str, rule: str) -> Response:
    """Before and after, of the notes of a month."""
    return _shown(visit, _month(visit, month), rule)


@router.post("/e/{company_id}/mes/{month}/corrigir/{rule}")
def correct_month(visit: Corrector, month: str, rule: str) -> Response:
    """Make them."""
    return _made(visit, _month(visit, month), rule)


def _batch(visit: Visit, batch_id: str) -> Where:
    with visit.tools.engine.read() as connection:
        row = find_batch(connection, visit, batch_id)
    scope = Scope(company_id=visit.company_id, batch_id=batch_id)
    return Where(scope, f"/e/{visit.company_id}/faturamento/{batch_id}", row.name)


def _month(visit: Visit, slug: str) -> Where:
    month = calendar.read(slug)
    if month is None or month.slug != slug:
        raise HTTPException(404)
    scope = Scope(company_id=visit.company_id, period=month.period)
    return Where(scope, f"/e/{visit.company_id}/mes/{slug}", month.name)


def _known(rule: str) -> str:
    if rule not in FIXES:
        raise HTTPException(404)
    return rule


def _shown(visit: Visit, where: Where, rule: str) -> Response:
    fix = FIXES[_known(rule)]
    with visit.tools.engine.read() as connection:
        found = correct.proposals(connection, faulty(connection, where.scope), rule)
        zone = visit.zone(connection)
    return page(visit, "fixes.html", where=where, rule=rule, fix=fix, found=found, most=SHOWN_NOTES, zone=zone)


def _made(visit: Visit, where: Where, rule: str) -> Response:
    with visit.tools.engine.read() as connection:
        notes = faulty(connection, where.scope)
    count = correct.apply(visit.tools, notes, _known(rule), actor=visit.person.actor)
    with visit.tools.engine.begin() as connection:
        visit.record(connection, "fez as correções certas", rule, notas=count, onde=where.name)
    return RedirectResponse(noticed(where.back, "corrigidas" if count else "nada-a-corrigir"), 303)
