"""Cancellations of a company: many at once by the filter of the list of notes, their progress, the own deadline."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.fiscal.fault import Fault
from zelo.fiscal.money import ZERO
from zelo.flow.event import clock, many
from zelo.flow.lifecycle import State
from zelo.models.nfcom.rules.cancel import reason_faults
from zelo.monitor import shell as monitor
from zelo.monitor.wording import EVENT_WORDING, Tone
from zelo.web.forms import Field, Filled, blank, fill
from zelo.web.gate import Visit, guarded, guarded_form, well_formed
from zelo.web.pages.note import CANCEL, NOT_SURE
from zelo.web.pages.notes import Search, search
from zelo.web.present import without_cpf
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]

SHOWN_BATCHES: Final = 5
DAYS: Final = Field(
    name="dias", label="Prazo próprio, em dias depois da emissão", required=False, width=3,
    inputmode="numeric", chars=2,
    hint=f"De 0 a {clock.MOST_DAYS}; vazio: vale só o prazo da SEFAZ.",
)  # fmt: skip
BAD_DAYS: Final = Fault("CAMPO-DIAS", f"São de 0 a {clock.MOST_DAYS} dias.", "Escreva um número inteiro.")
NOTHING: Final = "Nenhuma nota autorizada com esse filtro. Volte e confira."


@router.get("/e/{company_id}/cancelamentos")
def show(visit: Viewer) -> Response:
    """The whole page."""
    return page(visit, "cancellations.html", **_context(visit, blank(CANCEL), blank((DAYS,), _days(visit))))


@router.get("/e/{company_id}/cancelamentos/fragmento")
def fragment(visit: Viewer) -> Response:
    """The part of it that changes while people look."""
    return page(visit, "cancellations_live.html", **_context(visit, blank(CANCEL), blank((DAYS,), _days(visit))))


@router.post("/e/{company_id}/cancelamentos")
def cancel_many(visit: Annotated[Visit, guarded_form(Action.CANCEL_MANY)]) -> Response:
    """Ask for the cancellation of every authorised note of the filter."""
    form = fill(CANCEL, visit.fields)
    reason = " ".join(form.text("motivo").split())
    for fault in reason_faults(reason) if form.good() else ():
        form.refuse("motivo", fault)
    if not form.good():
        context = _context(visit, form, blank((DAYS,), _days(visit)))
        return page(visit, "cancellations.html", status=422, **context)
    if not visit.sure:
        raise HTTPException(422, NOT_SURE)
    ids = _chosen(visit, search(visit))
    if not ids:
        raise HTTPException(409, NOTHING)
    batch_id = visit.tools.new_id(visit.now)
    taken = many.cancel_all(visit.tools, ids, batch_id=batch_id, reason=reason, actor=visit.person.actor)
    with visit.tools.engine.begin() as connection:
        visit.record(
            connection, "pediu o cancelamento de muitas notas", batch_id, notas=taken, motivo=without_cpf(reason)
        )
    return RedirectResponse(noticed(f"/e/{visit.company_id}/cancelamentos?andamento={batch_id}", "cancelamentos"), 303)


@router.post("/e/{company_id}/cancelamentos/prazo")
def set_days(visit: Annotated[Visit, guarded_form(Action.CANCEL_MANY)]) -> Response:
    """Keep the company's own deadline."""
    form = fill((DAYS,), visit.fields)
    text = form.text("dias")
    days = int(text) if text.isascii() and text.isdecimal() else None
    if text and (days is None or days > clock.MOST_DAYS):
        form.refuse("dias", BAD_DAYS)
        return page(visit, "cancellations.html", status=422, **_context(visit, blank(CANCEL), form))
    with visit.tools.engine.begin() as connection:
        clock.set_own_days(connection, visit.company_id, days, visit.now, visit.person.actor)
        visit.record(connection, "mudou o prazo próprio de cancelamento", visit.company_id, dias=days)
    return RedirectResponse(noticed(f"/e/{visit.company_id}/cancelamentos", "prazo-proprio"), 303)


def _days(visit: Visit) -> dict[str, object]:
    with visit.tools.engine.read() as connection:
        return {"dias": clock.own_days(connection, visit.company_id)}


def _chosen(visit: Visit, asked: Search) -> list[str]:
    """The authorised notes of the filter, the oldest first; no more than one request takes."""
    with visit.tools.engine.read() as connection:
        wanted = asked.wanted_in((State.AUTHORISED.value,))
        rows = monitor.documents(connection, visit.company_id, wanted, limit=many.MOST_AT_ONCE)
    return [row.id for row in reversed(rows)]


def _context(visit: Visit, form: Filled, days: Filled) -> dict[str, Any]:
    asked = search(visit)
    batch_id = visit.request.query_params.get("andamento", "")
    with visit.tools.engine.read() as connection:
        counted = monitor.standing(connection, visit.company_id, asked.wanted).get(State.AUTHORISED.value)
        batches = many.batches(connection, visit.company_id, SHOWN_BATCHES)
        chosen = batch_id if well_formed(batch_id) else (batches[0].batch_id if batches else "")
        counts = many.standing(connection, visit.company_id, chosen) if chosen else {}
        rows = many.newest(connection, visit.company_id)
        zone = visit.zone(connection)
    by_tone: dict[Tone, int] = {}
    for state, number in counts.items():
        tone = EVENT_WORDING[state].tone
        by_tone[tone] = by_tone.get(tone, 0) + number
    return {
        "search": asked,
        "asking": asked.narrowed or bool(visit.request.query_params.get("todas")),
        "documents": min(counted.documents, many.MOST_AT_ONCE) if counted else 0,
        "total": counted.total if counted else ZERO,
        "most": many.MOST_AT_ONCE,
        "form": form,
        "fields": CANCEL,
        "days": days,
        "days_field": DAYS,
        "batches": batches,
        "chosen": chosen,
        "counts": sorted(counts.items()),
        "all": sum(counts.values()),
        "by_tone": by_tone,
        "tones": tuple(Tone),
        "rows": rows,
        "zone": zone,
        "shown_query": visit.request.url.query,
    }
