"""What stops the sends of other programs of a company, as the guard's page shows it, and who lifts it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException
from sqlalchemy import Connection, Row
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.facts import place
from zelo.facts.authorizer import ufs_of
from zelo.facts.offline import deadline, offline
from zelo.fiscal.instant import local_date
from zelo.fiscal.uf import Uf
from zelo.flow import actions, foreign_stops
from zelo.guard import halt, scopes
from zelo.guard.advice import because
from zelo.guard.foreign import NFCE
from zelo.web.forms import Field, Filled, blank, fill
from zelo.web.gate import Visit, guarded_form
from zelo.web.pages.situation import NOT_HERE, REASON, SCOPE
from zelo.web.present import without_cpf
from zelo.web.render import noticed

router = APIRouter(include_in_schema=False)

_LIFTED: Final = frozenset({halt.ISSUER, halt.PERMANENT, halt.QUARANTINE})
"""A block ends by its hour alone."""
_TILLS: Final = frozenset({halt.CONSUMPTION, halt.PERMANENT})
FIELDS: Final[tuple[Field, ...]] = (SCOPE, REASON)


@dataclass(frozen=True, slots=True)
class Stopped:
    """A halt of other programs: where, whom, whether this person lifts it, and by when offline coupons must be sent."""

    row: Row[Any]
    where: str
    cnpj: str
    detail: str
    liftable: bool
    offline_until: datetime | None


def standing(connection: Connection, visit: Visit, shown: frozenset[str]) -> list[Stopped]:
    """The halts in force that the page does not show otherwise."""
    cnpj_base = visit.company.cnpj_base if visit.company else ""
    rows = foreign_stops.of_company(connection, visit.company_id, cnpj_base, visit.now)
    zone = visit.zone(connection)
    return [_one(visit, row, zone) for row in rows if row.scope not in shown]


def _one(visit: Visit, row: Row[Any], zone: ZoneInfo) -> Stopped:
    kind, *_, last = halt.parts(row.scope)
    where = scopes.name(row.scope)
    liftable = row.reason in _LIFTED and visit.can(Action.RESOLVE)
    until = _offline_until(visit, where, zone) if where.endswith(f" {NFCE}") and row.reason in _TILLS else None
    return Stopped(row, where, last if kind == halt.TRANSMITTER else "", _detail(row), liftable, until)


def _detail(row: Row[Any]) -> str:
    """What was answered; the note with which the text ends only where it does not name it already."""
    cause = because(row.detail)
    before = str(row.detail).removesuffix(f"[{cause}]").strip()
    return before if cause and cause in before else str(row.detail)


def _offline_until(visit: Visit, where: str, zone: ZoneInfo) -> datetime | None:
    """The strictest deadline among the UFs that this authorizer serves."""
    on = local_date(visit.now, zone)
    ufs = ufs_of(NFCE, where.split(maxsplit=1)[0], on)
    rows = [(uf, offline(NFCE, uf, on)) for uf in ufs]
    found = [deadline(row, visit.now, place.zone(Uf(uf))) for uf, row in rows if row]
    return min(found) if found and len(found) == len(ufs) else None


def empty() -> Filled:
    """The form before anything was typed."""
    return blank(FIELDS)


@router.post("/e/{company_id}/guarda/outros/liberar")
def lift(visit: Annotated[Visit, guarded_form(Action.RESOLVE)]) -> Response:
    """Lift one that waits for a person; the reason goes into the audit."""
    form = fill(FIELDS, visit.fields)
    if not form.good():
        raise HTTPException(422, "Diga por que pode voltar: o motivo fica na auditoria.")
    scope = form.text("escopo")
    with visit.tools.engine.begin() as connection:
        mine = [one for one in standing(connection, visit, frozenset()) if one.row.scope == scope and one.liftable]
        if not mine or not actions.lift(connection, visit.tools, scope):
            raise HTTPException(409, NOT_HERE)
        visit.record(connection, f"liberou: {mine[0].row.reason}", scope, motivo=without_cpf(form.text("motivo")))
    return RedirectResponse(noticed(f"/e/{visit.company_id}/guarda", "liberada"), 303)
