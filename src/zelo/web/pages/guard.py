"""The guard's page: every note that does not go, why, what its number has spent, when it goes, and who lets it go."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Connection, Row
from starlette.responses import Response

from zelo.access.may import Action
from zelo.access.shell import companies
from zelo.facts import cstat
from zelo.flow import halts, limits
from zelo.flow.lifecycle import State
from zelo.flow.limits import Standing
from zelo.guard import shell as guard
from zelo.guard.core import Stop
from zelo.isp.month.sheet import harmless
from zelo.monitor import shell as monitor
from zelo.monitor.shell import Wanted
from zelo.web.forms import Filled, blank, fill
from zelo.web.gate import Visit, guarded, guarded_form
from zelo.web.pages import guard_others
from zelo.web.pages.note import RELEASE, let_go, may_release
from zelo.web.pages.situation import REASON
from zelo.web.present import without_cpf
from zelo.web.render import page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]

MOST_ROWS: Final = 200
"""Newest notes shown; the others come as these are dealt with. A file of all that is shown can be taken along."""
CHOSEN: Final = "nota"
_STATES: Final = (
    State.REJECTED, State.HELD, State.PAUSED, State.BLOCKED, State.UNKNOWN, State.CONFLICT, State.SIGNED,
)  # fmt: skip

KINDS: Final = {
    "seguranca": "Paradas no limite de segurança",
    "maximo": "Paradas no limite máximo",
    "limite": "Paradas no limite da SEFAZ",
    "outra": "Paradas por resposta desconhecida",
    "recusada": "Recusadas, à espera de correção",
    "conflito": "Em conflito de numeração",
    "faixa": "Esperando o intervalo da faixa",
    "bloqueio": "Esperando o fim de um bloqueio",
    "espera": "Esperando a SEFAZ",
    "consulta": "Sem resposta, a consultar",
}
"""Why a note does not go, the most urgent first."""
_OF_STOP: Final = {Stop.SAFETY: "seguranca", Stop.MAXIMUM: "maximo", Stop.CEILING: "limite"}
_OF_STATE: Final = {
    State.REJECTED: "recusada",
    State.CONFLICT: "conflito",
    State.BLOCKED: "bloqueio",
    State.PAUSED: "espera",
    State.UNKNOWN: "consulta",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A note that does not go: why, where its number stands, and whether this person may release it."""

    row: Row[Any]
    kind: str
    standing: Standing
    official: str
    releasable: bool


@router.get("/e/{company_id}/guarda")
def overview(visit: Viewer) -> Response:
    """The whole page."""
    return page(visit, "guard.html", **_context(visit, _no_release()))


@router.get("/e/{company_id}/guarda/fragmento")
def fragment(visit: Viewer) -> Response:
    """The part of it that changes while people look."""
    return page(visit, "guard_live.html", **_context(visit, _no_release()))


@router.post("/e/{company_id}/guarda/liberar")
def release(visit: Annotated[Visit, guarded_form(Action.RELEASE)]) -> Response:
    """Release all that were chosen, each by itself; those that may not be say why."""
    form = fill(RELEASE, visit.fields)
    chosen = [one for one in visit.posted.getlist(CHOSEN) if isinstance(one, str)] if visit.posted else []
    if not form.good() or not chosen:
        return page(visit, "guard.html", status=422, **_context(visit, form))
    refused: dict[str, str] = {}
    for note_id in chosen[:MOST_ROWS]:
        try:
            let_go(visit, note_id, sends=int(form.text("envios")), why=form.text("motivo"))
        except HTTPException as error:
            refused[note_id] = str(error.detail) if error.status_code == 409 else "A nota não existe."
    told = {"released": len(chosen) - len(refused), "refused": refused}
    return page(visit, "guard.html", **(_context(visit, _no_release()) | told))


@router.get("/e/{company_id}/guarda/arquivo")
def export(visit: Viewer) -> Response:
    """What the page shows, as a file for a spreadsheet."""
    with visit.tools.engine.read() as connection:
        rows = _kept(connection, visit)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(("situacao", "nota", "serie", "chave", "referencia", "cstat", "motivo", "gastos", "limite"))
    for one in rows:
        row, verdict = one.row, one.standing.verdict
        told = without_cpf(row.motivo or "")
        cells = (KINDS[one.kind], row.nnf, row.serie, row.chave, row.reference, row.cstat or "", told)
        writer.writerow([*map(harmless, cells), verdict.spent, verdict.most])
    headers = {"Content-Disposition": 'attachment; filename="notas-paradas.csv"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


def _no_release() -> Filled:
    return blank(RELEASE, {"envios": "1"})


def _context(visit: Visit, form: Filled) -> dict[str, Any]:
    asked = visit.request.query_params.get("por", "")
    with visit.tools.engine.read() as connection:
        rows = _kept(connection, visit)
        houses = halts.houses(connection, visit.company_id, visit.now)
        stopped = halts.standing(connection, houses, visit.now)
        others = guard_others.standing(connection, visit, frozenset(row.scope for row in stopped))
        policy = guard.policy_of(connection, visit.company_id)
        zone = visit.zone(connection)
    return {
        "rows": [one for one in rows if asked in ("", one.kind)],
        "counts": {kind: sum(one.kind == kind for one in rows) for kind in KINDS},
        "kinds": KINDS,
        "asked": asked if asked in KINDS else "",
        "full": len(rows) >= MOST_ROWS,
        "stopped": [(row, [house for house in houses if halts.concerns(row, house)]) for row in stopped],
        "others": others,
        "reason": REASON,
        "lifting": guard_others.empty(),
        "off": policy is not None and not policy.enabled,
        "zone": zone,
        "form": form,
        "fields": RELEASE,
        "released": None,
        "refused": {},
    }


def _kept(connection: Connection, visit: Visit) -> list[Kept]:
    wanted = Wanted(states=tuple(state.value for state in _STATES))
    rows = monitor.documents(connection, visit.company_id, wanted, limit=MOST_ROWS)
    emitters = {row.id: row for row in companies.establishments(connection, visit.company_id)}
    found = [_one(connection, visit, row, emitters[row.establishment_id]) for row in rows if row.nnf is not None]
    order = list(KINDS)
    return sorted((one for one in found if one is not None), key=lambda one: order.index(one.kind))


def _one(connection: Connection, visit: Visit, row: Row[Any], emitter: Row[Any]) -> Kept | None:
    standing = limits.standing(connection, visit.tools, row, emitter, visit.now)
    kind = kind_of(State(row.state), standing, row.due_at, visit.now)
    if kind is None:
        return None
    releasable = State(row.state) is State.HELD and may_release(visit, standing)
    return Kept(row, kind, standing, cstat.texto(row.modelo, row.cstat) if row.cstat else "", releasable)


def kind_of(state: State, standing: Standing, due_at: datetime | None, now: datetime) -> str | None:
    """Which of KINDS; None for a note that is simply on its way."""
    if state is State.HELD:
        return _OF_STOP.get(standing.verdict.stop, "outra") if standing.verdict.stop else "outra"
    if state is State.SIGNED:
        waits = standing.verdict.until is not None and due_at is not None and due_at > now
        return "faixa" if waits else None
    return _OF_STATE[state]
