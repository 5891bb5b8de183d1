"""The numbers of each série that bear no authorised note, with their reasons: what an auditor asks for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Connection, Row
from starlette.responses import Response

from zelo.access.may import Action
from zelo.assemble.shell import series
from zelo.flow import halts
from zelo.flow.halts import House
from zelo.isp.month import index
from zelo.isp.month.gaps import Gap, Reason
from zelo.isp.month.sheet import Cell
from zelo.isp.month.shell import numbers
from zelo.models.nfcom.document import MODELO
from zelo.web import sheets
from zelo.web.gate import Visit, guarded
from zelo.web.render import page

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Visit, guarded(Action.VIEW)]

SHOWN_GAPS: Final = 200


@dataclass(frozen=True, slots=True)
class Serie:
    """A série: its gaps, how many numbers were used, and how many of them bear no authorised note."""

    house: House
    row: Row[Any]
    gaps: Sequence[Gap]

    @property
    def used(self) -> int:
        """Numbers up to now."""
        return int(self.row.next_nnf) - 1

    @property
    def without(self) -> int:
        """Numbers among them without an authorised note; those of the former system are not ours to judge."""
        return sum(gap.numbers for gap in self.gaps if gap.reason is not Reason.FORMER)


@router.get("/e/{company_id}/numeros")
def overview(visit: Viewer) -> Response:
    """Every série of the company."""
    with visit.tools.engine.read() as connection:
        found = _series(connection, visit)
        zone = visit.zone(connection)
    return page(visit, "numbers.html", series=found, most=SHOWN_GAPS, zone=zone)


@router.get("/e/{company_id}/numeros/arquivo/{kind}")
def export(visit: Viewer, kind: str) -> Response:
    """The same as a file for a spreadsheet."""
    if kind not in sheets.KINDS:
        raise HTTPException(404)
    with visit.tools.engine.read() as connection:
        found = _series(connection, visit)
    return sheets.answer(kind, "numeros-sem-nota", index.NUMBERS, _cells(found), visit.now)


def _series(connection: Connection, visit: Visit) -> list[Serie]:
    houses = halts.houses(connection, visit.company_id, visit.now)
    return [
        Serie(house, row, numbers.gaps_of(connection, row))
        for house in houses
        for row in series(connection, house.row.id)
        if row.modelo == MODELO
    ]


def _cells(found: Sequence[Serie]) -> Iterator[Sequence[Cell]]:
    for one in found:
        yield from (index.gap_cells(one.house.row, one.row.serie, gap) for gap in one.gaps)
