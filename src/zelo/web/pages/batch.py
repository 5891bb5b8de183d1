"""One billing file before and after it is sent: what it comes to, what is wrong, and the go that a person gives.

Nothing of a file that somebody wants to look at is sent before that: first a sample of five, then the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Connection, Row, func, select
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.engine.schema.flow import document
from zelo.engine.schema.isp import batch
from zelo.facts.limit import limit
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import local_date, to_micros
from zelo.flow import go, halts
from zelo.flow.halts import House
from zelo.flow.intake import Taken
from zelo.flow.lifecycle import Event, State
from zelo.isp import importing
from zelo.isp import shell as isp
from zelo.isp.month import balance as sums
from zelo.isp.month import calendar, compare
from zelo.isp.month.balance import Sum
from zelo.isp.month.scope import Scope
from zelo.isp.month.shell import policy, preview, standing
from zelo.isp.month.tile import Side, Tile
from zelo.models.nfcom.document import MODELO
from zelo.prevalidate.core import summary
from zelo.web import causes
from zelo.web.gate import Visit, guarded, guarded_form, well_formed
from zelo.web.pages import importing as importing_page
from zelo.web.pages.situation import silent_workers
from zelo.web.render import noticed, page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]
Sender = Annotated[Visit, guarded_form(Action.EMIT)]

SAMPLE_NOTES: Final = 5
SHOWN_FAULTS: Final = 500
MOST_CHOSEN: Final = 200
SEEN_FIELD: Final = "visto"
CHOSEN_FIELD: Final = "nota"
NOT_SURE: Final = "Falta confirmar. Volte, marque a confirmação e envie de novo."
TAKEN_WORDS: Final = (
    (Taken.NEW.value, "novas"),
    (Taken.REVISED.value, "corrigidas"),
    (Taken.SAME.value, "já recebidas, iguais"),
    (Taken.REFUSED.value, "recusadas"),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file has come: notes not yet checked, faulty, waiting for the go, let go."""

    unchecked: int
    faulty: int
    waiting: Sum
    sent: int

    @property
    def notes(self) -> int:
        """All of them."""
        return self.unchecked + self.faulty + self.waiting.notes + self.sent


@router.get("/e/{company_id}/faturamento/{batch_id}")
def one_batch(visit: Viewer, batch_id: str) -> Response:
    """The whole page; while the file is still coming in, how far it is."""
    with visit.tools.engine.read() as connection:
        row = find_batch(connection, visit, batch_id)
        order = importing.open_import(connection, batch_id)
        if order is not None:
            return importing_page.show(connection, visit, row, order)
        context = _live(connection, visit, row) | _totals(connection, visit, row)
        rows = isp.batch_faults(connection, batch_id)
    faults = [Fault(one.rule, one.sentence, one.remedy, one.place, one.value) for one in rows]
    shown = [
        {"line": one.line, "reference": one.reference, "fault": fault}
        for one, fault in zip(rows[:SHOWN_FAULTS], faults[:SHOWN_FAULTS], strict=True)
    ]
    told = {"shown": shown, "faults": row.faults, "causes": summary(faults)}
    return page(visit, "batch.html", **(context | told))


@router.get("/e/{company_id}/faturamento/{batch_id}/fragmento")
def fragment(visit: Viewer, batch_id: str) -> Response:
    """The part of it that changes while people look."""
    with visit.tools.engine.read() as connection:
        context = _live(connection, visit, find_batch(connection, visit, batch_id))
    return page(visit, "batch_live.html", **context)


@router.post("/e/{company_id}/faturamento/{batch_id}/amostra")
def send_sample(visit: Sender, batch_id: str) -> Response:
    """Let the notes go that the page named; those that went already stay as they are."""
    chosen = [one for one in _chosen(visit) if well_formed(one)][:MOST_CHOSEN]
    with visit.tools.engine.read() as connection:
        row = find_batch(connection, visit, batch_id)
    what = "amostra"
    among = [*_scope(visit, batch_id).conditions, document.c.id.in_(chosen)]
    detail = f"{what} do arquivo {row.name}"
    count = go.let_go(visit.tools, among, seen=_seen(visit), actor=visit.person.actor, detail=detail)
    with visit.tools.engine.begin() as connection:
        _tell(connection, visit, row, count, what)
    return _going(visit, row, count)


@router.post("/e/{company_id}/faturamento/{batch_id}/resto")
def send_rest(visit: Sender, batch_id: str) -> Response:
    """Write down that every note may go that waits as it was seen; the workers take them along."""
    with visit.tools.engine.read() as connection:
        row = find_batch(connection, visit, batch_id)
    if not visit.sure:
        raise HTTPException(422, NOT_SURE)
    what = "o resto"
    with visit.tools.engine.begin() as connection:
        count = _ask(connection, visit, row, Event.LET_GO, f"{what} do arquivo {row.name}")
        _tell(connection, visit, row, count, what)
    return _going(visit, row, count)


@router.post("/e/{company_id}/faturamento/{batch_id}/conferir")
def check_again(visit: Sender, batch_id: str) -> Response:
    """Check the faulty notes again as they are: what was wrong was outside them."""
    with visit.tools.engine.read() as connection:
        row = find_batch(connection, visit, batch_id)
    with visit.tools.engine.begin() as connection:
        count = _ask(connection, visit, row, Event.CHECKED_AGAIN, "")
        visit.record(connection, "pediu nova conferência", batch_id, notas=count)
    return RedirectResponse(noticed(f"/e/{visit.company_id}/faturamento/{batch_id}", "conferindo"), 303)


