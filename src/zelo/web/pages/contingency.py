"""Off-line contingency: offered where the authorizer is down, what it would change, what must still be transmitted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Connection, Row
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.facts.contingency import permission
from zelo.fiscal.fault import Fault
from zelo.fiscal.uf import Uf
from zelo.flow import contingency, halts
from zelo.flow.contingency import LEAST_REASON_CHARS, MOST_REASON_CHARS
from zelo.flow.halts import House
from zelo.models.nfcom.document import MODELO
from zelo.web.forms import Field, Filled, blank, fill
from zelo.web.gate import Visit, guarded, guarded_form
from zelo.web.pages.establishments import find_establishment
from zelo.web.pages.note import NOT_SURE
from zelo.web.present import without_cpf
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]
Keeper = Annotated[Visit, guarded_form(Action.CONTINGENCY)]

REASON: Final = Field(
    name="motivo", label="Por que entrar em contingência", kind="area", chars=MOST_REASON_CHARS, width=6,
    hint=f"Vai em cada nota (xJust): de {LEAST_REASON_CHARS} a {MOST_REASON_CHARS} caracteres.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """An establishment: its contingency if it is in one, else why not; what waits, and until when; what the UF permits.

    `over`: the authorizer answers again, so that there is no more reason for it.
    """

    house: House
    entered: Row[Any] | None
    against: Fault | None
    waiting: int
    until: datetime | None
    confidence: str
    over: bool


@router.get("/e/{company_id}/contingencia")
def show(visit: Viewer) -> Response:
    """The whole page."""
    return page(visit, "contingency.html", **_context(visit, blank((REASON,)), ""))


@router.post("/e/{company_id}/contingencia/{establishment_id}/entrar")
def start(visit: Keeper, establishment_id: str) -> Response:
    """Enter contingency."""
    form = fill((REASON,), visit.fields)
    if form.good():
        if not visit.sure:
            raise HTTPException(422, NOT_SURE)
        reason = " ".join(form.text("motivo").split())
        with visit.tools.engine.begin() as connection:
            emitter = find_establishment(connection, visit, establishment_id)
            done = contingency.start(connection, visit.tools, emitter.id, reason=reason, actor=visit.person.actor)
            if not isinstance(done, Fault):
                told = {"mantidas": done.kept, "renumeradas": done.renumbered, "motivo": without_cpf(reason)}
                visit.record(connection, "entrou em contingência", emitter.id, **told)
                return RedirectResponse(noticed(f"/e/{visit.company_id}/contingencia", "contingencia-ligada"), 303)
        form.refuse("motivo", done)
    return page(visit, "contingency.html", status=422, **_context(visit, form, establishment_id))


@router.post("/e/{company_id}/contingencia/{establishment_id}/sair")
def end(visit: Keeper, establishment_id: str) -> Response:
    """Leave contingency."""
    with visit.tools.engine.begin() as connection:
        emitter = find_establishment(connection, visit, establishment_id)
        if not contingency.end(connection, emitter.id, now=visit.now, actor=visit.person.actor):
            raise HTTPException(409, "Este estabelecimento não está em contingência.")
        visit.record(connection, "saiu da contingência", emitter.id)
    return RedirectResponse(noticed(f"/e/{visit.company_id}/contingencia", "contingencia-desligada"), 303)


def _context(visit: Visit, form: Filled, chosen: str) -> dict[str, Any]:
    with visit.tools.engine.read() as connection:
        shown = [
            _shown(connection, house, visit.now) for house in halts.houses(connection, visit.company_id, visit.now)
        ]
        duties = contingency.doubled(connection, visit.company_id)
        zone = visit.zone(connection)
    return {"shown": shown, "duties": duties, "zone": zone, "form": form, "reason": REASON, "chosen": chosen}


def _shown(connection: Connection, house: House, now: datetime) -> Shown:
    waiting = contingency.waiting(connection, house.row.id)
    against = contingency.against(connection, house.row, now)
    entered = contingency.open_of(connection, house.row.id)
    down = contingency.is_down(connection, house.row, now)
    return Shown(
        house=house,
        entered=entered,
        against=against,
        waiting=waiting.notes,
        until=contingency.deadline(waiting.oldest) if waiting.oldest is not None else None,
        confidence=permission(MODELO, Uf(house.row.uf), now.date()).confianca,
        over=entered is not None and not down,
    )
