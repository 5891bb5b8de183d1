"""The notes of a company: how many stand where, and the newest of those asked for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from zelo.access.may import Action
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.money import ZERO
from zelo.flow import halts
from zelo.flow.event import clock
from zelo.flow.halts import House
from zelo.flow.lifecycle import State
from zelo.flow.prepare import LOCKED
from zelo.monitor import shell as monitor
from zelo.monitor.shell import Standing, Wanted
from zelo.monitor.wording import WORDING, Tone
from zelo.printing import book
from zelo.web import setup, words
from zelo.web.gate import Visit, guarded, well_formed
from zelo.web.pages.situation import silent_workers
from zelo.web.render import page
from zelo.web.words import Group

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]

PAGE_ROWS: Final = 50
TEXT_CHARS: Final = 100
_MONTH: Final = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Search:
    """What the address of the list says, cleaned; every link of the page is this with something changed."""

    path: str
    state: str = ""
    tone: str = ""
    text: str = ""
    month: str = ""
    establishment: str = ""
    batch: str = ""
    before: str = ""

    def url(self, **changes: str) -> str:
        """The address with other parameters; a new choice begins at the first page."""
        chosen = {name: getattr(self, name) for name in PARAMETERS} | {"before": ""} | changes
        query = urlencode({PARAMETERS[name]: value for name, value in chosen.items() if value})
        return f"{self.path}?{query}" if query else self.path

    def at(self, path: str) -> str:
        """The same search at another address."""
        return replace(self, path=path).url()

    @property
    def narrowed(self) -> bool:
        """Whether anything but a tile narrows the list."""
        return bool(self.text or self.month or self.establishment or self.batch)

    @property
    def kept(self) -> dict[str, str]:
        """What a new search leaves as it is, as the form sends it."""
        return {PARAMETERS[name]: getattr(self, name) for name in ("state", "tone", "batch") if getattr(self, name)}

    @property
    def wanted(self) -> Wanted:
        """As the monitor is asked."""
        return self.wanted_in((self.state,) if self.state else states_of(self.tone))

    def wanted_in(self, states: tuple[str, ...]) -> Wanted:
        """The same in other states."""
        return Wanted(
            states=states,
            text=self.text,
            period=self.month.replace("-", ""),
            establishment_id=self.establishment,
            batch_id=self.batch,
        )


PARAMETERS: Final = {
    "state": "estado",
    "tone": "grupo",
    "text": "q",
    "month": "mes",
    "establishment": "estabelecimento",
    "batch": "lote",
    "before": "antes",
}
"""The parts of a search as its address spells them."""


def states_of(tone: str) -> tuple[str, ...]:
    """The states that are told in that tone; none for an unknown one."""
    return tuple(state for state, wording in WORDING.items() if wording.tone.value == tone)


def search(visit: Visit) -> Search:
    """Read the address; what is malformed is dropped, as if it had not been asked for."""
    given = {name: visit.request.query_params.get(parameter, "") for name, parameter in PARAMETERS.items()}
    text = "".join(letter for letter in given["text"] if letter.isprintable())
    good = {name: given[name] for name in ("establishment", "batch", "before") if well_formed(given[name])}
    return Search(
        path=f"/e/{visit.company_id}/notas",
        state=given["state"] if given["state"] in WORDING else "",
        tone=given["tone"] if states_of(given["tone"]) else "",
        text=text.strip()[:TEXT_CHARS],
        month=given["month"] if _MONTH.fullmatch(given["month"]) else "",
        **good,
    )


@dataclass(frozen=True, slots=True)
class Chip:
    """One state with its count."""

    state: str
    label: str
    documents: int


@dataclass(frozen=True, slots=True)
class Tile:
    """States of one tone together."""

    group: Group
    documents: int
    total: Decimal
    chips: tuple[Chip, ...]


def tiles(counted: dict[str, Standing]) -> list[Tile]:
    """Every state in exactly one tile, so that the tiles' counts add up to the whole."""
    return [_tile(group, counted) for group in words.GROUPS]


def _tile(group: Group, counted: dict[str, Standing]) -> Tile:
    states = states_of(group.tone.value)
    present = [counted[state] for state in states if state in counted]
    chips = tuple(Chip(s, WORDING[s].label, counted[s].documents if s in counted else 0) for s in states)
    total = sum((standing.total for standing in present), ZERO)
    return Tile(group, sum(standing.documents for standing in present), total, chips)


@router.get("/e/{company_id}/notas")
def notes(visit: Viewer) -> Response:
    """The whole page."""
    return page(visit, "notes.html", **_context(visit))


@router.get("/e/{company_id}/notas/fragmento")
def fragment(visit: Viewer) -> Response:
    """The part of it that changes while people look."""
    return page(visit, "notes_live.html", **_context(visit))


def _context(visit: Visit) -> dict[str, Any]:
    asked = search(visit)
    with visit.tools.engine.read() as connection:
        counted = monitor.standing(connection, visit.company_id, asked.wanted)
        rows = list(
            monitor.documents(
                connection, visit.company_id, asked.wanted, limit=PAGE_ROWS + 1, before=asked.before or None
            )
        )
        houses = halts.houses(connection, visit.company_id, visit.now)
        stopped = halts.standing(connection, houses, visit.now)
        silent = silent_workers(connection, visit.now)
        zone = visit.zone(connection)
        closing = clock.closing(connection, visit.company_id, rows[:PAGE_ROWS], visit.now)
        first_steps = setup.steps(connection, visit.company_id)
    done = counted.get(State.AUTHORISED.value)
    return {
        "search": asked,
        "tiles": tiles(counted),
        "documents": sum(one.documents for one in counted.values()),
        "total": sum((one.total for one in counted.values()), ZERO),
        "authorised": done.documents if done else 0,
        "rows": rows[:PAGE_ROWS],
        "closing": closing,
        "most_in_pdf": book.MOST_NOTES,
        "more": rows[PAGE_ROWS - 1].id if len(rows) > PAGE_ROWS else "",
        "houses": houses,
        "stopped": [(row, [house for house in houses if halts.concerns(row, house)]) for row in stopped],
        "silent": silent,
        "locked": LOCKED if _is_locked(visit, houses) else None,
        "zone": zone,
        "setup": first_steps,
        "ACTION": Tone.ACTION,
        "shown_query": visit.request.url.query,
    }


def _is_locked(visit: Visit, houses: Sequence[House]) -> bool:
    """Whether some establishment may not issue because nobody has turned its key to production."""
    in_production = visit.tools.ambiente is Ambiente.PRODUCAO
    return in_production and any(house.row.production_unlocked_at is None for house in houses)