def _ask(connection: Connection, visit: Visit, row: Row[Any], event: Event, detail: str) -> int:
    return go.ask(
        connection, visit.tools, event, company_id=visit.company_id, batch_id=row.id, seen=_seen(visit),
        actor=visit.person.actor, detail=detail,
    )  # fmt: skip


def _tell(connection: Connection, visit: Visit, row: Row[Any], count: int, what: str) -> None:
    if count:
        visit.record(connection, "mandou enviar", row.id, notas=count, quais=what)


def _going(visit: Visit, row: Row[Any], count: int) -> Response:
    notice = "enviando" if count else "nada-a-enviar"
    return RedirectResponse(noticed(f"/e/{visit.company_id}/faturamento/{row.id}", notice), 303)


def _chosen(visit: Visit) -> list[str]:
    return [one for one in visit.posted.getlist(CHOSEN_FIELD) if isinstance(one, str)] if visit.posted else []


def _seen(visit: Visit) -> datetime:
    """When the person looked, as the form tells it; a form that does not is not acted upon."""
    given = visit.fields.get(SEEN_FIELD, "")
    latest = to_micros(visit.now)
    if not given.isdecimal() or int(given) > latest:
        raise HTTPException(422, "A página é antiga. Volte, recarregue e confira de novo.")
    return visit.now - timedelta(microseconds=latest - int(given))


def find_batch(connection: Connection, visit: Visit, batch_id: str) -> Row[Any]:
    """A file of the company of the path. Raises HTTPException 404 for any other."""
    query = select(batch).where(batch.c.id == batch_id, batch.c.company_id == visit.company_id)
    row = connection.execute(query).first() if well_formed(batch_id) else None
    if row is None:
        raise HTTPException(404)
    return row


def _scope(visit: Visit, batch_id: str) -> Scope:
    return Scope(company_id=visit.company_id, batch_id=batch_id)


def _live(connection: Connection, visit: Visit, row: Row[Any]) -> dict[str, Any]:
    scope = _scope(visit, row.id)
    spots = standing.spots(connection, scope)
    whole = sums.balance(spots)
    progress = _progress(connection, scope, whole)
    houses = halts.houses(connection, visit.company_id, visit.now)
    stopped = halts.standing(connection, houses, visit.now)
    zone = visit.zone(connection)
    month = calendar.Month.of(local_date(visit.now, zone))
    return {
        "row": row,
        "balance": whole,
        "progress": progress,
        "going": go.open_order(connection, row.id, Event.LET_GO),
        "sides": Side,
        "tiles": Tile,
        "sample": preview.sample(connection, scope, SAMPLE_NOTES) if progress.waiting.notes else (),
        "faulty": causes.told(connection, scope),
        "houses": houses,
        "stopped": [(one, [house for house in houses if halts.concerns(one, house)]) for one in stopped],
        "silent": silent_workers(connection, visit.now),
        "hours": late_hours(visit, houses),
        "until": visit.now + timedelta(hours=late_hours(visit, houses)),
        "month": month,
        "days_left": month.days_left(local_date(visit.now, zone)),
        "seen": to_micros(visit.now),
        "zone": zone,
    }


def _progress(connection: Connection, scope: Scope, whole: sums.Balance) -> Progress:
    unseen = (document.c.state == State.DRAFT.value, document.c.go_at.is_(None))
    unchecked = connection.execute(select(func.count()).where(*scope.conditions, *unseen)).scalar_one()
    faulty, waiting = whole.tiles[Tile.DADOS_INVALIDOS].notes, whole.tiles[Tile.CONFERIDA]
    return Progress(unchecked, faulty, waiting, whole.known.notes - unchecked - faulty - waiting.notes)


def late_hours(visit: Visit, houses: Sequence[House]) -> int:
    """Hours that a note may be old when it is authorised (cStat 228): the least of the authorizers in use."""
    on, ambiente = visit.now.date(), visit.tools.ambiente
    used = {house.autorizador for house in houses} or {"SVRS"}
    hours = [limit("atraso_emissao", autorizador=one, modelo=MODELO, ambiente=ambiente, on=on) for one in used]
    return min(one.valor for one in hours)


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the table by establishment: what it bills in this file, and billed in the month before."""

    house: House
    now: Sum
    before: Decimal


def _totals(connection: Connection, visit: Visit, row: Row[Any]) -> dict[str, Any]:
    """What does not change while notes are sent: added up once per page, not with every look."""
    scope = _scope(visit, row.id)
    period = preview.period_of(connection, scope)
    billed = calendar.read(period)
    houses = halts.houses(connection, visit.company_id, visit.now)
    mine = sums.by_establishment(standing.spots(connection, scope))
    before = Scope(company_id=visit.company_id, period=billed.before.period if billed else "-")
    then = sums.by_establishment(standing.spots(connection, before))
    percent = policy.policy_of(connection, visit.company_id).change_percent
    now_parts, then_parts = preview.parts(connection, scope), preview.parts(connection, before)
    compared = (
        preview.compare(connection, visit.company_id, list(mine), billed.period, billed.before.period, percent)
        if billed
        else None
    )
    said = preview.said(connection, row.id)
    return {
        "said": said,
        "counts": [(words, said.taken[taken]) for taken, words in TAKEN_WORDS if said.taken.get(taken)],
        "billed": billed,
        "places": [
            Place(house, mine[house.row.id].billed, _billed(then, house.row.id))
            for house in houses
            if house.row.id in mine
        ],
        "cfops": compare.by_cfop(now_parts, then_parts),
        "cclasses": compare.by_cclass(now_parts, then_parts),
        "compared": compared,
        "percent": percent,
    }


def _billed(balances: dict[str, sums.Balance], establishment_id: str) -> Decimal:
    found = balances.get(establishment_id)
    return found.billed.value if found else sums.NOTHING.value
