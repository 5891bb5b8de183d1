"""A month of billing at a glance: faturado = autorizado + pendente + recusado, the tiles, the curve, and the list."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from zelo.access.may import Action
from zelo.fiscal import money as money_words
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import local_date
from zelo.flow import halts
from zelo.flow.event import clock
from zelo.flow.prepare import LOCKED
from zelo.isp.billing.cell import money
from zelo.isp.month import balance as sums
from zelo.isp.month import calendar, index
from zelo.isp.month.calendar import Month
from zelo.isp.month.scope import Scope
from zelo.isp.month.sheet import Cell
from zelo.isp.month.shell import policy, standing
from zelo.isp.month.tile import TILES, Side, Tile
from zelo.web import causes, setup, sheets, words
from zelo.web.forms import Field, blank, fill
from zelo.web.gate import Visit, guarded, guarded_form, well_formed
from zelo.web.pages.batch import CHOSEN_FIELD, MOST_CHOSEN, late_hours
from zelo.web.pages.note import act
from zelo.web.pages.situation import silent_workers
from zelo.web.render import NOTICE, noticed, page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]

PAGE_ROWS: Final = 50
EXPORT_ROWS: Final = 2_000
TEXT_CHARS: Final = 100
SOON: Final = timedelta(hours=24)
"""With less left of the 120 h, a note without authorisation is told of at the top."""
PARAMETERS: Final = {
    "tile": "quadro", "establishment": "estabelecimento", "cause": "causa", "text": "q", "least": "valor",
    "before": "antes",
}  # fmt: skip
"""The parts of a search as its address spells them."""
_CAUSE: Final = re.compile(r"[A-Za-z0-9-]{1,40}")
ACTS: Final = {"reenviar": "send", "consultar": "ask"}
POLICY: Final = (
    Field(
        name="conferir", label="Antes de enviar um arquivo", width=6,
        options=(("sim", "Alguém confere a prévia e manda enviar"), ("nao", "Envia na hora o que não tem erro")),
    ),
    Field(
        name="variacao", label="Avisar quando um contrato mudar mais que (%)", inputmode="numeric", chars=3, width=6,
        hint="Na prévia, contra o mês anterior.",
    ),
)  # fmt: skip
NOT_A_PERCENT: Final = Fault("VARIACAO", "A variação é um número de 0 a 999.", "Escreva só o número, por exemplo 20.")


@dataclass(frozen=True, slots=True)
class Search:
    """What the address of a month says, cleaned; every link of the page is this with something changed."""

    path: str
    tile: str = ""
    establishment: str = ""
    cause: str = ""
    text: str = ""
    least: str = ""
    before: str = ""

    def url(self, base: str = "", **changes: str) -> str:
        """The address with other parameters; a new choice begins at the first page."""
        chosen = {name: getattr(self, name) for name in PARAMETERS} | {"before": ""} | changes
        query = urlencode({PARAMETERS[name]: value for name, value in chosen.items() if value})
        path = f"{self.path}{base}"
        return f"{path}?{query}" if query else path

    @property
    def narrowed(self) -> bool:
        """Whether the list shows less than the month."""
        return any((self.tile, self.establishment, self.cause, self.text, self.least))

    @property
    def amount(self) -> Decimal | None:
        """The least value asked for."""
        found = money(self.least) if self.least else None
        return found if isinstance(found, Decimal) else None

    def scope(self, company_id: str, period: str) -> Scope:
        """The notes of the list."""
        return Scope(
            company_id=company_id,
            period=period,
            establishment_id=self.establishment,
            tile=Tile(self.tile) if self.tile else None,
            cause=self.cause,
            text=self.text,
        )


def search(visit: Visit, month: Month) -> Search:
    """Read the address; what is malformed is dropped, as if it had not been asked for."""
    given = {name: visit.request.query_params.get(parameter, "") for name, parameter in PARAMETERS.items()}
    text = "".join(letter for letter in given["text"] if letter.isprintable())
    least = money(given["least"].strip()) if given["least"].strip() else None
    return Search(
        path=f"/e/{visit.company_id}/mes/{month.slug}",
        tile=given["tile"] if given["tile"] in set(Tile) else "",
        establishment=given["establishment"] if well_formed(given["establishment"]) else "",
        cause=given["cause"] if _CAUSE.fullmatch(given["cause"]) else "",
        text=text.strip()[:TEXT_CHARS],
        least=money_words.show(least) if isinstance(least, Decimal) else "",
        before=given["before"] if well_formed(given["before"]) else "",
    )


@router.get("/e/{company_id}/mes")
def this_month(visit: Viewer) -> Response:
    """To the month of today, or to the one that the form asks for."""
    given = visit.request.query_params
    asked = calendar.read(given.get("mes", ""))
    with visit.tools.engine.read() as connection:
        today = local_date(visit.now, visit.zone(connection))
    path = f"/e/{visit.company_id}/mes/{(asked or Month.of(today)).slug}"
    notice = given.get(NOTICE, "")
    return RedirectResponse(noticed(path, notice) if notice in words.NOTICES else path, 303)


@router.get("/e/{company_id}/mes/{month}")
def one_month(visit: Viewer, month: str) -> Response:
    """The whole page."""
    return page(visit, "month.html", **_context(visit, month_of(month)))


@router.get("/e/{company_id}/mes/{month}/fragmento")
def fragment(visit: Viewer, month: str) -> Response:
    """The part of it that changes while people look."""
    return page(visit, "month_live.html", **_context(visit, month_of(month)))


@router.get("/e/{company_id}/mes/{month}/arquivo/{kind}")
def export(visit: Viewer, month: str, kind: str) -> Response:
    """The list as the search has it, whole, as a file for a spreadsheet."""
    which = month_of(month)
    if kind not in sheets.KINDS:
        raise HTTPException(404)
    asked = search(visit, which)
    cells = _cells(visit, asked, which.period)
    return sheets.answer(kind, f"notas-{which.slug}", index.NOTES, cells, visit.now)


def _cells(visit: Visit, asked: Search, period: str) -> Iterator[Sequence[Cell]]:
    """A chunk of rows at a time, each in a look of its own: a spreadsheet may take its time."""
    scope, before = asked.scope(visit.company_id, period), ""
    while True:
        with visit.tools.engine.read() as connection:
            rows = standing.documents(connection, scope, limit=EXPORT_ROWS, before=before, least=asked.amount)
        yield from (index.note_cells(row, standing.tile_of(row)) for row in rows)
        if len(rows) < EXPORT_ROWS:
            return
        before = rows[-1].id


@router.post("/e/{company_id}/mes/{month}/agir")
def act_on_chosen(visit: Annotated[Visit, guarded_form(Action.EMIT)], month: str) -> Response:
    """Send again, or ask after, all that were chosen, each by itself and through the guard; the others say why not."""
    which = month_of(month)
    what = ACTS.get(visit.fields.get("ato", ""))
    sent = visit.posted.getlist(CHOSEN_FIELD) if visit.posted else []
    chosen = [one for one in sent if isinstance(one, str)][:MOST_CHOSEN]
    if what is None or not chosen:
        told = _acted(0, {}, "Escolha notas da lista.")
        return page(visit, "month.html", status=422, **(_context(visit, which) | told))
    refused: dict[str, str] = {}
    for note_id in chosen:
        try:
            act(visit, note_id, what)
        except HTTPException as error:
            refused[note_id] = str(error.detail) if error.status_code == 409 else "A nota não existe."
    told = _acted(len(chosen) - len(refused), refused, "")
    return page(visit, "month.html", **(_context(visit, which) | told))


@router.post("/e/{company_id}/mes/{month}/parametros")
def set_policy(visit: Annotated[Visit, guarded_form(Action.SET_BILLING)], month: str) -> Response:
    """Whether somebody looks before a file is sent, and what change is worth a warning."""
    which = month_of(month)
    form = fill(POLICY, visit.fields)
    percent = form.text("variacao")
    if form.good() and not (percent.isascii() and percent.isdecimal()):
        form.refuse("variacao", NOT_A_PERCENT)
    if not form.good():
        return page(visit, "month.html", status=422, **(_context(visit, which) | {"form": form}))
    wanted = policy.Policy(form.text("conferir") == "sim", int(percent))
    with visit.tools.engine.begin() as connection:
        policy.set_policy(connection, visit.company_id, wanted, actor=visit.person.actor, now=visit.now)
        visit.record(
            connection,
            "mudou como o faturamento é enviado",
            visit.company_id,
            confere=wanted.looks,
            variacao=int(percent),
        )
    return RedirectResponse(noticed(f"/e/{visit.company_id}/mes/{which.slug}", "faturamento"), 303)


def _acted(done: int, refused: dict[str, str], told: str) -> dict[str, Any]:
    return {"done": done, "refused": refused, "told": told}


def month_of(slug: str) -> Month:
    """The month of an address. Raises HTTPException 404."""
    found = calendar.read(slug)
    if found is None or found.slug != slug:
        raise HTTPException(404)
    return found


@dataclass(frozen=True, slots=True)
class Bar:
    """A day of the curve: its date, what was authorised on it, and how high it stands of 100."""

    day: int
    sum: sums.Sum
    height: int
    later: bool


def _context(visit: Visit, month: Month) -> dict[str, Any]:
    asked = search(visit, month)
    whole = Scope(company_id=visit.company_id, period=month.period)
    with visit.tools.engine.read() as connection:
        zone = visit.zone(connection)
        spots = standing.spots(connection, whole)
        days = standing.authorised_by_day(connection, whole, visit.now.astimezone(zone).utcoffset() or timedelta())
        houses = halts.houses(connection, visit.company_id, visit.now)
        hours = late_hours(visit, houses)
        rows = list(
            standing.documents(
                connection, asked.scope(visit.company_id, month.period), limit=PAGE_ROWS + 1, before=asked.before,
                least=asked.amount,
            )
        )  # fmt: skip
        late = standing.oldest_unauthorised(connection, whole, visit.now - timedelta(hours=hours) + SOON)
        closing = clock.closing(connection, visit.company_id, rows[:PAGE_ROWS], visit.now)
        context = _rest(connection, visit, whole)
        stopped = halts.standing(connection, houses, visit.now)
    today = local_date(visit.now, zone)
    balance = sums.balance(spots)
    places = sums.by_establishment(spots)
    return context | {
        "month": month,
        "days_left": month.days_left(today),
        "search": asked,
        "balance": balance,
        "sides": Side,
        "tiles": TILES,
        "tile_of": standing.tile_of,
        "places": [(house, places[house.row.id]) for house in houses if house.row.id in places],
        "refusals": sums.refusals(spots)[: causes.SHOWN_CAUSES],
        "bars": _bars(days, month, today.day if Month.of(today) == month else 0),
        "hours": hours,
        "late": late[0],
        "oldest": late[1] + timedelta(hours=hours) if late[1] else None,
        "rows": rows[:PAGE_ROWS],
        "closing": closing,
        "more": rows[PAGE_ROWS - 1].id if len(rows) > PAGE_ROWS else "",
        "houses": houses,
        "stopped": [(one, [house for house in houses if halts.concerns(one, house)]) for one in stopped],
        "locked": LOCKED if _is_locked(visit, houses) else None,
        "zone": zone,
        "shown_query": visit.request.url.query,
        **_acted(0, {}, ""),
    }


def _rest(connection: Connection, visit: Visit, whole: Scope) -> dict[str, Any]:
    kept = policy.policy_of(connection, visit.company_id)
    values = {"conferir": "sim" if kept.looks else "nao", "variacao": str(kept.change_percent)}
    return {
        "waiting": standing.waiting_batches(connection, whole),
        "faulty": causes.told(connection, whole),
        "silent": silent_workers(connection, visit.now),
        "setup": setup.steps(connection, visit.company_id),
        "fields": POLICY,
        "form": blank(POLICY, values),
    }


def _bars(days: Sequence[standing.Day], month: Month, today: int) -> list[Bar]:
    """A bar for each day of the month, those of notes authorised outside of it at its edges."""
    found: dict[int, sums.Sum] = {}
    for one in days:
        of = Month.of(one.on)
        place = one.on.day if of == month else (1 if of < month else month.days)
        found[place] = found.get(place, sums.NOTHING) + one.sum
    highest = max((each.value for each in found.values()), default=Decimal(0))
    if not highest:
        return []
    return [
        Bar(day, each, int(each.value * 100 / highest), bool(today) and day > today)
        for day in range(1, month.days + 1)
        for each in [found.get(day, sums.NOTHING)]
    ]


def _is_locked(visit: Visit, houses: Sequence[halts.House]) -> bool:
    in_production = visit.tools.ambiente is Ambiente.PRODUCAO
    return in_production and any(house.row.production_unlocked_at is None for house in houses)
