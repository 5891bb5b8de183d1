"""The numbers of a série as they were used."""

from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from zelo.engine.schema.flow import document, history
from zelo.flow.lifecycle import Event, State
from zelo.isp.month import gaps
from zelo.isp.month.gaps import Gap, Numbered

MOST_OPEN: Final = 5_000
"""Numbers without an authorised note that are told one by one."""
_LEFT: Final = "deixou o número "


def gaps_of(connection: Connection, serie: Row[Any], most: int | None = MOST_OPEN) -> list[Gap]:
    """The gaps of one série (a row of assemble_numbering); `most` notes are told one by one, None: all."""
    borne_here = (
        document.c.establishment_id == serie.establishment_id,
        document.c.modelo == serie.modelo,
        document.c.serie == serie.serie,
    )
    numbered = (*borne_here, document.c.nnf.is_not(None))
    run = (document.c.nnf - func.row_number().over(order_by=document.c.nnf)).label("run")
    runs = select(document.c.nnf, run).where(*numbered).subquery()
    stretches = select(func.min(runs.c.nnf), func.max(runs.c.nnf)).group_by(runs.c.run).order_by(func.min(runs.c.nnf))
    borne = [(first, last) for first, last in connection.execute(stretches)]
    columns = (document.c.nnf, document.c.id, document.c.reference, document.c.state, document.c.cstat)
    waits = document.c.state != State.AUTHORISED.value
    rows = connection.execute(select(*columns).where(*numbered, waits).order_by(document.c.nnf).limit(most))
    left = _left(connection, borne_here)
    known = [*left, *(first for first, _ in borne[:1])]
    return gaps.gaps(
        first=min(known) if known else None,
        following=serie.next_nnf,
        borne=borne,
        open_=[Numbered(row.nnf, row.id, row.reference, State(row.state), row.cstat or "") for row in rows],
        left=left,
    )


def _left(connection: Connection, borne_here: tuple[Any, ...]) -> dict[int, str]:
    """The numbers that a note left because they belong to another document, by what its history says."""
    query = (
        select(history.c.detail, document.c.reference)
        .join(document, document.c.id == history.c.document_id)
        .where(*borne_here, history.c.event == Event.RENUMBERED.value)
    )
    found = {}
    for row in connection.execute(query):
        number = row.detail.removeprefix(_LEFT)
        if number.isdecimal():
            found[int(number)] = row.reference
    return found
